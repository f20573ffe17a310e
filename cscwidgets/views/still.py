"""What an explorer leaves in a cell's output: the widget, and for where no kernel is, a still of it.

A saved notebook, a page made of one by nbconvert, and JupyterLab without a kernel show the still: a picture of the sky
and of the panel in front, and what was asked and found. It follows what is shown while the notebook is open. The page's
half is `js/lab/still.ts`; a page without our extension would draw the widget anew with each newer still, so that its
output keeps the first.
"""

from __future__ import annotations

import asyncio
import base64
import threading
import uuid
import weakref
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import ipywidgets
import numpy as np
from IPython.display import display, update_display

from ..errors import CscError
from ..state.session import Session
from ..state.workspace import Workspace
from .cells import after_each_cell
from .screen.panels import Panels

__all__ = ["Still"]

_EXPLORER_MIME = "application/vnd.cscwidgets.explorer+json"
_PAUSE = 2.0  # s in which nothing more changes
_MANY = 5_000  # sources: more are drawn on the sky alone, so that no still takes longer than a second


class Still:
    """The outputs of an explorer.

    Parameters
    ----------
    workspace : Workspace
    panels : Panels
    widget : Widget
        The whole of the explorer.
    extension : callable
        Tells whether the page has our extension of JupyterLab, None before a page has said so.
    session : Session
        Where it was saved: the still leads back there.
    """

    def __init__(
        self,
        workspace: Workspace,
        panels: Panels,
        widget: ipywidgets.Widget,
        extension: Callable[[], bool | None],
        session: Session,
    ) -> None:
        self._workspace, self._panels, self._widget, self._extension = workspace, panels, widget, extension
        self._session = session
        self._outputs: dict[ipywidgets.Widget, str] = {}
        self._picture = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._stale = self._closed = False
        self._forget_cells: Callable[[], None] = lambda: None
        desk = workspace.desk
        desk.when(workspace.explorer, ("table", "place"), self._later)
        desk.when(desk.selection, "count", self._later)
        desk.when(workspace.shape, "front", self._later)
        desk.when(desk.tasks, "running", self._later)
        desk.when(session, "path", self._later)

    def show(self, widget: ipywidgets.Widget | None = None) -> None:
        """Display the explorer, or a widget in its place, below the cell that runs."""
        widget = widget or self._widget
        if not self._outputs:
            self._forget_cells = after_each_cell(self._weakly(Still._cell_ended))
        name = self._outputs.setdefault(widget, uuid.uuid4().hex)
        display(self.bundle(widget), raw=True, display_id=name)  # type: ignore[no-untyped-call]
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # no notebook: nothing comes after
        self._later()

    def bundle(self, widget: ipywidgets.Widget | None = None) -> dict[str, Any]:
        """An output: the widget for who can show it, the still for the others."""
        widget = widget or self._widget
        bundle: dict[str, Any] = dict(widget._repr_mimebundle_())
        bundle["text/plain"] = self.text()
        bundle[_EXPLORER_MIME] = {"model_id": widget.model_id, "session": self._session.path}
        if self._picture:
            bundle["image/png"] = self._picture
        return bundle

    def text(self) -> str:
        """The explorer in one line, for where nothing is drawn."""
        simulated = ["SIMULATED"] if self._workspace.explorer.simulated else []
        return " · ".join((*simulated, *self._words()))

    def refresh(self) -> None:
        """Draw the still now and put it into the output."""
        self._stale = False
        figures = self._figures()
        self._publish(_png(figures) if figures else "")

    def close(self) -> None:
        """Draw no more; the last still stays."""
        self._closed = True
        self._forget_cells()
        if self._timer is not None:
            self._timer.cancel()

    def _later(self) -> None:
        self._stale = True
        if self._loop is None or self._closed or self._extension() is False:
            return
        if self._timer is not None:
            self._timer.cancel()
        # A loop may keep what it called, and must not keep the explorer with it.
        self._timer = self._loop.call_later(_PAUSE, self._weakly(Still._due))

    def _ready(self) -> bool:
        return self._stale and bool(self._outputs) and not self._closed and not self._workspace.desk.tasks.running

    def _due(self) -> None:
        if self._ready() and self._extension() is not False:
            self._stale = False
            figures, loop = self._figures(), self._loop
            if not figures:  # the picture of another answer must not stay
                self._publish("")
            elif loop is not None:
                work = threading.Thread(target=self._render, args=(figures, loop), name="cscwidgets still")
                work.daemon = True
                work.start()

    def _cell_ended(self) -> None:
        # A notebook that nobody looks at may end with this cell.
        if self._extension() is None and self._ready():
            self.refresh()

    def _render(self, figures: list[Any], loop: asyncio.AbstractEventLoop) -> None:
        guard = self._workspace.desk.messages.guard
        picture = guard(_png)(figures)
        if picture and not loop.is_closed():
            loop.call_soon_threadsafe(guard(self._publish), picture)

    def _publish(self, picture: str) -> None:
        if not self._closed:
            self._picture = picture
            for widget, name in self._outputs.items():
                update_display(self.bundle(widget), raw=True, display_id=name)  # type: ignore[no-untyped-call]

    def _figures(self) -> list[Any]:
        from .still_picture import draw_sky  # noqa: PLC0415 (imports matplotlib)

        explorer = self._workspace.explorer
        table, region = explorer.table, explorer.region
        if region is None or not len(table):
            return []
        names = self._workspace.desk.selection.names
        selected = np.fromiter((name in names for name in table["name"]), bool, len(table))
        ra, dec = (np.asarray(table[axis], float) for axis in ("ra", "dec"))
        sky = draw_sky(region, ra, dec, selected, self._words(), simulated=explorer.simulated)
        if len(table) > _MANY:
            return [sky]
        for name in (self._workspace.shape.front, self._panels.opens):
            try:
                return [sky, self._panels[name].figure()]
            except CscError:  # a panel without a figure, or without anything to draw yet
                continue
        return [sky]

    def _words(self) -> list[str]:
        """What was asked and found."""
        explorer = self._workspace.explorer
        provenance, selected = explorer.provenance, self._workspace.desk.selection.count
        if provenance is None:
            return ["cscwidgets Explorer", self._workspace.desk.archive.name, "nothing found yet"]
        found = f"{len(explorer.table):,} sources, {'complete' if provenance.complete else 'NOT ALL'}"
        return [
            f"cscwidgets Explorer: {explorer.place}",
            explorer.archive_title,
            f"{found}, {selected:,} selected, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        ]

    def _weakly(self, act: Callable[[Still], None]) -> Callable[[], None]:
        reference, guard = weakref.ref(self), self._workspace.desk.messages.guard

        def call() -> None:
            alive = reference()
            if alive is not None:
                guard(act)(alive)

        return call


def _png(figures: list[Any]) -> str:
    from .still_picture import side_by_side  # noqa: PLC0415 (imports matplotlib)

    return base64.b64encode(side_by_side(figures)).decode("ascii")
