"""The sensitivity maps of the stacks that may reach into a region: what there is, and why the rest is not there."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from astropy.table import Table

from cscwidgets.archive import Archive
from cscwidgets.csc.bands import BANDS
from cscwidgets.errors import CscError
from cscwidgets.sky.region import Region

from .product_files import fetch_files
from .tasks import Task

__all__ = ["SensitivityFiles", "fetch_sensitivity"]


@dataclass(frozen=True)
class SensitivityFiles:
    """Maps of one band.

    Attributes
    ----------
    stacks : Table
        `Archive.stacks` of the region.
    files : dict of str to Path
        By the stack's name.
    absent : dict of str to str
        Stacks without a file, and why.
    """

    stacks: Table
    files: dict[str, Path] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Of all stacks, the nearest first."""
        return [str(name) for name in self.stacks["detect_stack_id"]]


def fetch_sensitivity(archive: Archive, region: Region, band: str, task: Task) -> SensitivityFiles:
    """Fetch the maps of all stacks that may reach into a region.

    Raises
    ------
    CscError
        If the archive does not answer, or no stack is near the region. A map that cannot be had is no error.
    """
    stacks = archive.stacks(region, monitor=task)
    if not len(stacks):
        raise CscError(
            "The region has no sky coverage", "no stack of the archive is near it", "Choose another part of the sky."
        )
    files, absent = fetch_files(
        archive, stacks, "sensity", f"sensitivity map of it in the {BANDS[band].name} band", task, bands=band
    )
    named = {str(stack): path for stack, path in files.items()}
    return SensitivityFiles(stacks, named, {str(stack): why for stack, why in absent.items()})
