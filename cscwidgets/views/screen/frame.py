"""The frame of an explorer: its size, its borders, its tabs and its menus, all answered in the browser."""

from __future__ import annotations

import anywidget
from traitlets import Bool, Dict, Enum, Float, Int, List, Unicode, link

from ...state.shape import AREAS, SKY, TABLE, Shape
from .. import assets

__all__ = ["HEIGHT", "Frame"]

HEIGHT = 680
"""Pixels that an explorer is high below a cell, unless told."""


class Frame(anywidget.AnyWidget):
    """Arranges the children of the explorer's box by their classes.

    Its own nodes are tabs, borders and buttons that stand between the areas; the areas themselves are widgets.

    Parameters
    ----------
    shape : Shape
        Which is followed and changed.
    panels : mapping of str to str
        Name and title of each panel, in the tabs' order.
    height : int
        Pixels below a cell; never higher than the notebook's view. In a tab of its own the explorer fills that.
    """

    _esm = assets.module("frame")
    _css = assets.style("frame")

    height = Int(HEIGHT).tag(sync=True)
    panels = List(Dict()).tag(sync=True)
    front = Unicode("").tag(sync=True)
    pinned = Unicode("").tag(sync=True)
    sky = Float(SKY).tag(sync=True)
    table = Float(TABLE).tag(sync=True)
    folded = List(Enum(AREAS)).tag(sync=True)
    usual = Dict({"sky": SKY, "table": TABLE}).tag(sync=True)
    two = Bool(False, help="Whether there is room for the pinned panel.").tag(sync=True)
    news = Int(0, help="Errors and warnings so far; one more opens the messages.").tag(sync=True)

    def __init__(self, shape: Shape, panels: dict[str, str], height: int = HEIGHT) -> None:
        super().__init__(panels=[{"name": name, "title": title} for name, title in panels.items()], height=height)
        for trait in ("front", "pinned", "sky", "table", "folded"):
            link((shape, trait), (self, trait))

    def visible(self, name: str) -> bool:
        """Whether a panel is seen, as far as tabs go."""
        return name == self.front or (name == self.pinned and self.two)
