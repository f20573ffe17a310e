"""The state of one explorer, without any widget."""

from __future__ import annotations

import numpy as np
from astropy.table import QTable
from regions import SkyRegion
from traitlets import HasTraits, Instance, Unicode

from cscwidgets.archive import Archive, Provenance, read_region
from cscwidgets.archive.region import Target, describe_region

from .messages import Messages
from .selection import Selection
from .tabletrait import TableTrait
from .tasks import Task, Tasks

__all__ = ["ExplorerState"]


class ExplorerState(HasTraits):
    """Region, table, selection and focus of an explorer, and how one follows from another.

    Attributes
    ----------
    region : SkyRegion or None
        What the table answers to; a failed or cancelled search leaves both as they were.
    table : QTable
        The sources found, as the archive sent them; empty before the first answer.
    focus : str
        Name of the source in focus, or empty.
    archive_title : str
        What the archive calls itself; empty before it is open.
    """

    region = Instance(SkyRegion, allow_none=True)
    table = TableTrait()
    focus = Unicode("")
    archive_title = Unicode("")

    def __init__(self, archive: Archive, *, reraise: bool = False) -> None:
        super().__init__()
        self.archive = archive
        self.messages = Messages(reraise=reraise)
        self.tasks = Tasks(self.messages)
        self.selection = Selection()

    @property
    def provenance(self) -> Provenance | None:
        """Where the table came from; None before the first answer."""
        found: Provenance | None = self.table.meta.get("provenance")
        return found

    @property
    def simulated(self) -> bool:
        """Whether the sources shown are simulated."""
        return bool(self.provenance and self.provenance.simulated)

    @property
    def selected(self) -> QTable:
        """The selected rows of the table, in its order."""
        if not len(self.table):
            return self.table
        names = self.selection.names
        rows = np.fromiter((name in names for name in self.table["name"]), bool, len(self.table))
        return self.table[rows]

    def search(self, target: Target, radius: str | None = None, *, complete: bool = False) -> None:
        """Ask the archive for the sources in a region, in the background.

        A target that needs a name look-up is resolved there too.
        """
        label = describe_region(read_region(target)) if isinstance(target, SkyRegion) else str(target)

        def work(task: Task) -> tuple[SkyRegion, QTable, str]:
            region = read_region(target, radius)
            title = self.archive.open(task).title
            return region, self.archive.search(region, complete=complete, quiet=True, monitor=task), title

        self.tasks.run(f"Searching {label}", work, self._arrived, key="search")

    def _arrived(self, answer: tuple[SkyRegion, QTable, str]) -> None:
        region, table, title = answer
        self.archive_title = title
        self.selection.set_universe(map(str, table["name"]))
        with self.hold_trait_notifications():
            self.region = region
            self.table = table
        provenance = table.meta["provenance"]
        if not provenance.complete:
            self.messages.warn(str(provenance), "The service limits its answers", 'Press "Get the rest".')
        if not len(table):
            self.messages.note(
                f"No source of {title} lies in the region", describe_region(region), "Draw a larger one."
            )
