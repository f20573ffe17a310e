"""Views that take turns in one place."""

from __future__ import annotations

from collections.abc import Mapping

import ipywidgets

from .bind import Bindings
from .callbacks import Guard

__all__ = ["Pages"]


class Pages(ipywidgets.Box):  # type: ignore[misc]
    """The one of several widgets that is chosen; the others are out of the page.

    A bqplot figure drawn while it is hidden has no size and may stay empty when it is shown.

    Parameters
    ----------
    pages : mapping of str to Widget
        By what their buttons are called.
    guard : callable
        Wraps callbacks so that their errors are shown.
    hints : mapping of str to str, optional
        What is said of a button that is pointed at.

    Attributes
    ----------
    switch : ToggleButtons
        Chooses, by the buttons' words.
    pages : tuple of Widget
        All of them, which are closed with this.
    """

    def __init__(
        self, pages: Mapping[str, ipywidgets.Widget], guard: Guard, hints: Mapping[str, str] | None = None
    ) -> None:
        self._by_title = dict(pages)
        self.pages = tuple(pages.values())
        hints = hints or {}
        self.switch = ipywidgets.ToggleButtons(
            options=list(pages), tooltips=[hints.get(title, title) for title in pages]
        )
        super().__init__()
        self.add_class("csc-pages")
        Bindings(guard).when(self.switch, "value", self._show)
        self._show()

    def _show(self) -> None:
        self.children = [self._by_title[self.switch.value]]
