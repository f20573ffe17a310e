"""How a panel fills the page that it is given: controls above, plots that take what is left, words below."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets

from .controls import foot as as_foot
from .controls import row
from .lazy import LazyBox
from .plot_area import Invitation

__all__ = ["PanelBody"]


class PanelBody(LazyBox):
    """The widget of a panel.

    Parameters
    ----------
    controls : sequence of Widget
        One line on top: what is often changed.
    main : sequence of Widget
        They share the room that is left.
    across : bool
        Whether they stand side by side and not one below another.
    settings : Widget, optional
        What is seldom changed: folded away behind a button at the end of the controls, and beside the plots when asked.
    foot : HTML, optional
        What is said of what is shown, in two lines; all of it, above the plots, while it is pointed at or has the
        keyboard.

    Attributes
    ----------
    invitation : str
        The sentence that stands in place of empty plots; none while they are shown.
    """

    def __init__(
        self,
        controls: Sequence[ipywidgets.Widget],
        main: Sequence[ipywidgets.Widget],
        *,
        across: bool = False,
        settings: ipywidgets.Widget | None = None,
        foot: ipywidgets.HTML | None = None,
    ) -> None:
        plots = ipywidgets.Box(list(main))
        plots.add_class("csc-across" if across else "csc-down")
        self._plots, bar = plots, list(controls)
        self._settings = [] if settings is None else [settings]
        if settings is not None:
            self.settings_button = _opens(settings)
            bar.append(self.settings_button)
        self._controls = row(*bar)
        self._foot = [] if foot is None else [as_foot(foot)]
        self._invitation = Invitation()
        self._middle = LazyBox(self._plots, *self._settings, self._invitation)
        self._middle.add_class("csc-middle")
        super().__init__(self._controls, self._middle, *self._foot)
        self.add_class("csc-panel-body")
        self.fill()

    def fill(self) -> None:
        """Show controls and plots."""
        self.invitation = ""
        self._middle.show(self._plots, *self._settings)
        self.show(self._controls, self._middle, *self._foot)

    def invite(self, words: str, *offers: ipywidgets.Widget, controls: bool = False) -> None:
        """In place of empty plots, say what to do.

        Parameters
        ----------
        words : str
            One sentence.
        *offers : Widget
            The button, or the field, with which it is done.
        controls : bool
            Whether the controls stay above, and the settings at their side.
        """
        self.invitation = words
        self._invitation.say(words, *offers)
        self._middle.show(self._invitation, *(self._settings if controls else []))
        self.show(*([self._controls] if controls else []), self._middle)

    def fill_or_invite(self, number: int, words: str) -> None:
        """Show the plots of so many things, or where there is none, say what to do.

        Parameters
        ----------
        number : int
            Of what there is to draw.
        words : str
            See `invite`.
        """
        if number:
            self.fill()
        else:
            self.invite(words)


def _opens(settings: ipywidgets.Widget) -> ipywidgets.ToggleButton:
    button = ipywidgets.ToggleButton(icon="sliders", tooltip="Settings: show or fold away")
    settings.add_class("csc-settings")
    settings.layout.display = "none"

    def show(change: dict[str, object]) -> None:
        settings.layout.display = "" if change["new"] else "none"

    button.observe(show, "value")
    return button
