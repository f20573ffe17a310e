"""What messages look like: whatever a catalogue wrote stays text, and each level has a class that nothing else has."""

import ipywidgets
import pytest

from cscwidgets.state.messages import Messages, Offer
from cscwidgets.views.screen.messages import MessagesPanel


@pytest.mark.parametrize("level", ["note", "warn"])
def test_a_level_has_a_class_of_its_own(level):
    messages = Messages()
    panel = MessagesPanel(messages)
    getattr(messages, level)("What <b>happened</b>", "why")
    (text,) = (child.value for child in panel.widget.children[1].children if hasattr(child, "value"))
    assert "&lt;b&gt;" in text
    classes = text.partition('class="')[2].partition('"')[0].split()
    assert classes == ["csc-message", "csc-message-" + {"warn": "warning"}.get(level, level)]


def test_what_may_be_done_is_a_button_as_long_as_it_may():
    messages, done = Messages(), []
    panel = MessagesPanel(messages)
    (button,) = (one for one in buttons(panel.widget) if one.icon == "download")
    assert button.layout.display == "none"
    offer = Offer("Fetch it", lambda: done.append("fetched"))
    messages.note("Not fetched yet", offer=offer)
    messages.note("Another message")
    assert (button.description, button.layout.display) == ("Fetch it", "")
    button.click()
    assert done == ["fetched"]
    messages.take_back(offer)
    assert button.layout.display == "none"
    assert [one.what for one in messages.entries] == ["Another message"]


def buttons(widget):
    if isinstance(widget, ipywidgets.Button):
        yield widget
    for child in getattr(widget, "children", ()):
        yield from buttons(child)
