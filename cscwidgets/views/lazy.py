"""Containers whose contents enter the page when they are first shown.

A bqplot figure drawn while it is hidden has no size and may stay empty when it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets

from .callbacks import Guard

__all__ = ["LazyAccordion", "LazyBox"]


class LazyBox(ipywidgets.Box):  # type: ignore[misc]
    """A box of which some views are shown.

    What was shown stays in the page, hidden: ipywidgets makes the views of a box's children bit by bit, and fails where
    a box leaves the page before all of its own are made.

    Parameters
    ----------
    *views : Widget
        In the order in which they stand; none is shown at first.

    Attributes
    ----------
    shown : tuple of Widget
        Those that are seen.
    """

    def __init__(self, *views: ipywidgets.Widget) -> None:
        self._views: tuple[ipywidgets.Widget, ...] = ()
        self._cards: tuple[ipywidgets.Box, ...] = ()
        self.shown: tuple[ipywidgets.Widget, ...] = ()
        self._layout_of_cards = ipywidgets.Layout()  # one for all: each would be one more model in the page
        super().__init__()
        self.add_class("csc-lazy")
        self.add(*views)

    @property
    def pages(self) -> tuple[ipywidgets.Widget, ...]:
        """All views, which are closed with this, in the page or not yet."""
        return self._views

    def add(self, *views: ipywidgets.Widget) -> None:
        """Let more views stand behind the others, hidden."""
        self._views += views
        cards = tuple(ipywidgets.Box(layout=self._layout_of_cards) for _ in views)
        for card in cards:
            card.add_class("csc-behind")
        self._cards += cards
        self.children = self._cards

    def show(self, *views: ipywidgets.Widget) -> None:
        """Show these of the views and no others."""
        for view, card in zip(self._views, self._cards, strict=True):
            if view in views:
                card.remove_class("csc-behind")  # first: a view is made in the size that it is seen in
                card.children = [view]
            else:
                card.add_class("csc-behind")
        self.shown = tuple(view for view in self._views if view in views)


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
