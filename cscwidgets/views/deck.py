"""Views that take turns in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ipywidgets

from .bind import Bindings
from .callbacks import Guard
from .controls import row

__all__ = ["Deck"]


class Deck(ipywidgets.Box):  # type: ignore[misc]
    """One of several views, chosen in a bar that stands wherever its owner puts it.

    Each view enters the page when it is first shown, and keeps its size while others are: a bqplot figure without one
    fills the console with errors, and may stay empty when it is shown.

    Parameters
    ----------
    views : mapping of str to Widget
        By the words of their buttons.
    guard : callable
        Wraps callbacks so that their errors are shown.
    hints : mapping of str to str, optional
        What is said of a button that is pointed at.
    controls : mapping of str to sequence of Widget, optional
        What stands beside the buttons while a view is shown.

    Attributes
    ----------
    switch : ToggleButtons
        Its value is the title of the view that is shown.
    bar : HBox
        The switch, and the controls of what is shown.
    """

    def __init__(
        self,
        views: Mapping[str, ipywidgets.Widget],
        guard: Guard,
        hints: Mapping[str, str] | None = None,
        controls: Mapping[str, Sequence[ipywidgets.Widget]] | None = None,
    ) -> None:
        hints = hints or {}
        self._views = dict(views)
        self._controls = {title: list((controls or {}).get(title, ())) for title in views}
        self._cards = {title: ipywidgets.Box() for title in views}
        self.switch = ipywidgets.ToggleButtons(
            options=list(views),
            tooltips=[hints.get(title, title) for title in views],
            style={"button_width": "auto"},
        )
        self.switch.add_class("csc-switch")
        self.bar = row(self.switch)
        super().__init__(list(self._cards.values()))
        self.add_class("csc-deck")
        Bindings(guard).when(self.switch, "value", self._show)
        self._show()

    @property
    def pages(self) -> tuple[ipywidgets.Widget, ...]:
        """What may be out of the page now, and is closed with it."""
        return (*self._views.values(), self.bar, *(one for controls in self._controls.values() for one in controls))

    def _show(self) -> None:
        shown = self.switch.value
        self._cards[shown].children = [self._views[shown]]
        for title, card in self._cards.items():
            (card.remove_class if title == shown else card.add_class)("csc-behind")
        self.bar.children = [self.switch, *self._controls[shown]]
