"""Containers whose contents enter the page when they are first shown.

A bqplot figure drawn while it is hidden has no size and may stay empty when it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets

__all__ = ["fill_when_shown"]


def fill_when_shown(
    container: ipywidgets.Tab | ipywidgets.Accordion,
    contents: Mapping[str, ipywidgets.Widget],
    guard: Callable[..., Any],
    *,
    selected: int | None = None,
) -> None:
    """Give a tab or accordion its contents, each when it is first selected.

    Parameters
    ----------
    container : Tab or Accordion
    contents : mapping of str to Widget
        Title and widget of each page.
    guard : callable
        Wraps the callback so that its errors are shown.
    selected : int, optional
        The page to show first; none unless told.
    """
    pages = list(contents.values())

    def fill(change: Mapping[str, Any]) -> None:
        index = change["new"]
        if index is not None:
            container.children[index].children = [pages[index]]

    container.children = [ipywidgets.VBox() for _ in pages]
    container.titles = tuple(contents)
    container.selected_index = None
    container.observe(guard(fill), "selected_index")
    container.selected_index = selected
