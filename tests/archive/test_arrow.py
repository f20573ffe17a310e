"""Columns of any kind become Arrow: values as pyarrow and astropy read them, nulls where nothing is known."""

import astropy.units as u
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.table import MaskedColumn, QTable

from cscwidgets.archive.arrow import arrow_array, arrow_table


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.5, np.nan] * u.Jy, pa.array([1.5, None])),
        (np.array([1.5, np.nan], ">f4"), pa.array([1.5, None], pa.float32())),
        (MaskedColumn([1, 2], mask=[False, True]), pa.array([1, None])),
        (np.array([3, 4], ">i2"), pa.array([3, 4], pa.int16())),
        ([True, False], pa.array([True, False])),
        (np.array(["a", ""]), pa.array(["a", ""])),
        (np.array([b"a", b"\xff"]), pa.array(["a", "\ufffd"])),
        (np.array(["a", None], object), pa.array(["a", None])),
        (MaskedColumn(["a", "b"], mask=[True, False]), pa.array([None, "b"])),
    ],
)
def test_a_column_keeps_its_values_and_nulls(values, expected):
    assert arrow_array(values).equals(expected)


def test_a_type_that_is_given_wins_and_a_missing_number_stays_missing():
    assert arrow_array(np.array([3.0, np.nan]), pa.int32()).equals(pa.array([3, None], pa.int32()))
    with pytest.raises(pa.ArrowInvalid):
        arrow_array(np.array([3.5]), pa.int32())


def test_a_table_says_what_its_columns_mean(tmp_path):
    table = arrow_table([("ra", arrow_array([1.0, 2.0]), {"unit": "deg"}), ("n", arrow_array([1, 2]), {})], "Of a test")
    assert table.schema.metadata == {b"description": b"Of a test"}
    assert table.schema.field("ra").metadata == {b"unit": b"deg"}
    pq.write_table(table, tmp_path / "t.parquet")
    assert list(QTable.read(tmp_path / "t.parquet")["ra"]) == [1.0, 2.0]
