"""Result formats: what RESPONSEFORMAT may say, and how each is written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cscwidgets.archive.folder import ArchiveInfo
from cscwidgets.io.adql.refusals import refusal

from ..result import Result
from .votable import text_columns, votable

__all__ = ["FORMATS", "Format", "archive_infos", "find_format", "write"]

_ROWS = 20_000


@dataclass(frozen=True)
class Format:
    """One way to write rows: its media type, the short names for it, and how it is made."""

    mime: str
    aliases: tuple[str, ...]
    kind: str


FORMATS = (
    Format("application/x-votable+xml", ("votable", "votable/b2"), "binary2"),
    Format("application/x-votable+xml;serialization=BINARY2", (), "binary2"),
    Format("application/x-votable+xml;serialization=TABLEDATA", ("votable/td",), "tabledata"),
    Format("text/xml", (), "binary2"),
    Format("text/csv;header=present", ("csv", "text/csv"), "csv"),
    Format("text/tab-separated-values", ("tsv", "text"), "tsv"),
)


def find_format(name: str) -> Format:
    """The format a RESPONSEFORMAT value means; an empty one means VOTable.

    Raises
    ------
    QueryError
        For a format that is not written here.
    """
    plain = name.replace(" ", "").lower() or "votable"
    for candidate in FORMATS:
        if plain in (candidate.mime.lower(), *candidate.aliases):
            return candidate
    if plain.startswith("application/x-votable+xml"):
        return FORMATS[0]
    names = ", ".join(alias for candidate in FORMATS for alias in candidate.aliases[:1])
    raise refusal(f"the response format {name!r} is not known", f"There are {names}.")


def archive_infos(info: ArchiveInfo) -> dict[str, str]:
    """What every answer says of the archive it comes from."""
    infos = {"archive": info.title, "release": info.release, "origin": info.origin}
    return infos | {"simulated": "true"} if info.simulated else infos


def write(result: Result, output: Format, infos: Mapping[str, str], description: str = "") -> Iterator[bytes]:
    """Write a result in a format, piece by piece."""
    if output.kind in ("csv", "tsv"):
        return _delimited(result, "," if output.kind == "csv" else "\t")
    return votable(
        result.table,
        result.fields,
        overflow=result.truncated,
        infos=infos,
        serialization=output.kind,
        description=description,
    )


def _delimited(result: Result, delimiter: str) -> Iterator[bytes]:
    def lines(rows: Iterator[tuple[str, ...]] | list[list[str]]) -> bytes:
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter, lineterminator="\r\n" if delimiter == "," else "\n").writerows(rows)
        return text.getvalue().encode()

    yield lines([[field.name for field in result.fields]])
    for start in range(0, result.table.num_rows, _ROWS):
        part = text_columns(result.table.slice(start, _ROWS), result.fields)
        yield lines(zip(*part, strict=True))
