"""Pictures as PNG: what Pillow reads of them is what was written, the lowest row last."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from cscwidgets.views.plots.png import png


@pytest.mark.parametrize("shape", [(3, 5), (700, 513)])
def test_pillow_reads_what_was_written(shape):
    pixels = np.random.default_rng(5).integers(0, 256, (*shape, 4), dtype=np.uint8)
    pixels[: shape[0] // 2] = 0
    with Image.open(io.BytesIO(png(pixels))) as read:
        read.verify()  # its checksums
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(png(pixels)))), pixels[::-1])
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(png(pixels / 255)))), pixels[::-1])
