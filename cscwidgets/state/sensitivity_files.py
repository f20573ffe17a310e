"""The sensitivity maps of the stacks that may reach into a region: what there is, and why the rest is not there."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from astropy.table import Table

from cscwidgets.archive import Archive
from cscwidgets.csc.bands import BANDS
from cscwidgets.errors import CscError, IncompleteFetch
from cscwidgets.sky.region import Region

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
    products = archive.products(stacks, "sensity", bands=band, monitor=task)
    problems: dict[str, CscError] = {}
    try:
        fetched = dict(zip(map(str, products["filename"]), archive.fetch(products, monitor=task), strict=True))
    except IncompleteFetch as incomplete:
        fetched, problems = dict(incomplete.fetched), dict(incomplete.failed)
    absent = dict.fromkeys(
        map(str, stacks["detect_stack_id"]), f"the archive has no sensitivity map of it in the {BANDS[band].name} band"
    )
    files: dict[str, Path] = {}
    for row in products:
        stack, filename = str(row["detect_stack_id"]), str(row["filename"])
        if filename in fetched:
            files[stack] = fetched[filename]
            absent.pop(stack, None)
        else:
            absent[stack] = str(problems[filename].why or problems[filename].what)
    return SensitivityFiles(stacks, files, absent)
