"""What is asked of the catalogue: the choices, the query that follows, the count, and where the rows go."""

import json

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from regions import RectangleSkyRegion

from cscwidgets import Archive
from cscwidgets.archive import Cut
from cscwidgets.csc.columns import TABLES
from cscwidgets.errors import CscError, QueryError
from cscwidgets.service.imports.importer import import_tables
from cscwidgets.service.vo import tap
from cscwidgets.state import catalogue_query
from cscwidgets.state.catalogue_query import TABLES as TABLES_SEARCHED
from cscwidgets.state.choice_file import config_root
from cscwidgets.state.explorer import ExplorerState
from cscwidgets.state.scripts.panels import query_code
from cscwidgets.state.workspace import Workspace


@pytest.fixture
def query(warm_workspace):
    state = warm_workspace.query
    warm_workspace.explorer.search("M33", "12 arcmin")
    state.open()
    state.desk.tasks.wait(60)
    assert state.schema.listed
    return state


def test_the_query_shown_is_the_one_that_is_sent(query):
    query.columns, query.cuts = ("powlaw_gamma",), (Cut("powlaw_gamma", ">", 1.5),)
    query.where = "acis_num > 0"
    assert "m.powlaw_gamma > 1.5" in query.text
    query.count()
    query.settle()
    counted, text = query.rows, query.text
    query.search()
    query.settle()
    table = query.explorer.table
    assert table.meta["provenance"].query == text
    assert len(table) == counted
    assert not query.at_most
    assert np.min(table["powlaw_gamma"]) > 1.5
    assert "hard_hm" in table.colnames  # the panels go on
    assert query.explorer.applied == (Cut("powlaw_gamma", ">", 1.5), "acis_num > 0")
    query.explorer.search("M33", "3 arcmin")  # a region drawn later is asked the same
    query.settle()
    assert np.min(query.explorer.table["powlaw_gamma"]) > 1.5


def test_a_refused_choice_is_not_sent_and_says_why(query):
    before = query.explorer.table
    query.cuts = (Cut("powlaw_gama", ">", 1),)
    assert (query.text, query.rows) == ("", None)
    assert "'powlaw_gama'" in query.problem
    assert "Did you mean powlaw_gamma" in query.problem
    for ask in (query.search, query.count, query.add_columns):
        with pytest.raises(CscError, match="powlaw_gama"):
            ask()
    query.cuts = ()
    assert query.problem == ""
    assert query.explorer.table is before


def test_columns_are_added_to_what_is_shown(query):
    before = query.explorer.table
    query.desk.selection.publish("code", list(before["name"][:3]))
    query.columns = ("powlaw_gamma", "flux_aper_b")
    assert query.missing == ("powlaw_gamma",)
    query.add_columns()
    query.settle()
    after = query.explorer.table
    assert list(after["name"]) == list(before["name"])
    assert "powlaw_gamma" in after.colnames
    assert query.missing == ()
    assert query.desk.selection.count == 3


def test_detections_are_a_table_of_their_own(query):
    sources = query.explorer.table
    query.table = "observation_source"
    query.columns, query.cuts = ("theta",), (Cut("theta", "<", 5),)
    query.search()
    query.settle()
    assert query.explorer.table is sources
    assert set(query.result["name"]) <= set(sources["name"])
    assert len(query.result) > len(set(query.result["name"]))
    assert np.max(query.result["theta"].to_value("arcmin")) < 5
    assert "detections of" in query.result_words


def test_sources_of_a_query_of_ones_own_become_the_explorers(query):
    query.edit("SELECT TOP 40 name, powlaw_gamma AS slope FROM master_source WHERE powlaw_gamma > 1 ORDER BY name")
    assert query.problem == ""
    query.count()
    query.settle()
    assert query.rows == 40
    query.search()
    query.settle()
    table = query.explorer.table
    assert len(table) == len(query.result) == 40
    assert {"slope", "ra", "dec", "hard_hm"} <= set(table.colnames)
    assert query.explorer.region is None or query.explorer.region.contains(table["ra"].value, table["dec"].value).all()
    query.edit("")
    assert not query.edited


def test_a_result_without_names_is_a_plain_table(query):
    sources = query.explorer.table
    query.edit("SELECT instrument, COUNT(*) AS n FROM observation_source GROUP BY instrument")
    query.search()
    query.settle()
    assert query.result.colnames == ["instrument", "n"]
    assert query.explorer.table is sources
    query.edit("SELECT instrumant FROM observation_source")
    assert "Did you mean instrument" in query.problem
    with pytest.raises(CscError, match="instrumant"):
        query.search()


def test_what_a_service_refuses_is_told_in_its_words(query):
    query.edit("SELECT lgo10(ra) AS x FROM master_source")
    query.search()
    with pytest.raises(QueryError, match="lgo10"):
        query.settle()


