"""Angles on the sphere, against astropy's."""

import numpy as np
from astropy.coordinates import Longitude
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.sky.sphere import right_ascension


@given(st.floats(-1e6, 1e6) | st.sampled_from([-1e-17, -0.0, 360.0, -360.0, 719.9999999999999]))
def test_a_right_ascension_is_below_a_full_turn(angle):
    turned = float(right_ascension(angle))
    assert 0 <= turned < 360
    apart = np.radians(turned - Longitude(angle, "deg").deg)
    assert np.hypot(np.sin(apart), 1 - np.cos(apart)) < 1e-9
