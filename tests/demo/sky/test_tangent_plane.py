"""Offsets on tangent planes, against astropy's projection."""

import numpy as np
import pytest
from astropy.wcs import WCS

from cscwidgets.demo.sky.tangent_plane import offsets, on_other_plane


def plane(ra, dec):
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crval, wcs.wcs.cdelt = ["RA---TAN", "DEC--TAN"], [ra, dec], [1 / 60, 1 / 60]
    return wcs


@pytest.mark.parametrize(("one", "other"), [((6, -72.1), (6.9, -72.3)), ((359.9, 89.9), (10, 89.5)), ((0, 0), (0, 0))])
def test_from_one_plane_to_another_near_it(one, other):
    east, north = np.random.default_rng(5).uniform(-20, 20, (2, 200))
    ra, dec = plane(*one).wcs_pix2world(east, north, 1)
    expected = plane(*other).wcs_world2pix(ra, dec, 1)
    np.testing.assert_allclose(on_other_plane(one, other, east, north), expected, atol=1e-6)
    np.testing.assert_allclose(offsets(*one, ra, dec), (east, north), atol=1e-6)
