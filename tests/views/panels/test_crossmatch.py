"""The panel of counterparts: controls reach the match, words and figures have its numbers, exports say the cut."""

import json
import re
from html import unescape

import astropy.units as u
import numpy as np
import pyarrow.parquet as pq
import pytest
from astropy.io import fits
from astropy.io.votable import parse
from astropy.table import QTable, Table
from ipywidgets.widgets.widget import _instances

from cscwidgets.archive.catalogues.table_catalogue import TableCatalogue
from cscwidgets.errors import CscError
from cscwidgets.export.variable import VariableExists
from cscwidgets.science.crossmatch import crossmatch
from cscwidgets.science.matches.verdicts import Thresholds
from cscwidgets.state.crossmatch import CrossmatchState
from cscwidgets.state.explorer import ExplorerState
from cscwidgets.state.workspace import Workspace
from cscwidgets.views.panels.crossmatch import CrossmatchPanel


@pytest.fixture
def made(sky):
    def made(state, namespace=None):
        workspace = Workspace(state.explorer, namespace)
        workspace.crossmatch = state
        return CrossmatchPanel(workspace, sky)

    return made


@pytest.fixture
def panel(made, orion):
    panel = made(orion)
    yield panel
    panel.close()


def press(panel):
    panel._run.click()
    panel.state.explorer.desk.tasks.wait(30)


def said(panel):
    return [str(message) for message in panel.state.explorer.desk.messages.entries]


def test_an_empty_panel_invites(made, warm_demo):
    panel = made(CrossmatchState(ExplorerState(warm_demo)))
    assert "Choose a catalogue and match" in panel.widget.invitation
    assert panel._note.value == ""
    assert panel._run.disabled
    assert panel.table.colnames == panel.matched.colnames == []
    with pytest.raises(CscError, match="No catalogue was matched"):
        panel.export("mine")
    with pytest.raises(CscError, match="Nothing was matched yet"):
        panel.figure()
    press(panel)
    assert "No catalogue is chosen" in said(panel)[0]
    panel.close()


def test_controls_are_what_is_matched(panel):
    state = panel.state
    panel._radius.value = 1.5
    panel._epoch.value = "2003.5"
    panel._prior.value = ["Kmag"]
    state.explorer.desk.selection.publish("test", [str(name) for name in state.explorer.table["name"][:300]])
    panel._selected.value = True
    press(panel)
    assert said(panel) == []
    match = state.match
    assert len(match.sources) == 300
    expected = crossmatch(match.sources, match.objects, 1.5 * u.arcsec, prior="Kmag", source_epoch=2003.5)
    np.testing.assert_array_equal(match.found.sources["p_any"], expected.sources["p_any"])
    assert "radius 1.5″" in panel._note.value
    assert "with a prior learnt from Kmag" in panel._note.value


def test_controls_show_what_code_sets(panel):
    state = panel.state
    state.radius, state.epoch, state.only_selected = 4.0, 2010.25, True
    state.prior, state.thresholds = ("Jmag", "Hmag"), Thresholds(0.7, 0.35)
    assert (panel._radius.value, panel._epoch.value, panel._selected.value) == (4.0, "2010.25", True)
    assert panel._prior.value == ("Jmag", "Hmag")
    assert (panel._none.value, panel._matched.value) == (0.35, 0.7)
    state.epoch = float("nan")
    assert panel._epoch.value == ""
    assert said(panel) == []


@pytest.mark.parametrize("text", ["soon", "inf", "2010-05-01"])
def test_what_is_no_epoch_is_said(panel, text):
    panel._epoch.value = "2010.5"
    panel._epoch.value = text
    assert said(panel) == [f"{text!r} is no epoch. It is a Julian year. Write one like 2010.5."]
    assert panel.state.epoch == 2010.5
    panel._epoch.value = " "
    assert np.isnan(panel.state.epoch)


def test_priors_are_offered_of_the_catalogue_and_forgotten_with_it(panel):
    assert list(panel._prior.options) == ["Jmag", "Hmag", "Kmag"]
    panel._prior.value = ["Hmag"]
    panel.state.catalogue = TableCatalogue(Table({"ra": [1.0], "dec": [1.0]}), "mine")
    assert panel._prior.options == ()
    assert panel.state.prior == ()