def test_ones_own_choices_are_kept(query):
    query.memory.keep("mine", ["powlaw_gamma", "nh_gal"])
    assert query.memory.own == {"mine": ("powlaw_gamma", "nh_gal")}
    query.memory.keep("mine", [])
    assert query.memory.own == {}
    (config_root() / "columns.json").write_text(json.dumps({"good": ["ra"], "bad": 3}))
    assert query.memory.own == {"good": ("ra",)}
    (config_root() / "columns.json").write_text("{")
    assert query.memory.own == {}
    assert "not remembered" in query.desk.messages.entries[-1].what


@pytest.mark.real
def test_all_columns_of_the_real_table_are_added_with_units_and_descriptions(real, tmp_path):
    import_tables([real / "tables" / "csc20_full_schema_137_pulsars.tsv"], tmp_path / "archive")
    workspace = Workspace(ExplorerState(Archive(tmp_path / "archive")))
    state, explorer = workspace.query, workspace.explorer
    everyone = explorer.desk.archive.query("SELECT * FROM csc21.master_source")
    explorer.search(f"{everyone['ra'][0].value} {everyone['dec'][0].value}", "5 deg")
    state.open()
    state.desk.tasks.wait(60)
    state.columns = tuple(TABLES["master_source"])
    state.add_columns()
    state.settle()
    table = explorer.table
    assert len(state.columns) == 515
    assert state.missing == ()
    row = list(everyone["name"]).index(table["name"][0])
    for name, column in TABLES["master_source"].items():
        assert table[name].info.description == column.description
        assert getattr(table[name], "unit", None) == getattr(everyone[name], "unit", None)
        assert str(table[name][0]) == str(everyone[name][row])


@pytest.fixture
def cut_short(monkeypatch):
    """The service sends 250 rows unless told: more than are asked for by name at once."""
    monkeypatch.setattr(tap, "DEFAULT_MAXREC", 250)


def test_the_rest_of_detections_and_of_a_query_comes_when_it_is_asked_for(query, cut_short):
    query.table = "observation_source"
    query.search()
    query.settle()
    total = query.result.meta["provenance"].requested
    assert len(query.result) < total
    assert "NOT ALL" in query.result_words
    assert query.rest == "The rest is asked for in parts of the sky"
    query.get_the_rest()
    query.settle()
    assert query.result.meta["provenance"].complete
    assert len(query.result) + query.result.meta["provenance"].outside == total
    assert query.rest == ""
    assert "complete=True" in query_code(query).text
    with pytest.raises(CscError, match="No rows of the result are missing"):
        query.get_the_rest()

    everything = len(query.desk.archive.query("SELECT obsid FROM observation_source", maxrec=1_000_000))
    query.edit("SELECT obsid, theta FROM observation_source;")
    query.search()
    query.settle()
    assert len(query.result) == 250
    assert "since none of its tables has positions" in query.rest
    query.edit("SELECT something_else FROM observation_source")  # what is typed meanwhile is another matter
    query.get_the_rest()
    query.settle()
    assert len(query.result) == everything
    assert query.result_words == f"{everything:,} rows"
    assert "complete=True" in query_code(query).text


def test_the_rest_of_ones_own_sources_becomes_the_explorers_too(query, cut_short):
    query.edit("SELECT name FROM master_source WHERE dec > 30")
    query.search()
    query.settle()
    assert len(query.explorer.table) == 250
    assert query.explorer.asked == "query"
    query.get_the_rest()
    query.settle()
    whole = query.desk.archive.query(query.text, maxrec=100_000)
    assert sorted(query.explorer.table["name"]) == sorted(whole["name"])
    assert len(whole) > 250


REGIONS = (
    ("M33", "10 arcmin"),
    ("box(23.46, 30.66, 0.3, 0.2, 30)", None),
    (RectangleSkyRegion(SkyCoord("23.46 30.66", unit="deg"), 0.5 * u.deg, 0.2 * u.deg, 20 * u.deg), None),
    ("polygon(23.2, 30.4, 23.7, 30.5, 23.5, 30.9)", None),
    ("ellipse(23.46, 30.66, 0.2, 0.1, 20)", None),
    ("circle(6.02, -72.08, 0.05)", None),
    ("all sky", None),
)


@pytest.mark.parametrize("table", TABLES_SEARCHED)
@pytest.mark.parametrize(("target", "radius"), REGIONS)
def test_as_many_rows_are_counted_as_come_in_every_form_of_region(target, radius, table, query, monkeypatch):
    query.explorer.search(target, radius)
    query.settle()
    query.table = table
    query.count()
    query.settle()
    counted, at_most = query.rows, query.at_most
    query.search()
    query.settle()
    rows = query.explorer.table if table == "master_source" else query.result
    assert len(rows) == counted > 0
    assert not at_most
    if not query.explorer.region.is_all_sky:  # of very many only those of the boxes around it are counted
        monkeypatch.setattr(catalogue_query, "_MOST_PLACED", 0)
        query.count()
        query.settle()
        assert query.at_most
        assert query.rows == rows.meta["provenance"].returned


def test_a_list_has_as_many_rows_as_lines(query):
    archive, lines = query.desk.archive, ["M33", "23.46 30.66", "nothing of the kind"]
    assert archive.count("\n".join(lines)) == archive.count(lines) == len(archive.search(lines)) == 3
