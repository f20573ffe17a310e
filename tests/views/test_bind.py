"""Controls tied to a state: both ways, without echo, and with words for what cannot be."""

import ipywidgets
import pytest
from traitlets import Float, HasTraits, Tuple, Unicode, observe

from cscwidgets.errors import CscError
from cscwidgets.state.messages import Messages
from cscwidgets.views.bind import Bindings


class State(HasTraits):
    name = Unicode("b")
    ends = Tuple((1.0, 2.0))
    width = Float(3.0)

    def __init__(self):
        super().__init__()
        self.seen = []

    @observe("name", "ends", "width")
    def _note(self, change):
        self.seen.append(change["new"])


@pytest.fixture
def state():
    return State()


@pytest.fixture
def messages():
    return Messages()


@pytest.fixture
def bind(messages):
    return Bindings(messages.guard)


def test_control_and_trait_begin_and_stay_equal(state, bind):
    control = ipywidgets.Text("x")
    bind.tie(state, "name", control)
    assert control.value == "b"
    control.value = "c"
    assert state.name == "c"
    state.name = "d"
    assert control.value == "d"
    assert state.seen == ["c", "d"]


def ends(low, high):
    if low >= high:
        raise CscError("The ends were not changed", f"{low:g} is not below {high:g}")
    return low, high


def test_several_controls_are_one_value(state, bind, messages):
    low, high = ipywidgets.FloatText(), ipywidgets.FloatText()
    bind.tie(state, "ends", low, high, to_state=ends)
    assert (low.value, high.value) == (1.0, 2.0)
    state.ends = (5.0, 6.0)  # on the way the boxes hold 5 and 2: nobody chose that
    assert (low.value, high.value, state.seen) == (5.0, 6.0, [(5.0, 6.0)])
    assert messages.entries == ()
    low.value = 7.0
    assert (state.ends, messages.entries[-1].why) == ((5.0, 6.0), "7 is not below 6")
    high.value = 8.0  # the text that was typed first is still there
    assert state.ends == (7.0, 8.0)


def test_values_are_made_of_one_another(state, bind):
    control = ipywidgets.Text()
    bind.tie(state, "width", control, to_state=float, to_control="{:g}".format)
    control.value = "4.50"
    assert (state.width, control.value) == (4.5, "4.5")


def test_other_options_choose_nothing(state, bind):
    control = ipywidgets.Dropdown(options=["b", "c"])
    chosen = []
    bind.when_chosen(control, chosen.append)
    bind.offer(control, ["x", "y", "z"], "y")
    assert (control.value, chosen) == ("y", [])
    control.value = "z"
    assert chosen == ["z"]


def test_several_may_be_none_of_the_new_options(bind):
    control = ipywidgets.SelectMultiple(options=["a", "b"], value=("a",))
    chosen = []
    bind.when_chosen(control, chosen.append)
    bind.offer(control, ["c", "d"], [])
    assert (control.value, chosen) == ((), [])


def test_rows_are_let_go_before_they_are_fewer(bind):
    control = ipywidgets.SelectMultiple(options=["a", "b", "c"], value=("c",))
    chosen = []
    bind.when_chosen(control, chosen.append)
    told = []
    control.observe(lambda change: told.append(change["name"]), ["index", "_options_labels"])
    bind.offer(control, ["c"], ["c"])
    assert told == ["index", "_options_labels", "index"]
    assert (control.value, chosen) == (("c",), [])


def test_what_an_act_fails_with_is_a_message(state, bind, messages):
    button = ipywidgets.Button()

    def fail():
        raise CscError("It did not work")

    bind.when_pressed(button, fail)
    bind.when(state, "name", fail)
    button.click()
    state.name = "z"
    assert [message.what for message in messages.entries] == ["It did not work"]
