"""Positions at another epoch against astropy's space motion."""

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.time import Time
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.science.matches.proper_motion import moved
from cscwidgets.science.matches.sky_pairs import haversine


@given(
    st.floats(0, 360), st.floats(-90, 90), st.floats(-10_500, 10_500), st.floats(-10_500, 10_500), st.floats(-50, 50)
)
def test_motion_is_astropy_s(ra, dec, pmra, pmdec, years):
    """At 1 pc without radial velocity, where the speed of light matters less than 1e-6 of the motion."""
    start = Time(2016.0, format="jyear", scale="tcb")
    star = SkyCoord(
        ra * u.deg,
        dec * u.deg,
        distance=1 * u.pc,
        pm_ra_cosdec=pmra * u.mas / u.yr,
        pm_dec=pmdec * u.mas / u.yr,
        radial_velocity=0 * u.km / u.s,
        obstime=start,
    )
    later = star.apply_space_motion(new_obstime=start + years * u.yr)
    ours = moved(*(np.array([x]) for x in (ra, dec, pmra, pmdec, years)))
    apart = haversine(*ours, np.array([later.ra.deg]), np.array([later.dec.deg]))[0] * 3600
    assert apart < 1e-6 * np.hypot(pmra, pmdec) / 1000 * abs(years) + 1e-8


def test_what_does_not_move_stays_exactly():
    ra, dec = np.array([359.99999999, 12.3456789, 0.1]), np.array([90.0, -45.6789, 0])
    still = np.zeros(3)
    for now in (moved(ra, dec, still, still, np.full(3, 16.0)), moved(ra, dec, still + 5, still + 5, still)):
        np.testing.assert_array_equal(now[0], ra)
        np.testing.assert_array_equal(now[1], dec)


def test_over_the_pole_and_across_zero():
    ra, dec = moved(
        np.array([10.0, 359.9999]), np.array([89.9999, 0]), np.array([0, 1000]), np.array([1000.0, 0]), np.full(2, 1.0)
    )
    np.testing.assert_allclose(dec, [90 - (1 - 0.36) / 3600, 0], atol=1e-9)
    np.testing.assert_allclose(ra, [190, (359.9999 + 1 / 3600) % 360], atol=1e-9)
