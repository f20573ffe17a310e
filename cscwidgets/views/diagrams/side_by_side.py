"""Some of several views, side by side; each is in the page while it is shown."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets

__all__ = ["SideBySide"]


class SideBySide(ipywidgets.Box):  # type: ignore[misc]
    """The first few of some views: bqplot's figures fill the console with errors where they have no size.

    Parameters
    ----------
    views : sequence of Widget

    Attributes
    ----------
    pages : tuple of Widget
        What may be out of the page now, and is closed with it.
    """

    def __init__(self, views: Sequence[ipywidgets.Widget]) -> None:
        self.pages = tuple(views)
        super().__init__()
        self.add_class("csc-side-by-side")

    def show(self, count: int) -> None:
        """Show so many."""
        shown = self.pages[:count]
        if shown != tuple(getattr(self, "children", ())):
            self.set_trait("children", shown)
