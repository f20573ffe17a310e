"""The one source in focus: its row of the catalogue and all its detections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import ClassVar

from astropy.table import QTable, Row
from traitlets import Bool, Instance, Tuple, Unicode

from cscwidgets.archive.query import quote_text
from cscwidgets.archive.whole_answer import require_all
from cscwidgets.csc.observation import ObservationKey
from cscwidgets.csc.releases import Release
from cscwidgets.errors import NotFound, ProductError
from cscwidgets.io.json_schema import text
from cscwidgets.science.region_file import Outline, read_regions
from cscwidgets.sky.source_names import source_name

from .explorer import ExplorerState
from .keeping import Field, Keeps, Kept
from .tasks import Task

__all__ = ["SourceState"]

_DETECTION_TABLES = ("master_stack_assoc", "stack_source", "stack_observation_assoc", "observation_source")


class SourceState(Keeps):
    """Follows the explorer's focus.

    Attributes
    ----------
    name : str
        The source that the other attributes belong to; empty before the first answer.
    row : Row or None
        All its columns of ``master_source``.
    detections : QTable
        One row per observation; see `Archive.detections`. Without columns where the archive has no such table.
    release : Release or None
        Whose numbers these are.
    with_regions : bool
        Whether the regions of its detections are wanted: only then their files are fetched.
    outlines : tuple of Outline
        Source and background regions of its detections on the sky.
    """

    plain: ClassVar = ("with_regions",)
    fields: ClassVar = {"focus": Field(text(200))}

    name = Unicode("")
    row = Instance(Row, allow_none=True)
    detections = Instance(QTable, args=())
    release = Instance(Release, allow_none=True)
    with_regions = Bool(False)
    outlines = Tuple()

    def __init__(self, explorer: ExplorerState) -> None:
        super().__init__()
        self.explorer, self.desk = explorer, explorer.desk
        self.desk.when(explorer, "focus", lambda: self._load(explorer.focus))
        self.desk.when(self, ("name", "with_regions"), self._load_regions)

    @property
    def focus(self) -> str:
        """The explorer's, whether its answer is here or not."""
        return self.explorer.focus

    def restore(self, kept: Kept) -> Iterator[None]:
        """Bring a source into focus again."""
        self.assign(kept, "with_regions")
        self.explorer.focus = kept["focus"]
        yield

    @property
    def simulated(self) -> bool:
        """Whether no telescope saw the source."""
        provenance = self.detections.meta.get("provenance")
        return provenance is not None and bool(provenance.simulated)

    def settle(self, *keys: str) -> None:
        """Wait for the source, and raise what it, or a question about it, failed with; see `Tasks.settle`."""
        self.desk.tasks.settle("source", *keys)

    def open(self, text: str) -> None:
        """Bring a source into focus by its name, as a user types it."""
        if source_name(text):
            present, absent = self.explorer.in_table([text])
            self.show([*present, *absent][0])

    def show(self, name: str) -> None:
        """Bring a source into focus; where it is already, what failed or was cancelled is tried again."""
        if name == self.explorer.focus != self.name:
            self._load(name)
        else:
            self.explorer.look_at(name)

    def _load(self, name: str) -> None:
        if not name:
            return
        archive = self.desk.archive

        def work(task: Task) -> tuple[Release, QTable, QTable]:
            release = archive.open(task)
            adql = f"SELECT * FROM {release.schema}.master_source WHERE name = {quote_text(name)}"
            rows = require_all(archive.query(adql, quiet=True, monitor=task), ("name",))
            if not len(rows):
                raise NotFound(
                    [name],
                    f"the sources of {release.title}",
                    "Names look like 2CXO J002404.2-720457; the table lists those of the region.",
                    f"{name} was not opened",
                )
            return release, rows, detections(rows, task)

        def detections(rows: QTable, task: Task) -> QTable:
            # A folder made of somebody's own table may hold nothing but sources.
            if all(archive.columns(table, task) for table in _DETECTION_TABLES):
                with suppress(NotFound):
                    return archive.detections(name, monitor=task)
            return QTable(meta={"provenance": rows.meta["provenance"]})

        self.desk.tasks.run(
            *(f"Opening {name}", work, lambda answer: self._show(*answer)),
            key="source",
            stands=lambda: name == self.explorer.focus,
        )

    def _show(self, release: Release, rows: QTable, detections: QTable) -> None:
        name, again = str(rows["name"][0]), _observations(detections) == _observations(self.detections)
        if self.name == name:  # it was left, and is here again
            self.explorer.tries += 1
        with self.hold_trait_notifications():
            if not again:
                self.name = ""  # an answer before had lost some: whoever follows the name looks anew
            self.release = release
            self.row = rows[0]
            self.detections = detections
            self.name = name

    def _load_regions(self) -> None:
        self.outlines = ()
        if not (self.with_regions and len(self.detections)):
            return
        name, archive, rows = self.name, self.desk.archive, self.detections

        def work(task: Task) -> tuple[Outline, ...]:
            products = archive.products(rows, "reg", monitor=task)
            if not len(products):
                raise ProductError(
                    f"There are no regions of {name}", "the archive has no region files of its detections"
                )
            paths = archive.fetch(products, monitor=task)
            return tuple(outline for path in paths for outline in read_regions(path).outlines())

        def done(outlines: tuple[Outline, ...]) -> None:
            self.outlines = outlines

        self.desk.tasks.run(
            *(f"Fetching regions of {name}", work, done),
            key="regions",
            stands=lambda: name == self.name and self.with_regions,
        )


def _observations(detections: QTable) -> tuple[list[str], list[str]]:
    """Which detections are told, and what of them."""
    keys = ObservationKey.of_rows(detections) if ObservationKey.in_columns(detections.colnames) else []
    return detections.colnames, list(map(str, keys))
