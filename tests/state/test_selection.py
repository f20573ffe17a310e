"""The selection bus against plain set algebra."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cscwidgets.state.selection import MODES, Selection

names = st.frozensets(st.sampled_from([f"2CXO J{i}" for i in range(6)]))


class SelectionMachine(RuleBasedStateMachine):
    """Any sequence of picks, undo, redo and new tables gives what sets give."""

    def __init__(self):
        super().__init__()
        self.bus = Selection()
        self.history = [frozenset()]
        self.at = 0
        self.universe = None
        self.seen = []
        self.bus.observe(lambda change: self.seen.append(change["new"]), "names")

    @rule(picked=names, mode=st.sampled_from(MODES))
    def publish(self, picked, mode):
        before = self.history[self.at]
        after = {"new": picked, "add": before | picked, "remove": before - picked, "intersect": before & picked}[mode]
        self.bus.publish("sky", picked, mode)
        if after != before:
            del self.history[self.at + 1 :]
            self.history.append(after)
            self.at += 1

    @rule()
    def undo(self):
        self.bus.undo()
        self.at = max(0, self.at - 1)

    @rule()
    def redo(self):
        self.bus.redo()
        self.at = min(len(self.history) - 1, self.at + 1)

    @rule(there=names)
    def new_table(self, there):
        self.bus.set_universe(there)
        self.universe = there

    @invariant()
    def names_are_those_of_set_algebra(self):
        expected = self.history[self.at]
        if self.universe is not None:
            expected &= self.universe
        assert self.bus.names == expected
        assert self.bus.count == len(expected)
        assert self.bus.can_undo == (self.at > 0)
        assert self.bus.can_redo == (self.at < len(self.history) - 1)
        assert not self.seen or self.seen[-1] == expected


TestSelectionMachine = SelectionMachine.TestCase


@given(st.lists(names, min_size=25, max_size=40, unique=True))
def test_at_least_twenty_steps_can_be_undone(picks):
    bus = Selection()
    for pick in picks:
        bus.publish("table", pick, "new")
    steps = 0
    while bus.can_undo:
        bus.undo()
        steps += 1
    assert steps >= 20
    assert bus.names == frozenset()


def test_mode_of_the_user_counts_unless_told():
    bus = Selection()
    bus.publish("sky", ["a"])
    bus.mode = "add"
    bus.publish("sky", ["b"])
    assert bus.names == {"a", "b"}
    bus.publish("sky", ["a"], "remove")
    assert bus.names == {"b"}
    assert bus.clause.source == "sky"
    assert bus.clause.mode == "remove"


def test_a_source_that_comes_back_is_selected_again():
    bus = Selection()
    bus.publish("sky", ["a", "b"])
    bus.set_universe({"b", "c"})
    assert bus.names == {"b"}
    bus.set_universe({"a", "b", "c"})
    assert bus.names == {"a", "b"}


def test_views_hear_of_a_change_once():
    bus = Selection()
    heard = []
    bus.observe(lambda change: heard.append(change["new"]), "names")
    bus.publish("sky", ["a"])
    bus.publish("sky", ["a"])
    assert heard == [frozenset({"a"})]
