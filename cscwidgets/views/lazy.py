"""Containers whose contents enter the page when they are first shown.

A bqplot figure drawn while it is hidden has no size and may stay empty when it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets

from .callbacks import Guard

__all__ = ["LazyAccordion"]


class _Lazy(ipywidgets.Widget):  # type: ignore[misc]
    """Mixin of a container with pages.

    Parameters
    ----------
    pages : mapping of str to Widget
        Title and widget of each page.
    guard : callable
        Wraps callbacks so that their errors are shown.
    selected : int, optional
        The page to show first; none unless told.

    Attributes
    ----------
    pages : tuple of Widget
        All of them, those not yet in the page too.
    """

    def __init__(self, pages: Mapping[str, ipywidgets.Widget], guard: Guard, *, selected: int | None = None) -> None:
        self.pages = tuple(pages.values())
        super().__init__(children=[ipywidgets.VBox() for _ in pages], titles=tuple(pages))
        self.selected_index = None  # a tab has chosen its first page by itself
        self.observe(guard(self._fill), "selected_index")
        self.selected_index = selected

    def _fill(self, change: Mapping[str, Any]) -> None:
        index = change["new"]
        if index is not None:
            self.children[index].children = [self.pages[index]]


class LazyAccordion(_Lazy, ipywidgets.Accordion):  # type: ignore[misc]
    """An accordion whose pages enter when they are first shown."""
