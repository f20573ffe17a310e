"""Views that take turns in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ipywidgets

from .bind import Bindings
from .callbacks import Guard
from .lazy import LazyBox

__all__ = ["Deck"]


class Deck(LazyBox):
    """One of several views, chosen in a bar that stands wherever its owner puts it.

    Each keeps its size while others are shown: a bqplot figure without one fills the console with errors.

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
    bar : LazyBox
        The switch, and the controls of what is shown.
    """

    def __init__(
        self,
        views: Mapping[str, ipywidgets.Widget],
        guard: Guard,
        hints: Mapping[str, str] | None = None,
        controls: Mapping[str, Sequence[ipywidgets.Widget]] | None = None,
    ) -> None:
        hints, controls = hints or {}, controls or {}
        self._titled, self._controls = views, controls
        self.switch = ipywidgets.ToggleButtons(
            options=list(views),
            tooltips=[hints.get(title, title) for title in views],
            style={"button_width": "auto"},
        )
        self.switch.add_class("csc-switch")
        self.bar = LazyBox(self.switch, *dict.fromkeys(one for group in controls.values() for one in group))
        self.bar.add_class("csc-row")
        super().__init__(*views.values())
        self.add_class("csc-deck")
        Bindings(guard).when(self.switch, "value", self._show)
        self._show()

    @property
    def pages(self) -> tuple[ipywidgets.Widget, ...]:
        """The views, and the bar, which stands elsewhere or nowhere."""
        return (*super().pages, self.bar)

    def _show(self) -> None:
        self.show(self._titled[self.switch.value])
        self.bar.show(self.switch, *self._controls.get(self.switch.value, ()))
