"""The explorer's style sheets."""

from __future__ import annotations

from importlib.resources import files

import ipywidgets

__all__ = ["style"]

_SHEETS = ("explorer.css", "physics.css")


def style() -> ipywidgets.HTML:
    """An invisible widget that brings the style sheets into the page, those of panels after the explorer's."""
    sheets = "".join(files(__package__).joinpath(name).read_text(encoding="utf-8") for name in _SHEETS)
    return ipywidgets.HTML(f"<style>{sheets}</style>", layout=ipywidgets.Layout(display="none"))
