"""Made-up stars about (10, 20) degrees, as a user's own table."""

import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import MaskedColumn, Table

__all__ = ["names_within", "stars"]


def stars():
    rng = np.random.default_rng(8)
    number = 200
    mag = MaskedColumn(rng.normal(18, 1, number), mask=rng.random(number) < 0.2, unit="mag")
    return Table(
        {
            "name": [f"star {row}" for row in range(number)],
            "ra": MaskedColumn(rng.uniform(9, 11, number), unit="deg", mask=np.arange(number) == 5),
            "dec": MaskedColumn(rng.uniform(19, 21, number), unit="deg", mask=np.arange(number) == 5),
            "mag": mag,
            "count": np.arange(number),
        }
    )


def names_within(table, margin=0.0):
    here = SkyCoord(table["ra"].filled(0), table["dec"].filled(0), unit="deg")
    inside = here.separation(SkyCoord(10, 20, unit="deg")).deg <= 0.5 + margin
    return list(np.asarray(table["name"])[inside])
