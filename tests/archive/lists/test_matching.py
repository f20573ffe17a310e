"""Which sources a position may be, against astropy's separations and position angles."""

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.archive.lists.matching import Errors, nearest_within

middles = st.tuples(st.floats(0, 359.9), st.floats(-90, 90)) | st.sampled_from([(0.0, 90.0), (0.0, -90.0), (0.0, 0.0)])


@given(middles, st.integers(0, 2**32 - 1))
def test_the_nearest_within_its_ellipse_is_astropys(middle, seed):
    rng = np.random.default_rng(seed)
    around = SkyCoord(*middle, unit="deg")

    def scattered(number):
        angle, distance = rng.uniform(0, 360, number) * u.deg, rng.uniform(0, 12, number) * u.arcsec
        return around.directional_offset_by(angle, distance)

    sources, places = scattered(15), scattered(25)
    major, ratio, angle = rng.uniform(0.5, 8, 15), rng.uniform(0.2, 1, 15), rng.uniform(0, 180, 15)
    major[0] = np.nan  # without an error
    nearest = nearest_within(
        places.ra.deg,
        places.dec.deg,
        np.zeros(25),
        sources.ra.deg,
        sources.dec.deg,
        Errors(major, major * ratio, angle),
    )
    apart = places[:, None].separation(sources[None]).arcsec
    turned = sources[None].position_angle(places[:, None]).rad - np.radians(angle)
    norm = np.hypot(apart * np.cos(turned) / major, apart * np.sin(turned) / (major * ratio))
    if np.nanmin(np.abs(norm - 1)) < 1e-6:
        return  # on an edge, rounding decides
    inside = norm <= 1
    assert nearest.candidates.tolist() == inside.sum(axis=1).tolist()
    expected = np.where(inside.any(axis=1), np.argmin(np.where(inside, apart, np.inf), axis=1), -1)
    assert nearest.row.tolist() == expected.tolist()
    np.testing.assert_allclose(
        nearest.separation[expected >= 0], apart[expected >= 0, expected[expected >= 0]], atol=1e-6
    )
