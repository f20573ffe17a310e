"""What goes to other programs and comes from them: region files, pages elsewhere, layers of one's own, SAMP."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets

from cscwidgets.errors import CscError
from cscwidgets.state.workspace import Workspace

from ..bind import Bindings
from ..controls import checkbox, heading, note, row, spoken, text
from .layer_bar import LayerBar

__all__ = ["Neighbours"]

_WHAT = (("region", "region"), ("all sources", "sources"), ("selected sources", "selected"))
_ENDINGS = (("DS9 *.reg", ".reg"), ("CASA *.crtf", ".crtf"), ("MOC *.fits", ".fits"))
_HINT = "A hub of TOPCAT, Aladin or DS9, or one in this kernel. Nothing listens before."


class Neighbours:
    """The last parts of the menu of exports.

    Parameters
    ----------
    workspace : Workspace
    write_regions : callable
        ``write_regions(path, what, overwrite=...)`` writes a file and returns its path.
    """

    def __init__(self, workspace: Workspace, write_regions: Callable[..., Path]) -> None:
        self._explorer, self._samp, self._write = workspace.explorer, workspace.samp, write_regions
        self._bind = Bindings(workspace.desk.messages.guard)
        self.widget = ipywidgets.VBox(
            [
                *(heading("Regions"), *self._region_rows()),
                *(heading("Layers of your own on the sky"), LayerBar(workspace).widget),
                *(heading("Other programs (SAMP)"), *self._samp_rows()),
            ]
        )
        self.widget.add_class("csc-neighbours")
        for trait in ("status", "hub", "clients", "said"):
            self._bind.when(self._samp, trait, self._show_samp)
        self._bind.when(self._explorer, "region", self._show_links)
        self._show_samp()
        self._show_links()

    def _samp_rows(self) -> list[ipywidgets.Widget]:
        self._connect = ipywidgets.Button(icon="plug", tooltip=_HINT, layout={"width": "106px"})
        self._own_hub = checkbox("start a hub if none runs", value=True)
        self._state = ipywidgets.HTML()
        self._to = spoken(ipywidgets.Dropdown(options=[("all programs", "")], layout={"width": "126px"}), "Send to")
        sends = (
            ("Table", self._samp.send_table, "Send the table"),
            ("Selection", self._samp.send_selection, "Choose the selected rows where the table was sent to"),
            ("Source", self._samp.send_focus, "Point at the source in focus, and at its row"),
            ("Image", self._samp.send_image, "Send the image on the sky"),
        )
        self._linked = checkbox("send changes of selection and focus", value=False)
        buttons = [self._sender(*one) for one in sends]
        self._sending = ipywidgets.VBox([row(self._to, *buttons), self._linked])
        self._bind.when_pressed(self._connect, self._turn)
        self._bind.tie(self._samp, "linked", self._linked)
        return [row(self._connect, self._own_hub, self._state), self._sending]

    def _sender(self, words: str, send: Callable[[str], Any], tooltip: str) -> ipywidgets.Button:
        button = ipywidgets.Button(description=words, tooltip=tooltip, layout={"width": "82px"})
        self._bind.when_pressed(button, lambda: send(self._to.value))
        return button

    def _region_rows(self) -> list[ipywidgets.Widget]:
        self._what = spoken(ipywidgets.Dropdown(options=_WHAT, layout={"width": "130px"}), "What is written")
        self._file = spoken(text("region", layout={"width": "110px"}), "Name of the region file")
        self._ending = spoken(ipywidgets.Dropdown(options=_ENDINGS, layout={"width": "106px"}), "Kind of region file")
        self._overwrite = checkbox("overwrite", value=False)
        write = ipywidgets.Button(description="Write", icon="download", tooltip="Write it", layout={"width": "76px"})
        self._written, self._links = ipywidgets.HTML(), ipywidgets.HTML()
        self._bind.when_pressed(write, self._write_file)
        return [row(self._what, self._ending), row(self._file, self._overwrite, write), self._written, self._links]

    def _turn(self) -> None:
        if self._samp.status == "off":
            self._samp.connect(start_hub=self._own_hub.value)
        else:
            self._samp.disconnect()

    def _show_samp(self) -> None:
        samp = self._samp
        connected = samp.status == "connected"
        self._connect.description = "Connect" if samp.status == "off" else "Disconnect"
        self._own_hub.layout.display = None if samp.status == "off" else "none"
        self._sending.layout.display = None if connected else "none"
        names = list(dict.fromkeys(one.name for one in samp.clients))
        words = {
            "off": "",
            "connecting": "connecting …",
            "connected": f"{samp.hub}: {', '.join(names) or 'no other program'}",
        }[samp.status]
        self._state.value = note(escape(f"{words}. {samp.said}" if samp.said else words))
        options = [("all programs", ""), *((name, name) for name in names)]
        kept = self._to.value if self._to.value in names else ""
        self._bind.offer(self._to, options, kept)

    def _show_links(self) -> None:
        try:
            found = self._explorer.links()
        except CscError:
            self._links.value = ""
            return
        pages = " · ".join(
            f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">{escape(name)}</a>'
            for name, address in found.items()
        )
        self._links.value = note(f"The region in {pages}")

    def _write_file(self) -> None:
        self._written.value = ""
        name, ending = self._file.value.strip(), self._ending.value
        path = self._write(
            name if name.endswith(ending) else f"{name}{ending}", self._what.value, overwrite=self._overwrite.value
        )
        self._overwrite.value = False
        self._written.value = note(f"written to {escape(str(path))}")
