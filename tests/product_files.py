"""Small product files for tests, made with astropy in the archive's forms."""

import gzip
import io

import numpy as np
from astropy.io import fits


def fits_bytes(seed: int = 1, rows: int = 40) -> bytes:
    """A light curve's structure: an empty primary and two tables, different for every seed."""
    rng = np.random.default_rng(seed)
    names = ("Time", "COUNT_RATE", "COUNT_RATE_ERR", "Minus_3Sig", "Plus_3Sig")
    hdus = fits.HDUList([fits.PrimaryHDU()])
    for extension in ("LIGHTCURVE", "BKGLIGHTCURVE"):
        columns = [fits.Column(name, "D", array=rng.normal(size=rows)) for name in names]
        hdus.append(fits.BinTableHDU.from_columns(columns, name=extension))
    buffer = io.BytesIO()
    hdus.writeto(buffer)
    return buffer.getvalue()


def product_bytes(seed: int = 1, rows: int = 40) -> bytes:
    """The same, zipped as csccli sends it."""
    return gzip.compress(fits_bytes(seed, rows), 4, mtime=0)
