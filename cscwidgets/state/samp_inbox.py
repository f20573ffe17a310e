"""What messages of other programs do in the explorer: rows chosen and looked at, places, tables, images."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cscwidgets.io.reading import reading
from cscwidgets.io.samp_link import Answer
from cscwidgets.io.tables.bounds import LARGEST_TABLE
from cscwidgets.io.tables.read import read_tables
from cscwidgets.io.url_content import url_content

from . import samp_messages as messages
from .explorer import ExplorerState, SkyView
from .images import ImagesState
from .samp_messages import answered
from .samp_tables import SampTable, SampTables
from .tasks import Task
from .user_layer import UserLayer, layer_of_tables
from .user_layers import UserLayers

__all__ = ["SampInbox"]

_LARGEST_IMAGE = 1_000_000_000


class SampInbox:
    """Takes the messages of one connection.

    Parameters
    ----------
    explorer : ExplorerState
    images : ImagesState
    layers : UserLayers
    new_file : callable
        A path for a file with some ending, which is not there yet.
    say : callable
        Told, in words, what came.

    Attributes
    ----------
    tables : SampTables
        Those that are shared.
    hearing : bool
        Whether what changes now was asked for by another program.
    """

    def __init__(
        self,
        explorer: ExplorerState,
        images: ImagesState,
        layers: UserLayers,
        new_file: Callable[[str], Path],
        say: Callable[[str], object],
    ) -> None:
        self.explorer, self.images, self.layers, self.desk = explorer, images, layers, explorer.desk
        self.tables = SampTables()
        self.hearing = False
        self._new_file, self._say = new_file, say
        self._enter = self.desk.tasks.entrance()

    def heard(self, mtype: str, parameters: Mapping[str, Any], answer: Answer) -> None:
        """Take a message, in the thread that it comes in; what it asks for is done where results enter.

        Raises
        ------
        CscError
            If it is not understood; nothing is done then.
        """
        if mtype in messages.TABLES:
            told = messages.read_load(parameters, "table-id")
            name = told.name or Path(urlsplit(told.url).path).stem or "table"
            self._enter(lambda: self._load_table(told, name, answer))
            return
        if mtype == messages.IMAGE:
            told = messages.read_load(parameters, "image-id")
            self._enter(lambda: self._load_image(told, answer))
            return
        if mtype == messages.POINT:
            view = SkyView(*messages.read_place(parameters), None)
            self._enter(lambda: self._take(lambda: setattr(self.explorer, "view", view)))
        else:
            table = self.tables.find(parameters)
            rows = messages.read_rows(parameters, single=mtype == messages.LOOK)
            act = self._look if mtype == messages.LOOK else self._choose
            self._enter(lambda: self._take(lambda: act(table, rows)))
        answer("")

    def _take(self, act: Callable[[], object]) -> None:
        self.hearing = True  # what others said is not said again
        try:
            act()
        finally:
            self.hearing = False

    def _choose(self, table: SampTable, rows: Sequence[int]) -> None:
        if table.layer:
            self.layers.choose(table.layer, rows)
        else:
            names = [table.names[row] for row in rows if row < len(table.names)]
            self.desk.selection.publish("samp", names, "new")

    def _look(self, table: SampTable, rows: Sequence[int]) -> None:
        for row in rows:
            if table.layer:
                self.layers.look_at(table.layer, row)
            elif row < len(table.names):
                self.explorer.look_at(table.names[row])

    def _load_table(self, told: messages.Load, name: str, answer: Answer) -> None:
        def work(task: Task) -> UserLayer:
            with answered(answer), reading(f"{name}, sent by SAMP, was not read"):
                content = url_content(told.url, LARGEST_TABLE, task.check)
                task.report("reading the table")
                layer = layer_of_tables(read_tables(content, name), name, name)
                # Before the answer: what is asked of its rows then enters after the layer itself.
                self.tables.received(told.identifier, told.url, layer.name)
                return layer

        def done(layer: UserLayer) -> None:
            self.layers.show(layer)
            self._say(f"Received {len(layer.ra):,} rows: {layer.name}")

        self.desk.tasks.run(f"Reading {name} from SAMP", work, done, key=f"layer {name}")

    def _load_image(self, told: messages.Load, answer: Answer) -> None:
        path, name = self._new_file(".fits"), told.name or "image"

        @contextmanager
        def had(task: Task) -> Iterator[Path]:
            with answered(answer), reading(f"{name}, sent by SAMP, was not read"):
                path.write_bytes(url_content(told.url, _LARGEST_IMAGE, task.check))
                yield path

        self.images.add_from(name, had)
