"""VOTable documents from Arrow tables, fast.

Fixed-width rows let numpy lay out the binary stream at once: strings are as wide as the widest of the
result. Of the serialisations, astropy reads BINARY2 a third faster than TABLEDATA (1.0 s against 1.3 s for
50,000 rows of 20 columns), and it is written thirty times faster; BINARY reads 0.2 s faster but has no nulls
for integers.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cscwidgets.io.adql.relations import Field

__all__ = ["error_document", "text_columns", "votable"]

# Rows of one chunk, a multiple of 3 so that base64 of chunks joins without padding, to one line.
_CHUNK = 24_000

_NUMPY = {
    "unsignedByte": ">u1",
    "short": ">i2",
    "int": ">i4",
    "long": ">i8",
    "float": ">f4",
    "double": ">f8",
    "boolean": "S1",
}

# Since version 1.4 units are VOUnit's; its namespace is still that of 1.3.
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
)


def votable(
    table: pa.Table,
    fields: Sequence[Field],
    *,
    status: tuple[str, str] = ("OK", ""),
    overflow: bool = False,
    infos: Mapping[str, str] | None = None,
    serialization: str = "binary2",
    description: str = "",
) -> Iterator[bytes]:
    """Write a result document, piece by piece.

    Parameters
    ----------
    table : pyarrow.Table
        The rows.
    fields : sequence of Field
        What each column is.
    status : (str, str)
        Value and words of the leading INFO ``QUERY_STATUS``.
    overflow : bool
        Whether rows were left out: adds the trailing INFO that says so.
    infos : mapping of str to str, optional
        Further INFO elements, by name.
    serialization : {"binary2", "tabledata"}
        How the rows are written.
    description : str
        What the table is.
    """
    columns = [_plain(column, field) for column, field in zip(table.columns, fields, strict=True)]
    text = [field.datatype == "char" for field in fields]
    unicode = [is_text and not _is_ascii(column) for is_text, column in zip(text, columns, strict=True)]
    widths = [
        _width(column, wide) if is_text else 0 for is_text, wide, column in zip(text, unicode, columns, strict=True)
    ]
    head = [_HEAD, '<RESOURCE type="results">\n', _info("QUERY_STATUS", *status)]
    head += [_info(name, value) for name, value in (infos or {}).items()]
    head.append("<TABLE>\n")
    if description:
        head.append(f"<DESCRIPTION>{_text(description)}</DESCRIPTION>\n")
    head += [_field(*described) for described in zip(fields, widths, unicode, strict=True)]
    yield "".join(head).encode()
    if serialization == "tabledata":
        yield from _tabledata(columns, fields)
    else:
        yield b'<DATA><BINARY2><STREAM encoding="base64">\n'
        for start in range(0, table.num_rows, _CHUNK):
            part = [column.slice(start, _CHUNK) for column in columns]
            rows = _records(part, fields, widths, unicode)
            yield base64.b64encode(rows.tobytes())
        yield b"</STREAM></BINARY2></DATA>\n"
    tail = "</TABLE>\n" + (_info("QUERY_STATUS", "OVERFLOW", "More rows match than were returned.") if overflow else "")
    yield f"{tail}</RESOURCE>\n</VOTABLE>\n".encode()


def error_document(message: str) -> bytes:
    """The document of a failed query (DALI 1.1, section 4.4)."""
    return (
        f'{_HEAD}<RESOURCE type="results">\n{_info("QUERY_STATUS", "ERROR", message)}</RESOURCE>\n</VOTABLE>\n'.encode()
    )


def text_columns(table: pa.Table, fields: Sequence[Field]) -> list[list[str]]:
    """The cells of every column as text: nulls empty, booleans T and F, numbers to full precision."""
    return [
        ["" if value is None else _cell(value) for value in _plain(column, field).to_pylist()]
        for column, field in zip(table.columns, fields, strict=True)
    ]


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, float) and np.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(value)


def _plain(column: pa.ChunkedArray, field: Field) -> pa.ChunkedArray:
    """A column as VOTable holds it: times and other oddities as text, NaN as null."""
    if field.datatype == "char" and not pa.types.is_string(column.type):
        if pa.types.is_timestamp(column.type):
            return pc.strftime(column, format="%Y-%m-%dT%H:%M:%S")
        return pc.cast(column, pa.string())
    if field.datatype in ("float", "double") and pa.types.is_floating(column.type):
        return pc.if_else(pc.is_nan(column), None, column)
    return column


def _is_ascii(column: pa.ChunkedArray) -> bool:
    return bool(pc.all(pc.string_is_ascii(column), min_count=0).as_py())


def _width(column: pa.ChunkedArray, unicode: bool) -> int:
    """Widest string in units of its datatype: UTF-16 units for unicodeChar."""
    # Never 1: that is a single character to some readers, and deprecated as an array of one.
    longest = max(2, pc.max(pc.utf8_length(column)).as_py() or 0)
    # Characters beyond the basic plane take two units.
    return 2 * longest if unicode and _astral(column) else longest


def _astral(column: pa.ChunkedArray) -> bool:
    return bool(pc.any(pc.match_substring_regex(column, r"[\x{10000}-\x{10FFFF}]")).as_py())


def _text(text: str) -> str:
    return escape(_printable(text))


def _info(name: str, value: str, text: str = "") -> str:
    return f"<INFO name={quoteattr(_printable(name))} value={quoteattr(_printable(value))}>{_text(text)}</INFO>\n"


def _printable(text: str) -> str:
    # XML 1.0 has no way to write the other control characters, lone surrogates, U+FFFE and U+FFFF.
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


def _field(field: Field, width: int, unicode: bool) -> str:
    attributes = {
        "name": field.name,
        "datatype": "unicodeChar" if unicode else field.datatype,
        "arraysize": str(width) if width else "",
        "unit": field.unit,
        "ucd": field.ucd,
        "xtype": field.xtype,
    }
    written = " ".join(f"{key}={quoteattr(_printable(value))}" for key, value in attributes.items() if value)
    if not field.description:
        return f"<FIELD {written}/>\n"
    return f"<FIELD {written}><DESCRIPTION>{_text(field.description)}</DESCRIPTION></FIELD>\n"


def _records(
    columns: Sequence[pa.ChunkedArray],
    fields: Sequence[Field],
    widths: Sequence[int],
    unicode: Sequence[bool],
) -> np.ndarray[Any, Any]:
    """Rows as a structured array whose bytes are the binary stream."""
    count = len(columns[0]) if columns else 0
    flag_bytes = (len(fields) + 7) // 8
    layout: list[tuple[Any, ...]] = [("mask", np.uint8, (flag_bytes,))]
    for index, field in enumerate(fields):
        width = widths[index]
        kind = f"S{width * (2 if unicode[index] else 1)}" if width else _NUMPY[field.datatype]
        layout.append((f"c{index}", kind))
    rows = np.zeros(count, dtype=layout)
    mask = np.zeros((count, flag_bytes * 8), dtype=bool)
    for index, (column, field) in enumerate(zip(columns, fields, strict=True)):
        rows[f"c{index}"] = _values(column, field, unicode=unicode[index])
        if column.null_count:
            mask[:, index] = column.is_null().to_numpy()
    rows["mask"] = np.packbits(mask, axis=1)
    return rows


def _values(column: pa.ChunkedArray, field: Field, *, unicode: bool) -> np.ndarray[Any, Any]:
    if field.datatype == "char":
        texts = column.fill_null("").to_pylist()
        if unicode:
            return np.array([text.encode("utf-16-be", "surrogatepass") for text in texts], dtype=bytes)
        return np.array(texts, dtype=bytes)
    if field.datatype == "boolean":
        truth = np.where(column.fill_null(False).to_numpy(), b"T", b"F")
        truth[column.is_null().to_numpy()] = b"?"
        return truth
    if field.datatype in ("float", "double"):
        return np.asarray(column.fill_null(float("nan")).to_numpy())
    return np.asarray(column.fill_null(0).to_numpy())


def _tabledata(columns: Sequence[pa.ChunkedArray], fields: Sequence[Field]) -> Iterator[bytes]:
    yield b"<DATA><TABLEDATA>\n"
    table = pa.table([*columns], names=[str(index) for index in range(len(columns))])
    for start in range(0, table.num_rows, _CHUNK):
        cells = text_columns(table.slice(start, _CHUNK), fields)
        for index, field in enumerate(fields):
            if field.datatype == "char":
                cells[index] = [_text(text) for text in cells[index]]
        rows = ("".join(f"<TD>{cell}</TD>" for cell in row) for row in zip(*cells, strict=True))
        yield "".join(f"<TR>{row}</TR>\n" for row in rows).encode()
    yield b"</TABLEDATA></DATA>\n"
