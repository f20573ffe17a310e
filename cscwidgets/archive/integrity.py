"""Whether a product file is whole: its gzip checksum, and the lengths its FITS headers announce.

A file is looked at as it passes by, so a damaged one, a web page, or a few kilobytes that would unpack to terabytes are
known before they are stored.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator
from html import unescape
from pathlib import Path
from typing import IO, NamedTuple, Protocol

__all__ = ["Damaged", "Digest", "NotTheFile", "check", "digest", "is_whole", "pieces_of", "words_of"]

LARGEST = 8_000_000_000
"""Bytes a file may unpack to. The largest products, images of whole fields, have 0.1 to 0.5 GB."""

_PIECE = 1 << 18
_BLOCK = 2880
_LONGEST_HEADER = 4000 * _BLOCK
_GZIP, _FITS, _JPEG = b"\x1f\x8b", b"SIMPLE  =", b"\xff\xd8"
_SNIFF = 4096


class Damaged(Exception):
    """A file is not whole; another try may bring it."""


class NotTheFile(Exception):
    """What was sent is something else; another try will not help."""


class Digest(NamedTuple):
    """Length and SHA-256 of a stored file."""

    size: int
    sha256: str


class _Check(Protocol):
    def feed(self, data: bytes) -> None: ...

    def finish(self) -> None: ...


class _FitsCheck:
    """Follows a FITS file block by block: headers must end, data units must have the length the headers say."""

    def __init__(self, largest: int) -> None:
        self._room = largest
        self._header = bytearray()
        self._data_left = 0
        self._units = 0

    def feed(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            if self._data_left:
                passed = min(self._data_left, len(view))
                self._data_left -= passed
            else:
                passed = min(_BLOCK - len(self._header) % _BLOCK, len(view))
                self._header += view[:passed]
                if len(self._header) % _BLOCK == 0:
                    self._end_block()
            view = view[passed:]

    def finish(self) -> None:
        if self._data_left or self._header or not self._units:
            raise Damaged("the FITS file breaks off")

    def _end_block(self) -> None:
        start = b"XTENSION=" if self._units else _FITS
        if not self._header.startswith(start):
            raise Damaged("the lengths in the FITS headers do not agree with the file" if self._units else "no FITS")
        last = self._header[-_BLOCK:]
        if not any(last[at : at + 80].rstrip() == b"END" for at in range(0, _BLOCK, 80)):
            if len(self._header) > _LONGEST_HEADER:
                raise Damaged("a FITS header does not end")
            return
        size = _data_size(bytes(self._header))
        self._room -= len(self._header) + size
        if self._room < 0:
            raise NotTheFile("it would unpack to more than a product can have")
        self._data_left = size + -size % _BLOCK
        self._units += 1
        self._header.clear()


def _data_size(header: bytes) -> int:
    """Bytes of the data unit after a header, without padding (FITS 4.0, sections 4.4.1.1, 4.4.1.2 and 6.1.1)."""
    values: dict[str, int] = {}
    for at in range(0, len(header), 80):
        key, value = header[at : at + 8].rstrip(), header[at + 10 : at + 80].partition(b"/")[0].strip()
        if header[at + 8 : at + 10] == b"= " and re.fullmatch(rb"BITPIX|NAXIS\d{0,3}|PCOUNT|GCOUNT|GROUPS", key):
            if key != b"GROUPS" and not re.fullmatch(rb"[+-]?\d{1,15}", value):
                raise Damaged("a FITS header cannot be read")
            values[key.decode()] = value == b"T" if key == b"GROUPS" else int(value)
    try:
        bits = abs(values["BITPIX"])
        axes = [values[f"NAXIS{axis}"] for axis in range(1, values["NAXIS"] + 1)]
    except KeyError:
        raise Damaged("a FITS header cannot be read") from None
    if axes and axes[0] == 0 and values.get("GROUPS"):
        axes = axes[1:]
    elements = 1 if axes else 0
    for length in axes:
        elements *= length
    size = bits // 8 * values.get("GCOUNT", 1) * (values.get("PCOUNT", 0) + elements)
    if size < 0:
        raise Damaged("a FITS header cannot be read")
    return size


class _JpegCheck:
    def __init__(self, largest: int) -> None:
        self._room = largest
        self._end = b""

    def feed(self, data: bytes) -> None:
        self._room -= len(data)
        if self._room < 0:
            raise NotTheFile("it is larger than a product can be")
        self._end = (self._end + data)[-2:]

    def finish(self) -> None:
        if self._end != b"\xff\xd9":
            raise Damaged("the picture breaks off")


def check(pieces: Iterable[bytes], sink: IO[bytes] | None = None, *, largest: int = LARGEST) -> Digest:
    """Read a file as it was sent and make sure that it is a whole product.

    Parameters
    ----------
    pieces : iterable of bytes
        A gzipped FITS file or a JPEG picture. A FITS file sent as it is will be zipped.
    sink : binary file, optional
        Where to write it, gzipped.
    largest : int
        Bytes it may unpack to.

    Returns
    -------
    Digest
        Of what was written, or would have been.

    Raises
    ------
    Damaged
        If it breaks off, its checksum is wrong, or it contradicts its headers.
    NotTheFile
        If it is something else, in the words found in it.
    """
    rest = iter(pieces)
    head = b""
    for piece in rest:
        head += piece
        if len(head) >= len(_FITS):
            break
    if not head:
        raise Damaged("nothing was sent")
    stream = _with_head(head, rest)
    size, hashed = 0, hashlib.sha256()
    for piece in _checked(stream, head, largest):
        size += len(piece)
        hashed.update(piece)
        if sink is not None:
            sink.write(piece)
    return Digest(size, hashed.hexdigest())


def digest(path: Path) -> Digest:
    """Length and checksum of a stored file."""
    with path.open("rb") as file:
        return Digest(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def is_whole(path: Path) -> bool:
    """Whether a stored file is a whole product."""
    try:
        with path.open("rb") as file:
            check(pieces_of(file))
    except (Damaged, NotTheFile, FileNotFoundError):
        return False
    return True


def pieces_of(file: IO[bytes]) -> Iterator[bytes]:
    """A file in pieces."""
    while piece := file.read(_PIECE):
        yield piece


def _with_head(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest


def _checked(stream: Iterator[bytes], head: bytes, largest: int) -> Iterator[bytes]:
    """The pieces as they are to be stored, each after it was looked at."""
    if head.startswith(_GZIP):
        yield from _unzipping(stream, largest)
    elif head.startswith(_FITS):
        zipper = zlib.compressobj(6, zlib.DEFLATED, 31)
        fits = _FitsCheck(largest)
        for piece in stream:
            fits.feed(piece)
            yield zipper.compress(piece)
        fits.finish()
        yield zipper.flush()
    elif head.startswith(_JPEG):
        jpeg = _JpegCheck(largest)
        for piece in stream:
            jpeg.feed(piece)
            yield piece
        jpeg.finish()
    else:
        document = b""
        for piece in stream:
            document += piece
            if len(document) >= _SNIFF:
                break
        raise NotTheFile(words_of(document))


def _unzipping(stream: Iterator[bytes], largest: int) -> Iterator[bytes]:
    unzipper = zlib.decompressobj(31)
    content = b""
    inside: _Check | None = None
    try:
        for piece in stream:
            waiting, more = piece, True
            while more:
                data = unzipper.decompress(waiting, _PIECE)
                waiting = unzipper.unconsumed_tail or unzipper.unused_data
                if unzipper.eof:
                    waiting = waiting.lstrip(b"\0")  # padding is allowed, and so are further members
                    unzipper = zlib.decompressobj(31) if waiting else unzipper
                # What fills the piece may not be all: the rest can be inside the unzipper.
                more = bool(waiting) or (len(data) == _PIECE and not unzipper.eof)
                if inside is None:
                    content += data
                    if len(content) < len(_FITS):
                        continue
                    data, inside = content, _inside(content, largest)
                inside.feed(data)
            yield piece
    except zlib.error:
        raise Damaged("its gzip checksum is wrong") from None
    if not unzipper.eof:
        raise Damaged("the file breaks off")
    if inside is None:
        raise NotTheFile(words_of(content))
    inside.finish()


def _inside(content: bytes, largest: int) -> _Check:
    if content.startswith(_FITS):
        return _FitsCheck(largest)
    if content.startswith(_JPEG):
        return _JpegCheck(largest)
    raise NotTheFile(words_of(content))


def words_of(document: bytes) -> str:
    """What a document that came instead of a file says."""
    text = document[:_SNIFF].decode("utf-8", "replace").strip()
    if re.match(r"<(!doctype\s+html|html)", text, re.IGNORECASE):
        title = re.search(r"<(title|h1)[^>]*>(.*?)</\1>", text, re.IGNORECASE | re.DOTALL)
        said = " ".join(unescape(title[2]).split()) if title else "without a title"
        return f"a web page was sent instead of the file: {said[:200]}"
    if text.startswith("<"):
        info = re.search(r"<INFO[^>]*name=[\"'](?:Error|QUERY_STATUS)[\"'][^>]*>([^<]*)", text)
        value = re.search(r"value=[\"']([^\"']*)", info[0]) if info else None
        said = (info[1].strip() if info else "") or (value[1] if value else "of unknown kind")
        return f"an error document was sent instead of the file: {unescape(said)[:200]}"
    if not text:
        return "the file is empty"
    if text.isprintable() or re.fullmatch(r"[^\x00-\x08\x0e-\x1f\ufffd]+", text):
        return f"the service sent words instead of the file: {text.splitlines()[0][:200]}"
    return "what was sent is neither FITS nor a picture"
