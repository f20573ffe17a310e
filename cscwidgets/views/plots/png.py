"""Pixels as a PNG."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cscwidgets.arrays import Floats

__all__ = ["png"]


_LARGE = 1 << 20  # bytes; those of more are packed fast rather than well


def png(picture: Floats | NDArray[np.uint8]) -> bytes:
    """The PNG of a picture.

    Parameters
    ----------
    picture : array, shape (rows, columns, 4)
        Red, green, blue and opacity, 0 to 1 or bytes; the first row is the lowest.
    """
    pixels = picture if picture.dtype == np.uint8 else np.rint(255 * picture).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels[::-1]).save(buffer, "PNG", compress_level=1 if pixels.size > _LARGE else 6)
    return buffer.getvalue()
