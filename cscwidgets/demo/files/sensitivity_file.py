"""The simulated maps of limiting sensitivity (sens3): an image for each threshold of detection."""

from __future__ import annotations

import numpy as np
from astropy.io import fits

from ..sky.reference_spectrum import REFERENCE_INDEX, REFERENCE_NH
from ..telescope.likelihood import MARGINAL, TRUE
from ..telescope.observations import SimulatedStack
from ..telescope.sensitivity import depth
from .image_frame import ImageFrame, band_keywords
from .keywords import FAST, Keywords, stack_keywords, zipped

__all__ = ["sensitivity_file"]

_BLOCK = {"ACIS": 8, "HRC": 16}  # sky pixels to the side of a map's pixel
_THRESHOLDS = {"MARGINAL": MARGINAL, "TRUE": TRUE}


def sensitivity_file(stack: SimulatedStack, band: str) -> bytes:
    """A gzipped sens3 file: the marginal limits in its first unit, the true ones in its second."""
    frame = ImageFrame.whole(stack.observations[0], _BLOCK[stack.instrument])
    deep = depth(stack, band, *frame.offsets())
    spectrum = f"tbabs({REFERENCE_NH})*powerlaw({REFERENCE_INDEX})"
    common: Keywords = {
        **stack_keywords(stack),
        **band_keywords("SENS3", band),
        "SPECTRUM": (spectrum, "of the source, nH in 1e22 cm**-2"),
        **frame.keywords(),
    }
    images = []
    for make, (name, likelihood) in zip((fits.PrimaryHDU, fits.ImageHDU), _THRESHOLDS.items(), strict=True):
        image = make(deep.limit(likelihood).astype(np.float32))
        keywords: Keywords = {
            "EXTNAME": (name, "threshold of detection"),
            "HDUNAME": (name, "block name"),
            "LIKELIHD": (likelihood, "log likelihood of a source at the limit"),
            "BUNIT": ("photon cm**-2 s**-1", "limiting photon flux in the band"),
            **common,
        }
        image.header.extend([(key, *value) for key, value in keywords.items()])
        images.append(image)
    return zipped(images, FAST)
