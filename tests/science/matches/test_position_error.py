"""Error ellipses against numpy's linear algebra, scipy's Gaussians and astropy's sphere."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord, position_angle
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cscwidgets.science.matches.position_error import Covariance, convergence, sigmas_of

sizes = st.floats(0.01, 10)
angles = st.floats(0, 360)


def _matrix(covariance):
    return np.array([[covariance.east, covariance.cross], [covariance.cross, covariance.north]], float).reshape(2, 2)


def _one(major, minor, angle, content=None):
    return Covariance.of_ellipse(np.array([major]), np.array([minor]), np.array([angle]), content)


def test_a_csc_ellipse_holds_95_per_cent():
    assert sigmas_of(0.95) == pytest.approx(np.sqrt(stats.chi2.ppf(0.95, 2)), rel=1e-12)
    errors = _one(2.4477468, 2.4477468, 0, 0.95)
    assert errors.east[0] == pytest.approx(1, rel=1e-6)
    assert errors.within(2.4477468)[0] == pytest.approx(0.95, rel=1e-6)


@given(sizes, sizes, angles, angles)
def test_axes_and_rotation_are_those_of_the_matrix(one, other, angle, turn):
    major, minor = max(one, other), min(one, other)
    errors = _one(major, minor, angle)
    np.testing.assert_allclose(np.sqrt(np.linalg.eigvalsh(_matrix(errors))), [minor, major], rtol=1e-6)
    a, b, towards = (float(x[0]) for x in errors.axes)
    assert (a, b) == pytest.approx((major, minor), rel=1e-5)
    again = _one(a, b, towards)
    np.testing.assert_allclose(_matrix(again), _matrix(errors), rtol=1e-6, atol=1e-8 * major**2)
    turned = _one(major, minor, angle + turn)
    np.testing.assert_allclose(_matrix(errors.rotated(turn)), _matrix(turned), rtol=1e-9, atol=1e-9 * major**2)


@given(sizes, sizes, angles, st.floats(-5, 5), st.floats(-5, 5))
def test_density_is_scipy_s(major, minor, angle, east, north):
    errors = _one(major, minor, angle) + Covariance.of_axes([0.3], [0.4], [-0.5])
    expected = stats.multivariate_normal([0, 0], _matrix(errors)).logpdf([east, north])
    assert errors.log_density(np.array([east]), np.array([north]))[0] == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_the_major_axis_points_from_north_to_east():
    errors = _one(3, 1, 90)
    assert errors.chi2(np.array([3.0]), np.array([0.0]))[0] == pytest.approx(1)
    errors = _one(3, 1, 45)
    assert errors.chi2(*np.full((2, 1), 3 / np.sqrt(2)))[0] == pytest.approx(1)


@given(sizes, st.floats(0.1, 1), angles, st.floats(0.1, 6))
def test_what_a_circle_holds_is_what_drawn_offsets_say(major, ratio, angle, sigmas):
    rng = np.random.default_rng(1)
    errors, radius = _one(major, ratio * major, angle), sigmas * major
    x, y = rng.multivariate_normal([0, 0], _matrix(errors), 20_000).T
    share = errors.within(radius)[0]
    drawn = (np.hypot(x, y) <= radius).mean()
    assert abs(drawn - share) <= 5 * np.sqrt(share * (1 - share) / 20_000) + 3e-4


def test_a_circular_error_within_a_circle():
    radius = np.array([0.5, 1, 3, 8])
    inside = [_one(1, 1, 0).within(r)[0] for r in radius]
    np.testing.assert_allclose(inside, -np.expm1(-(radius**2) / 2), rtol=1e-9)


@given(st.floats(0, 360), st.floats(-89.999, 89.999), angles, st.floats(1e-5, 0.01))
def test_north_turns_as_astropy_says(lon, lat, angle, length):
    here = SkyCoord(lon, lat, unit="deg")
    there = here.directional_offset_by(angle * u.deg, length * u.deg)
    if abs(there.dec.deg) > 89.9999:
        return
    on = position_angle(here.ra, here.dec, there.ra, there.dec).to_value("deg")
    back = position_angle(there.ra, there.dec, here.ra, here.dec).to_value("deg") + 180
    turn = convergence(*(np.array([x]) for x in (lon, lat, there.ra.deg, there.dec.deg)))[0]
    assert np.cos(np.radians(back - on - turn)) == pytest.approx(1, abs=1e-7)
