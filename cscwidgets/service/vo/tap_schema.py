"""TAP_SCHEMA: the archive's tables described as tables (TAP 1.1, section 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import pyarrow as pa

from cscwidgets.io.adql.relations import Field, Relation

__all__ = ["INDEXED", "PRINCIPAL", "ForeignKey", "foreign_keys", "tap_schema"]

INDEXED = {"name", "dec", "obsid", "detect_stack_id"}

# What TOPCAT and friends show first.
PRINCIPAL = {
    *[
        "name",
        "ra",
        "dec",
        "err_ellipse_r0",
        "err_ellipse_r1",
        "err_ellipse_ang",
        "conf_flag",
        "extent_flag",
        "sat_src_flag",
    ],
    *["flux_aper_b", "flux_aper_lolim_b", "flux_aper_hilim_b", "flux_aper_w", "significance", "likelihood_class"],
    *["hard_hm", "hard_hs", "hard_ms", "var_intra_prob_b", "var_inter_prob_b"],
    *["obsid", "obi", "region_id", "detect_stack_id", "match_type", "theta", "livetime", "gti_obs", "instrument"],
}

# (from table, target table, columns that are equal); data model of the CSC: csc/organization.html
_FOREIGN_KEYS = (
    ("master_stack_assoc", "master_source", ("name",)),
    ("master_stack_assoc", "stack_source", ("detect_stack_id", "region_id")),
    ("stack_observation_assoc", "stack_source", ("detect_stack_id", "region_id")),
    ("stack_observation_assoc", "observation_source", ("obsid", "obi", "region_id")),
)

_TEXT, _INT = pa.string(), pa.int32()

# The columns of TAP_SCHEMA itself: (name, Arrow type, description).
_LAYOUT: Mapping[str, tuple[str, tuple[tuple[str, pa.DataType, str], ...]]] = {
    "schemas": (
        "The schemas of this service",
        (
            ("schema_name", _TEXT, "Schema name"),
            ("utype", _TEXT, "UType of the schema"),
            ("description", _TEXT, "What the schema holds"),
            ("schema_index", _INT, "Recommended sort order"),
        ),
    ),
    "tables": (
        "The tables of this service",
        (
            ("schema_name", _TEXT, "Schema the table belongs to"),
            ("table_name", _TEXT, "Full table name"),
            ("table_type", _TEXT, "table or view"),
            ("utype", _TEXT, "UType of the table"),
            ("description", _TEXT, "What the table holds"),
            ("table_index", _INT, "Recommended sort order"),
        ),
    ),
    "columns": (
        "The columns of this service's tables",
        (
            ("table_name", _TEXT, "Table the column belongs to"),
            ("column_name", _TEXT, "Column name"),
            ("datatype", _TEXT, "VOTable datatype"),
            ("arraysize", _TEXT, "VOTable arraysize"),
            ("xtype", _TEXT, "VOTable xtype"),
            ("size", _INT, "Length of variable-length types (superseded by arraysize)"),
            ("description", _TEXT, "What the column holds"),
            ("utype", _TEXT, "UType of the column"),
            ("unit", _TEXT, "Unit, in VOUnit"),
            ("ucd", _TEXT, "Unified Content Descriptor"),
            ("indexed", _INT, "1 if searching this column is fast"),
            ("principal", _INT, "1 for the columns to look at first"),
            ("std", _INT, "1 if a standard defines the column"),
            ("column_index", _INT, "Recommended sort order"),
        ),
    ),
    "keys": (
        "Foreign keys between tables",
        (
            ("key_id", _TEXT, "Key identifier"),
            ("from_table", _TEXT, "Table that refers"),
            ("target_table", _TEXT, "Table referred to"),
            ("utype", _TEXT, "UType of the key"),
            ("description", _TEXT, "What the key means"),
        ),
    ),
    "key_columns": (
        "The columns of foreign keys",
        (
            ("key_id", _TEXT, "Key identifier"),
            ("from_column", _TEXT, "Column in the table that refers"),
            ("target_column", _TEXT, "Column in the table referred to"),
        ),
    ),
}
_OWN_KEYS = (
    ("tables", "schemas", "schema_name", "schema_name"),
    ("columns", "tables", "table_name", "table_name"),
    ("keys", "tables", "from_table", "table_name"),
    ("keys", "tables", "target_table", "table_name"),
    ("key_columns", "keys", "key_id", "key_id"),
)


class ForeignKey(NamedTuple):
    """Columns of one table that name a row of another: (from column, target column) pairs."""

    source: str
    target: str
    columns: tuple[tuple[str, str], ...]


def foreign_keys(schema: str, names: Iterable[str]) -> list[ForeignKey]:
    """The keys between the tables there are, TAP_SCHEMA's own included.

    Parameters
    ----------
    schema : str
        The archive's schema name.
    names : iterable of str
        Full names of the archive's tables.
    """
    present = set(names)
    keys = [
        ForeignKey(f"{schema}.{source}", f"{schema}.{target}", tuple((name, name) for name in columns))
        for source, target, columns in _FOREIGN_KEYS
    ]
    own = [
        ForeignKey(f"TAP_SCHEMA.{source}", f"TAP_SCHEMA.{target}", ((source_column, target_column),))
        for source, target, source_column, target_column in _OWN_KEYS
    ]
    return [key for key in keys if {key.source, key.target} <= present] + own


def _arrow_schema(table: str) -> pa.Schema:
    return pa.schema(
        [pa.field(name, kind, metadata={"description": description}) for name, kind, description in _LAYOUT[table][1]]
    )


def tap_schema(schema: str, title: str, relations: Iterable[Relation]) -> dict[str, tuple[pa.Table, str]]:
    """The five TAP_SCHEMA tables of an archive, TAP_SCHEMA itself included.

    Parameters
    ----------
    schema : str
        The archive's schema name.
    title : str
        Its title, which describes the schema.
    relations : iterable of Relation
        The archive's own tables.

    Returns
    -------
    dict
        Table name, without schema, to rows and description.
    """
    own = [
        Relation(
            f"TAP_SCHEMA.{table}",
            "",
            {name: Field(name, "char" if kind == _TEXT else "int", "*" if kind == _TEXT else "", description=text)
             for name, kind, text in columns},
            description,
        )
        for table, (description, columns) in _LAYOUT.items()
    ]  # fmt: skip
    archive = list(relations)
    rows: dict[str, list[dict[str, Any]]] = {
        "schemas": [
            {"schema_name": schema, "description": title, "schema_index": 0},
            {"schema_name": "TAP_SCHEMA", "description": "The tables that describe the tables", "schema_index": 1},
        ],
        "tables": [
            {
                "schema_name": relation.name.partition(".")[0],
                "table_name": relation.name,
                "table_type": "table",
                "description": relation.description,
                "table_index": index,
            }
            for index, relation in enumerate([*archive, *own])
        ],
        "columns": [
            _column_row(relation, index, field)
            for relation in [*archive, *own]
            for index, field in enumerate(relation.fields.values())
        ],
        "keys": [],
        "key_columns": [],
    }
    for index, key in enumerate(foreign_keys(schema, (relation.name for relation in archive))):
        key_id = f"key{index}"
        rows["keys"].append({"key_id": key_id, "from_table": key.source, "target_table": key.target})
        rows["key_columns"] += [
            {"key_id": key_id, "from_column": source_column, "target_column": target_column}
            for source_column, target_column in key.columns
        ]
    return {
        table: (pa.Table.from_pylist(rows[table], schema=_arrow_schema(table)), description)
        for table, (description, _) in _LAYOUT.items()
    }


def _column_row(relation: Relation, index: int, field: Field) -> dict[str, Any]:
    own = relation.name.startswith("TAP_SCHEMA.")
    return {
        "table_name": relation.name,
        # A reserved word must be quoted wherever it is used, so it is listed quoted (TAP 1.1, 4.3).
        "column_name": f'"{field.name}"' if field.name == "size" else field.name,
        "datatype": field.datatype,
        "arraysize": field.arraysize or None,
        "description": field.description or None,
        "unit": field.unit or None,
        "ucd": field.ucd or None,
        "indexed": int(not own and field.name in INDEXED),
        "principal": int(own or field.name in PRINCIPAL),
        "std": int(own),
        "column_index": index,
    }
