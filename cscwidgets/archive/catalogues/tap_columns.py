"""What a TAP service says about a table, and which of its columns are worth having for a match."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from astropy.table import QTable

from cscwidgets.errors import CscError
from cscwidgets.sky.position_columns import parts_of, position_columns

from ..query import quote_text
from ..whole_answer import require_all

__all__ = ["TapTable", "describe_table", "tables_with_positions"]

_MOST_COLUMNS = 40
_WANTED_UCDS = (
    "pos.",
    "stat.error;pos",
    "meta.id",
    "phot.",
    "stat.error;phot",
    "time.epoch",
    "src.class",
    "src.redshift",
)


@dataclass(frozen=True)
class TapTable:
    """A table of a TAP service: its title and the columns to ask for, names as in ADQL."""

    title: str
    columns: tuple[str, ...]
    ra: str
    dec: str


def describe_table(table: str, ra: str, dec: str, ask: Callable[[str], QTable]) -> TapTable:
    """What TAP_SCHEMA says of a table.

    All columns are chosen, or of more than 40 the principal ones and those with a UCD of positions, names, photometry
    or epochs.

    Parameters
    ----------
    table : str
        Its name.
    ra, dec : str
        Columns of its position, empty to find them by UCD or name.
    ask : callable
        Sends ADQL.

    Raises
    ------
    CscError
        If the service has no such table, or nothing says which columns are the position (give ``ra``, ``dec``).
    """
    bare = table.strip('"')
    names = ", ".join(map(quote_text, dict.fromkeys((bare, f'"{bare}"', table))))
    rows = require_all(
        ask(f"SELECT column_name, ucd, principal FROM TAP_SCHEMA.columns WHERE table_name IN ({names})"),
        ("column_name", "ucd", "principal"),
    )
    if not len(rows):
        service = rows.meta["provenance"].release
        raise CscError(f"There is no table {bare}", f"{service} does not list it", "Check its name and the service.")
    columns_with_ucd = [(str(name), _text(ucd)) for name, ucd in zip(rows["column_name"], rows["ucd"], strict=True)]
    position = (ra, dec) if ra and dec else position_columns(columns_with_ucd)
    if position is None or any(len(parts_of(name)) > 1 for name in position):  # boxes need numbers in degrees
        raise CscError(
            f"The table {bare} cannot be searched",
            "none of its columns is known as a right ascension or declination",
            'Name them: ra="...", dec="...".',
        )
    columns = [name for name, _ in columns_with_ucd]
    if len(columns) > _MOST_COLUMNS:
        principal = [bool(flag) for flag in rows["principal"]]
        columns = [
            name
            for (name, ucd), first in zip(columns_with_ucd, principal, strict=True)
            if first or ucd.lower().startswith(_WANTED_UCDS)
        ]
    descriptions = require_all(
        ask(f"SELECT description FROM TAP_SCHEMA.tables WHERE table_name IN ({names})"), ["description"]
    )
    title = _text(descriptions["description"][0]) if len(descriptions) else ""
    return TapTable(title, tuple(columns), *position)


def tables_with_positions(ask: Callable[[str], QTable]) -> list[tuple[str, str]]:
    """Titles and names, without schema, of a service's tables with a main position, by title."""
    answer = ask(
        "SELECT t.table_name, t.description FROM TAP_SCHEMA.tables AS t JOIN TAP_SCHEMA.columns AS c"
        " ON c.table_name = t.table_name WHERE c.ucd = 'pos.eq.ra;meta.main'"
    )
    answer = require_all(answer, ("table_name", "description"))
    rows = zip(answer["description"], answer["table_name"], strict=True)
    return sorted((_text(title), str(name).rpartition(".")[2]) for title, name in rows)


def _text(value: Any) -> str:
    return "" if value is np.ma.masked else str(value)
