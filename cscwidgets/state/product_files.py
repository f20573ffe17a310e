"""Files of one kind of many observations or stacks: those there are, and why the others are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.table import Table

from cscwidgets.archive import Archive
from cscwidgets.csc.products import Level, Observation, Owner, Stack, kind_of
from cscwidgets.errors import CscError, IncompleteFetch

from .tasks import Task

__all__ = ["fetch_files"]


def fetch_files(
    archive: Archive, rows: Table, kind: str, words: str, task: Task, *, bands: str = "b"
) -> tuple[dict[Owner, Path], dict[Owner, str]]:
    """Fetch a file of each row; one that cannot be had is no error.

    Parameters
    ----------
    archive : Archive
    rows : Table
        With ``detect_stack_id``, or ``obsid`` and ``obi``, each once.
    kind : str
        Of whole stacks or observations.
    words : str
        What the archive has not, of those without a file.
    task : Task
    bands : str
        For kinds that have them.

    Returns
    -------
    files, absent : dict
        Paths, and why there is none, by the stack or observation.

    Raises
    ------
    CscError
        If the archive does not answer.
    """
    products = archive.products(rows, kind, bands=bands, monitor=task)
    problems: dict[str, CscError] = {}
    try:
        fetched = dict(zip(map(str, products["filename"]), archive.fetch(products, monitor=task), strict=True))
    except IncompleteFetch as incomplete:
        fetched, problems = dict(incomplete.fetched), dict(incomplete.failed)
    stacks = kind_of(kind).level is Level.STACK
    absent = dict.fromkeys(_owners(rows, stacks=stacks), f"the archive has no {words}")
    files: dict[Owner, Path] = {}
    for owner, filename in zip(_owners(products, stacks=stacks), map(str, products["filename"]), strict=True):
        if filename in fetched:
            files.setdefault(owner, fetched[filename])  # of the two exposures of alternating mode, the first
            absent.pop(owner, None)
        elif owner not in files:
            absent[owner] = str(problems[filename].why or problems[filename].what)
    return files, absent


def _owners(rows: Table, *, stacks: bool) -> list[Owner]:
    if stacks:
        return [Stack(str(name)) for name in rows["detect_stack_id"]]
    numbers = (np.asarray(rows[column], int).tolist() for column in ("obsid", "obi"))
    return [Observation(*pair) for pair in zip(*numbers, strict=True)]
