"""Pixels as a PNG."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from cscwidgets.arrays import Floats

__all__ = ["png"]


def png(picture: Floats) -> bytes:
    """The PNG of a picture.

    Parameters
    ----------
    picture : array, shape (rows, columns, 4)
        Red, green, blue and opacity, 0 to 1; the first row is the lowest.
    """
    buffer = io.BytesIO()
    Image.fromarray(np.rint(255 * picture[::-1]).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()
