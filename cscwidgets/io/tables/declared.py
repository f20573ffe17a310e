"""What comments above delimited values declare of the columns, as CSCview, ``search_csc`` and VizieR do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Declared", "declared_columns"]

# #Column name (format) description (table.column) ["unit"] [ucd], separated by tabs; VizieR's ends in [ucd=...]
_PLACE = re.compile(r"\((\w*)\.(\w+)\)")
_UCD = re.compile(r"\[ucd=([^\]]*)\]")


@dataclass(frozen=True)
class Declared:
    """Declarations in their order: names, and what is said."""

    columns: tuple[tuple[str, dict[str, str]], ...]

    def of(self, names: Sequence[str]) -> list[dict[str, str]]:
        """What is declared of each column: by place if there are as many, else by name."""
        if len(self.columns) == len(names):
            return [said for _, said in self.columns]
        by_name = dict(reversed(self.columns))
        return [by_name.get(name.strip(), {}) for name in names]


def declared_columns(lines: Sequence[str]) -> Declared:
    r"""The declarations in the comments of a file.

    >>> lines = ['#Column\tsepn\t(F9.2)\tDistance\t(.separation)\t["arcsec"]\t[pos.angDistance]']
    >>> declared_columns(lines).of(["sepn"])[0]["unit"]
    'arcsec'
    """
    return Declared(tuple(_declaration(line.split("\t")) for line in lines if line.startswith("#Column\t")))


def _declaration(parts: list[str]) -> tuple[str, dict[str, str]]:
    said: dict[str, str] = {}
    name, rest = parts[1].strip(), parts[3:]
    if rest and not rest[0].startswith("["):
        said["description"] = rest[0].strip()
    place = _PLACE.fullmatch(parts[4].strip()) if len(parts) > 4 else None
    ucd = _UCD.search("\t".join(rest))
    if place:
        said["table"], said["column"] = place[1], place[2]
        said["unit"] = parts[5].strip(' []"') if len(parts) > 5 else ""
        said["ucd"] = parts[6].strip(" []") if len(parts) > 6 else ""
    elif ucd:
        said["ucd"] = ucd[1].strip()
    return name, said
