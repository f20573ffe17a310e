"""Columns go where their rows say, and every doubt is named."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from cscwidgets.service.imports.column_map import place
from cscwidgets.service.imports.placement import SURE, Placement
from cscwidgets.service.imports.preparing import prepare
from cscwidgets.service.imports.readers import RawColumn, RawTable, read_tables
from cscwidgets.service.imports.values import convert

SOURCES = [f"2CXO J08423{number}.8-480742" for number in range(4)]


def table(**columns: list) -> RawTable:
    """Columns of texts, as a TSV has them; a name may be written twice with a blank behind."""
    return RawTable(
        "made up", tuple(RawColumn(name.strip(), pa.array(values, pa.string())) for name, values in columns.items())
    )


def joined(rows: int = 2, sources: int = 4, **more: list) -> RawTable:
    """Sources with as many detections each."""
    number = range(rows * sources)
    return table(
        name=[SOURCES[n // rows] for n in number],
        obsid=[str(100 + n) for n in number],
        obi=["0" for _ in number],
        region_id=["7" for _ in number],
        **more,
    )


def places(placement: Placement) -> dict[str, str]:
    return {mapped.label: f"{mapped.table}.{mapped.column}" for mapped in placement.columns}


def certainty(placement: Placement) -> dict[str, str]:
    return {decision.column: decision.certainty for decision in placement.decisions}


STEADY = [str(1e-15 * (n // 2 + 1)) for n in range(8)]
VARYING = [str(1e-15 * (n + 11)) for n in range(8)]


@pytest.mark.parametrize(("first", "second"), [("flux_aper_b", "flux_aper_b "), ("flux_aper_b_1", "flux_aper_b_2")])
@pytest.mark.parametrize("order", [1, -1])
def test_of_two_columns_the_source_has_the_steady_one(first: str, second: str, order: int) -> None:
    values = [STEADY, VARYING][::order]
    placement = place(joined(**{first: values[0], second: values[1]}))
    names = [mapped.label for mapped in placement.columns if mapped.column == "flux_aper_b"]
    at = places(placement)
    steady, varying = [first.strip(), names[1] if names[0] == first.strip() else names[0]][::order]
    assert at[steady] == "master_source.flux_aper_b"
    assert at[varying] == "observation_source.flux_aper_b"
    assert certainty(placement)[varying] == "sure"
    assert not placement.left_out


def test_a_join_s_sides_stay_together() -> None:
    """hard_hm says nothing itself, but its side of the join is the detections'."""
    nothing = [None] * 8
    raw = joined(flux_aper_b_1=VARYING, hard_hm_1=nothing, flux_aper_b_2=STEADY, hard_hm_2=["0.1"] * 8)
    at = places(place(raw))
    assert at["hard_hm_1"] == "observation_source.hard_hm"
    assert at["hard_hm_2"] == "master_source.hard_hm"


@pytest.mark.parametrize(
    ("values", "where"), [(STEADY, "master_source.flux_aper_b"), (VARYING, "observation_source.flux_aper_b")]
)
def test_a_column_alone_goes_where_its_rows_say(values: list[str], where: str) -> None:
    placement = place(joined(flux_aper_b=values))
    assert places(placement)["flux_aper_b"] == where
    assert certainty(placement)["flux_aper_b"] == "sure"


def test_limits_go_with_their_quantity() -> None:
    placement = place(joined(flux_aper_b=VARYING, flux_aper_lolim_b=["0"] * 8))
    assert places(placement)["flux_aper_lolim_b"] == "observation_source.flux_aper_lolim_b"


def test_without_evidence_the_order_is_a_guess_and_said() -> None:
    flux = [str(n) for n in range(4)]
    raw = joined(rows=1, flux_aper_b=flux)
    placement = place(raw)
    assert places(placement)["flux_aper_b"] == "observation_source.flux_aper_b"
    assert certainty(placement)["flux_aper_b"] == "a guess"
    before = place(replace(raw, columns=(raw.columns[-1], *raw.columns[:-1])))
    assert places(before)["flux_aper_b"] == "master_source.flux_aper_b"
    assert certainty(before)["flux_aper_b"] == "a guess"
    assert "order" in next(d.reason for d in before.decisions if d.column == "flux_aper_b")


