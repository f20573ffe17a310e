"""Rows of one table from several files, or several rows of one thing: one row each, and what contradicts it."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from cscwidgets.csc.columns import TABLES
from cscwidgets.io.silent_duckdb import connect

from .placement import KEYS
from .report import TableReport

__all__ = ["merge"]

# Numbers printed with few digits differ a little from file to file without contradicting each other.
_RELATIVE, _DEGREES = 1e-3, 2e-4
_ROW = '"row number"'  # names of columns have no blanks: one may be "row_number"


def merge(name: str, pieces: list[pa.Table]) -> tuple[pa.Table, TableReport, pa.Table]:
    """One row a key: the first value of each column there is.

    Parameters
    ----------
    name : str
        A table of the catalogue.
    pieces : list of pyarrow.Table
        Its rows.

    Returns
    -------
    (pyarrow.Table, TableReport, pyarrow.Table)
        The rows, what is to be said of them, and all values that contradict each other, as text:
        columns ``in_table``, ``identified_by``, ``in_column``, ``value``.
    """
    rows = pa.concat_tables(pieces, promote_options="permissive")
    catalogue = list(TABLES[name])
    order = sorted(rows.column_names, key=lambda c: catalogue.index(c) if c in catalogue else len(catalogue))
    rows = rows.select(order)
    values = [column for column in order if column not in KEYS[name]]
    keys = ", ".join(map(_quote, KEYS[name]))
    with connect() as connection:
        connection.register("piece", rows.append_column(_ROW.strip('"'), pa.array(range(rows.num_rows), pa.int64())))
        selected = ", ".join([keys, *(f"arg_min({_quote(c)}, {_ROW}) AS {_quote(c)}" for c in values)])
        merged = connection.sql(f"SELECT {selected} FROM piece GROUP BY {keys} ORDER BY min({_ROW})").to_arrow_table()
        conflicts: dict[str, int] = {}
        if values and merged.num_rows < rows.num_rows:
            tests = ", ".join(f"count_if({_differ(name, c, rows.schema.field(c).type)})" for c in values)
            spans = ", ".join(
                f"min({_quote(c)}) AS {_quote('least ' + c)}, max({_quote(c)}) AS {_quote('most ' + c)}" for c in values
            )
            counted = connection.sql(f"SELECT {tests} FROM (SELECT {spans} FROM piece GROUP BY {keys})")
            conflicts = {c: count for c, count in zip(values, counted.fetchall()[0], strict=True) if count}
        contradictions = [
            _contradicting(connection, name, column, rows.schema.field(column).type) for column in conflicts
        ]
    merged = merged.select(order).cast(pa.schema([_described(name, rows.schema.field(c)) for c in order]))
    report = TableReport(
        name,
        merged.num_rows,
        rows.num_rows - merged.num_rows,
        conflicts,
        sum(column.null_count for column in merged.columns),
        merged.num_rows * merged.num_columns,
    )
    return merged, report, pa.concat_tables(contradictions or [_CONTRADICTIONS.empty_table()])


_CONTRADICTIONS = pa.schema(
    [pa.field(column, pa.string()) for column in ("in_table", "identified_by", "in_column", "value")]
)


def _contradicting(connection: duckdb.DuckDBPyConnection, name: str, column: str, kind: pa.DataType) -> pa.Table:
    """All values of a column where those of one key contradict each other."""
    keys = ", ".join(map(_quote, KEYS[name]))
    quoted = _quote(column)
    spans = f"min({quoted}) AS {_quote('least ' + column)}, max({quoted}) AS {_quote('most ' + column)}"
    groups = f"SELECT {keys}, {spans} FROM piece GROUP BY {keys}"
    return (
        connection.sql(
            f"SELECT '{name}' AS in_table, concat_ws(', ', {keys}) AS identified_by, {_text(column)} AS in_column,"
            f" CAST({quoted} AS VARCHAR) AS value FROM piece"
            f" JOIN (SELECT {keys} FROM ({groups}) WHERE {_differ(name, column, kind)}) USING ({keys})"
            f" WHERE {quoted} IS NOT NULL ORDER BY {_ROW}"
        )
        .to_arrow_table()
        .cast(_CONTRADICTIONS)
    )


def _differ(table: str, column: str, kind: pa.DataType) -> str:
    least, most = _quote("least " + column), _quote("most " + column)
    if not pa.types.is_floating(kind):
        return f"{least} <> {most}"
    catalogue_column = TABLES[table].get(column)
    if catalogue_column is not None and catalogue_column.unit == "deg":
        return f"{most} - {least} > {_DEGREES}"
    return f"{most} - {least} > {_RELATIVE} * greatest(abs({most}), abs({least}))"


def _described(table: str, column: pa.Field) -> pa.Field:
    """A column with the catalogue's words for it; one that is not the catalogue's keeps its own."""
    catalogue_column = TABLES[table].get(column.name)
    if catalogue_column is None:
        return column
    words = {"unit": catalogue_column.unit, "ucd": catalogue_column.ucd, "description": catalogue_column.description}
    said = (column.metadata or {}).get(b"placed", b"").decode()
    if said:
        words["description"] += f" [{said}]"
    return column.with_metadata({key: value for key, value in words.items() if value})


def _text(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
