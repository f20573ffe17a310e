"""Tables that a query may speak of, and what their columns are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Field", "Relation"]


@dataclass(frozen=True, slots=True)
class Field:
    """One column as VOTable and TAP_SCHEMA describe it.

    ``datatype`` is a VOTable primitive; ``arraysize`` is "*" for strings and empty for scalars; ``unit`` is VOUnit's.
    """

    name: str
    datatype: str
    arraysize: str = ""
    unit: str = ""
    ucd: str = ""
    description: str = ""
    xtype: str = ""


@dataclass(frozen=True)
class Relation:
    """A table that may be queried.

    ``name`` is its full ADQL name ("csc21.master_source"), ``sql`` what DuckDB calls it,
    ``fields`` its columns in order, by lower-case name.
    """

    name: str
    sql: str
    fields: Mapping[str, Field]
    description: str = ""
