"""The reader's own choices of columns, kept under names."""

from __future__ import annotations

from collections.abc import Sequence

from cscwidgets.errors import CscError

from .choice_file import ChoiceFile
from .messages import Messages

__all__ = ["ColumnMemory"]


class ColumnMemory:
    """Choices of columns by the names that they were kept under.

    Parameters
    ----------
    messages : Messages
        Where it is said that they cannot be kept.
    """

    def __init__(self, messages: Messages) -> None:
        self._file = ChoiceFile("columns.json", "the choice of columns", "columns are kept", messages)

    @property
    def own(self) -> dict[str, tuple[str, ...]]:
        """What was kept; entries of another form are left out."""
        return {
            title: tuple(names)
            for title, names in self._file.read().items()
            if isinstance(names, list) and all(isinstance(name, str) for name in names)
        }

    def keep(self, title: str, names: Sequence[str]) -> None:
        """Keep columns under a name; with no columns, forget what was kept under it.

        Raises
        ------
        CscError
            If the name is empty.
        """
        if not title.strip():
            raise CscError("The choice was not kept", "it has no name", "Write one into the field beside the button.")
        others = {one: kept for one, kept in self._file.read().items() if one != title.strip()}
        self._file.write({**others, title.strip(): list(names)} if names else others)