def test_words_are_the_numbers(panel):
    match, found = panel.state.match, panel.state.match.found
    table = panel.table
    number = {verdict: int((np.asarray(table["verdict"]) == verdict).sum()) for verdict in ("matched", "to review")}
    words = panel._note.value
    assert f"{number['matched']:,} matched, {number['to review']:,} to review" in words
    assert f"{len(found.candidates):,} candidates among {len(match.objects):,} objects" in words
    assert f"{found.completeness:.3f} ± {found.completeness_error:.3f} of the sources" in words
    assert "SIMULATED" in words
    assert f"{panel.state.explorer.archive_title} × {match.catalogue.title}" in words
    assert panel.probabilities.words(match, 0.8) in panel._note.value


def test_a_catalogue_s_title_is_text_not_html(panel):
    objects = QTable(panel.state.objects, meta={})
    panel.match(TableCatalogue(objects, "<b>mine</b>"))
    assert "&lt;b&gt;mine&lt;/b&gt;" in panel._note.value
    assert "<b>mine" not in panel._note.value


def test_the_cut_moves_words_plots_and_the_matched(panel):
    before = len(panel.matched)
    panel._none.value, panel._matched.value = 0.3, 0.97
    assert panel.state.thresholds == Thresholds(0.97, 0.3)
    p_match = np.asarray(np.ma.filled(np.ma.asarray(panel.table["p_match"], float), 0))
    assert len(panel.matched) == (p_match >= 0.97).sum() < before
    assert f"{len(panel.matched):,} matched" in panel._note.value
    assert "p_any ≥ 0.97" in panel._note.value
    cut = panel.probabilities.plot.layers[5]
    assert list(cut.x) == [0.97, 0.97]


def test_the_cut_moves_for_one_source_too(panel):
    state = panel.state
    state.explorer.desk.selection.publish("test", [str(state.explorer.table["name"][3])])
    state.only_selected = True
    press(panel)
    state.thresholds = Thresholds(0.5, 0.1)
    assert list(panel.probabilities.plot.layers[5].x) == [0.5, 0.5]
    assert "p_any ≥ 0.50" in panel._note.value


def test_incomplete_and_unplaced_rows_are_in_the_words(panel):
    objects = QTable(panel.state.objects, meta={})
    ra = objects["RAJ2000"].copy()
    ra[:4] = np.nan
    objects["RAJ2000"] = ra
    panel.match(objects)
    assert "4 rows of the catalogue without a position left out" in panel._note.value
    catalogue = panel.state.offered or (panel.state.explorer.desk.archive.catalogues()[0],)
    catalogue[0].maxrec = 50
    panel.match(catalogue[0])
    assert "the catalogue is incomplete here" in panel._note.value
    assert "NOT sent by the service" in panel._note.value


def test_match_by_code_is_the_match_of_the_science(panel):
    found = panel.match("sim_optical", 1 * u.arcsec, prior="phot_g_mean_mag", epoch=2005.0)
    sources, objects = panel.state.match.sources, panel.state.match.objects
    expected = crossmatch(sources, objects, 1 * u.arcsec, prior="phot_g_mean_mag", source_epoch=2005.0)
    np.testing.assert_array_equal(found.sources["p_any"], expected.sources["p_any"])
    assert panel._epoch.value == "2005"
    with pytest.raises(CscError, match="right ascension") as told:
        panel.match(Table({"a": [1]}))
    assert str(told.value) == said(panel)[-1]


def test_the_exported_are_the_matched_with_the_cut(panel):
    panel.state.thresholds = Thresholds(0.95, 0.2)
    table = panel.export("mine")
    assert panel._namespace["mine"] is table
    assert list(table["name"]) == list(panel.table["name"][np.asarray(panel.table["verdict"]) == "matched"])
    assert np.asarray(table["p_match"], float).min() >= 0.95
    made_with = table.meta["crossmatch"]
    assert (made_with["matched_from"], made_with["none_below"], made_with["radius_arcsec"]) == (0.95, 0.2, 2.0)
    assert table.meta["provenance"].simulated
    with pytest.raises(VariableExists):
        panel.export("mine")
    table["name"][0] = "changed"
    assert panel.table["name"][0] != "changed"


