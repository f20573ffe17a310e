"""Which of the tables of an event file is good time, and of which chip."""

import numpy as np
import pytest
from astropy.io import fits

from cscwidgets.errors import CscError
from cscwidgets.science.times import read_events

HEADER = {
    "MJDREF": 50814.0, "TIMESYS": "TT", "TSTART": 0.0, "TSTOP": 1000.0, "OBS_ID": "78", "INSTRUME": "ACIS",
    "DTCOR": 1.0,
}  # fmt: skip


def _table(name, columns, **cards):
    made = [fits.Column(key, "D", array=np.asarray(values, float)) for key, values in columns.items()]
    table = fits.BinTableHDU.from_columns(made, name=name)
    table.header.update(cards)
    return table


def _gti(start, stop, name="GTI", **cards):
    return _table(name, {"START": [start], "STOP": [stop]}, **cards)


def _read(path, *tables, **cards):
    columns = {"time": [10.0, 20.0, 30.0], "ccd_id": [6, 7, 7], "x": [1, 2, 3], "y": [1, 2, 3]}
    hdus = [fits.PrimaryHDU(), _table("EVENTS", columns, **HEADER | cards), *tables]
    fits.HDUList(hdus).writeto(path / "evt.fits", overwrite=True)
    return read_events(path / "evt.fits")


def _intervals(good_time):
    return good_time.intervals.tolist()


def test_ciaos_parts_of_a_selection_are_of_their_chips(tmp_path):
    """A real file of two chips has GTI7 and GTI7_CPT2, whose CCD_ID is 6."""
    events = _read(tmp_path, _gti(0, 900, CCD_ID=7), _gti(5, 800, "GTI7_CPT", HDUNAME="GTI7_CPT2", CCD_ID=6))
    assert {chip: _intervals(good) for chip, good in events.good_times.items()} == {7: [[0, 900]], 6: [[5, 800]]}
    assert events.notes == ()


def test_two_tables_of_a_chip_are_told(tmp_path):
    same = _read(tmp_path, _gti(0, 900, CCD_ID=7), _gti(0, 900, CCD_ID=7), _gti(0, 900, CCD_ID=6))
    assert same.notes == ()
    events = _read(tmp_path, _gti(0, 100, CCD_ID=7), _gti(200, 300, CCD_ID=7), _gti(0, 900, CCD_ID=6))
    assert _intervals(events.good_times[7]) == [[0, 100], [200, 300]]
    assert events.notes == ("it has 2 different good-time tables of chip 7: what is good in any of them is taken",)


def test_a_chip_without_a_table_is_told(tmp_path):
    events = _read(tmp_path, _gti(0, 900, CCD_ID=7))
    assert _intervals(events.good_times[6]) == [[0, 900]]
    assert "chip 6 has no good-time table" in events.notes[0]


def test_no_table_is_told(tmp_path):
    events = _read(tmp_path)
    assert events.good_time.total == 1000
    assert "no good-time table" in events.notes[0]


def test_other_times_are_no_good_time(tmp_path):
    events = _read(tmp_path, _gti(0, 900), _gti(0, 5, "FLARES"))
    assert events.good_time.total == 900
    assert events.notes == ("its table FLARES of times is no good-time table and was left out",)
    assert _read(tmp_path, _gti(0, 700, "STDTIMES", HDUCLAS1="GTI")).good_time.total == 700


def test_the_offset_of_times_is_that_of_good_times(tmp_path):
    """TIMEZERO is added to all times of a file (OGIP 93-003)."""
    events = _read(tmp_path, _gti(0, 900), TIMEZERO=50.0)
    assert events.time.tolist() == [60, 70, 80]
    assert _intervals(events.good_time) == [[50, 950]]
    assert (events.header.start, events.header.stop) == (50, 1050)
    assert _intervals(_read(tmp_path, _gti(0, 900, TIMEZERO=7.0), TIMEZERO=50.0).good_time) == [[7, 907]]
    assert _intervals(_read(tmp_path, TIMEZERO=50.0).good_time) == [[50, 1050]]


@pytest.mark.parametrize("name", ["Merged", "MERGED"])
def test_merged_event_lists_are_of_several_observations(tmp_path, name):
    """What CIAO's dmmerge writes for keywords that differ."""
    events = _read(tmp_path, _gti(0, 900), OBS_ID=name)
    assert (events.header.obsid, len(events)) == (0, 3)
    assert "merged" in events.notes[0]
    with pytest.raises(CscError, match="OBS_ID is 'what'"):
        _read(tmp_path, _gti(0, 900), OBS_ID="what")


def test_what_is_not_usual_is_told(tmp_path):
    events = _read(tmp_path, _gti(0, 900), CLOCKAPP=False, READMODE="CONTINUOUS", TIMEDEL=0.00285)
    assert events.resolution == 0.00285
    assert [key for key in ("CLOCKAPP", "READMODE") if any(key in note for note in events.notes)] == [
        "CLOCKAPP",
        "READMODE",
    ]


def test_of_two_tables_of_events_none_is_better(tmp_path):
    other = _table("EVENTS", {"time": [1.0], "x": [1], "y": [1]}, **HEADER)
    with pytest.raises(CscError, match=r"has 2 EVENTS tables.*a file of its own\.$"):
        _read(tmp_path, _gti(0, 900), other)


def test_a_chip_is_good_where_its_table_and_that_of_all_say_so(tmp_path):
    """The intersection by hand: a table of all chips is what flares were cut out by."""
    events = _read(tmp_path, _gti(0, 900, CCD_ID=7), _gti(100, 2000, CCD_ID=6), _gti(50, 700))
    assert {chip: _intervals(good) for chip, good in events.good_times.items()} == {7: [[50, 700]], 6: [[100, 700]]}
    wide = _read(tmp_path, _gti(0, 900, CCD_ID=7), _gti(5, 800, CCD_ID=6), _gti(-1e3, 2e3))
    assert {chip: _intervals(good) for chip, good in wide.good_times.items()} == {7: [[0, 900]], 6: [[5, 800]]}
