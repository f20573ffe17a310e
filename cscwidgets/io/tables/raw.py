"""A table as a file has it: columns with nulls, units, UCDs and descriptions, and notes of what is to be said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

__all__ = ["TRUNCATED", "RawColumn", "RawTable", "declares_simulated", "declares_truncated"]

TRUNCATED = "it says of itself that the service did not send all rows"
"""The note on a table of which `declares_truncated` is true."""


@dataclass(frozen=True)
class RawColumn:
    """A column as a file has it.

    Attributes
    ----------
    name : str
        Its name there, in the case it has there; two columns may share one.
    values : pyarrow.Array
        Numbers, flags, text, or lists of these, with nulls. Cells of a file of text stay text without padding.
    table, column : str
        The catalogue's table and column it is declared to be, as CSCview and ``search_csc`` do.
    unit, ucd, description : str
        As the file writes them; empty where it does not.
    frame : str
        System and equinox that a VOTable declares for it (``"eq_FK4 B1950"``).
    """

    name: str
    values: pa.Array
    table: str = ""
    column: str = ""
    unit: str = ""
    ucd: str = ""
    description: str = ""
    frame: str = ""


@dataclass(frozen=True)
class RawTable:
    """One table of a file.

    Attributes
    ----------
    origin : str
        The file's name, and the table's where it has several.
    columns : tuple of RawColumn
    simulated : bool
        Whether it says that no telescope saw its rows.
    name : str
        What the file calls it; empty where it does not.
    number : int
        Which one of the file, from 1; of FITS files the number of the extension.
    complete : bool
        False where a service cut the answer that the file holds.
    notes : tuple of str
        What is to be said: nulls that were recognised, what was left out, what a service says.
    meta : mapping
        What else the file says of it.
    """

    origin: str
    columns: tuple[RawColumn, ...]
    simulated: bool = False
    name: str = ""
    number: int = 1
    complete: bool = True
    notes: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(self.columns[0].values) if self.columns else 0


def declares_simulated(meta: Mapping[str, Any]) -> bool:
    """Whether a table says that no telescope saw its rows, as those of this package do in every format.

    >>> declares_simulated({"provenance_simulated": True}), declares_simulated({"comments": ["simulated = False"]})
    (True, False)
    """
    return re.search(r"simulated\W+(true|t|1)\b", str(dict(meta)), re.IGNORECASE) is not None


def declares_truncated(meta: Mapping[str, Any]) -> bool:
    """Whether a table of this package says that the service did not send all rows.

    >>> declares_truncated({"provenance_truncated": None}), declares_truncated({"provenance_truncated": 0})
    (True, False)
    """
    found = re.search(r"provenance_truncated\W+(none|null|\d+)", str(dict(meta)), re.IGNORECASE)
    return found is not None and found[1] != "0"
