import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import Angle
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.io.sexagesimal import angles, degrees_of


@given(
    st.floats(0, 359.9),
    st.booleans(),
    st.sampled_from([" ", ":", "hms", "dms"]),
    st.sampled_from(["", "+", "-", "\N{MINUS SIGN}"]),
)
def test_what_astropy_writes_is_read(value, hours, separator, sign):
    hours = {"hms": True, "dms": False}.get(separator, hours)
    text = sign + Angle(value, u.deg).to_string(u.hourangle if hours else u.deg, sep=separator, precision=6)
    assert degrees_of(text, hours=hours) == pytest.approx(
        -value if sign in ("-", "\N{MINUS SIGN}") else value, abs=1e-7
    )


def test_degrees_that_say_so_are_no_hours():
    assert degrees_of("83d49m15s", hours=True) == pytest.approx(83.8208333)
    assert degrees_of("83° 49′ 15″", hours=True) == pytest.approx(83.8208333)
    assert degrees_of("-00d30m36.0s", hours=False) == pytest.approx(-0.51)


@pytest.mark.parametrize(
    "text", ["", "M42", "5 35 17 3", "5:75:10", "5 -3 1", "1e5:3", "٣ 35 17", "nan", "inf 3", "--5"]
)
def test_what_is_no_angle(text):
    assert degrees_of(text, hours=True) is None


def test_a_column_of_texts():
    np.testing.assert_allclose(angles(["83.5", None, "05:34:00", "x"], u.deg), [83.5, np.nan, 5 + 34 / 60, np.nan])
    np.testing.assert_allclose(angles(["90", "1:0:0"], u.arcmin), [1.5, 1.0])


@pytest.mark.parametrize("text", ["18.s", "18.097962709973s5", "5m30s", "1s2m3h", "5h3s2", "12'30"])
def test_letters_out_of_their_order_are_no_angle(text):
    assert degrees_of(text, hours=False) is None
