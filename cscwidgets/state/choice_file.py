"""A file of what a reader chose, for the next explorer."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import platformdirs

from cscwidgets.errors import CscError
from cscwidgets.io.atomic import write_whole
from cscwidgets.io.files import read_file
from cscwidgets.io.reading import Unreadable, reading

from .messages import Messages

__all__ = ["CONFIG_VARIABLE", "ChoiceFile", "config_root"]

CONFIG_VARIABLE = "CSCWIDGETS_CONFIG"
"""Environment variable with the folder to keep what a reader chose in, instead of the system's place for it."""

_LARGEST = 1_000_000  # bytes


def config_root() -> Path:
    """The folder of what is kept of a reader's choices."""
    return Path(os.environ.get(CONFIG_VARIABLE) or platformdirs.user_config_dir("cscwidgets"))


class ChoiceFile:
    """Choices by name, in one file.

    A file that is damaged or cannot be written is a warning, once: the explorer works without.

    Parameters
    ----------
    name : str
        Of the file.
    what : str
        What is not remembered when that fails: "the chosen survey".
    when : str
        When it is made again: "a survey is chosen".
    messages : Messages
    """

    def __init__(self, name: str, what: str, when: str, messages: Messages) -> None:
        self._name, self._what, self._messages = name, what, messages
        self.hint = f"It is made again when {when}."
        self._warned = False

    @property
    def path(self) -> Path:
        """Where it is."""
        return config_root() / self._name

    def read(self) -> dict[str, Any]:
        """What was chosen, by name; nothing where there is no file, or a damaged one."""
        if not self.path.exists():
            return {}
        try:
            with reading(f"{self.path} cannot be read", self.hint):
                content = json.loads(read_file(self.path, _LARGEST))
                if not isinstance(content, dict):
                    raise Unreadable("it does not hold what was chosen by name")
                return content
        except CscError as error:
            self.warn(error)
            return {}

    def write(self, content: Mapping[str, Any]) -> None:
        """Keep choices in place of those before."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(
                self.path, lambda path: path.write_text(json.dumps(dict(content), indent=1), "utf-8"), overwrite=True
            )
        except OSError as error:
            self.warn(CscError(f"{self.path} was not written", error.strerror or str(error)))
        except CscError as error:
            self.warn(error)

    def warn(self, error: CscError) -> None:
        """Say that choices are not remembered, once."""
        if not self._warned:
            self._warned = True
            hint = error.hint or f"Set the environment variable {CONFIG_VARIABLE} to a folder that can be written."
            what = f"{self._what[:1].upper()}{self._what[1:]} is not remembered: {error.what}"
            self._messages.warn(what, error.why, hint)
