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

from cscwidgets.io.fits_headers import FITS, FitsWalker, TooLarge
from cscwidgets.io.gzipped import GZIP
from cscwidgets.io.reading import Unreadable

__all__ = ["Damaged", "Digest", "NotTheFile", "check", "digest", "document_message", "is_intact", "pieces_of"]

LARGEST = 8_000_000_000
"""Bytes a file may unpack to. The largest products, images of whole fields, have 0.1 to 0.5 GB."""

LARGEST_PICTURE = 100_000_000
"""Bytes of a JPEG picture, which is of the surroundings of a source: a few kilobytes."""

_PIECE = 1 << 18
_JPEG = b"\xff\xd8"
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
    """Follows a FITS file block by block."""

    def __init__(self, largest: int) -> None:
        self._walker = FitsWalker(largest)

    def feed(self, data: bytes) -> None:
        try:
            self._walker.feed(data)
        except TooLarge as error:
            raise NotTheFile("it would unpack to more than a product can have") from error
        except Unreadable as error:
            raise Damaged(str(error)) from error

    def finish(self) -> None:
        try:
            self._walker.finish()
        except Unreadable as error:
            raise Damaged(str(error)) from error


class _JpegCheck:
    def __init__(self, largest: int) -> None:
        self._room = min(largest, LARGEST_PICTURE)
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
        if len(head) >= len(FITS):
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


def is_intact(path: Path) -> bool:
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
    if head.startswith(GZIP):
        yield from _unzipping(stream, largest)
    elif head.startswith(FITS):
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
        raise NotTheFile(document_message(document))


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
                    if len(content) < len(FITS):
                        continue
                    data, inside = content, _inside(content, largest)
                inside.feed(data)
            yield piece
    except zlib.error:
        raise Damaged("its gzip checksum is wrong") from None
    if not unzipper.eof:
        raise Damaged("the file breaks off")
    if inside is None:
        raise NotTheFile(document_message(content))
    inside.finish()


def _inside(content: bytes, largest: int) -> _Check:
    if content.startswith(FITS):
        return _FitsCheck(largest)
    if content.startswith(_JPEG):
        return _JpegCheck(largest)
    raise NotTheFile(document_message(content))


def document_message(document: bytes) -> str:
    """What a document that came instead of a file says."""
    text = document[:_SNIFF].decode("utf-8", "replace").strip()
    if re.match(r"<(!doctype\s+html|html)", text, re.IGNORECASE):
        title = re.search(r"<(title|h1)[^>]*>(.*?)</\1>", text, re.IGNORECASE | re.DOTALL)
        message = " ".join(unescape(title[2]).split()) if title else "without a title"
        return f"a web page was sent instead of the file: {message[:200]}"
    if text.startswith("<"):
        info = re.search(r"<INFO[^>]*name=[\"'](?:Error|QUERY_STATUS)[\"'][^>]*>([^<]*)", text)
        value = re.search(r"value=[\"']([^\"']*)", info[0]) if info else None
        message = (info[1].strip() if info else "") or (value[1] if value else "of unknown kind")
        return f"an error document was sent instead of the file: {unescape(message)[:200]}"
    if not text:
        return "the file is empty"
    if text.isprintable() or re.fullmatch(r"[^\x00-\x08\x0e-\x1f\ufffd]+", text):
        return f"the service sent words instead of the file: {text.splitlines()[0][:200]}"
    return "what was sent is neither FITS nor a picture"
