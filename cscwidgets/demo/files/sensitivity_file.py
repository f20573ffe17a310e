"""The simulated maps of limiting sensitivity (sens3): an image for each threshold of detection."""

from __future__ import annotations

import numpy as np
from astropy.io import fits

from cscwidgets.csc.bands import BANDS

from ..telescope.detections import MARGINAL, TRUE
from ..telescope.observations import Stack
from ..telescope.region_counts import REFERENCE_INDEX, REFERENCE_NH
from ..telescope.sensitivity import depth
from .field_events import REACH
from .keywords import Keywords, stack_keywords, zipped
from .region_events import middle_pixel, pixel_size

__all__ = ["sensitivity_file"]

_BLOCK = {"ACIS": 8, "HRC": 16}  # sky pixels to the side of a map's pixel
_THRESHOLDS = {"MARGINAL": MARGINAL, "TRUE": TRUE}
_FAST = 1  # of gzip's levels: numbers that hardly repeat do not get much smaller


def sensitivity_file(stack: Stack, band: str) -> bytes:
    """A gzipped sens3 file: the marginal limits in its first unit, the true ones in its second."""
    observation = stack.observations[0]
    block = _BLOCK[stack.instrument]
    size = pixel_size(observation) * block / 60
    half = int(np.ceil(REACH[stack.instrument] / size))
    offset = (np.arange(2 * half) - half + 0.5) * size
    deep = depth(stack, band, *np.meshgrid(-offset, offset))
    common = {**stack_keywords(stack), **_band(band), **_coordinates(stack, half, size / 60, block)}
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
    return zipped(images, _FAST)


def _band(band: str) -> Keywords:
    whole = BANDS[band]
    return {
        "CONTENT": ("SENS3", "What data product"),
        "HDUCLASS": ("OGIP", ""),
        "HDUCLAS1": ("IMAGE", ""),
        "BAND": (whole.name, "Energy band"),
        "ENERG_LO": (whole.low_kev, "[keV] Lower energy"),
        "ENERG_HI": (whole.high_kev, "[keV] Upper energy"),
        "SPECTRUM": (f"tbabs({REFERENCE_NH})*powerlaw({REFERENCE_INDEX})", "of the source, nH in 1e22 cm**-2"),
    }


def _coordinates(stack: Stack, half: int, size: float, block: int) -> Keywords:
    """Tangent plane about the aim point, in blocks of sky pixels, and as system P the sky pixels themselves."""
    edge = middle_pixel(stack.observations[0]) - half * block
    cards: dict[str, tuple[str | float | int | bool, str]] = {"WCSNAMEP": ("PHYSICAL", "sky pixels")}
    for axis, kind, value, step, name in (
        (1, "RA---TAN", stack.ra, -size, "x"),
        (2, "DEC--TAN", stack.dec, size, "y"),
    ):
        cards |= {
            f"CTYPE{axis}": (kind, ""),
            f"CUNIT{axis}": ("deg", ""),
            f"CRVAL{axis}": (value, ""),
            f"CRPIX{axis}": (half + 0.5, ""),
            f"CDELT{axis}": (step, ""),
            f"CTYPE{axis}P": (name, ""),
            f"CRVAL{axis}P": (edge, ""),
            f"CRPIX{axis}P": (0.5, ""),
            f"CDELT{axis}P": (float(block), ""),
        }
    return cards
