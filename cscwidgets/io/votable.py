"""VOTable documents from outside: looked at element by element before astropy acts on them.

astropy fetches whatever address a STREAM names, a file of this machine included, and makes room for as many
characters as a FIELD declares. So its own XML parser is asked for the elements, and each is checked on its way to
astropy's tree: both see the same document, whatever its encoding, and it is read once.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import ceil
from typing import Any
from xml.parsers import expat

from astropy.io.votable.exceptions import W30, conf
from astropy.io.votable.tree import Info, Resource, TableElement, VOTableFile
from astropy.utils.xml.iterparser import get_xml_iterator

from .quiet import quiet
from .reading import Unreadable
from .units import is_harmless
from .unpacking import unpack
from .votable_cells import CellSize, size_of_cell
from .votable_stream import Layout, check_stream

__all__ = ["LARGEST", "all_infos", "error_words", "first_table", "infos_of", "overflow_words", "parse_votable"]

LARGEST = 1_000_000_000
"""Bytes of a document, unpacked, unless told."""

Event = tuple[bool, str, Any, tuple[int, int]]

_DEEPEST = 64  # elements within elements; astropy calls itself for each
_MOST_COLUMNS = 4_000  # in all; the whole catalogue has 1,700
_MOST_ELEMENTS = 50_000  # besides cells: astropy keeps an object of half a kilobyte for each
# A cell of "255*" characters takes a kilobyte and may be sent as one letter: what is decoded may be so much larger
# than the document, and no more.
_GROWTH = 40
_START = 128_000_000

_DTD = re.compile(r"https?://[^\s]*/VOTable\.dtd")  # of VOTable 1.0; expat does not fetch it
_NULLS = frozenset({"", "null", "none", "n/a", "na", "-", "--"})  # as services write them in columns of numbers


def parse_votable(content: bytes, *, largest: int = LARGEST, most: int | None = None) -> VOTableFile:
    """Read a VOTable, plain or packed, without ever reaching beyond it.

    Parameters
    ----------
    content : bytes
        The document.
    largest : int
        Bytes it may have, unpacked.
    most : int, optional
        Bytes its tables may take in memory; in proportion to the document unless told.

    Returns
    -------
    astropy.io.votable.tree.VOTableFile

    Raises
    ------
    Unreadable
        If it refers to another document, declares entities, or is nested, wide or large beyond bounds.
    Exception
        Whatever astropy raises over a damaged document: call it inside `cscwidgets.io.reading.reading`.

    Examples
    --------
    >>> parse_votable(b'<VOTABLE><RESOURCE><INFO name="n" value="1"/></RESOURCE></VOTABLE>').resources[0].infos[0].value
    '1'
    """
    document = unpack(content, largest)
    _check_prolog(document)
    bound = _START + _GROWTH * len(document)
    guard = _Guard(bound if most is None else min(most, bound))
    # Warnings are not shown, but counted, which tells of words in columns of numbers.
    config: dict[str, Any] = {
        "columns": None,
        "invalid": "exception",
        "verify": "warn",
        "table_number": None,
        "table_id": None,
        "filename": None,
        "unit_format": None,
        "datatype_mapping": {},
        "_warning_counts": _Unshown(),
    }
    with quiet(), get_xml_iterator(io.BytesIO(document).read) as elements:
        read = VOTableFile(config=config, pos=(1, 1)).parse(guard.watch(elements), config)
    if config.get("_warning_counts", {}).get(W30):
        _check_numbers(document)
    return read


class _Unshown(dict[type, int]):
    """Counts of warnings from where astropy shows no more of them.

    `quiet` alone would not do: another thread may put its filters before that one at any time.
    """

    def setdefault(self, kind: type, default: int = 0) -> int:
        return super().setdefault(kind, default + conf.max_warnings)


def first_table(document: VOTableFile) -> TableElement:
    """The first table of a document.

    Raises
    ------
    Unreadable
        If it holds none.
    """
    for table in document.iter_tables():
        return table
    raise Unreadable("it holds no table")


def all_infos(document: VOTableFile) -> list[Info]:
    """The INFO elements of a document, its resources and its tables, in that order."""
    resources = list(_resources(document))
    tables = [table for resource in resources for table in resource.tables]
    return [info for holder in (document, *resources, *tables) for info in holder.infos]


def _resources(holder: VOTableFile | Resource) -> Iterator[Resource]:
    for resource in holder.resources:
        yield resource
        yield from _resources(resource)


def infos_of(document: VOTableFile) -> dict[str, str]:
    """The same as values by name; the last of a name counts."""
    return {str(info.name): str(info.value) for info in all_infos(document)}


def error_words(infos: Iterable[Info]) -> str | None:
    """The words of an error that came in place of rows, or None.

    The cone search answers a bad request with status 200 and a VOTable whose only content is an INFO named "Error"; TAP
    uses QUERY_STATUS.
    """
    for info in infos:
        if info.name == "Error" or _status(info) == "ERROR":
            message: str = (info.content or (info.value if info.name == "Error" else "") or "").strip()
            return message or "the service gave no reason"
    return None


def overflow_words(infos: Iterable[Info]) -> str | None:
    """What a service says of rows that it left out, or None if it says nothing of the kind."""
    for info in infos:
        if _status(info) == "OVERFLOW":
            return (info.content or "").strip() or "QUERY_STATUS OVERFLOW"
    return None


def _status(info: Info) -> str:
    return str(info.value).upper() if str(info.name).upper() == "QUERY_STATUS" else ""


def _check_numbers(document: bytes) -> None:
    """Find the words that astropy took for nulls in columns of numbers, and refuse all but those that mean a null."""
    fields: list[tuple[str, bool]] = []
    row = cell = 0
    with get_xml_iterator(io.BytesIO(document).read) as elements:
        for start, tag, data, _ in elements:
            if start and tag == "TABLE":
                fields, row = [], 0
            elif start and tag == "FIELD":
                fields.append((data.get("name", ""), data.get("datatype") in {"float", "double"}))
            elif start and tag == "TR":
                row, cell = row + 1, 0
            elif tag == "TD" and not start:
                name, real = fields[cell] if cell < len(fields) else ("", False)
                cell += 1
                if real and data.strip().lower() not in _NULLS and not all(map(_is_number, data.split())):
                    raise Unreadable(f"row {row} of its column of numbers {name} holds {data.strip()[:40]!r}")


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return word.lower() in _NULLS
    return True


class _Prolog(Exception):
    """What comes before the first element is over."""


def _check_prolog(document: bytes) -> None:
    """Refuse entities and foreign grammars, which the parser below does not tell of."""

    def doctype(_name: str, system: str | None, _public: str | None, internal: int) -> None:
        if internal or (system and not _DTD.fullmatch(system)):
            raise Unreadable("it declares entities, or refers to another document")

    def element(name: str, _attributes: object) -> None:
        if name.rpartition(":")[2] != "VOTABLE":
            kind = "a web page" if name.lower() == "html" else f"a document of the kind {name[:40]!r}"
            raise Unreadable(f"it is no VOTable but {kind}")
        raise _Prolog

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = element
    try:
        parser.Parse(document, True)
    except _Prolog:
        return
    except expat.ExpatError as error:
        raise Unreadable(f"it is no XML: {error}") from None


_PARENTS = {
    **dict.fromkeys(("FIELD", "DATA"), ("TABLE",)),
    **dict.fromkeys(("TABLEDATA", "BINARY", "BINARY2"), ("DATA",)),
    "STREAM": ("BINARY", "BINARY2"),
    "TR": ("TABLEDATA",),
    "TD": ("TR",),
}
"""Where the parts of a table stand: elsewhere they would be passed over, and the table be empty or read wrongly."""


@dataclass
class _Guard:
    """Passes the elements of a document on while they stay within bounds."""

    most: int
    open: list[str] = field(default_factory=list)
    elements: int = 0
    columns: int = 0
    filled: bool = False
    decoded: float = 0.0
    stream_due: bool = False
    row: CellSize = field(default_factory=CellSize)
    layout: Layout = field(default_factory=Layout)
    nulls: bool = False
    sent: float = 0.0
    widest: float = 0.0

    def watch(self, events: Iterable[Event]) -> Iterator[Event]:
        source = iter(events)
        for event in source:
            start, tag, data, _ = event
            if tag == "xml":  # the declaration, which has no end
                yield event
                continue
            if start:
                self._begin(tag, data)
            else:
                self._end(tag, data)
            yield event
            if start and tag == "TABLEDATA":
                yield from self._rows(source)

    def _begin(self, tag: str, data: dict[str, str]) -> None:
        parent = self.open[-1] if self.open else ""
        if parent not in _PARENTS.get(tag, (parent,)):
            raise Unreadable(f"its {tag} stands where no reader looks for it, in {parent[:40] or 'nothing'}")
        self.open.append(tag)
        self.elements += 1
        if len(self.open) > _DEEPEST:
            raise Unreadable(f"its elements are nested more than {_DEEPEST} deep")
        if self.elements > _MOST_ELEMENTS:
            raise Unreadable(f"it has more than {_MOST_ELEMENTS:,} elements besides its cells")
        _check_references(tag, data)
        if tag in {"FIELD", "DATA"}:
            if self.filled:
                raise Unreadable(f"a {tag} of a table stands behind its rows, where no reader looks for it")
            self.filled = tag == "DATA"
        if tag == "TABLE":
            if "TABLE" in self.open[:-1]:
                raise Unreadable("it has a table within a table")
            data.pop("nrows", None)  # astropy would make room for so many
            # One that borrows another's columns counts as the widest, sent in the fewest bytes.
            self.row = CellSize(self.widest, 1.0) if "ref" in data else CellSize()
            self.layout = Layout(known="ref" not in data)
            self.filled = False
        elif tag in {"FIELD", "PARAM"}:
            self._column(tag, data)
        elif tag in {"BINARY", "BINARY2"}:
            self.stream_due, self.nulls = True, tag == "BINARY2"
            self.sent = self.row.sent + (ceil(self.row.columns / 8) if tag == "BINARY2" else 0)

    def _column(self, tag: str, data: dict[str, str]) -> None:
        self.columns += 1
        if self.columns > _MOST_COLUMNS:
            raise Unreadable(f"it has more than {_MOST_COLUMNS:,} columns")
        _tame_unit(data)
        cell = size_of_cell(data)
        if tag == "FIELD":
            self.layout = self.layout.with_column(data.get("datatype", ""), data.get("arraysize", ""))
            self.row = CellSize(self.row.memory + cell.memory, self.row.sent + cell.sent, self.row.columns + 1)
            self.widest = max(self.widest, self.row.memory)

    def _end(self, tag: str, text: str) -> None:
        self.open.pop()
        if tag == "STREAM":
            self.stream_due = False
            if self.sent < 1:
                raise Unreadable("its rows have no length")
            self._take(len(text) * 3 / 4 / self.sent)
            check_stream(text, self.layout, nulls=self.nulls)
        elif tag in {"BINARY", "BINARY2"} and self.stream_due:
            raise Unreadable("it has a binary table without a stream")

    def _rows(self, source: Iterator[Event]) -> Iterator[Event]:
        """The cells of a table, which are most of a document: here every step counts."""
        in_row = False
        for event in source:
            tag = event[1]
            if tag != "TD":
                if tag == "TR":
                    if event[0] and in_row:
                        raise Unreadable("it has a row within a row")
                    in_row = event[0]
                    if in_row:
                        self._take(1)
                elif tag == "TABLEDATA" and not event[0]:
                    self.open.pop()
                    yield event
                    return
                else:
                    raise Unreadable(f"it has a {tag[:40]} within the rows of a table")
            yield event

    def _take(self, rows: float) -> None:
        self.decoded += rows * self.row.memory
        if self.decoded > self.most:
            raise Unreadable(f"its tables would take more than {self.most / 1e6:,.0f} MB of memory")


def _check_references(tag: str, data: dict[str, str]) -> None:
    if tag.upper() in {"FITS", "PARQUET"}:
        raise Unreadable(f"its rows are in a {tag.upper()} document, and only VOTable's own forms are read")
    refers = any(name.rpartition(":")[2].lower() == "href" for name in data) and tag != "LINK"
    if refers or tag.lower() == "include":
        raise Unreadable(f"its {tag[:40]} refers to another document, and none is fetched")
    if tag == "STREAM" and data.get("encoding", "base64") != "base64":
        raise Unreadable(f"the encoding {data['encoding'][:40]!r} of its stream is not read")


def _tame_unit(data: dict[str, str]) -> None:
    """Keep as words a unit whose power astropy would compute for ever: ``10**99999999``."""
    unit = data.get("unit", "")
    if not is_harmless(unit):
        data["unit"] = f"? {unit[:60]}"  # no unit begins so: it stays unrecognised, at once
