"""What a table says about its columns: VOTable type, unit, UCD and words, beside the Arrow data."""

from __future__ import annotations

from types import MappingProxyType

import pyarrow as pa

from cscwidgets.csc.columns import describe
from cscwidgets.errors import CscError
from cscwidgets.io.adql.relations import Field, Relation
from cscwidgets.io.units import vounit

__all__ = ["datatype_of", "field_of", "relation_of"]


def datatype_of(kind: pa.DataType) -> tuple[str, str]:
    """VOTable datatype and arraysize of an Arrow type.

    Raises
    ------
    CscError
        For types that no VOTable column can hold (structures, lists).
    """
    scalars = (
        (pa.types.is_boolean, "boolean"),
        (pa.types.is_uint8, "unsignedByte"),
        (lambda t: pa.types.is_int8(t) or pa.types.is_int16(t), "short"),
        (lambda t: pa.types.is_int32(t) or pa.types.is_uint16(t), "int"),
        (pa.types.is_integer, "long"),
        (pa.types.is_float32, "float"),
        (lambda t: pa.types.is_floating(t) or pa.types.is_decimal(t), "double"),
    )
    for matches, datatype in scalars:
        if matches(kind):
            return datatype, ""
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_temporal, pa.types.is_null)
    if any(matches(kind) for matches in texts):
        return "char", "*"
    raise CscError(
        "The result cannot be written", f"a column has the type {kind}", "Select single columns, not whole rows."
    )


def field_of(column: pa.Field, table: str) -> Field:
    """Describe a stored column: its own Arrow metadata first, then what the catalogue knows."""
    datatype, arraysize = datatype_of(column.type)
    described = describe(column.name, table)
    own = {key.decode(): value.decode() for key, value in (column.metadata or {}).items()}

    def said(key: str) -> str:
        return own.get(key) or (getattr(described, key) if described else "")

    # Of text it is how angles are written, for which VOUnit has no word.
    unit = said("unit") if datatype == "char" else vounit(said("unit"))
    return Field(column.name, datatype, arraysize, unit, said("ucd"), said("description"), own.get("xtype", ""))


def relation_of(name: str, schema: pa.Schema, *, sql: str, description: str = "") -> Relation:
    """A queryable relation over stored columns."""
    table = name.rpartition(".")[2]
    fields = {column.name.lower(): field_of(column, table) for column in schema}
    return Relation(name, sql, MappingProxyType(fields), description)
