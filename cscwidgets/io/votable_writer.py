"""VOTables, written."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO

from astropy.io.votable.tree import VOTableFile
from astropy.table import Table

__all__ = ["votable_of", "write_votable"]


def write_votable(document: VOTableFile, file: BinaryIO) -> None:
    """Write a document in astropy's Python.

    Its C, no quicker, writes behind its buffer after rows of some lengths, of which the process dies sooner or later
    (astropy's issue 20419).
    """
    document.to_xml(file, _debug_python_based_parser=True)


def votable_of(table: Table) -> BytesIO:
    """A table as a VOTable."""
    content = BytesIO()
    write_votable(VOTableFile.from_table(table), content)
    content.seek(0)
    return content
