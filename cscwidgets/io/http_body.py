"""The body of an answer over HTTP, whole, unpacked and no larger than it may be."""

from __future__ import annotations

import zlib

import requests

from .gzipped import gunzip
from .reading import Unreadable

__all__ = ["read_body"]

_PIECE = 1 << 20


def read_body(response: requests.Response, largest: int) -> bytes:
    """The body of a streamed answer, unpacked; the answer is closed.

    Parameters
    ----------
    response : requests.Response
    largest : int
        Bytes it may have, unpacked.

    Raises
    ------
    Unreadable
        If it is larger, or packed in a way that is not read.
    requests.RequestException, urllib3.exceptions.HTTPError
        If it breaks off, or its time is over.
    """
    pieces, size = [], 0
    try:
        while size <= largest and (piece := response.raw.read(_PIECE, decode_content=False)):
            pieces.append(piece)
            size += len(piece)
    finally:
        response.close()
    if size > largest:  # before the pieces are put together, which takes as much room again
        raise _too_large(largest)
    return _unpacked(b"".join(pieces), response.headers.get("Content-Encoding", "identity"), largest)


def _unpacked(content: bytes, encoding: str, largest: int) -> bytes:
    packed = encoding.strip().lower()
    if packed in {"gzip", "x-gzip"}:
        content = gunzip(content, largest)
    elif packed == "deflate":
        decoder = zlib.decompressobj(15 if content[:1] == b"x" else -15)
        content = decoder.decompress(content, largest + 1)
    elif packed not in {"", "identity"}:
        raise Unreadable(f"its encoding {packed[:40]!r} is not read")
    if len(content) > largest:
        raise _too_large(largest)
    return content


def _too_large(largest: int) -> Unreadable:
    return Unreadable(f"it is larger than {largest / 1e6:,.0f} MB")
