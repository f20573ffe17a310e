"""An accordion whose contents enter the page when they are first shown.

A bqplot figure drawn while it is hidden has no size and may stay empty when it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets

from .callbacks import Guard

__all__ = ["LazyAccordion"]


class LazyAccordion(ipywidgets.Accordion):  # type: ignore[misc]
    """All of it is folded at first.

    Parameters
    ----------
    pages : mapping of str to Widget
        Title and widget of each page.
    guard : callable
        Wraps callbacks so that their errors are shown.

    Attributes
    ----------
    pages : tuple of Widget
        All of them, those not yet in the page too.
    """

    def __init__(self, pages: Mapping[str, ipywidgets.Widget], guard: Guard) -> None:
        self.pages = tuple(pages.values())
        super().__init__(children=[ipywidgets.VBox() for _ in pages], titles=tuple(pages))
        self.observe(guard(self._fill), "selected_index")

    def _fill(self, change: Mapping[str, Any]) -> None:
        index = change["new"]
        if index is not None:
            self.children[index].children = [self.pages[index]]
