"""TAP uploads: VOTables that come with a query, as Arrow tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import pyarrow as pa
from astropy.io.votable.tree import TableElement

from cscwidgets.archive.arrow import arrow_array, arrow_table
from cscwidgets.errors import QueryError
from cscwidgets.io.adql.refusals import refusal
from cscwidgets.io.reading import reading
from cscwidgets.io.votable import first_table, parse_votable

from ..limits import UPLOAD_BYTES, UPLOAD_MEMORY, UPLOAD_ROWS

__all__ = ["read_uploads", "read_votable"]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def read_uploads(
    specification: str, parts: Mapping[str, bytes], result_at: Callable[[str], bytes | None]
) -> dict[str, pa.Table]:
    """Read the tables an UPLOAD parameter names.

    Parameters
    ----------
    specification : str
        ``name,param:part`` or ``name,URL`` pairs joined by semicolons.
    parts : mapping of str to bytes
        The parts of the request, by lower-case name.
    result_at : callable
        Gives the result of one of this service's own jobs by its URL, or None for any other address.

    Raises
    ------
    QueryError
        For names that are no table names, parts that are not there, locations elsewhere on the
        network, and documents that are no VOTables.
    """
    tables: dict[str, pa.Table] = {}
    for item in filter(None, (part.strip() for part in specification.split(";"))):
        name, _, location = (part.strip() for part in item.partition(","))
        name = re.sub(r"(?i)^tap_upload\.", "", name)
        if not _NAME.fullmatch(name):
            raise refusal(f"the upload name {name!r} is not a table name")
        if name.lower() in {table.lower() for table in tables}:
            raise refusal(f"the upload name {name!r} is used twice")
        scheme, _, part_name = location.partition(":")
        if scheme.lower() == "param":
            content = parts.get(part_name.lower())
            if content is None:
                raise refusal(f"the upload {name!r} is to be in the part {part_name!r}, which was not sent")
        else:
            content = result_at(location)
            if content is None:
                raise refusal(
                    f"the upload {location!r} is elsewhere, and this service fetches nothing over the network",
                    "Send the table with the request (UPLOAD=name,param:part), or name the result of a job here.",
                )
        tables[name] = read_votable(content, name)
    return tables


def read_votable(content: bytes, name: str) -> pa.Table:
    """The first table of a VOTable document, columns by their FIELD names.

    Raises
    ------
    QueryError
        If it is no VOTable, too large, or has columns that hold more than one value.
    """
    if len(content) > UPLOAD_BYTES:
        raise refusal(f"the upload {name!r} is larger than {UPLOAD_BYTES} bytes")
    with reading(f"The query was refused. The upload {name!r} is not a VOTable that can be taken", error=QueryError):
        table = first_table(parse_votable(content, largest=UPLOAD_BYTES, most=UPLOAD_MEMORY))
    if len(table.array) > UPLOAD_ROWS:
        raise refusal(f"the upload {name!r} has more than {UPLOAD_ROWS} rows")
    return arrow_table(_columns(table, name))


def _columns(table: TableElement, name: str) -> Iterator[tuple[str, pa.Array, dict[str, str]]]:
    """The columns of a VOTable's table, with units, UCDs and descriptions."""
    labels = set()
    for field in table.fields:
        label = str(field.name or field.ID)
        if label.lower() in labels:
            raise refusal(f"the table {name!r} has two columns {label!r}")
        labels.add(label.lower())
        values = table.array[field.ID]
        if values.ndim > 1 or (values.dtype == object and field.datatype not in ("char", "unicodeChar")):
            raise refusal(f"the column {label!r} of {name!r} holds arrays", "Upload single values only.")
        if values.dtype.kind == "c":
            raise refusal("complex numbers cannot be queried")
        with reading(f"The query was refused. The column {label!r} of {name!r} cannot be taken", error=QueryError):
            array = arrow_array(values)
        meaning = {"unit": field.unit, "ucd": field.ucd, "description": field.description, "xtype": field.xtype}
        yield label, array, {key: str(value) for key, value in meaning.items() if value}
