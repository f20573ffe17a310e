"""Time systems of files, against astropy's own conversions."""

import astropy.units as u
import numpy as np
import pytest
from astropy.io import fits
from astropy.time import Time
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.errors import CscError
from cscwidgets.io.reading import Unreadable
from cscwidgets.science.time_system import TimeSystem, shared_system

CHANDRA = {"MJDREF": 50814.0, "TIMESYS": "TT", "TIMEREF": "LOCAL", "TIMEUNIT": "s"}
AXBARY = CHANDRA | {"TIMESYS": "TDB", "TIMEREF": "SOLARSYSTEM"}


def test_mission_times_are_astropys():
    seconds = np.array([0.0, 69567609.750549, 7.5e8])
    difference = TimeSystem.LOCAL.moments(seconds) - Time(seconds, format="cxcsec")
    assert np.abs(difference.to_value(u.s)).max() < 1e-6
    barycentric = TimeSystem.BARYCENTRIC.moments(seconds)
    assert barycentric.scale == "tdb"
    np.testing.assert_allclose(
        (barycentric - Time(50814, format="mjd", scale="tdb")).to_value(u.s), seconds, rtol=1e-15
    )


@pytest.mark.parametrize(
    ("cards", "system"),
    [
        (CHANDRA, TimeSystem.LOCAL),
        (CHANDRA | {"TIMEREF": "local", "TIMEUNIT": "sec"}, TimeSystem.LOCAL),
        ({"MJDREFI": 50814, "MJDREFF": 0.0, "TIMESYS": "TT"}, TimeSystem.LOCAL),
        (AXBARY, TimeSystem.BARYCENTRIC),
    ],
)
def test_chandras_two_systems_are_known(cards, system):
    assert TimeSystem.of(fits.Header(cards)) is system


@pytest.mark.parametrize(
    ("cards", "says"),
    [
        (CHANDRA | {"TIMESYS": "UTC"}, "UTC"),
        (CHANDRA | {"TIMESYS": ""}, "of no system"),
        (CHANDRA | {"TIMEREF": "SOLARSYSTEM"}, "TT .*TIMEREF is SOLARSYSTEM"),
        (AXBARY | {"TIMEREF": "LOCAL"}, "TDB .*TIMEREF is LOCAL"),
        (AXBARY | {"TIMEREF": ""}, "not given"),
        (CHANDRA | {"MJDREF": 51544.0}, "MJD 51544"),
        (CHANDRA | {"MJDREFI": 51544, "MJDREFF": 0.0}, "MJD 51544"),
        (CHANDRA | {"TIMEUNIT": "d"}, "in d .TIMEUNIT"),
        ({"TIMESYS": "TT"}, "no MJDREFI"),
    ],
)
def test_other_times_are_refused(cards, says):
    with pytest.raises(Unreadable, match=says):
        TimeSystem.of(fits.Header(cards))


def test_a_table_that_says_nothing_is_of_its_files_system():
    for default in TimeSystem:
        assert TimeSystem.of(fits.Header(), default) is default
    assert TimeSystem.of(fits.Header({"TIMESYS": "TDB"}), TimeSystem.LOCAL) is TimeSystem.BARYCENTRIC
    assert TimeSystem.of(fits.Header({"TIMESYS": "TT"}), TimeSystem.BARYCENTRIC) is TimeSystem.LOCAL


def test_two_systems_are_never_put_together():
    assert shared_system([TimeSystem.LOCAL] * 2, "Times") is TimeSystem.LOCAL
    with pytest.raises(CscError, match=r"TDB, barycentred and TT, not barycentred.*axbary"):
        shared_system(TimeSystem, "Times")


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "TIMESYS": st.sampled_from(["TT", "TDB", "tdb", "UTC", "", "TAI"]),
            "TIMEREF": st.sampled_from(["LOCAL", "SOLARSYSTEM", "HELIOCENTRIC", ""]),
            "MJDREF": st.sampled_from([50814.0, 50814, 51544.5, "x"]),
            "MJDREFI": st.sampled_from([50814, 0]),
            "MJDREFF": st.floats(-1, 1),
            "TIMEUNIT": st.sampled_from(["s", "sec", "d", "", "furlong"]),
        },
    ),
    st.sampled_from([None, *TimeSystem]),
)
def test_any_header_is_of_a_system_or_refused(cards, default):
    try:
        system = TimeSystem.of(fits.Header(cards), default)
    except Unreadable:
        return
    assert system.value == (str(cards.get("TIMESYS", "")).upper() or default.value)
    # What is barycentred says so in both keywords, where it says anything.
    assert (cards.get("TIMEREF") or system.name) in {
        TimeSystem.LOCAL: {"LOCAL"},
        TimeSystem.BARYCENTRIC: {"SOLARSYSTEM", "BARYCENTRIC"},
    }[system]
