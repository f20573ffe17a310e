"""Unpacking gzip with a bound: a few kilobytes can unpack to terabytes."""

from __future__ import annotations

import zlib

from .reading import Unreadable

__all__ = ["GZIP", "gunzip"]

GZIP = b"\x1f\x8b"
"""How a gzipped file begins."""

_PIECE = 1 << 20


def gunzip(content: bytes, largest: int) -> bytes:
    """The content of a gzip file of one or more members; what is not gzipped as it is.

    Parameters
    ----------
    content : bytes
        The file.
    largest : int
        Bytes it may unpack to.

    Raises
    ------
    Unreadable
        If it would be larger, breaks off, or its checksum is wrong.

    Examples
    --------
    >>> import gzip
    >>> gunzip(gzip.compress(b"photons"), largest=100)
    b'photons'
    """
    if not content.startswith(GZIP):
        _bound(len(content), largest)
        return content
    pieces: list[bytes] = []
    size, waiting = 0, content
    try:
        while waiting:
            member = zlib.decompressobj(31)
            while not member.eof:
                piece = member.decompress(waiting, _PIECE)
                waiting = member.unconsumed_tail
                size += len(piece)
                _bound(size, largest)
                pieces.append(piece)
                if not piece and not waiting and not member.eof:
                    raise Unreadable("it breaks off")
            waiting = member.unused_data.lstrip(b"\0")  # padding is allowed
    except zlib.error as error:
        raise Unreadable(f"it is damaged: {error}") from None
    return b"".join(pieces)


def _bound(size: int, largest: int) -> None:
    if size > largest:
        raise Unreadable(f"it is larger than {largest / 1e6:,.0f} MB")
