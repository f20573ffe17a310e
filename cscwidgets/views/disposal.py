"""Free a widget and everything it is made of."""

from __future__ import annotations

from ipywidgets import Widget

__all__ = ["close_all", "parts_of"]


def close_all(widget: Widget) -> None:
    """Close a widget and all it holds: children, layouts, styles, marks, scales.

    ``Widget.close`` frees the widget alone; ipywidgets keeps the others for the kernel's life.
    """
    for part in parts_of(widget):
        part.close()


def parts_of(widget: Widget, found: set[Widget] | None = None) -> set[Widget]:
    """A widget and all it holds, in the page now or not."""
    found = set() if found is None else found
    if widget not in found:
        found.add(widget)
        for name in widget.keys:
            value = getattr(widget, name)
            parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else [value]
            for part in parts:
                if isinstance(part, Widget):
                    parts_of(part, found)
        for page in getattr(widget, "pages", ()):  # those of a lazy container that were never shown
            parts_of(page, found)
    return found
