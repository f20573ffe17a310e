"""Where panels stand: all of them one over the other, of which the frame shows one or two."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import ipywidgets

from ..bind import Bindings
from ..panel import Panel
from .frame import Frame

__all__ = ["Stage"]


class Stage(ipywidgets.Box):  # type: ignore[misc]
    """Pages of panels, each of which enters the page when it is first shown and is told when it is seen.

    A bqplot figure drawn while it is hidden has no size and may stay empty when it is shown.

    Parameters
    ----------
    panels : mapping of str to Panel
    frame : Frame
        Which of them are seen.
    guard : callable
        Wraps callbacks so that their errors are shown.
    """

    def __init__(
        self, panels: Mapping[str, Panel], frame: Frame, guard: Callable[[Callable[..., object]], Callable[..., object]]
    ) -> None:
        self._panels, self._frame = panels, frame
        self._seen: set[str] = set()
        super().__init__(children=[_page(name) for name in panels])
        self.add_class("csc-stage")
        Bindings(guard).when(frame, ("front", "pinned", "two"), self._show)
        self._show()

    @property
    def pages(self) -> tuple[ipywidgets.Widget, ...]:
        """All panels' widgets, those not yet in the page too."""
        return tuple(panel.widget for panel in self._panels.values())

    def _show(self) -> None:
        seen = {name for name in self._panels if self._frame.visible(name)}
        for page, (name, panel) in zip(self.children, self._panels.items(), strict=True):
            if name in seen:
                page.children = [panel.widget]
            if (name in seen) != (name in self._seen):
                panel.shown(name in seen)
        self._seen = seen


def _page(name: str) -> ipywidgets.Box:
    page = ipywidgets.Box()
    page.add_class("csc-page")
    page.add_class(f"csc-page-{name}")
    return page
