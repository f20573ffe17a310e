import numpy as np
import pyarrow.parquet as pq
import pytest

from cscwidgets.csc.columns import TABLES


@pytest.fixture(scope="session")
def tables(demo_folder):
    """The demo's tables as Arrow tables."""
    return {name: pq.read_table(demo_folder / f"{name}.parquet") for name in TABLES}


@pytest.fixture(scope="session")
def column(tables):
    """A column as a numpy array: floats with NaN for null, or objects."""

    def read(table, name):
        values = tables[table][name]
        if str(values.type) in {"string", "bool"}:
            return np.array(values.to_pylist(), dtype=object)
        return np.array([np.nan if x is None else x for x in values.to_pylist()], dtype=float)

    return read
