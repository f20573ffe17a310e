"""Which surveys a reader chose, for the next explorer over the same archive."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import platformdirs
from traitlets import TraitError

from cscwidgets.archive.connection import known_title
from cscwidgets.csc.releases import RELEASES
from cscwidgets.csc.surveys import DEFAULT_SURVEY
from cscwidgets.errors import CscError
from cscwidgets.io.atomic import write_whole
from cscwidgets.io.files import read_file
from cscwidgets.io.reading import Unreadable, reading

from .messages import Messages
from .surveys import SurveyState

__all__ = ["CONFIG_VARIABLE", "SurveyMemory", "config_root"]

CONFIG_VARIABLE = "CSCWIDGETS_CONFIG"
"""Environment variable with the folder to keep what a reader chose in, instead of the system's place for it."""

_LARGEST = 1_000_000  # bytes
_TRAITS = ("base", "upper", "opacity", "base_look", "upper_look")  # the looks after what they are of


def config_root() -> Path:
    """The folder of what is kept of a reader's choices."""
    return Path(os.environ.get(CONFIG_VARIABLE) or platformdirs.user_config_dir("cscwidgets"))


class SurveyMemory:
    """The surveys chosen for one archive.

    A file that is damaged or cannot be written is a warning, once: the explorer works without.

    Parameters
    ----------
    archive : str
        Its name, of which its title follows.
    messages : Messages
    """

    def __init__(self, archive: str, messages: Messages) -> None:
        self._title, self._online = known_title(archive), archive in RELEASES
        self._messages = messages
        self._warned = False

    def begin(self, state: SurveyState) -> None:
        """Show what was chosen last; else the usual survey of an archive on the network, and none on this machine."""
        try:
            kept = self._read().get(self._title)
            if kept is not None:
                _restore(state, kept, self._file)
                return
        except CscError as error:
            self._warn(error)
        state.base = DEFAULT_SURVEY if self._online else ""

    def keep(self, state: SurveyState) -> None:
        """Remember what is shown now."""
        try:
            others = self._read()
        except CscError as error:
            self._warn(error)
            others = {}
        content = {**others, self._title: {trait: getattr(state, trait) for trait in _TRAITS}}
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(
                self._file, lambda path: path.write_text(json.dumps(content, indent=1), "utf-8"), overwrite=True
            )
        except OSError as error:
            self._warn(CscError(f"{self._file} was not written", error.strerror or str(error)))
        except CscError as error:
            self._warn(error)

    @property
    def _file(self) -> Path:
        return config_root() / "surveys.json"

    def _read(self) -> dict[str, Any]:
        if not self._file.exists():
            return {}
        with reading(f"{self._file} cannot be read", "It is made again when a survey is chosen."):
            content = json.loads(read_file(self._file, _LARGEST))
            if not isinstance(content, dict):
                raise Unreadable("it does not hold what was chosen for each archive")
            return content

    def _warn(self, error: CscError) -> None:
        if not self._warned:
            self._warned = True
            hint = error.hint or f"Set the environment variable {CONFIG_VARIABLE} to a folder that can be written."
            self._messages.warn(f"The chosen survey is not remembered: {error.what}", error.why, hint)


def _restore(state: SurveyState, kept: Any, file: Path) -> None:
    before = {trait: getattr(state, trait) for trait in _TRAITS}
    with reading(f"{file} cannot be used", "It is made again when a survey is chosen."):
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
