"""The explorer's style sheet."""

from __future__ import annotations

from importlib.resources import files

import ipywidgets

__all__ = ["style"]


def style() -> ipywidgets.HTML:
    """An invisible widget that brings the style sheet into the page."""
    sheet = files(__package__).joinpath("explorer.css").read_text(encoding="utf-8")
    return ipywidgets.HTML(f"<style>{sheet}</style>", layout=ipywidgets.Layout(display="none"))
