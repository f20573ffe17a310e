"""The demo's pictures: one a field, drawn when asked for, always the same bytes."""

from __future__ import annotations

import threading
from functools import cache

from cscwidgets.archive.files.picture_format import Picture, describe_picture
from cscwidgets.errors import CscError

from ..simulation import field_exposures
from ..sky.fields import FIELDS
from ..telescope.observations import stacks
from .field_picture import field_picture, picture_header, picture_name

__all__ = ["DemoPictures", "demo_pictures"]


class DemoPictures:
    """A picture of each simulated field. Drawing one takes some seconds, in which the sky may be observed again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._drawn: dict[str, bytes] = {}

    def browse(self) -> list[tuple[Picture | CscError, int | None]]:
        """All pictures; how many bytes they take is known of those that were drawn."""
        listed: list[tuple[Picture | CscError, int | None]] = []
        for number, field in enumerate(FIELDS):
            name = picture_name(field)
            header = picture_header(field, [stack for stack in stacks() if stack.field == number])
            drawn = self._drawn.get(name)
            listed.append((describe_picture(header, name), None if drawn is None else len(drawn)))
        return listed

    def read(self, name: str) -> bytes:
        """A picture's file, gzipped.

        Raises
        ------
        KeyError
            If there is none.
        """
        number = {picture_name(field): number for number, field in enumerate(FIELDS)}[name]
        with self._lock:
            if name not in self._drawn:
                seen = [exposure for stack in field_exposures() for exposure in stack if exposure.stack.field == number]
                self._drawn[name] = field_picture(FIELDS[number], seen)
            return self._drawn[name]


@cache
def demo_pictures() -> DemoPictures:
    """The one store of this process."""
    return DemoPictures()
