"""Outlines of error ellipses hold what they say, wherever they are on the sky."""

import numpy as np
import pytest
from astropy.coordinates import SkyCoord, SkyOffsetFrame

from cscwidgets.science.matches.error_ellipse import ellipse_outline, offset_position
from cscwidgets.science.matches.position_error import Covariance


@pytest.mark.parametrize("place", [(10.0, 20.0), (0.0001, -45.0), (200.0, 89.9995), (80.0, -90.0)])
def test_the_outline_is_the_ellipse_of_95_percent(place):
    errors = Covariance.of_ellipse([2.0], [0.5], [30.0])
    ra, dec = ellipse_outline(*place, errors)
    # astropy's own frame around the centre: east and north there.
    centre = SkyCoord(*place, unit="deg")
    around = SkyCoord(ra, dec, unit="deg").transform_to(SkyOffsetFrame(origin=centre))
    east, north = around.lon.wrap_at("180d").to_value("arcsec"), around.lat.to_value("arcsec")
    np.testing.assert_allclose(errors.chi2(east, north), 5.991464547, rtol=1e-5)  # chi2 of 2 degrees of freedom, 95 %
    furthest = np.argmax(np.hypot(east, north))
    assert np.degrees(np.arctan2(east[furthest], north[furthest])) % 180 == pytest.approx(30, abs=0.01)


def test_positions_are_offset_as_astropy_does():
    ra, dec = offset_position([10.0, 359.9999], [5.0, 60.0], [90.0, 45.0], [3.0, 30.0])
    start = SkyCoord([10.0, 359.9999], [5.0, 60.0], unit="deg")
    found = SkyCoord(ra, dec, unit="deg")
    np.testing.assert_allclose(start.separation(found).arcsec, [3, 30], rtol=1e-9)
    np.testing.assert_allclose(start.position_angle(found).deg, [90, 45], rtol=1e-6)
