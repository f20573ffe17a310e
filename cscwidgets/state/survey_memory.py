"""Which surveys a reader chose, for the next explorer over the same archive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from traitlets import TraitError

from cscwidgets.archive.connection import known_title, remote_address
from cscwidgets.csc.releases import RELEASES
from cscwidgets.csc.surveys import DEFAULT_SURVEY
from cscwidgets.errors import CscError
from cscwidgets.io.reading import Unreadable, reading

from .choice_file import ChoiceFile
from .messages import Messages
from .surveys import SurveyState

__all__ = ["SurveyMemory"]

_TRAITS = ("base", "upper", "opacity", "base_look", "upper_look")  # the looks after what they are of


class SurveyMemory:
    """The surveys chosen for one archive.

    Parameters
    ----------
    archive : str
        Its name, of which its title follows.
    messages : Messages
    """

    def __init__(self, archive: str, messages: Messages) -> None:
        self._title, self._online = known_title(archive), archive in RELEASES or remote_address(archive) is not None
        self._file = ChoiceFile("surveys.json", "the chosen survey", "a survey is chosen", messages)

    def begin(self, state: SurveyState) -> None:
        """Show what was chosen last; else the usual survey of an archive on the network, and none on this machine."""
        kept = self._file.read().get(self._title)
        if kept is not None:
            try:
                _restore(state, kept, self._file.path, self._file.hint)
                return
            except CscError as error:
                self._file.warn(error)
        state.base = DEFAULT_SURVEY if self._online else ""

    def keep(self, state: SurveyState) -> None:
        """Remember what is shown now."""
        self._file.write({**self._file.read(), self._title: {trait: getattr(state, trait) for trait in _TRAITS}})


def _restore(state: SurveyState, kept: Any, file: Path, hint: str) -> None:
    before = {trait: getattr(state, trait) for trait in _TRAITS}
    with reading(f"{file} cannot be used", hint):
        if not isinstance(kept, dict):
            raise Unreadable("what was chosen is no record")
        try:
            for trait in _TRAITS:
                if trait in kept:
                    setattr(state, trait, kept[trait])
        except TraitError as error:
            for trait in _TRAITS:
                setattr(state, trait, before[trait])
            raise Unreadable(str(error)) from error
