"""How the workspace is arranged on the screen: what a reader chose, and a session keeps."""

from __future__ import annotations

from typing import ClassVar

from traitlets import Enum, Float, List, TraitError, Unicode, validate

from cscwidgets.io.json_schema import listed, one_of

from .keeping import Field, Keeps

__all__ = ["AREAS", "SKY", "TABLE", "Shape"]

AREAS = ("sky", "panels", "table")
"""What the screen is divided into."""

SKY, TABLE = 0.36, 0.34
"""The sky's part of the width and the table's of the height, unless a border was dragged."""


_PART = Field({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, read=float)


class Shape(Keeps):
    """Which panels are in front, where the borders are, and what is folded.

    Attributes
    ----------
    front : str
        Name of the panel in front.
    pinned : str
        Name of a panel that is shown beside it where there is room; empty for none.
    sky, table : float
        The sky's part of the width and the table's of the height, 0 to 1.
    folded : list of str
        Areas that are folded away; never all of them.
    """

    plain: ClassVar = ("front", "pinned")
    fields: ClassVar = {
        "sky": _PART,
        "table": _PART,
        "folded": Field(listed(one_of(AREAS), len(AREAS) - 1), list),
    }

    front = Unicode("")
    pinned = Unicode("")
    sky = Float(SKY)
    table = Float(TABLE)
    folded = List(Enum(AREAS))

    @validate("sky", "table")
    def _a_part(self, proposal: dict[str, object]) -> float:
        part = proposal["value"]
        if not isinstance(part, float) or not 0 < part < 1:
            raise TraitError(f"A part of the screen lies between 0 and 1, not at {part}")
        return part

    @validate("folded")
    def _something_is_left(self, proposal: dict[str, object]) -> list[str]:
        folded = [area for area in AREAS if area in proposal["value"]]  # type: ignore[operator]
        if len(folded) == len(AREAS):
            raise TraitError("Sky, panels and table cannot all be folded: nothing would be left")
        return folded
