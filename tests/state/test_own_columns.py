"""Columns of one's own are astropy's and numpy's numbers, in every table that comes, and in what is exported."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import MaskedColumn, QTable

from cscwidgets import Archive
from cscwidgets.errors import CscError
from cscwidgets.export import write_table
from cscwidgets.state.explorer import ExplorerState

FLUX = u.erg / u.s / u.cm**2


def sources(*names, seed=1):
    rng = np.random.default_rng(seed)
    flux = rng.uniform(1, 9, (2, len(names))) * 1e-15
    table = QTable({"name": list(names), "ra": np.arange(len(names)) * u.deg, "dec": np.arange(len(names)) * u.deg})
    for band, values in zip("sh", flux, strict=True):
        table[f"flux_aper_{band}"] = values * FLUX
        table[f"flux_aper_lolim_{band}"] = values * 0.8 * FLUX
        table[f"flux_aper_hilim_{band}"] = values * 1.3 * FLUX
    table["conf_flag"] = np.arange(len(names)) % 2 == 0
    return table


@pytest.fixture
def state():
    state = ExplorerState(Archive("demo"), reraise=True)
    state.table = sources("a", "b", "c", "d")
    return state


@pytest.fixture
def own(state):
    return state.own_columns


def told(state):
    return [str(message) for message in state.desk.messages.entries]


def test_a_formula_is_a_column_with_its_ends_in_every_table(state, own):
    own.add("colour", "log10(flux_aper_h / flux_aper_s)", "Hard over soft")
    own.add("soft", "flux_aper_s > 4e-15")
    for names in ("abcd", "cdefg"):
        state.table = table = sources(*names, seed=len(names))
        ratio = (table["flux_aper_h"] / table["flux_aper_s"]).value
        np.testing.assert_allclose(state.table["colour"].value, np.log10(ratio))
        both = np.hypot(np.log10(1.3), -np.log10(0.8))
        np.testing.assert_allclose(state.table["colour_hilim"] - state.table["colour"], both)
        np.testing.assert_allclose(state.table["colour"] - state.table["colour_lolim"], both)
        np.testing.assert_array_equal(state.table["soft"], table["flux_aper_s"].value > 4e-15)
        assert state.table["colour"].info.description == "Hard over soft"
        assert "flux_aper_h, flux_aper_s" in state.table["colour_lolim"].info.description
        assert own.names == ["colour", "colour_lolim", "colour_hilim", "soft"]
    assert own.expressions[0] == {
        "name": "colour",
        "formula": "log10(flux_aper_h / flux_aper_s)",
        "description": "Hard over soft",
    }
    before = own.revision
    own.remove("colour")
    assert own.names == ["soft"]
    assert "colour_lolim" not in state.table.colnames
    assert own.revision > before


def test_formulas_may_rest_on_each_other_and_a_lost_column_is_said(state, own):
    own.add("r", "flux_aper_h / flux_aper_s")
    own.add("twice", "2 * r")
    np.testing.assert_allclose(state.table["twice"], 2 * state.table["r"])
    table = sources("a", "b")
    table.remove_column("flux_aper_h")
    state.table = table
    assert own.names == []
    assert "no column flux_aper_h" in " ".join(told(state))
    state.table = sources("x")
    assert "twice" in state.table.colnames


def test_what_code_assigns_appears_and_is_carried_by_name(state, own):
    before = own.revision
    state.table["mag"] = [1.0, 2.0, 3.0, 4.0] * u.mag
    state.table["mag"].info.description = "Magnitude"
    state.table["kind"] = MaskedColumn(["x", "y", "z", "w"])
    assert own.revision > before
    assert own.names == ["mag", "kind"]
    own.add("twice", "2 * mag")
    assert told(state) == []
    state.table = sources("d", "new", "a")
    assert state.table["twice"].unit == u.mag
    assert np.ma.filled(state.table["mag"].filled(np.nan * u.mag).value, 0).tolist()[::2] == [4, 1]
    assert state.table["mag"].mask.tolist() == [False, True, False]
    assert state.table["kind"].tolist() == ["w", None, "x"]
    assert state.table["mag"].info.description == "Magnitude"
    state.table = sources("p", "q")
    assert "mag" not in state.table.colnames
    assert "The column mag of the table before is not in this one. It has none of its sources." in told(state)


def test_a_value_changed_in_place_stays(state, own):
    state.table["x"] = [1.0, 2.0, 3.0, 4.0]
    state.table["x"][1] = 20
    state.table["x"] *= 2
    own.annotations.label(["a"], "AGN")
    assert state.table["x"].tolist() == [2, 40, 6, 8]
    del state.table["x"]
    own.annotations.label(["b"], "AGN")
    assert "x" not in state.table.colnames


@pytest.mark.parametrize("column", ["ra", "name", "flux_aper_s"])
def test_the_catalogues_columns_stay(state, column):
    before = state.table[column].tolist() if column == "name" else state.table[column].value.tolist()
    with pytest.raises(CscError, match=f"{column} was not changed.*copy"):
        state.table[column] = 1
    with pytest.raises(CscError, match="was not changed"):
        state.table.remove_column(column)
    with pytest.raises(CscError, match="was not changed"):
        state.table.rename_column(column, "other")
    after = state.table[column]
    assert (after.tolist() if column == "name" else after.value.tolist()) == before
    copy = state.table.copy()
    copy.rename_column(column, "other")  # somebody's own
    assert state.own_columns.names == []


@pytest.mark.parametrize(
    ("name", "formula", "why"),
    [
        ("ra", "1", "(?i)the catalogue has a column ra"),
        ("no name", "1", "no name of a column"),
        ("label", "1", "labels, notes"),
        ("x", "nothing", "no column nothing"),
        ("x", "flux_aper_s + ra", "Units do not fit"),
        ("x", "name", "does not hold numbers"),
    ],
)
def test_what_is_no_column_is_refused_and_changes_nothing(state, own, name, formula, why):
    with pytest.raises(CscError, match=why):
        own.add(name, formula)
    assert own.expressions == own.names == []


def test_labels_and_notes_are_columns_with_colours(state, own):
    own.annotations.label(["a", "c", "elsewhere"], "AGN")
    own.annotations.label(["b"], "star")
    own.annotations.label(["c"], "star")
    own.annotations.note("d", "two\nlines")
    assert state.table["label"].tolist() == ["AGN", "star", "star", None]
    assert state.table["note"].tolist() == [None, None, None, "two lines"]
    agn, star = own.groups
    assert (agn.name, agn.names) == ("AGN", {"a"})
    assert star.names == {"b", "c"}
    assert agn.colour != star.colour
    state.table = sources("elsewhere", "b")
    assert state.table["label"].tolist() == ["AGN", "star"]
    own.annotations.label(["b"], "")
    assert state.table["label"].tolist() == ["AGN", None]
    state.table["label"] = ["star", "x"]
    assert own.annotations.labels == {"elsewhere": "star", "b": "x", "a": "AGN", "c": "star"}
    own.annotations.forget_label("star")
    assert set(own.annotations.colours) == {"AGN", "x"}
    with pytest.raises(CscError, match="more than 40"):
        own.annotations.label(["a"], "x" * 41)


def test_a_subset_is_a_flag_with_a_colour(state, own):
    own.subsets.add("chosen", names=["b", "gone"])
    own.keep_subset("clean", condition="not conf_flag and flux_aper_s > 0", colour="#123456")
    for name, told in (("ra", {"names": ["a"]}), ("x", {"condition": "ra"}), ("label", {"names": []})):
        with pytest.raises(CscError):
            own.keep_subset(name, **told)
    assert state.table["chosen"].tolist() == [False, True, False, False]
    assert state.table["clean"].tolist() == [False, True, False, True]
    assert [group.colour for group in own.groups] == [own.subsets["chosen"]["colour"], "#123456"]
    assert own.groups[1].names == {"b", "d"}
    assert "#123456" in state.table["clean"].info.description
    own.add("both", "chosen and clean")
    own.subsets.change("clean", shown=False)
    assert [group.name for group in own.groups] == ["chosen"]
    state.table["chosen"] = [True, False, False, False]
    assert own.subsets["chosen"]["names"] == ["a"]
    own.subsets.remove("chosen")
    assert "chosen" not in state.table.colnames
    with pytest.raises(CscError, match="There are clean"):
        own.subsets.remove("chosen")
    with pytest.raises(CscError, match="no name of a column"):
        own.subsets.add("two words", names=[])


def test_a_bad_condition_is_said_and_hides_no_other(state, own):
    own.subsets.add("fine", names=["a"])
    own.subsets.add("bad", condition="nothing > 1")
    assert [group.name for group in own.groups] == ["fine"]
    assert "The subset bad is not in the table" in " ".join(told(state))


@pytest.mark.parametrize("ending", [".vot", ".ecsv", ".fits", ".parquet"])
def test_all_is_exported_with_units_and_descriptions(state, own, ending, tmp_path):
    own.add("total", "flux_aper_s + flux_aper_h", "Soft and hard")
    own.annotations.label(["a"], "AGN")
    own.annotations.note("a", "bright")
    own.subsets.add("chosen", names=["a", "b"])
    path = write_table(state.table[:2], tmp_path / f"rows{ending}")
    if ending == ".parquet":
        pq = pytest.importorskip("pyarrow.parquet")
        found = pq.read_table(path)
        assert found["label"].to_pylist() == ["AGN", None]
        assert found.schema.field("total").metadata[b"description"] == b"Soft and hard"
        return
    found = QTable.read(path)
    np.testing.assert_allclose(found["total"].to_value(FLUX), state.table["total"][:2].value)
    assert [str(text) for text in np.ma.filled(found["label"], "")] == ["AGN", ""]
    assert [str(text) for text in np.ma.filled(found["note"], "")] == ["bright", ""]
    assert found["chosen"].tolist() == [True, True]
    if ending != ".fits":  # astropy does not read a FITS column's comment
        assert found["total"].info.description == "Soft and hard"


def test_the_archives_table_is_not_changed_and_a_part_is_silent(state, own):
    table = sources("a", "b")
    own.annotations.label(["a"], "AGN")
    state.table = table
    assert "label" not in table.colnames
    part = state.table[:1]
    part["x"] = 1
    part["ra"] = 2 * u.deg
    assert "x" not in state.table.colnames
