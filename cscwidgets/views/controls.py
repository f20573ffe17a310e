"""Controls and words of the panels, each made in one way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import ipywidgets

__all__ = [
    "checkbox",
    "choice",
    "dropdown",
    "field",
    "foot",
    "formula",
    "heading",
    "legend",
    "note",
    "observation_list",
    "offer",
    "row",
    "settings",
    "spoken",
    "text",
]


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


def choice(options: Sequence[tuple[str, Any]], hints: Sequence[str] = ()) -> ipywidgets.ToggleButtons:
    """One of a few, all of them in sight."""
    return ipywidgets.ToggleButtons(options=options, tooltips=list(hints) or [words for words, _ in options])


def settings(*parts: ipywidgets.Widget | str) -> ipywidgets.VBox:
    """What is seldom changed, one below another under the names of its parts."""
    box = ipywidgets.VBox([heading(part) if isinstance(part, str) else part for part in parts])
    box.add_class("csc-form")
    return box


def field(control: ipywidgets.Widget, width: str = "auto") -> ipywidgets.Widget:
    """A control of a form, whose label takes what it needs and the control the rest."""
    control.layout.width = width
    control.style.description_width = "initial"
    return control


def spoken(control: ipywidgets.Widget, name: str) -> ipywidgets.Widget:
    """A control whose name need not be seen: a screen reader says it, and the pointer shows it."""
    control.description, control.tooltip = name, control.tooltip or name
    control.add_class("csc-spoken")
    return control


def text(value: str = "", **options: Any) -> ipywidgets.Text:
    """A line of text, told to the kernel when it is finished.

    Single letters wait in the page while the kernel is busy, and a button that is pressed meanwhile overtakes them.
    """
    return ipywidgets.Text(value, continuous_update=False, **options)


def formula(words: str) -> ipywidgets.Combobox:
    """A column, chosen among those that there are, or a formula of columns."""
    box = ipywidgets.Combobox(
        description=words,
        ensure_option=False,
        continuous_update=False,
        tooltip="A column, or a formula: Jmag - Kmag, log10(flux_aper_h / flux_aper_s)",
        layout=ipywidgets.Layout(width="auto"),
    )
    box.style.description_width = "initial"
    return box


def offer(control: ipywidgets.Dropdown, names: Sequence[str]) -> None:
    """Offer names; what was chosen stays while it is among them, else the first is."""
    before = control.value
    control.options = list(names)
    control.value = before if before in names else next(iter(names), None)


def observation_list() -> ipywidgets.SelectMultiple:
    """The observations of a source, of which some are chosen."""
    return spoken(field(ipywidgets.SelectMultiple(rows=5, tooltip="Several with Shift or Ctrl")), "Observations")


def foot(words: ipywidgets.HTML) -> ipywidgets.HTML:
    """Two lines of words below plots; all of them, over the plots, while they are pointed at or have the keyboard."""
    words.add_class("csc-foot")
    words.tabbable = True
    return words


def dropdown(label: str, options: Sequence[tuple[str, Any]], width: str) -> ipywidgets.Dropdown:
    """One of several, by words and value."""
    return ipywidgets.Dropdown(
        options=options,
        description=label,
        layout=ipywidgets.Layout(width=width),
        style={"description_width": "max-content" if label else "0px"},
    )
