"""SAMP: the table, the selection, places and images to other programs of this machine, and theirs into the explorer."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from traitlets import Bool, Enum, HasTraits, Tuple, Unicode

from cscwidgets.errors import CscError, QueryCancelled
from cscwidgets.export.files import write_table
from cscwidgets.export.sky_files import write_image
from cscwidgets.io.samp_link import SampClient, SampLink

from . import samp_messages as messages
from .explorer import ExplorerState
from .images import ImagesState
from .rows import index_of
from .samp_inbox import SampInbox
from .samp_tables import SampTable
from .tasks import Task
from .user_layers import UserLayers

__all__ = ["SampState"]

_SECONDS = 60  # for another program to read what it was sent
_START = "Start TOPCAT, Aladin or DS9 and connect it to the hub."


class SampState(HasTraits):
    """A client of the SAMP hub of this machine. Nothing listens before `connect`, and then on 127.0.0.1 alone.

    Other programs may send tables (VOTable or FITS; they become layers), images (FITS), choose or look at rows of what
    they were sent or sent themselves, and point at the sky. What an address that they send holds is fetched from
    files of this machine and by HTTP and HTTPS, no more than 2 GB, and only read as a table or an image.

    Attributes
    ----------
    status : str
        "off", "connecting" or "connected".
    hub : str
        What the hub calls itself.
    clients : tuple of SampClient
        The other programs there.
    linked : bool
        Whether the selection and the source in focus are sent as they change.
    said : str
        What was done last, in words.

    Examples
    --------
    >>> app.samp.connect()  # doctest: +SKIP
    >>> app.samp.send_table("topcat")  # doctest: +SKIP
    """

    status = Enum(("off", "connecting", "connected"), "off")
    hub = Unicode("")
    clients = Tuple()
    linked = Bool(False)
    said = Unicode("")

    def __init__(self, explorer: ExplorerState, images: ImagesState, layers: UserLayers) -> None:
        super().__init__()
        self.explorer, self.images, self.layers, self.desk = explorer, images, layers, explorer.desk
        self._link: SampLink | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._inbox = self._new_inbox()
        self._numbers = count(1)
        self._ending: threading.Thread | None = None
        self.desk.when(self.desk.selection, "names", self._selection_changed)
        self.desk.when(explorer, "focus", self._focus_changed)

    # The connection

    def connect(self, *, start_hub: bool = False) -> None:
        """Register at the SAMP hub that runs on this machine, in the background; again if that was done before.

        Parameters
        ----------
        start_hub : bool
            Start one in this kernel if none runs; it ends with the connection.
        """
        self.disconnect()
        enter = self.desk.tasks.entrance()
        link = SampLink(
            messages.TAKEN,
            self._inbox.heard,
            lambda: enter(lambda: self._refresh(link)),
            lambda: enter(lambda: self._ended(link)),
        )
        self._link, self.status = link, "connecting"

        ending = self._ending

        def work(task: Task) -> tuple[str, tuple[SampClient, ...]]:
            _wait_for(ending, 20.0)  # or a hub that is about to end would be found
            try:
                link.open("cscwidgets", "Explorer of the Chandra Source Catalog", start_hub=start_hub)
                task.check()
                return link.hub_name, _others(link)
            except BaseException:
                link.close()
                enter(lambda: self._not_connected(link))
                raise

        def done(answer: tuple[str, tuple[SampClient, ...]]) -> None:
            with self.hold_trait_notifications():
                self.hub, self.clients = answer
                self.status, self.said = "connected", ""

        self.desk.tasks.run(
            "Connecting by SAMP", work, done, key="samp", stands=lambda: self._link is link, late=link.close
        )

    def disconnect(self) -> None:
        """Unregister and listen no more; a hub that was started here ends too."""
        link, self._link = self._link, None
        folder, self._folder = self._folder, None
        with self.hold_trait_notifications():
            self.status, self.hub, self.clients, self.said = "off", "", (), ""
        self._inbox = self._new_inbox()
        if link is not None:  # a hub that is slow is not waited for
            self._ending = threading.Thread(target=link.close, name="cscwidgets SAMP end", daemon=True)
            self._ending.start()
        if folder is not None:
            folder.cleanup()

    def close(self) -> None:
        """The explorer ends: listen no more."""
        self.disconnect()
        _wait_for(self._ending, 3.0)

    def settle(self) -> None:
        """Wait for what runs, and raise what connecting or sending failed with."""
        self.desk.tasks.settle("samp", "samp table", "samp image", *(f"samp {kind}" for kind in messages.TAKEN))

    def _refresh(self, link: SampLink) -> None:
        if link is self._link and self.status == "connected":
            self.desk.tasks.run(
                "Asking who is at the SAMP hub",
                lambda _: _others(link),
                lambda found: self.set_trait("clients", found),
                key="samp clients",
                stands=lambda: link is self._link,
            )

    def _not_connected(self, link: SampLink) -> None:
        if link is self._link:
            self.status = "off"

    def _ended(self, link: SampLink) -> None:
        if link is self._link:
            self.disconnect()

    def _open_link(self) -> SampLink:
        if self._link is None or self.status != "connected":
            raise CscError("Nothing was sent", "SAMP is not connected", "Connect first: app.samp.connect().")
        return self._link

    # What is sent

    def send_table(self, to: str = "") -> None:
        """Send the table to a program, or to all that take tables, in the background.

        Raises
        ------
        CscError
            If there is no table, or no connection.
        """
        link, table = self._open_link(), self.explorer.table
        if not len(table):
            raise CscError("The table was not sent", "it has no rows", "Search a region first.")
        names = tuple(self.explorer.names)
        snapshot, title = table.copy(), f"{'SIMULATED' if self.explorer.simulated else 'CSC'} {self.explorer.place}"
        path, identifier = self._new_file(".vot"), f"cscwidgets-{os.getpid()}-{next(self._numbers)}"

        def work(task: Task) -> str:
            takers = _takers(link, messages.TABLE, to)
            task.report("writing the VOTable")
            write_table(snapshot, path)
            self._inbox.tables.sent(identifier, path.as_uri(), names)
            parameters = {"url": path.as_uri(), "table-id": identifier, "name": title.strip()}
            return f"{len(names):,} rows to {_delivered(link, messages.TABLE, parameters, takers, task)}"

        self._send("Sending the table by SAMP", work, "samp table")

    def send_selection(self, to: str = "") -> None:
        """Choose the selected rows in the programs that have the table; it must have been sent before.

        Raises
        ------
        CscError
            If the table was not sent, or there is no connection.
        """
        link, names = self._open_link(), self.desk.selection.names
        table = self._sent_table("The selection was not sent")
        rows = [str(row) for row, name in enumerate(table.names) if name in names]
        parameters = {"table-id": table.identifier, "url": table.url, "row-list": rows}
        self._tell(link, messages.CHOOSE, parameters, to, f"{len(rows):,} selected rows")

    def send_focus(self, to: str = "") -> None:
        """Point others at the source in focus, and at its row where they have the table.

        Raises
        ------
        CscError
            If no source of the table is in focus, or there is no connection.
        """
        link, focus = self._open_link(), self.explorer.focus
        table = self.explorer.table
        at = index_of(table).row(focus)
        if at is None:
            raise CscError("No place was sent", "no source of the table is in focus", "Click one first.")
        place = {"ra": repr(float(table["ra"][at].value)), "dec": repr(float(table["dec"][at].value))}
        self._tell(link, messages.POINT, place, to, focus)
        sent = self._inbox.tables.latest
        if sent is not None and focus in sent.names:
            row = str(sent.names.index(focus))
            parameters = {"table-id": sent.identifier, "url": sent.url, "row": row}
            self._tell(link, messages.LOOK, parameters, to, focus)

    def send_image(self, to: str = "") -> None:
        """Send the image on the sky, as FITS, in the background.

        Raises
        ------
        CscError
            If no image is shown, or there is no connection.
        """
        link, shown = self._open_link(), self.images.shown
        if shown is None:
            raise CscError("No image was sent", "none is on the sky", "Show one in the panel Images first.")
        images = [image for image in shown.images if np.isfinite(image.values).any()]
        files = [
            (image, self._new_file(".fits"), f"cscwidgets-{os.getpid()}-{next(self._numbers)}") for image in images
        ]

        def work(task: Task) -> str:
            takers = _takers(link, messages.IMAGE, to)
            said = ""
            for image, path, identifier in files:
                write_image(fits.HDUList([image.hdu()]), path)
                parameters = {"url": path.as_uri(), "image-id": identifier, "name": image.title or shown.words}
                said = _delivered(link, messages.IMAGE, parameters, takers, task)
            return f"{shown.words} to {said}"

        self._send("Sending the image by SAMP", work, "samp image")

    def _tell(self, link: SampLink, mtype: str, parameters: Mapping[str, Any], to: str, what: str) -> None:
        def work(_task: Task) -> str:
            takers = _takers(link, mtype, to)
            link.notify(mtype, parameters, takers)
            return f"{what} to {_names(takers)}"

        self._send(f"Sending {what} by SAMP", work, f"samp {mtype}")

    def _send(self, label: str, work: Callable[[Task], str], key: str) -> None:
        def done(words: str) -> None:
            self.said = f"Sent {words}"

        self.said = ""
        self.desk.tasks.run(label, work, done, key=key)

    def _new_inbox(self) -> SampInbox:
        return SampInbox(
            self.explorer, self.images, self.layers, self._new_file, lambda words: self.set_trait("said", words)
        )

    def _new_file(self, ending: str) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="cscwidgets-samp-")
        return Path(self._folder.name) / f"{next(self._numbers)}{ending}"

    def _sent_table(self, what: str) -> SampTable:
        table = self._inbox.tables.latest
        if table is None:
            raise CscError(what, "no program has the table", "Send the table first.")
        return table

    def _selection_changed(self) -> None:
        if (
            self.linked
            and not self._inbox.hearing
            and self.status == "connected"
            and self._inbox.tables.latest is not None
        ):
            self.send_selection()

    def _focus_changed(self) -> None:
        if self.linked and not self._inbox.hearing and self.status == "connected" and self.explorer.focus:
            self.send_focus()


def _wait_for(ending: threading.Thread | None, seconds: float) -> None:
    if ending is not None:
        ending.join(seconds)


def _others(link: SampLink) -> tuple[SampClient, ...]:
    return tuple(link.clients())


def _takers(link: SampLink, mtype: str, to: str) -> list[SampClient]:
    """The programs that take a kind of message, or the one that is called so."""
    takers = link.clients(mtype)
    wanted = [one for one in takers if not to or to.lower() in {one.name.lower(), one.id}]
    if not wanted:
        who = f"{to} is not at the hub, or" if to else "no other program at the hub"
        raise CscError("Nothing was sent", f"{who} takes no {mtype}", _START)
    return wanted


def _names(clients: Sequence[SampClient]) -> str:
    return ", ".join(dict.fromkeys(one.name for one in clients))


def _delivered(
    link: SampLink, mtype: str, parameters: Mapping[str, Any], takers: Sequence[SampClient], task: Task
) -> str:
    """Who took it; those that did not are told of if others did, and an error if nobody did."""
    failures: list[CscError] = []
    took = []
    for one in takers:
        task.check()
        task.report(f"waiting for {one.name}")
        try:
            link.call(mtype, parameters, one, _SECONDS, task.check)
            took.append(one)
        except QueryCancelled:
            raise
        except CscError as error:
            failures.append(error)
    if not took:
        raise failures[0]
    refused = f"; not taken: {'; '.join(map(str, failures))}" if failures else ""
    return _names(took) + refused
