"""Columns of people's own that several files have under one name: in one unit and of one type, or apart."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from cscwidgets.csc.columns import TABLES
from cscwidgets.io.units import read_unit

from .values import unit_factor

__all__ = ["agreeing"]


def agreeing(name: str, pieces: Sequence[pa.Table]) -> tuple[list[pa.Table], list[str]]:
    """Pieces of one table whose columns of one name have one unit and one type, and what is to be said.

    The first unit counts. Numbers in another one are converted; where none leads to the other, they have a name of
    their own. Words beside numbers make all of them words.

    Parameters
    ----------
    name : str
        A table of the catalogue, whose own columns have one unit and type already.
    pieces : sequence of pyarrow.Table
        Its rows, of a file each.
    """
    done, notes = list(pieces), list[str]()
    for column in _own(name, done):
        done, words = _in_one_unit(done, column)
        notes += words
    for column in _own(name, done):  # those that have got a name of their own too
        done, words = _of_one_type(done, column)
        notes += words
    return done, [f"{name}.{note}" for note in dict.fromkeys(notes)]


def _own(name: str, pieces: Sequence[pa.Table]) -> list[str]:
    """The columns that the catalogue does not have, and several pieces have."""
    names = [column for piece in pieces for column in piece.column_names if column not in TABLES[name]]
    return [column for column in dict.fromkeys(names) if names.count(column) > 1]


def _in_one_unit(pieces: Sequence[pa.Table], column: str) -> tuple[list[pa.Table], list[str]]:
    units = [_unit(piece, column) for piece in pieces]
    unit = next(filter(None, units), "")
    taken = {name for piece in pieces for name in piece.column_names}
    other = next(free for n in range(2, len(taken) + 3) if (free := f"{column}_{n}") not in taken)
    done, notes = [], []
    for piece, own in zip(pieces, units, strict=True):
        factor = unit_factor(own, unit)
        if column not in piece.column_names or own == unit:
            done.append(piece)
        elif factor is None:
            done.append(piece.rename_columns([other if one == column else one for one in piece.column_names]))
            notes.append(f"{column} is in {unit} in one file and in {own} in another: that one is called {other}")
        else:
            values = pc.multiply(piece[column], factor) if own else piece[column]
            done.append(_replaced(piece, column, values, {"unit": unit}))
            notes.append(
                f"{column} is in {unit}, as one file says, and {f'was in {own}' if own else 'has none'} in another"
            )
    return done, notes


def _of_one_type(pieces: Sequence[pa.Table], column: str) -> tuple[list[pa.Table], list[str]]:
    done = [_without_type(piece, column) for piece in pieces]
    having = [piece.select([column]) for piece in done if column in piece.column_names]
    try:
        pa.concat_tables(having, promote_options="permissive")
    except (pa.ArrowTypeError, pa.ArrowInvalid):  # words and numbers, or numbers that no type has all of
        kinds = ", ".join(sorted({str(p[column].type) for p in having if p[column].null_count < p.num_rows}))
        words = (
            p if column not in p.column_names else _replaced(p, column, pc.cast(p[column], pa.string())) for p in done
        )
        return list(words), [f"{column} is of different types in the files ({kinds}): all are words now"]
    return done, []


def _without_type(piece: pa.Table, column: str) -> pa.Table:
    """A piece whose column takes the type of the others', if it holds nothing."""
    if column not in piece.column_names or piece[column].null_count < piece.num_rows:
        return piece
    return _replaced(piece, column, pa.chunked_array([pa.nulls(piece.num_rows)]))


def _replaced(piece: pa.Table, column: str, values: pa.ChunkedArray, said: dict[str, str] | None = None) -> pa.Table:
    at = piece.column_names.index(column)
    metadata = (piece.schema.field(at).metadata or {}) | {
        key.encode(): text.encode() for key, text in (said or {}).items()
    }
    return piece.set_column(at, pa.field(column, values.type, metadata=metadata), values)


def _unit(piece: pa.Table, column: str) -> str:
    """The unit of numbers in a column, however it is spelled; of others none."""
    field = piece.schema.field(column) if column in piece.column_names else pa.field(column, pa.string())
    if not (pa.types.is_integer(field.type) or pa.types.is_floating(field.type)):
        return ""
    text = (field.metadata or {}).get(b"unit", b"").decode().strip()
    return str(read_unit(text) or text)
