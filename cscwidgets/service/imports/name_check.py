"""Positions beside the names that are made of them: hours taken for degrees, or columns mixed up, show here."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cscwidgets.arrays import Floats
from cscwidgets.sky.on_sky import on_sky
from cscwidgets.sky.sphere import separation

__all__ = ["misplaced"]

_NAME = r"J(?P<h>\d\d)(?P<m>\d\d)(?P<s>\d\d\.\d)(?P<sign>[+-])(?P<d>\d\d)(?P<dm>\d\d)(?P<ds>\d\d)"
_FAR = 1 / 60  # degrees: names are cut off at 0.1 s and 1 arcsec, and of large sources not exact


def misplaced(names: pa.Array, ra: pa.Array, dec: pa.Array) -> tuple[int, int]:
    """How many positions are not where their names say, and how many could be looked at.

    Parameters
    ----------
    names, ra, dec : pyarrow.Array
        Of the catalogue's sources; degrees.
    """
    parts = pc.extract_regex(names, pattern=_NAME)

    def number(part: str) -> Floats:
        texts = pc.struct_field(parts, part)
        return np.asarray(pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False), np.float64)

    sign = np.where(
        pc.fill_null(pc.equal(pc.struct_field(parts, "sign"), "-"), False).to_numpy(zero_copy_only=False), -1, 1
    )
    named_ra = 15 * (number("h") + number("m") / 60 + number("s") / 3600)
    named_dec = sign * (number("d") + number("dm") / 60 + number("ds") / 3600)
    ra_degrees, dec_degrees = (np.asarray(c.to_numpy(zero_copy_only=False), np.float64) for c in (ra, dec))
    known = np.isfinite(named_ra + named_dec) & on_sky(ra_degrees, dec_degrees)
    apart = separation(ra_degrees[known], dec_degrees[known], named_ra[known], named_dec[known])
    return int(np.count_nonzero(apart > _FAR)), int(np.count_nonzero(known))
