"""No error of a callback stays unseen."""

import pytest

from cscwidgets.errors import RegionError
from cscwidgets.state.messages import Messages


def test_guard_turns_an_exception_into_a_message():
    messages = Messages()

    def callback(change):
        raise RegionError("The region was not understood", "it is empty", "Draw one")

    assert messages.guard(callback)({"new": 1}) is None
    (entry,) = messages.entries
    assert (entry.level, entry.what, entry.why, entry.hint) == (
        "error",
        "The region was not understood",
        "it is empty",
        "Draw one",
    )
    assert "callback" in entry.details


def test_guard_names_an_unexpected_error_and_keeps_its_trace(caplog):
    messages = Messages()
    messages.guard(lambda: {}["absent"])()
    (entry,) = messages.entries
    assert "KeyError: 'absent'" in entry.why
    assert "Traceback" in entry.details
    assert "unexpected error" in caplog.text


def test_guard_passes_values_and_can_raise_again():
    messages = Messages(reraise=True)
    assert messages.guard(lambda a, b: a + b)(1, b=2) == 3
    with pytest.raises(RegionError):
        messages.guard(_fail)()
    assert len(messages.entries) == 1


def _fail():
    raise RegionError("no")


def test_a_repeated_message_is_shown_once_and_the_list_is_bounded():
    messages = Messages()
    for _ in range(3):
        messages.note("the same")
    assert len(messages.entries) == 1
    for number in range(100):
        messages.note(f"note {number}")
    assert len(messages.entries) == 50
    assert messages.entries[-1].what == "note 99"
