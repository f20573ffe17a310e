"""The style sheets of the explorer."""

from __future__ import annotations

from pathlib import Path

import ipywidgets

__all__ = ["style"]


def style() -> ipywidgets.HTML:
    """An invisible widget that brings the style sheets of all views into the page.

    The explorer's comes first, then what all panels share, then the rooms', which may say otherwise.
    """
    own = Path(__file__).with_name("explorer.css")
    others = sorted(set(own.parents[1].rglob("*.css")) - {own}, key=lambda path: (len(path.parts), path))
    sheet = "\n".join(path.read_text(encoding="utf-8") for path in (own, *others))
    return ipywidgets.HTML(f"<style>{sheet}</style>", layout=ipywidgets.Layout(display="none"))
