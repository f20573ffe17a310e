"""The control that writes the figure of a panel, or the sky's, to a file for a journal."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path

import ipywidgets

from ...export.journal import COLUMNS, journal_style
from ...state.workspace import Workspace
from ..bind import Bindings
from ..controls import checkbox, dropdown, row, spoken, text
from ..panel import Panel
from ..sky import Sky
from .panels import Panels

__all__ = ["FigureBar"]

_SKY = "sky"
_FORMATS = [("PDF", ".pdf"), ("SVG", ".svg"), ("PNG", ".png")]


class FigureBar:
    """Writes figures beside the notebook.

    Parameters
    ----------
    workspace : Workspace
    panels : Panels
    sky : Sky
    """

    def __init__(self, workspace: Workspace, panels: Panels, sky: Sky) -> None:
        self._workspace, self._panels, self._sky = workspace, panels, sky
        drawn = [(kind.title, name) for name, kind in panels.kinds.items() if kind.figure is not Panel.figure]
        self.what = spoken(dropdown("", [*drawn, ("Sky", _SKY)], "116px"), "Figure of")
        self._kind = spoken(dropdown("", _FORMATS, "70px"), "Format of the figure")
        self._width = spoken(dropdown("", [(name, name) for name in COLUMNS], "124px"), "Width of the figure")
        self._name = spoken(text(layout={"width": "110px"}, placeholder="name"), "Name of the figure's file")
        self._overwrite = checkbox("overwrite", value=False)
        self._go = ipywidgets.Button(
            description="Write", icon="image", tooltip="Write the figure to a file", layout={"width": "80px"}
        )
        self._done = ipywidgets.HTML()
        self.widget = ipywidgets.VBox(
            [row(self.what, self._width, self._kind), row(self._name, self._overwrite, self._go), self._done]
        )
        bind = Bindings(workspace.desk.messages.guard)
        bind.when(workspace.shape, "front", self._follow)
        bind.when(self.what, "value", self._call)
        bind.when_pressed(self._go, self._write)
        self._follow()
        self._call()

    def _follow(self) -> None:
        """The figure is that of the panel in front, as far as it has one."""
        front = self._workspace.shape.front
        if front in dict(self.what.options).values():
            self.what.value = front

    def _call(self) -> None:
        self._name.value = self.what.value
        self._done.value = ""

    def _write(self) -> None:
        self._done.value = ""
        ending = self._kind.value
        name = self._name.value.strip() or self.what.value
        path = name if name.lower().endswith(ending) else f"{name}{ending}"
        written = self._writer()(path, self._width.value, overwrite=self._overwrite.value)
        self._done.value = f"written to {escape(str(written))}"
        self._overwrite.value = False

    def _writer(self) -> Callable[..., Path]:
        return self._write_sky if self.what.value == _SKY else self._panels[self.what.value].write_figure

    def _write_sky(self, path: str, width: str, *, overwrite: bool) -> Path:
        from ...export.figure_file import write_figure  # noqa: PLC0415 (imports matplotlib)

        with journal_style(width):
            return write_figure(self._sky.figure(), path, overwrite=overwrite)
