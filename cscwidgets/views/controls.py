"""Controls and words of the panels, each made in one way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import ipywidgets

__all__ = ["checkbox", "dropdown", "heading", "legend", "note", "row"]


def heading(text: str) -> ipywidgets.HTML:
    """The name of a part of a panel."""
    return ipywidgets.HTML(f'<div class="csc-head">{text}</div>')


def note(words: str) -> str:
    """HTML of what a panel says about what it shows."""
    return f'<div class="csc-panel-note">{words}</div>'


def legend(colours: Mapping[str, str]) -> str:
    """HTML of what each colour of a plot is."""
    swatches = "".join(
        f'<span class="csc-entry"><span class="csc-swatch" style="background:{colour}"></span>{escape(words)}</span> '
        for words, colour in colours.items()
    )
    return f'<span class="csc-legend">{swatches}</span>'


def row(*widgets: ipywidgets.Widget) -> ipywidgets.HBox:
    """Widgets side by side, as far as there is room."""
    box = ipywidgets.HBox(widgets)
    box.add_class("csc-row")
    return box


def checkbox(words: str, *, value: bool) -> ipywidgets.Checkbox:
    """Something that is shown or not."""
    return ipywidgets.Checkbox(value=value, description=words, indent=False, layout={"width": "max-content"})


def dropdown(label: str, options: Sequence[tuple[str, Any]], width: str) -> ipywidgets.Dropdown:
    """One of several, by words and value."""
    return ipywidgets.Dropdown(
        options=options,
        description=label,
        layout=ipywidgets.Layout(width=width),
        style={"description_width": "40px" if label else "0px"},
    )
