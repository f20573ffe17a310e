"""Free a widget and everything it is made of."""

from __future__ import annotations

from ipywidgets import Widget

__all__ = ["close_all"]


def close_all(widget: Widget) -> None:
    """Close a widget and all it holds: children, layouts, styles, marks, scales.

    ``Widget.close`` frees the widget alone; ipywidgets keeps the others for the kernel's life.
    """
    for part in _reachable(widget, set()):
        part.close()


def _reachable(widget: Widget, found: set[Widget]) -> set[Widget]:
    if widget not in found:
        found.add(widget)
        for name in widget.keys:
            value = getattr(widget, name)
            parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else [value]
            for part in parts:
                if isinstance(part, Widget):
                    _reachable(part, found)
        for page in getattr(widget, "pages", ()):  # those of a lazy container that were never shown
            _reachable(page, found)
    return found
