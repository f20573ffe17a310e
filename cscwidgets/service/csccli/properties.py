"""csccli's ``getProperties``: catalogue rows in the form CSCview and ``search_csc`` know."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from astropy.coordinates import Angle

from cscwidgets.errors import CscError
from cscwidgets.io.adql.refusals import refusal
from cscwidgets.io.adql.relations import Field

from ..database import Database
from ..limits import HARD_MAXREC
from ..result import Result
from ..vo.formats import archive_infos, find_format, write

__all__ = ["get_properties"]

_TSV = "text/tab-separated-values; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"

# Columns CSCview pads: a source's name begins with a blank unless a letter follows the declination.
_PADDED = {"name": ("A22", str.rjust, 22), "match_type": ("A11", str.ljust, 11), "detector": ("A7", str.rjust, 7)}
_WIDTHS = {"obsid": 5, "obi": 3, "region_id": 4}


def get_properties(database: Database, parameters: Mapping[str, str]) -> tuple[str, Iterator[bytes]]:
    """Answer a query on tables without schema.

    Parameters
    ----------
    database : Database
    parameters : mapping of str to str
        ``query``; ``outputFormat`` (tsv, vot), ``coordFormat`` (sexagesimal, decimal), ``nullAppearance`` and
        ``floatFormat`` (default: six digits, native).

    Returns
    -------
    (str, iterator of bytes)
        Media type and document. An error is a document too: "Error executing query:" and its words.
    """
    try:
        return _answer(database, parameters)
    except CscError as error:
        return _TEXT, iter([f"Error executing query: {error}\n".encode()])


def _answer(database: Database, parameters: Mapping[str, str]) -> tuple[str, Iterator[bytes]]:
    query = parameters.get("query", "")
    if "UPLOAD" in parameters:
        raise refusal("the tables of UPLOAD are not taken here", "Use the archive's TAP service.")
    result = database.query(query, maxrec=HARD_MAXREC)
    if result.truncated:
        raise refusal(f"the answer has more than {HARD_MAXREC} rows", "Ask for less.")
    output = parameters.get("outputFormat", "tsv").lower()
    if output in {"vot", "votable"}:
        votable = find_format("votable/td")
        return votable.mime, write(result, votable, archive_infos(database.info))
    if output != "tsv":
        raise refusal(f"outputFormat is {output!r}", "It is tsv or vot.")
    return _TSV, _tsv(database, result, parameters)


def _tsv(database: Database, result: Result, parameters: Mapping[str, str]) -> Iterator[bytes]:
    words_of_query = set(re.findall(r"\w+", parameters["query"].lower()))
    null = parameters.get("nullAppearance", "")
    decimal = parameters.get("coordFormat", "sexagesimal").lower() == "decimal"
    native = parameters.get("floatFormat", "default").lower() == "native"
    formats = [_format(field, decimal=decimal, native=native) for field in result.fields]
    for field, written in zip(result.fields, formats, strict=True):
        table = _table(database, field, words_of_query)
        unit = "" if written == "sexagesimal" else field.unit
        code = {"sexagesimal": "A12", "text": "A24"}.get(written, written)
        line = (
            f'#Column\t{field.name}\t({code})\t{field.description}\t({table}.{field.name})\t["{unit}"]\t[{field.ucd}]'
        )
        yield f"{line}\n".encode()
    yield ("\t".join(field.name for field in result.fields) + "\n").encode()
    columns = [
        [_cell(value, field.name, written, null) for value in column.to_pylist()]
        for column, field, written in zip(result.table.columns, result.fields, formats, strict=True)
    ]
    for row in zip(*columns, strict=True):
        yield ("\t".join(row) + "\n").encode()
    yield b"\n"


def _table(database: Database, field: Field, words_of_query: set[str]) -> str:
    """The table a column comes from: the first of those the query names that has it, none for what was computed."""
    for relation in database.relations:
        table = relation.name.rpartition(".")[2]
        own = relation.fields.get(field.name.lower())
        if table.lower() in words_of_query and own is not None and own.description == field.description:
            return table
    return ""


def _format(field: Field, *, decimal: bool, native: bool) -> str:
    if field.datatype in {"double", "float"}:
        if field.name in {"ra", "dec"} and not decimal:
            return "sexagesimal"
        return "G24.17" if native else "G12.6"
    if field.datatype in {"int", "short", "long", "unsignedByte"}:
        return f"I{_WIDTHS.get(field.name, 5)}"
    if field.datatype == "boolean":
        return "L5"
    return _PADDED[field.name][0] if field.name in _PADDED else "text"


def _cell(value: Any, name: str, written: str, null: str) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return null.rjust(9) if null else null
    if written == "sexagesimal":
        return _sexagesimal(value, hours=name == "ra")
    if written.startswith("G"):
        digits = int(written.partition(".")[2])
        return f"{value:.{digits}g}".rjust(9)
    if written.startswith("I"):
        return str(value).rjust(int(written[1:]))
    if written == "L5":
        return "TRUE" if value else "FALSE"
    text = re.sub(r"[\t\r\n]", " ", str(value))
    if name in _PADDED:
        _, pad, width = _PADDED[name]
        return str(pad(text, width))
    return text


def _sexagesimal(degrees: float, *, hours: bool) -> str:
    angle = Angle(degrees, "deg")
    text = angle.to_string("hourangle" if hours else "deg", sep=" ", precision=2, pad=True, alwayssign=not hours)
    return f" {text}" if hours else str(text)
