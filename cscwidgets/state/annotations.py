"""What a reader writes beside sources: a label and a note for each, by name."""

from __future__ import annotations

from collections.abc import Iterable

from traitlets import Dict, HasTraits, Unicode

from cscwidgets.errors import CscError
from cscwidgets.export.palette import next_colour

__all__ = ["Annotations"]

_LONGEST_LABEL, _LONGEST_NOTE = 40, 2000


class Annotations(HasTraits):
    """Labels and notes of sources, whether they are in the table now or not. Plain values: a session can keep them.

    Attributes
    ----------
    labels, notes : dict of str to str
        By the source's name; those without one are not in it.
    colours : dict of str to str
        The colour of each label, in the order in which they came: the keys 1 to 9 give them.
    """

    labels = Dict(key_trait=Unicode(), value_trait=Unicode())
    notes = Dict(key_trait=Unicode(), value_trait=Unicode())
    colours = Dict(key_trait=Unicode(), value_trait=Unicode())

    def label(self, names: Iterable[str], label: str, colour: str | None = None) -> None:
        """Give sources a label in place of the one before; none with an empty text.

        Raises
        ------
        CscError
            If it has more than 40 characters or several lines.
        """
        text = _line(label, "label", _LONGEST_LABEL)
        labels = dict(self.labels)
        for name in names:
            labels.pop(name, None)
            if text:
                labels[name] = text
        with self.hold_trait_notifications():
            if text and (colour or text not in self.colours):
                self.colours = {**self.colours, text: colour or next_colour(list(self.colours.values()))}
            self.labels = labels

    def note(self, name: str, note: str) -> None:
        """Write a note beside a source in place of the one before; none with an empty text.

        Raises
        ------
        CscError
            If it has more than 2,000 characters.
        """
        text = _line(note, "note", _LONGEST_NOTE)
        notes = {other: words for other, words in self.notes.items() if other != name}
        self.notes = {**notes, name: text} if text else notes

    def forget_label(self, label: str) -> None:
        """Take a label off all sources, and its colour away."""
        with self.hold_trait_notifications():
            self.labels = {name: text for name, text in self.labels.items() if text != label}
            self.colours = {text: colour for text, colour in self.colours.items() if text != label}


def _line(text: str, what: str, longest: int) -> str:
    line = " ".join(str(text).split())
    if len(line) > longest:
        raise CscError(f"The {what} was not kept", f"it has more than {longest:,} characters", "Write a shorter one.")
    return line
