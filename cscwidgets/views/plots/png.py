"""Pixels as a PNG."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cscwidgets.arrays import Floats

__all__ = ["png"]


_LARGE = 1 << 20  # bytes; those of more are packed fast rather than well
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_EIGHT_BITS_RGBA = (8, 6, 0, 0, 0)


def png(picture: Floats | NDArray[np.uint8]) -> bytes:
    """The PNG of a picture.

    Parameters
    ----------
    picture : array, shape (rows, columns, 4)
        Red, green, blue and opacity, 0 to 1 or bytes; the first row is the lowest.
    """
    pixels = np.asarray(picture if picture.dtype == np.uint8 else np.rint(255 * picture), np.uint8)
    if pixels.size > _LARGE:
        return _unfiltered(pixels[::-1])
    buffer = io.BytesIO()
    Image.fromarray(pixels[::-1]).save(buffer, "PNG")
    return buffer.getvalue()


def _unfiltered(pixels: NDArray[np.uint8]) -> bytes:
    """A PNG of bytes as they are: to try filters on each row, as Pillow does, takes most time and gains little."""
    rows, columns, parts = pixels.shape
    lines = np.zeros((rows, 1 + columns * parts), np.uint8)  # each begins with the number of its filter: 0 is none
    lines[:, 1:] = pixels.reshape(rows, -1)
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", struct.pack(">2I5B", columns, rows, *_EIGHT_BITS_RGBA)),
            _chunk(b"IDAT", zlib.compress(lines.data, 1)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(content, zlib.crc32(kind)))
