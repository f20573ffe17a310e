"""A small picture for tests, made with astropy."""

import gzip
import io

import numpy as np
from astropy.io import fits


def picture_bytes(ra=2.5, dec=1.0, *, shape=(3, 40, 60), dtype=np.uint8, pixel=1 / 600, **keywords):
    """A gzipped picture of some pixels about a place; keywords replace those it has, or with None take them away."""
    pixels = np.random.default_rng(4).integers(0, 255, shape).astype(dtype)
    header = fits.PrimaryHDU(pixels).header
    cards = {
        "CTYPE1": "RA---TAN",
        "CTYPE2": "DEC--TAN",
        "CRVAL1": ra,
        "CRVAL2": dec,
        "CRPIX1": (shape[-1] + 1) / 2,
        "CRPIX2": (shape[-2] + 1) / 2,
        "CDELT1": -pixel,
        "CDELT2": pixel,
        "RADESYS": "ICRS",
        "TITLE": "SIMULATED two sources",
        "CREDIT": "a test",
    }
    header.update({key: value for key, value in (cards | keywords).items() if value is not None})
    buffer = io.BytesIO()
    fits.PrimaryHDU(pixels, header).writeto(buffer)
    return gzip.compress(buffer.getvalue(), 4, mtime=0)
