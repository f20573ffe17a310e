"""What is chosen is what will be matched, wherever it comes from; until there is something, nothing."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import QTable, Table

from cscwidgets.archive.catalogues.file_catalogue import FileCatalogue
from cscwidgets.archive.catalogues.finder import find_catalogue
from cscwidgets.archive.catalogues.own_table import is_own_table
from cscwidgets.archive.catalogues.table_catalogue import TableCatalogue
from cscwidgets.archive.catalogues.tap_catalogue import TapCatalogue
from cscwidgets.state.crossmatch import CrossmatchState
from cscwidgets.state.explorer import ExplorerState
from cscwidgets.views.matches.catalogue_chooser import CatalogueChooser

OWN, WRITTEN = "A table of this notebook ...", "A file or a service ..."


def stars(number=3):
    return Table({"ra": np.arange(number) * u.deg, "dec": np.zeros(number) * u.deg})


@pytest.fixture
def state(warm_demo):
    state = CrossmatchState(ExplorerState(warm_demo))
    state.offered = tuple(find_catalogue(name, warm_demo) for name in ("sim_optical", "sim_infrared"))
    return state


@pytest.fixture
def namespace():
    return {"mine": stars(), "number": 3, "_": stars(), "others": QTable(stars(5))}


@pytest.fixture
def chooser(state, namespace):
    return CatalogueChooser(state, namespace, state.explorer.desk.messages.guard)


def choose(chooser, words):
    chooser._choice.value = dict(chooser._choice.options)[words]


def is_shown(widget):
    return widget.layout.display != "none"


def said(state):
    return [str(message) for message in state.explorer.desk.messages.entries]


def test_an_offered_catalogue(chooser, state):
    assert state.catalogue is None
    optical, infrared = state.offered
    choose(chooser, infrared.title)
    assert state.catalogue is infrared
    assert chooser.title.value == ""
    assert not is_shown(chooser._from_notebook)
    assert not is_shown(chooser._address)
    state.offered = (optical, find_catalogue("csc", state.explorer.desk.archive), infrared)
    assert chooser._choice.value is state.catalogue is infrared
    choose(chooser, "–")
    assert state.catalogue is None


def test_a_table_of_the_notebook_as_it_is_now(chooser, state, namespace):
    choose(chooser, OWN)
    assert list(chooser._variable.options) == ["mine", "others"]
    assert is_shown(chooser._from_notebook)
    assert not is_shown(chooser._address)
    assert isinstance(state.catalogue, TableCatalogue)
    assert repr(state.catalogue) == "TableCatalogue('mine', 3 rows)"
    assert chooser.title.value == "→ mine"
    chooser._variable.value = "others"
    assert repr(state.catalogue) == "TableCatalogue('others', 5 rows)"
    namespace["others"] = stars(7)
    chooser._look.click()
    assert repr(state.catalogue) == "TableCatalogue('others', 7 rows)"
    assert said(state) == []


def test_without_tables_nothing_is_chosen(state):
    state.catalogue = state.offered[0]
    chooser = CatalogueChooser(state, {"a": 1}, state.explorer.desk.messages.guard)
    choose(chooser, OWN)
    assert state.catalogue is None
    assert "No variable of the notebook holds one" in said(state)[0]
    assert chooser.title.value == ""


def test_a_variable_that_went_away_is_said(chooser, state, namespace):
    choose(chooser, OWN)
    del namespace["others"]
    chooser._variable.value = "others"
    (message,) = said(state)
    assert message.startswith("There is no table others")
    assert state.catalogue.title == "mine"


def test_tables_and_frames_can_be_matched():
    pandas = pytest.importorskip("pandas")
    assert is_own_table(stars())
    assert is_own_table(pandas.DataFrame({"ra": [1.0]}))
    assert not is_own_table({"ra": [1.0]})
    assert not is_own_table(Table)


def write(chooser, state, text):
    chooser._address.value = text
    state.explorer.desk.tasks.wait(20)


def test_a_file_a_service_and_a_name(chooser, state, tmp_path):
    state.catalogue = state.offered[0]
    choose(chooser, WRITTEN)
    assert state.catalogue is None
    assert is_shown(chooser._address)
    stars(4).write(tmp_path / "t.ecsv")
    write(chooser, state, str(tmp_path / "t.ecsv"))
    assert isinstance(state.catalogue, FileCatalogue)
    assert chooser.title.value == "→ t.ecsv"
    write(chooser, state, "https://example.org/tap a<b")
    assert isinstance(state.catalogue, TapCatalogue)
    assert chooser.title.value == "→ a&lt;b"
    write(chooser, state, "no such thing")
    assert "There is no catalogue 'no such thing'" in said(state)[-1]
    assert state.catalogue.title == "a<b"
    write(chooser, state, "gaia")
    assert state.catalogue.name == find_catalogue("gaia").name
    assert chooser._choice.value == dict(chooser._choice.options)[WRITTEN]


def test_what_code_sets_is_shown(chooser, state):
    mine = TableCatalogue(stars(), "by code")
    state.catalogue = mine
    assert chooser._choice.label == WRITTEN
    assert chooser.title.value == "→ by code"
    state.catalogue = state.offered[1]
    assert chooser._choice.value is state.offered[1]
    assert chooser.title.value == ""
    choose(chooser, OWN)
    state.catalogue = state.offered[0]
    assert chooser._choice.value is state.catalogue is state.offered[0]
    assert not is_shown(chooser._from_notebook)
    assert said(state) == []
