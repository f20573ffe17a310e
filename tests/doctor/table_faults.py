"""Deviations of what an archive holds, each with the step that meets it and the words that name it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

__all__ = ["TABLES", "OfTables"]

Tables = Mapping[str, pa.Table]


@dataclass(frozen=True)
class OfTables:
    """A deviation of what the archive holds."""

    name: str
    change: Callable[[Tables], Tables]
    step: str
    words: tuple[str, ...]


def _with(tables: Tables, name: str, change: Callable[[pa.Table], pa.Table]) -> Tables:
    return {**tables, name: change(tables[name])}


def _column(table: pa.Table, name: str, values: pa.Array, field: pa.Field | None = None) -> pa.Table:
    return table.set_column(table.column_names.index(name), field or pa.field(name, values.type), values)


def _filled(value: float, name: str) -> Callable[[pa.Table], pa.Table]:
    def filled(table: pa.Table) -> pa.Table:
        values = np.asarray(table[name].combine_chunks().fill_null(np.nan))
        return _column(table, name, pa.array(np.where(np.isnan(values), value, values)))

    return filled


def _never_seen(table: pa.Table) -> pa.Table:
    """Sources that the HRC never observed, with noughts for fluxes that are not there."""
    for name, kind in (("hrc_num", pa.int32()), ("flux_aper_w", pa.float64())):
        table = _column(table, name, pa.array(np.zeros(table.num_rows), kind))
    return table


def _other_unit(table: pa.Table) -> pa.Table:
    values = table["err_ellipse_r0"].combine_chunks()
    return _column(table, "err_ellipse_r0", values, pa.field("err_ellipse_r0", values.type, metadata={"unit": "mas"}))


def _unlike_unit(table: pa.Table) -> pa.Table:
    values = table["significance"].combine_chunks()
    return _column(table, "acis_time", values, pa.field("acis_time", values.type, metadata={"unit": "Jy"}))


def _texts(table: pa.Table) -> pa.Table:
    return _column(table, "flux_aper_b", table["flux_aper_b"].cast(pa.string()).combine_chunks())


def _shifted(table: pa.Table) -> pa.Table:
    values = np.asarray(table["region_id"]) + 1000
    return _column(table, "region_id", pa.array(values, pa.int32()))


TABLES = [
    OfTables(
        "renamed column",
        lambda tables: _with(
            tables,
            "master_source",
            lambda table: table.rename_columns([{"hard_hm": "hardness_hm"}.get(n, n) for n in table.column_names]),
        ),
        "columns",
        ("master_source lacks columns: hard_hm", "master_source has further columns: hardness_hm"),
    ),
    OfTables(
        "missing column",
        lambda tables: _with(tables, "observation_source", lambda table: table.drop_columns(["theta"])),
        "columns",
        ("observation_source lacks columns: theta", "446 of them"),
    ),
    OfTables(
        "other unit",
        lambda tables: _with(tables, "master_source", _other_unit),
        "columns",
        ("master_source has another unit: err_ellipse_r0 in mas for arcsec", "The client converts"),
    ),
    OfTables(
        "unit of another kind",
        lambda tables: _with(tables, "master_source", _unlike_unit),
        "columns",
        ("master_source has a unit of another kind: acis_time in Jy for s",),
    ),
    OfTables(
        "other type",
        lambda tables: _with(tables, "master_source", _texts),
        "columns",
        ("master_source has another type: flux_aper_b is", "for double"),
    ),
    OfTables(
        "other case",
        lambda tables: _with(
            tables,
            "master_source",
            lambda table: table.rename_columns([{"name": "NAME"}.get(n, n) for n in table.column_names]),
        ),
        "cone",
        ("The cone search spells columns in another case: NAME",),
    ),
    OfTables(
        "missing table",
        lambda tables: {name: table for name, table in tables.items() if name != "detect_stack"},
        "tables",
        ("The table detect_stack is missing", "csc21.detect_stack"),
    ),
    OfTables(
        "other count",
        lambda tables: _with(tables, "master_source", lambda table: table.slice(5)),
        "counts",
        ("The number of sources is another one", "as published"),
    ),
    OfTables(
        "nulls as nought",
        lambda tables: _with(tables, "master_source", _never_seen),
        "nulls",
        ("Nulls of flux_aper_w come as 0", "null for sources that HRC never observed"),
    ),
    OfTables(
        "nulls as -999",
        lambda tables: _with(tables, "master_source", _filled(-999.0, "var_intra_prob_b")),
        "nulls",
        ("Nulls of var_intra_prob_b come as -999",),
    ),
    OfTables(
        "keys of stacks",
        lambda tables: _with(tables, "stack_source", _shifted),
        "joins",
        ("The join keys of master_stack_assoc and stack_source do not match (detect_stack_id, region_id)",),
    ),
    OfTables(
        "keys of observations",
        lambda tables: _with(tables, "observation_source", _shifted),
        "joins",
        ("The join keys of stack_observation_assoc and observation_source do not match (obsid, obi, region_id)",),
    ),
    OfTables(
        "names",
        lambda tables: _with(
            tables,
            "master_stack_assoc",
            lambda table: _column(table, "name", pa.array([f"{name}X" for name in table["name"].to_pylist()])),
        ),
        "joins",
        ("The join keys of master_source and master_stack_assoc do not match (name)",),
    ),
    OfTables(
        "duplicate rows",
        lambda tables: _with(tables, "master_source", lambda table: pa.concat_tables([table, table.slice(0, 40)])),
        "box",
        ("The query by a box brings sources twice", "duplicate rows"),
    ),
    OfTables(
        "duplicate members",
        lambda tables: _with(tables, "stack_observation_assoc", lambda table: pa.concat_tables([table, table])),
        "joins",
        ("The join of all tables repeats rows",),
    ),
]
