"""The query panel: controls follow the state, refusals are in sight, rows are linked to the selection."""

from html import unescape

import numpy as np
import pytest

from cscwidgets import Explorer
from cscwidgets.archive import Cut
from cscwidgets.errors import CscError


@pytest.fixture
def app(warm_demo):
    made = Explorer("M33", "6 arcmin", archive=warm_demo)
    made.wait(60)
    yield made
    made.close()


def test_code_searches_with_columns_and_cuts(app):
    app.query.search(["powlaw_gamma"], Cut("powlaw_gamma", ">", 1.5))
    assert np.min(app.table["powlaw_gamma"]) > 1.5
    assert app.query.box.value == app.table.meta["provenance"].query
    assert app._sources.widget._shown[:2] == ["name", "powlaw_gamma"]
    assert "1 cut" in app.widget.children[2].children[3].value
    with pytest.raises(CscError, match="Did you mean powlaw_gamma"):
        app.query.search(["powlaw_gama"])
    assert app.query._problem.layout.display == ""


def test_what_is_clicked_is_asked(app):
    panel = app.query
    panel.shown(True)
    app.wait(60)
    assert len(panel.chooser.columns) == 515
    panel.chooser.chosen = ["powlaw_gamma"]
    first = panel.cuts._rows[0]
    first.column.value, first.value.value = "powlaw_nh", "2e21"
    first.unit.value = "cm-2"
    assert panel.state.cuts == (Cut("powlaw_nh", ">", "2e21", "cm-2"),)
    assert "m.powlaw_nh > 20.0" in panel.box.value
    panel._count.click()
    app.wait(60)
    counted = panel.state.rows
    assert panel._words.value == f"{counted:,} rows"
    panel._search.click()
    app.wait(60)
    assert 0 < len(app.table) == counted
    assert np.min(app.table["powlaw_nh"].value) > 20
    first.value.value = "much"
    assert "'much'" in unescape(panel._problem.value)
    assert panel._search.disabled


def test_columns_are_added_and_kept(app):
    panel = app.query
    panel.shown(True)
    app.wait(60)
    rows = len(app.table)
    panel._preset.value = "Spectral fits"
    assert "powlaw_gamma" in panel.state.columns
    panel._add.click()
    app.wait(60)
    assert len(app.table) == rows
    assert set(panel.state.columns) <= set(app.table.colnames)
    panel._title.value = "mine"
    panel._keep.click()
    panel._clear.click()
    assert panel.state.columns == ()
    panel._preset.value = "own:mine"
    assert "powlaw_gamma" in panel.state.columns


def test_detections_are_linked_by_name(app):
    panel = app.query
    panel.search(["theta"], table="observation_source")
    detections = panel.table
    name = str(detections["name"][0])
    keys = [str(row + 1) for row in np.flatnonzero(np.asarray(detections["name"]) == name)]
    app.select(name)
    assert panel.rows._status["selected"] == len(keys)
    other = next(row for row, one in enumerate(detections["name"]) if one != name)
    panel._picked([str(other + 1)], None)
    assert app.focus == detections["name"][other]
    assert len(panel.export("found")) == len(detections)
    panel.search()
    assert panel.table is app.table
    assert not panel.state.result.colnames


def test_a_query_of_ones_own_is_a_plain_table(app):
    app.query.run("SELECT instrument, COUNT(*) AS n FROM observation_source GROUP BY instrument")
    assert app.query.table.colnames == ["instrument", "n"]
    assert app.query.deck.switch.value == "Rows"
    assert app.query.rows._content["columns"] == ["#", "instrument", "n"]


def test_a_pasted_list_is_answered_row_by_row(app, tmp_path):
    page = app.query.list_page
    source = app.table[0]
    page._text.value = f"{source['name']}\n23.6 30.6\n200 -60\n?!"
    app.query.deck.switch.value = "List"
    assert app.query._asking.layout.display == "none"  # it has a button of its own
    page._find.click()
    app.wait(60)
    assert app.listed["status"].tolist() == ["found", "observed", "not observed", "not understood"]
    assert "1 found, 1 observed, 1 not observed, 1 not understood" in unescape(page._words.value)
    assert len(app.table) == 1
    page._picked(["1"], None)
    assert app.focus == source["name"]
    assert app.sky._groups[0]["colour"] in page._words.value  # marked on the sky in the legend's colour
    page._limits.click()
    app.wait(60)
    assert app.listed["limit"][1] > 0
    assert "1 with a limit in the broad band" in unescape(page._words.value)
    page.export("mine")
    assert app.workspace.namespace.pop("mine")["line"].tolist() == [1, 2, 3, 4]
    for ending in ("vot", "ecsv", "fits", "parquet"):
        assert page.write(str(tmp_path / f"mine.{ending}")).is_file()
    app.query.deck.switch.value = "Cuts"
    assert app.query._asking.layout.display == ""


def test_an_explorer_opens_on_a_list(warm_demo):
    made = Explorer(["23.46 30.66", "200 -60"], archive=warm_demo)
    assert made.listed["status"].tolist() == ["observed", "not observed"]
    made.search("M33", "3 arcmin")
    made.search([str(made.table["name"][0])])
    assert made.listed["status"].tolist() == ["found"]
    assert len(made.table) == 1
    assert made.limits("s").colnames[-1] == "level"
    made.close()
    with pytest.raises(CscError, match="no position and no name"):
        Explorer(["# one", ""], archive=warm_demo)