def test_the_reader_has_the_last_word() -> None:
    raw = joined(flux_aper_b=STEADY, **{"flux_aper_b ": VARYING})
    told = {"flux_aper_b#2": "master_source.flux_aper_b", "flux_aper_b": "csc21.observation_source.flux_aper_b"}
    placement = place(raw, told)
    assert places(placement)["flux_aper_b#2"] == "master_source.flux_aper_b"
    assert places(placement)["flux_aper_b"] == "observation_source.flux_aper_b"
    assert certainty(placement)["flux_aper_b"] == "as told"


def test_unknown_columns_of_detections_lose_nothing() -> None:
    raw = joined(grating=["NONE"] * 8, ccd=[str(n % 3) for n in range(8)], distance=STEADY, note=[None, *"abcdefg"])
    at = places(place(raw))
    assert at["grating"] == "observation_source.grating"
    assert at["ccd"] == "observation_source.ccd"
    assert at["note"] == "observation_source.note"
    assert at["distance"] == "master_source.distance"


def test_contradicting_values_are_not_the_source_s() -> None:
    """A list of detections without anything that tells them apart."""
    raw = table(name=[SOURCES[n // 2] for n in range(8)], ra=["1"] * 8, hard_hm=VARYING, significance=STEADY)
    placement = place(raw)
    assert places(placement)["significance"] == "master_source.significance"
    assert "hard_hm" not in places(placement)
    assert "several values for one source" in placement.left_out["hard_hm"]


def test_columns_more_often_than_there_are_tables() -> None:
    raw = joined(
        **{"flux_aper_b": STEADY, "flux_aper_b ": VARYING, "flux_aper_b  ": VARYING, "flux_aper_b   ": STEADY[::-1]}
    )
    placement = place(raw)
    assert places(placement)["flux_aper_b#2"] == "observation_source.flux_aper_b"
    assert placement.repeated["flux_aper_b#3"] == "it says the same as flux_aper_b#2"
    assert "flux_aper_b#4" in placement.left_out


def test_a_stack_s_values_are_the_stack_s() -> None:
    """Two stacks of two observations each, of two sources."""
    number = range(8)
    raw = table(
        name=[SOURCES[n // 4] for n in number],
        detect_stack_id=[f"acisfJ0{n // 2}" for n in number],
        region_id=["7" for _ in number],
        obsid=[str(100 + n) for n in number],
        obi=["0" for _ in number],
        hard_hm=[str(n // 4 / 10) for n in number],
        hard_hs=[str(n // 2 / 10) for n in number],
        hard_ms=[str(n / 10) for n in number],
    )
    at = places(place(raw))
    assert at["hard_hm"] == "master_source.hard_hm"
    assert at["hard_hs"] == "stack_source.hard_hs"
    assert at["hard_ms"] == "observation_source.hard_ms"


@pytest.mark.real
def test_the_rows_say_what_the_headers_of_real_files_say(real: Path) -> None:
    """Without the #Column lines of CSCview and search_csc all columns go where those lines put them."""
    checked = 0
    for path in sorted((real / "tables").glob("*.tsv*")):
        (raw,) = read_tables(path)
        declared = place(prepare(raw).raw)
        bare = tuple(replace(column, table="", column="") for column in raw.columns)
        found = place(prepare(replace(raw, columns=bare)).raw)
        truth = _by_values(declared)
        wrong = {
            name: (truth[name], at) for name, at in _by_values(found).items() if name in truth and truth[name] != at
        }
        assert not wrong, path.name
        checked += len(truth)
    assert checked > 900


def _by_values(placement: Placement) -> dict[tuple[str, int], set[str]]:
    """Where each column went; the values are the same objects in both."""
    found: dict[tuple[str, int], set[str]] = {}
    for mapped in placement.columns:
        found.setdefault((mapped.raw.name, id(mapped.raw.values)), set()).add(f"{mapped.table}.{mapped.column}")
    return found


def test_what_is_sure_needs_no_words() -> None:
    placement = place(joined(flux_aper_b=STEADY, **{"flux_aper_b ": VARYING}))
    assert all(decision.certainty in SURE for decision in placement.decisions)


@pytest.mark.parametrize("datatype", ["int", "double", "boolean", "char"])
def test_integers_of_any_size_are_converted_or_none(datatype):
    column = pa.array([7, 2**53 + 1, -(2**60) + 5, None], pa.int64())
    values, lost = convert(column, datatype)
    assert values[3].as_py() is None
    if datatype == "int":
        assert (values.to_pylist(), lost) == ([7, None, None, None], 2)
    elif datatype == "double":
        assert values.to_pylist()[:3] == [7.0, float(2**53 + 1), float(-(2**60) + 5)]
