"""Unpacking whatever a document is packed in, with a bound."""

from __future__ import annotations

import bz2
import lzma

from .gzipped import GZIP, gunzip
from .reading import Unreadable

__all__ = ["unpack"]

_MEMORY = 256_000_000  # what an xz file may ask for its dictionary


def unpack(content: bytes, largest: int) -> bytes:
    """The content of a gzip, bzip2 or xz file; what is not packed as it is.

    Parameters
    ----------
    content : bytes
        The file.
    largest : int
        Bytes it may unpack to.

    Raises
    ------
    Unreadable
        If it would be larger, breaks off, or is damaged.

    Examples
    --------
    >>> import bz2
    >>> unpack(bz2.compress(b"photons"), largest=100)
    b'photons'
    """
    if content.startswith(b"BZh"):
        return _unpacked(bz2.BZ2Decompressor(), content, largest)
    if content.startswith(b"\xfd7zXZ\0"):
        return _unpacked(lzma.LZMADecompressor(memlimit=_MEMORY), content, largest)
    if content.startswith(GZIP):
        return gunzip(content, largest)
    if len(content) > largest:
        raise Unreadable(f"it is larger than {largest / 1e6:,.0f} MB")
    return content


def _unpacked(packed: bz2.BZ2Decompressor | lzma.LZMADecompressor, content: bytes, largest: int) -> bytes:
    try:
        data = packed.decompress(content, largest + 1)
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise Unreadable(f"it is damaged: {error}") from None
    if len(data) > largest:
        raise Unreadable(f"it is larger than {largest / 1e6:,.0f} MB")
    if not packed.eof:
        raise Unreadable("it breaks off")
    return data
