"""Plots, or what to do to have some: no empty axes."""

from __future__ import annotations

from html import escape

import ipywidgets

from .lazy import LazyBox

__all__ = ["Invitation", "PlotArea"]


class Invitation(ipywidgets.VBox):  # type: ignore[misc]
    """A sentence that says what to do, and the button or field with which it is done.

    Attributes
    ----------
    pages : tuple of Widget
        All that was ever offered, which is closed with this.
    """

    def __init__(self) -> None:
        self._words = ipywidgets.HTML()
        self.pages: tuple[ipywidgets.Widget, ...] = (self._words,)
        super().__init__([self._words])
        self.add_class("csc-invitation")

    @property
    def words(self) -> str:
        """The sentence, as HTML."""
        return str(self._words.value)

    def say(self, words: str, *offers: ipywidgets.Widget) -> None:
        """Say one sentence, and offer what it speaks of."""
        self._words.value = f"<p>{escape(words)}</p>"
        self.pages = tuple(dict.fromkeys((*self.pages, *offers)))
        self.children = [self._words, *offers]


class PlotArea(LazyBox):
    """The room of some plots, which are shown while they have something to show.

    Parameters
    ----------
    *plots : Widget
    across : bool
        Whether they stand side by side and not one below another.
    """

    def __init__(self, *plots: ipywidgets.Widget, across: bool = False) -> None:
        self._plots = plots
        self.invitation = Invitation()
        super().__init__(*plots, self.invitation)
        self.add_class("csc-across" if across else "csc-down")
        self.fill()

    def fill(self, *plots: ipywidgets.Widget) -> None:
        """Show these of the plots, or all of them."""
        self.show(*(plots or self._plots))

    def invite(self, words: str, *offers: ipywidgets.Widget) -> None:
        """Say what to do in place of all plots."""
        self.invitation.say(words, *offers)
        self.show(self.invitation)

    @property
    def filled(self) -> bool:
        """Whether plots are shown."""
        return self.invitation not in self.shown
