"""The simulated maps of limiting sensitivity (sens3): an image for each threshold of detection."""

from __future__ import annotations

import numpy as np
from astropy.io import fits

from cscwidgets.csc.bands import BANDS

from ..sky.reference_spectrum import REFERENCE_INDEX, REFERENCE_NH
from ..telescope.instrument import REACH
from ..telescope.likelihood import MARGINAL, TRUE
from ..telescope.observations import SimulatedStack
from ..telescope.sensitivity import depth
from .keywords import Keywords, stack_keywords, zipped

__all__ = ["sensitivity_file"]

_BLOCK = {"ACIS": 8, "HRC": 16}  # sky pixels to the side of a map's pixel
_THRESHOLDS = {"MARGINAL": MARGINAL, "TRUE": TRUE}
_FAST = 1  # of gzip's levels: numbers that hardly repeat do not get much smaller


def sensitivity_file(stack: SimulatedStack, band: str) -> bytes:
    """A gzipped sens3 file: the marginal limits in its first unit, the true ones in its second."""
    observation = stack.observations[0]
    block = _BLOCK[stack.instrument]
    size = observation.pixel_size * block / 60
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
    limits = BANDS[band]
    return {
        "CONTENT": ("SENS3", "What data product"),
        "HDUCLASS": ("OGIP", ""),
        "HDUCLAS1": ("IMAGE", ""),
        "BAND": (limits.name, "Energy band"),
        "ENERG_LO": (limits.low_kev, "[keV] Lower energy"),
        "ENERG_HI": (limits.high_kev, "[keV] Upper energy"),
        "SPECTRUM": (f"tbabs({REFERENCE_NH})*powerlaw({REFERENCE_INDEX})", "of the source, nH in 1e22 cm**-2"),
    }


def _coordinates(stack: SimulatedStack, half: int, size: float, block: int) -> Keywords:
    """Tangent plane about the aim point, in blocks of sky pixels, and as system P the sky pixels themselves."""
    edge = stack.observations[0].middle_pixel - half * block
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