@pytest.mark.parametrize("ending", ["vot", "ecsv", "fits", "parquet"])
def test_files_have_the_same_rows_and_the_cut(panel, tmp_path, ending):
    panel.state.thresholds = Thresholds(0.9, 0.25)
    path = panel.write(tmp_path / f"matched.{ending}")
    expected = panel.matched
    found = rows_of(path, ending)
    assert [str(name).strip() for name in found["name"]] == list(expected["name"])
    assert [str(name).strip() for name in found["designation"]] == list(map(str, expected["designation"]))
    k = np.ma.filled(np.ma.asarray(getattr(expected["Kmag"], "unmasked", expected["Kmag"]).value, float), np.nan)
    missing = np.ma.getmaskarray(expected["Kmag"]) if hasattr(expected["Kmag"], "mask") else np.zeros(len(k), bool)
    written = np.ma.filled(np.ma.asarray(found["Kmag"]), np.nan).astype(float)
    np.testing.assert_array_equal(written[~missing], k[~missing])
    assert cut_of(path, ending) == 0.9


def rows_of(path, ending):
    if ending == "vot":
        return parse(path).get_first_table().to_table(use_names_over_ids=True)
    if ending == "parquet":
        return pq.read_table(path).to_pydict()
    return Table.read(path)


def cut_of(path, ending):
    """What the file says of the cut."""
    if ending == "parquet":
        return json.loads(pq.read_schema(path).metadata[b"cscwidgets"])["crossmatch"]["matched_from"]
    if ending == "ecsv":
        return Table.read(path).meta["crossmatch"]["matched_from"]
    said = "".join(fits.getheader(path, 1)["COMMENT"]) if ending == "fits" else unescape(path.read_text())
    return float(re.search(r"matched_from\W+([0-9.]+)", said)[1])


def test_the_figures_have_the_same_numbers(panel):
    figure = panel.figure()
    assert figure.get_suptitle().startswith("SIMULATED. ")
    assert figure.axes[-1].get_ylabel() == "Probability of the match"
    for axes, diagram in zip(figure.axes[:-1], panel.diagrams.diagrams, strict=True):
        np.testing.assert_array_equal(
            axes.collections[0].get_offsets(), np.column_stack(diagram.diagram.points.points[:2])
        )
    separations, probabilities = panel.quality_figure().axes
    assert separations.get_yscale() == "log"
    for axes, part in ((separations, panel.separations), (probabilities, panel.probabilities)):
        np.testing.assert_array_equal(axes.lines[0].get_ydata(), part.plot.layers[0].y)
        assert axes.get_xlim() == part.plot.ranges[0]


def test_a_new_region_empties_the_panel(panel):
    panel.state.explorer.search("M42", "1 arcmin")
    panel.state.explorer.desk.tasks.wait(30)
    assert "Choose a catalogue and match" in panel.widget.invitation
    assert panel.separations.plot.layers == ()
    assert all(len(diagram.diagram.points.points[0]) == 0 for diagram in panel.diagrams.diagrams)
    assert len(panel.matched) == 0
    press(panel)
    assert len(panel.table) == len(panel.state.explorer.table)
    assert said(panel) == []


def test_a_failed_match_leaves_what_is_shown(panel):
    before = panel._note.value
    panel.state.explorer.desk.selection.publish("test", [str(panel.table["name"][0])])
    panel._selected.value = True
    panel._prior.value = ["Kmag"]
    press(panel)
    assert len(said(panel)) == 1
    assert panel._note.value == before
    for ask in (lambda: panel.table, lambda: panel.matched, panel.figure, panel.quality_figure, panel.match):
        with pytest.raises(CscError, match="cannot be learnt"):
            ask()
    with pytest.raises(CscError, match="cannot be learnt"):
        panel.export("failed")
    assert "failed" not in panel._namespace
    panel._selected.value = False
    panel.match()
    assert len(panel.table) == len(panel.state.explorer.table)


def test_it_leaves_nothing_behind(made, orion):
    before = set(_instances)
    panel = made(orion)
    assert len(set(_instances) - before) > 100
    panel.close()
    assert set(_instances) == before
    panel = made(orion)
    panel._columns.selected_index = 0  # the columns, which are filled when they are first seen
    panel.state.thresholds = Thresholds(0.9, 0.1)
    panel.close()
    assert set(_instances) == before
