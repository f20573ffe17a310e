"""Where panels stand: all of them one over the other, of which the frame shows one or two."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets

from ..bind import Bindings
from .frame import Frame
from .panels import Panels

__all__ = ["Stage"]


class Stage(ipywidgets.Box):  # type: ignore[misc]
    """Pages of panels, each of which is made and enters the page when it is first shown, and is told when it is seen.

    A bqplot figure drawn while it is hidden has no size and may stay empty when it is shown.

    Parameters
    ----------
    panels : Panels
    frame : Frame
        Which of them are seen.
    guard : callable
        Wraps callbacks so that their errors are shown.
    """

    def __init__(
        self, panels: Panels, frame: Frame, guard: Callable[[Callable[..., object]], Callable[..., object]]
    ) -> None:
        self._panels, self._frame = panels, frame
        self._seen: set[str] = set()
        super().__init__(children=[_page(name) for name in panels])
        self.add_class("csc-stage")
        Bindings(guard).when(frame, ("front", "pinned", "two"), self._show)
        self._show()

    @property
    def pages(self) -> tuple[ipywidgets.Widget, ...]:
        """The widgets of all panels that were made, those not in the page too."""
        return tuple(panel.widget for panel in self._panels.made)

    def _show(self) -> None:
        seen = {name for name in self._panels if self._frame.visible(name)}
        for name in self._seen - seen:
            self._panels[name].shown(False)
        self._seen &= seen
        for page, name in zip(self.children, self._panels, strict=True):
            if name in seen:
                page.children = [self._panels[name].widget]
            if name in seen - self._seen:
                self._seen.add(name)
                self._panels[name].shown(True)


def _page(name: str) -> ipywidgets.Box:
    page = ipywidgets.Box()
    page.add_class("csc-page")
    page.add_class(f"csc-page-{name}")
    return page
