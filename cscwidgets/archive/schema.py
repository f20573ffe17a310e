"""Which tables and columns an archive has: as its TAP_SCHEMA says, or as the reference of the release has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.table import QTable

from cscwidgets.csc.columns import TABLES, describe
from cscwidgets.csc.families import Column
from cscwidgets.csc.releases import Release
from cscwidgets.errors import QueryError

from .whole_answer import require_all

if TYPE_CHECKING:  # imports sqlglot
    from cscwidgets.io.adql.relations import Relation

__all__ = ["Schema", "listed_schema", "reference_schema"]

_ASKED = ("table_name", "column_name", "datatype", "unit", "ucd", "description")


@dataclass(frozen=True)
class Schema:
    """Tables and their columns.

    Attributes
    ----------
    tables : mapping of str to mapping of str to Column
        Columns by name, in order, by the table's full name (``csc21.master_source``). Units are those the service
        compares in.
    release : Release
        Whose they are.
    listed : bool
        Whether the service itself said so; else they are those of the reference of the releases.
    reason : str
        Why they are those of the reference.
    """

    tables: Mapping[str, Mapping[str, Column]]
    release: Release
    listed: bool
    reason: str = ""

    @property
    def origin(self) -> str:
        """Where the columns are from, in words."""
        if self.listed:
            return f"as {self.release.title} lists them"
        return f"from the reference of CSC 2.1: {self.release.title} does not list its own now"

    def columns(self, table: str = "master_source") -> Mapping[str, Column]:
        """Columns of one of the catalogue's tables; none where the archive has no such table."""
        by_lower = {name.lower(): name for name in self.tables}
        name = by_lower.get(f"{self.release.schema}.{table}".lower()) or by_lower.get(table.lower())
        return self.tables[name] if name else {}

    def check(self, adql: str) -> None:
        """See whether a query can be read and all its names exist.

        Of tables that the reference does not have nothing is known where the service lists none: it decides.

        Raises
        ------
        QueryError
            Naming the word that is wrong, why, and what is near it.
        """
        from sqlglot import exp  # noqa: PLC0415 - a fifth of a second

        from cscwidgets.io.adql.names import resolve  # noqa: PLC0415
        from cscwidgets.io.adql.syntax import read_query  # noqa: PLC0415

        tree = read_query(adql)
        if not self.listed:
            within = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
            used = {f"{table.db}.{table.name}".strip(".").lower() for table in tree.find_all(exp.Table)}
            if used - within - set(self._relations):
                return
        resolve(tree, self._relations)

    @cached_property
    def _relations(self) -> Mapping[str, Relation]:
        from cscwidgets.io.adql.relations import Field, Relation  # noqa: PLC0415

        relations = {}
        for table, columns in self.tables.items():
            fields = {
                name.lower(): Field(name, column.datatype, "*" if column.datatype == "char" else "", column.unit)
                for name, column in columns.items()
            }
            relation = Relation(table, '"t"', fields)
            relations[table.lower()] = relation
            if table.partition(".")[0].lower() == self.release.schema.lower():
                relations.setdefault(table.rpartition(".")[2].lower(), relation)
        return relations


def reference_schema(release: Release, reason: str = "") -> Schema:
    """The tables of the catalogue as the reference has them."""
    tables = {f"{release.schema}.{name}": columns for name, columns in TABLES.items()}
    return Schema(MappingProxyType(tables), release, listed=False, reason=reason)


def listed_schema(release: Release, ask: Callable[[str], QTable]) -> Schema:
    """The tables as the service lists them; what it does not describe is described as in the reference.

    Raises
    ------
    QueryError
        If it does not answer, or lists nothing.
    """
    rows = require_all(ask(f"SELECT {', '.join(_ASKED)} FROM TAP_SCHEMA.columns"), _ASKED)
    tables: dict[str, dict[str, Column]] = {}
    for table, name, datatype, unit, ucd, words in zip(*(map(_text, rows[column]) for column in _ASKED), strict=True):
        bare = name.strip('"')
        known = describe(bare, table.rpartition(".")[2]) or Column(bare, _datatype(datatype))
        column = replace(
            known,
            name=bare,
            datatype=known.datatype if known.datatype == "boolean" else _datatype(datatype) or known.datatype,
            unit=unit or known.unit,
            ucd=known.ucd or ucd,
            description=known.description or words,
        )
        tables.setdefault(table.strip('"'), {})[bare] = column
    if not tables:
        raise QueryError(f"{release.title} does not list its columns", "its TAP_SCHEMA is empty")
    return Schema(MappingProxyType(tables), release, listed=True)


# TAP 1.0 says types in the words of databases (adql:VARCHAR, REAL), TAP 1.1 in those of VOTable.
_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("varchar", "nvarchar", "char", "nchar", "text", "clob", "unicodechar", "timestamp"), "char"),
    **dict.fromkeys(("double", "double precision", "float", "real", "numeric", "decimal"), "double"),
    **dict.fromkeys(("int", "integer", "smallint", "bigint", "long", "short", "tinyint", "unsignedbyte"), "int"),
    **dict.fromkeys(("boolean", "bit"), "boolean"),
}


def _datatype(text: str) -> str:
    return _TYPES.get(text.lower().removeprefix("adql:").partition("(")[0].strip(), text and "char")


def _text(value: Any) -> str:
    return "" if value is np.ma.masked or value is None else str(value)
