"""Event lists as CIAO's axbary leaves them: TDB at the solar system's barycentre, good times too.

The light travel time is astropy's, so that nothing here rests on our own idea of it.
"""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import EarthLocation, SkyCoord
from astropy.io import fits
from astropy.time import Time

from cscwidgets.errors import CscError
from cscwidgets.science.times import Frequencies, SourceEvents, bin_events, fold_events, read_events, timing, z_squared

START, SPAN, PERIOD = 1.0e8, 40_000.0, 33.25
EARTH = EarthLocation.from_geocentric(0, 0, 0, u.m)
SOURCE = SkyCoord(6.0, -72.0, unit="deg")
COMMON = {
    "MJDREF": 50814.0, "TIMEUNIT": "s", "TIMEZERO": 0.0, "CLOCKAPP": True, "OBS_ID": "78", "OBI_NUM": 0,
    "INSTRUME": "ACIS", "DTCOR": 0.98693426, "TIMEDEL": 3.24104,
}  # fmt: skip
TT, TDB = {"TIMESYS": "TT", "TIMEREF": "LOCAL"}, {"TIMESYS": "TDB", "TIMEREF": "SOLARSYSTEM"}


def to_barycentre(seconds):
    """Mission times as axbary makes them, by astropy."""
    moment = Time(np.atleast_1d(seconds), format="cxcsec", location=EARTH)
    moment = moment.tdb + moment.light_travel_time(SOURCE, "barycentric")
    return (moment - Time(50814, format="mjd", scale="tdb")).to_value(u.s)


def write(path, time, intervals, events=TT, good=None):
    """Events and the good time of their chip; real good-time tables tell TIMESYS alone."""
    ends = {"TSTART": float(intervals.min()), "TSTOP": float(intervals.max())}
    columns = {
        "time": time,
        "ccd_id": np.full(len(time), 7),
        "x": time * 0 + 5,
        "y": time * 0 + 5,
        "energy": time * 0 + 1500,
    }
    tables = []
    for name, values, cards in (
        ("EVENTS", columns, events),
        (
            "GTI",
            {"START": intervals[:, 0], "STOP": intervals[:, 1]},
            {"TIMESYS": (good or events)["TIMESYS"], "CCD_ID": 7},
        ),
    ):
        made = [fits.Column(key, "D", array=np.asarray(value, float)) for key, value in values.items()]
        tables.append(fits.BinTableHDU.from_columns(made, name=name))
        tables[-1].header.update(COMMON | ends | cards)
    fits.HDUList([fits.PrimaryHDU(), *tables]).writeto(path)
    return path


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """The same photons before and after axbary; they have a period at the barycentre."""
    rng = np.random.default_rng(3)
    grid = START + np.linspace(0, SPAN, 400)
    phase = rng.random(3000) * SPAN // PERIOD * PERIOD + PERIOD * rng.beta(3, 3, 3000) * 0.5
    barycentric = to_barycentre(START) + phase
    local = np.interp(barycentric, to_barycentre(grid), grid)
    intervals = START + np.array([[0.0, 15_000.0], [16_000.0, SPAN]])
    folder = tmp_path_factory.mktemp("pair")
    good = to_barycentre(intervals.ravel()).reshape(-1, 2)
    return (
        write(folder / "local.fits", local, intervals),
        write(folder / "barycentred.fits", to_barycentre(local), good, TDB),
    )


def test_they_are_read_and_say_so(pair):
    local, barycentred = map(read_events, pair)
    assert (str(local.header.system), str(barycentred.header.system)) == ("TT, not barycentred", "TDB, barycentred")
    assert barycentred.times.scale == "tdb"
    expected = Time(local.time, format="cxcsec", location=EARTH)
    expected = expected.tdb + expected.light_travel_time(SOURCE, "barycentric")
    assert np.abs((barycentred.times - expected).to_value(u.s)).max() < 1e-5
    assert barycentred.table().meta["times"] == "TDB, barycentred"
    curve = bin_events(barycentred.time, barycentred.good_time, width=1000)
    assert curve.table()["time_bin_start"].scale == "tdb"
    assert curve.table().meta["times"] == "TDB, barycentred"
    assert timing(SourceEvents(barycentred), width=1000).system is barycentred.header.system


def test_the_same_photons_are_in_good_time(pair):
    local, barycentred = (read_events(path) for path in pair)
    assert len(barycentred.clean()) == len(local.clean()) < len(local)
    # The Earth's motion stretches time by at most 1e-4.
    assert barycentred.good_time.total == pytest.approx(local.good_time.total, rel=1e-4)


def test_the_period_is_that_of_the_barycentre(pair):
    events = read_events(pair[1]).clean()
    search = Frequencies.between(30, 40, SPAN)
    period = z_squared(events.time, search, events.good_time).period
    assert period == pytest.approx(PERIOD, rel=1e-4)
    folded = fold_events(events.time, period, events.good_time)
    assert (str(folded.system), folded.table().meta["times"]) == ("TDB, barycentred",) * 2


@pytest.mark.parametrize(("events", "good"), [(TT, TDB), (TDB, TT)])
def test_good_times_of_another_system_are_refused(tmp_path, events, good):
    time, intervals = START + np.arange(20.0), START + np.array([[0.0, 30.0]])
    with pytest.raises(
        CscError, match=r"evt\.fits is no usable event list.*its good times .*axbary on the file with both\.$"
    ):
        read_events(write(tmp_path / "evt.fits", time, intervals, events, good))


def test_the_two_are_not_put_together(pair):
    local, barycentred = map(read_events, pair)
    with pytest.raises(CscError, match=r"Events of source and background cannot be put together.*axbary"):
        SourceEvents(local, barycentred, 4.0)
    with pytest.raises(CscError, match="Good times cannot be put together"):
        local.good_time & barycentred.good_time
