"""A table of a state: every other one is news, also one of the same row, and none is compared or copied."""

import pytest
from astropy.table import QTable
from traitlets import HasTraits, TraitError

from cscwidgets.state.table_trait import TableTrait


class State(HasTraits):
    table = TableTrait()


@pytest.fixture
def state():
    state = State()
    state.changes = []
    state.observe(lambda change: state.changes.append((change["old"], change["new"])), "table")
    return state


def test_it_begins_empty_and_of_its_own(state):
    assert state.table.colnames == []
    assert state.table is state.table
    assert state.table is not State().table


def test_another_table_of_the_same_row_is_another_one(state):
    one = QTable({"name": ["x"], "ra": [1.0]})
    other = one.copy()
    other.meta["cut"] = 0.5
    state.table = one
    state.table = one
    state.table = other
    assert [new for _, new in state.changes] == [one, other]
    assert state.changes[1][0] is one
    assert state.table is other


def test_held_notifications_come_once(state):
    tables = [QTable({"a": [number]}) for number in range(3)]
    with state.hold_trait_notifications():
        for table in tables:
            state.table = table
        assert state.changes == []
    ((_, new),) = state.changes
    assert new is tables[-1]


def test_what_is_no_table_is_refused(state):
    before = state.table
    with pytest.raises(TraitError, match="QTable"):
        state.table = [1, 2]
    assert state.table is before
    assert state.changes == []
