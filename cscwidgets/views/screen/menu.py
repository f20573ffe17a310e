"""What opens below a button of a bar; the frame opens and closes it in the browser."""

from __future__ import annotations

import ipywidgets

__all__ = ["Menu"]


class Menu:
    """A button and what it opens.

    Parameters
    ----------
    content : Widget
        Shown below the button.
    name : str
        Part of its class, for styles and tests: ``csc-menu-{name}``.
    tooltip : str
    **button
        Options of the button: ``description``, ``icon``.

    Attributes
    ----------
    widget : Widget
    button : Button
        Its words may change.
    """

    def __init__(self, content: ipywidgets.Widget, name: str, tooltip: str, **button: str) -> None:
        self.button = ipywidgets.Button(tooltip=tooltip, **button)
        self.button.add_class("csc-menu-button")
        content.add_class("csc-menu-content")
        self.widget = ipywidgets.Box([self.button, content])
        for one in ("csc-menu", f"csc-menu-{name}"):
            self.widget.add_class(one)
