"""ADQL about any table of any TAP service, by boxes in its own position columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from cscwidgets.sky.boxes import Box, halved

from ..query import box_condition

__all__ = ["TableQuery", "identifier"]

# Reserved words of ADQL 2.1 (section 2.1.3) that catalogues use as names of columns.
_RESERVED = frozenset(
    (  # noqa: SIM905 - a list of two hundred lines tells no more
        "abs acos action all and any area as asc asin at atan atan2 avg begin between bit both box by case ceiling "
        "centroid char circle class close contains coord1 coord2 coordsys cos count cross current cursor date day "
        "decimal default degrees delete desc distance distinct domain double end escape except exists exp external "
        "extract false first float floor for found from full get global go group having hour identity in insert int "
        "integer interval into is join key language last left level like local log log10 lower match max min minute "
        "mod module month name names national natural next no not null numeric offset on only open option or order "
        "output pad partial pi point polygon position power precision primary prior privileges public radians rand "
        "read real region relative right round rows schema scroll second section select session set sign sin size "
        "smallint some space sql sqrt sum system table tan temporary then time timestamp to top trailing transaction "
        "trim true truncate union unique unknown update upper usage user using value values varchar varying view "
        "when where with work write year zone"
    ).split()
)


def identifier(name: str) -> str:
    """A name as ADQL takes it: quoted where it must be, as it stands where it is quoted already."""
    if name.startswith('"'):
        return name
    parts = name.split(".")
    if all(re.fullmatch(r"[A-Za-z]\w*", part) and part.lower() not in _RESERVED for part in parts):
        return name
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True)
class TableQuery:
    """Rows of a table in boxes of right ascension and declination.

    Names are as the service lists them; ``columns`` is empty for all. ``where`` is ADQL.
    """

    table: str
    columns: tuple[str, ...]
    ra: str
    dec: str
    boxes: tuple[Box, ...]
    where: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Columns the answer must have: others may come under a name that the service likes better."""
        return self.numbers

    @property
    def numbers(self) -> tuple[str, str]:
        """Columns of the position."""
        return self.ra.strip('"'), self.dec.strip('"')

    def adql(self) -> str:
        """The query as ADQL text."""
        selected = dict.fromkeys([*self.columns, self.ra, self.dec] if self.columns else [])
        return f"SELECT {', '.join(map(identifier, selected)) or '*'} {self._from_where()}"

    def count(self) -> str:
        """The ADQL that counts the rows of the query."""
        return f"SELECT COUNT(*) AS n {self._from_where()}"

    def halves(self) -> tuple[TableQuery, TableQuery]:
        """Two queries that together return what this one does."""
        first, second = halved(self.boxes)
        return replace(self, boxes=first), replace(self, boxes=second)

    def _from_where(self) -> str:
        ra, dec = identifier(self.ra), identifier(self.dec)
        conditions = [" OR ".join(box_condition(box, ra, dec) for box in self.boxes), self.where.strip()]
        return f"FROM {identifier(self.table)} WHERE {' AND '.join(f'({part})' for part in conditions if part)}"
