"""Frames after real work, and tables of other libraries by Arrow's own interface."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from cscwidgets.archive.catalogues.table_catalogue import TableCatalogue
from cscwidgets.errors import CscError
from cscwidgets.io.tables.frames import is_frame, raw_of_frame
from cscwidgets.sky.usable import circle

ROWS = pd.DataFrame({"name": ["a", "b", "c"], "ra": [10.0, 10.1, 10.2], "dec": [20.0, 20.1, np.nan], "n": [1, 2, 3]})


class Exporter:
    """What hands out Arrow and nothing else, as a frame of polars does."""

    def __init__(self, table):
        self._table = table
        self.columns = table.column_names

    def __arrow_c_stream__(self, requested_schema=None):
        return self._table.__arrow_c_stream__(requested_schema)


def _names(table):
    import astropy.units as u

    found = TableCatalogue(table, "mine").near(circle(10, 20, 1), 0 * u.deg)
    return [str(name) for name in found["name"]]


@pytest.mark.parametrize(
    "frame",
    [
        ROWS,
        ROWS[ROWS["n"] > 0].sort_values("n", ascending=False).sort_values("n"),
        ROWS.set_index("name"),
        ROWS.set_index(["name", "n"]),
        ROWS.rename(columns={"n": 0}),
        ROWS.assign(n=ROWS["n"].astype("Int64"), kind=pd.Categorical(["x", "y", "x"])),
        ROWS.assign(mixed=["x", 1, None], seen=pd.to_datetime(["2020-01-01"] * 3)),
        pd.concat([ROWS, ROWS[["n", "n"]]], axis=1),
        ROWS.convert_dtypes(dtype_backend="pyarrow"),
        pa.Table.from_pandas(ROWS, preserve_index=False),
        Exporter(pa.Table.from_pandas(ROWS, preserve_index=False)),
    ],
    ids=["plain", "filtered", "index", "levels", "number", "types", "mixed", "twice", "pyarrow", "arrow", "capsule"],
)
def test_rows_of_a_frame_are_matched_whatever_its_labels(frame):
    assert is_frame(frame)
    assert _names(frame) == ["a", "b"]


def test_polars_where_it_is():
    polars = pytest.importorskip("polars")
    assert _names(polars.from_pandas(ROWS)) == ["a", "b"]


def test_labels_of_several_levels_are_joined_and_the_same_ones_told_apart():
    frame = ROWS.copy()
    frame.columns = pd.MultiIndex.from_tuples([("name", ""), ("pos", "ra"), ("pos", "dec"), ("n", "")])
    assert [column.name for column in raw_of_frame(frame, "t").columns] == ["name", "pos_ra", "pos_dec", "n"]
    assert _names(frame) == ["a", "b"]
    twice = raw_of_frame(pd.concat([ROWS, ROWS[["n"]]], axis=1), "t")
    assert [column.name for column in twice.columns][-1] == "n_2"
    assert twice.notes == ("columns of the same name: another n is called n_2",)


def test_an_index_of_names_without_a_name_is_kept_and_one_that_counts_is_not():
    assert raw_of_frame(ROWS.set_index("name").rename_axis(None), "t").columns[0].values.to_pylist() == ["a", "b", "c"]
    assert raw_of_frame(ROWS.iloc[1:], "t").columns[0].name == "name"


def test_types_of_arrow_become_numbers_flags_and_text():
    table = pa.table(
        {
            "when": pa.array([0, None], pa.timestamp("s")),
            "kind": pa.array(["x", None]).dictionary_encode(),
            "price": pa.array([1, None], pa.decimal128(5)),
            "long": pa.array(["x", None], pa.large_string()),
            "none": pa.nulls(2),
            "inner": pa.array([{"a": 1}, None]),
        }
    )
    raw = raw_of_frame(table, "t")
    assert {column.name: column.values.to_pylist()[0] for column in raw.columns} == {
        "when": "1970-01-01 00:00:00", "kind": "x", "price": 1.0, "long": "x", "none": None,
    }  # fmt: skip
    assert all(column.values.to_pylist()[1] is None for column in raw.columns)
    assert raw.notes == ("left out, since they hold neither numbers, flags nor text: inner",)


@pytest.mark.parametrize("thing", [[1, 2], {"ra": [1]}, pd.DataFrame, None])
def test_what_is_no_table_is_said(thing):
    assert not is_frame(thing)
    with pytest.raises(CscError, match="Give a table of astropy, pandas, polars or pyarrow"):
        TableCatalogue(thing, "mine")


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_durations_are_seconds_whatever_pandas_counts_them_in(unit):
    exposure = pd.Series(pd.to_timedelta([1.5, None], unit="h")).astype(f"timedelta64[{unit}]")
    (column,) = raw_of_frame(pd.DataFrame({"exposure": exposure}), "t").columns
    assert (column.values.to_pylist(), column.unit) == ([exposure[0].total_seconds(), None], "s")


def test_integers_larger_than_any_type_keep_their_digits():
    (column,) = raw_of_frame(pd.DataFrame({"id": [10**30, 1]}), "t").columns
    assert column.values.to_pylist() == [str(10**30), "1"]
