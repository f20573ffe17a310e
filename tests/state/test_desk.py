"""The desk: what acts on a state's change fails in words."""

from traitlets import HasTraits, Int

from cscwidgets import Archive
from cscwidgets.errors import CscError
from cscwidgets.state.desk import Desk


class Counter(HasTraits):
    number = Int(0)
    other = Int(0)


def test_an_act_follows_each_of_its_traits_and_its_failure_is_a_message():
    desk, counter, seen = Desk(Archive("demo")), Counter(), []

    def act():
        seen.append((counter.number, counter.other))
        if counter.other:
            raise CscError("It did not work")

    desk.when(counter, ("number", "other"), act)
    counter.number = 1
    counter.other = 2
    assert seen == [(1, 0), (1, 2)]
    assert [message.what for message in desk.messages.entries] == ["It did not work"]
