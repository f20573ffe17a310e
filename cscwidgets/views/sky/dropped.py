"""Files that were let fall on the sky, as they come from the page: in pieces."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from ...errors import CscError
from ...state.session_file import ENDING as SESSION_ENDING

__all__ = ["DroppedFiles", "refusal"]

_MOST = 200_000_000 // 4_000_000 + 1  # pieces of a file, as the page makes them
_WAITING = 8  # files that are not whole yet


class DroppedFiles:
    """Puts pieces together; the page says neither where to write nor what to do with them."""

    def __init__(self) -> None:
        self._files: dict[str, list[bytes]] = {}

    def take(self, message: dict[str, Any], buffers: Sequence[memoryview]) -> tuple[str, bytes] | None:
        """Name and content of a file whose last piece this is, else None.

        Raises
        ------
        CscError
            If the pieces do not come in order, or are too many.
        """
        ticket, part, parts = str(message["ticket"]), int(message["part"]), int(message["parts"])
        name = PurePath(str(message["name"])).name[:200] or "file"
        pieces = self._files.pop(ticket, [])
        if part != len(pieces) or not 0 < parts <= _MOST:
            raise refusal(name, "its pieces did not come whole")
        pieces.append(bytes(buffers[0]) if buffers else b"")
        if part + 1 == parts:
            return name, b"".join(pieces)
        self._files = dict([*self._files.items(), (ticket, pieces)][-_WAITING:])
        return None


def refusal(name: str, why: str) -> CscError:
    """What is said of a file that did not come."""
    how = "Explorer.open" if name.endswith(SESSION_ENDING) else "app.add_layer"
    return CscError(f"{name} was not read", why, f'Give its path: {how}("{name}")')
