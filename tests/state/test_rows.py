"""Rows of names: one index for all views of a table, for as long as there is the table."""

import gc
from weakref import ref

import numpy as np
from astropy.table import QTable
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.state.rows import RowIndex, index_of


def test_views_of_a_table_share_its_index_which_goes_with_it():
    tables = [QTable({"name": ["b", "a"], "region": ["x", "y"]}) for _ in range(6)]
    indexes = [index_of(table) for table in tables]
    assert all(index_of(table) is index for table, index in zip(tables, indexes, strict=True))
    assert index_of(tables[0]).row("a") == 1
    assert index_of(tables[0], "region").row("y") == 1
    assert len(index_of(QTable())) == 0
    gone = [ref(index) for index in indexes]
    del tables, indexes
    gc.collect()
    assert [index() for index in gone] == [None] * 6


@given(st.lists(st.tuples(st.text("abc", max_size=3), st.booleans()), unique_by=lambda row: row[0]), st.data())
def test_an_index_of_some_rows_is_that_of_their_names(rows, data):
    names, taken = [name for name, _ in rows], np.array([there for _, there in rows], bool)
    part, alone = RowIndex(names).of(taken), RowIndex(np.array(names, object)[taken])
    asked = data.draw(st.frozensets(st.text("abc", max_size=3)))
    assert part.names.tolist() == alone.names.tolist()
    assert len(part) == len(alone)
    assert part.rows(asked).tolist() == alone.rows(asked).tolist()
    assert part.selected(asked).tolist() == alone.marks(asked).tolist()
    assert [part.row(name) for name in asked] == [alone.row(name) for name in asked]
