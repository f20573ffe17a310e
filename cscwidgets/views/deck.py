"""One of several views at a time, in the same place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ipywidgets

from .callbacks import Guard
from .controls import row

__all__ = ["Deck"]


class Deck(ipywidgets.VBox):  # type: ignore[misc]
    """A row of buttons and controls, and below it the view whose button is pressed.

    Each view enters the page when it is first shown, and keeps its size while others are: a bqplot figure without one
    fills the console with errors, and may stay empty when it is shown.

    Parameters
    ----------
    views : mapping of str to Widget
        By the words of their buttons.
    guard : callable
        Wraps callbacks so that their errors are shown.
    controls : mapping of str to sequence of Widget, optional
        What stands beside the buttons while a view is shown.

    Attributes
    ----------
    switch : ToggleButtons
        Its value is the title of the view that is shown.
    """

    def __init__(
        self,
        views: Mapping[str, ipywidgets.Widget],
        guard: Guard,
        controls: Mapping[str, Sequence[ipywidgets.Widget]] | None = None,
    ) -> None:
        self._views = dict(views)
        self._controls = {title: list((controls or {}).get(title, ())) for title in views}
        self.switch = ipywidgets.ToggleButtons(options=list(views), style={"button_width": "auto"})
        self.switch.add_class("csc-switch")
        self._bar = row(self.switch)
        self._cards = {title: ipywidgets.Box() for title in views}
        stage = ipywidgets.Box(list(self._cards.values()))
        stage.add_class("csc-deck-cards")
        super().__init__([self._bar, stage])
        self.add_class("csc-deck")
        self.switch.observe(guard(lambda _: self._show()), "value")
        self._show()

    @property
    def pages(self) -> tuple[ipywidgets.Widget, ...]:
        """What may be out of the page now, and is closed with it."""
        return (*self._views.values(), *(one for controls in self._controls.values() for one in controls))

    def _show(self) -> None:
        shown = self.switch.value
        self._cards[shown].children = [self._views[shown]]
        for title, card in self._cards.items():
            (card.remove_class if title == shown else card.add_class)("csc-behind")
        self._bar.children = [self.switch, *self._controls[shown]]
