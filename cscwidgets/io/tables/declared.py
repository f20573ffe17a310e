"""What comments above delimited values declare of the columns, as CSCview, ``search_csc`` and VizieR do."""

from __future__ import annotations

import re
from collections import Counter
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
        """What is declared of each column, by name: comments stay where people take out, add and move columns.

        Of a name that is declared several times each declaration is of one column; where there are not as many columns,
        it is not known which table's are left. VizieR, which names no tables, declares those of several answers.
        """
        given = [name.strip() for name in names]
        counts = Counter(given)
        declared: dict[str, list[dict[str, str]]] = {}
        for name, said in self.columns:
            declared.setdefault(name, []).append(said)
        sure = {name: iter(said) for name, said in declared.items() if len(said) == counts[name]}
        same = {name: said[0] for name, said in declared.items() if not any("table" in one for one in said)}
        return [next(sure[name]) if name in sure else same.get(name, {}) for name in given]


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
