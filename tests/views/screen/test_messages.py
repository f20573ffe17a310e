"""What messages look like: whatever a catalogue wrote stays text, and each level has a class that nothing else has."""

import pytest

from cscwidgets.state.messages import Messages
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
