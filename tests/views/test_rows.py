"""Rows of names: one index for all views of a table, for as long as there is the table."""

import gc
from weakref import ref

from astropy.table import QTable

from cscwidgets.views.rows import index_of


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
