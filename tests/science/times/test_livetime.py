"""Exposure is livetime: good time times DTCOR, as dmextract's EXPOSURE and the catalogue's LIVETIME."""

import numpy as np
import pytest
from astropy.io import fits

from cscwidgets.errors import CscError
from cscwidgets.science.times import (
    SourceEvents,
    bayesian_blocks,
    bin_events,
    fold_events,
    read_events,
    time_tests,
    timing,
)

HEADER = {"MJDREF": 50814.0, "TIMESYS": "TT", "TSTART": 0.0, "TSTOP": 1e4, "OBS_ID": "78", "INSTRUME": "ACIS"}
SPECTRA = ("acisf01575_001N001_r0085_pha3.fits.gz", "acisf04938_000N002_r0043_pha3.fits")


def _events(path, header, gti, chip=7):
    time = np.linspace(header["TSTART"], header["TSTOP"], 502)[1:-1]
    columns = {"time": time, "ccd_id": time * 0 + chip, "x": time * 0, "y": time * 0}
    table = fits.BinTableHDU.from_columns(
        [fits.Column(key, "D", array=values) for key, values in columns.items()], name="EVENTS"
    )
    table.header.update(header)
    fits.HDUList([fits.PrimaryHDU(), table, *gti]).writeto(path)
    return path


@pytest.mark.real
@pytest.mark.parametrize("name", SPECTRA)
def test_it_is_dmextracts(real, tmp_path, name):
    """The good times and EXPOSURE of files that CIAO's dmextract made."""
    with fits.open(real / "spectra" / "csc_pha3" / name) as hdus:
        head = hdus[1].header
        keys = ("TSTART", "TSTOP", "DTCOR", "MJDREF", "TIMESYS", "OBS_ID", "INSTRUME")
        tables = [hdu for hdu in hdus if "GTI" in hdu.name]
        path = _events(tmp_path / "evt.fits", {key: head[key] for key in keys}, tables, tables[0].header["CCD_ID"])
        assert read_events(path).good_time.total == pytest.approx(head["EXPOSURE"], rel=1e-6)


@pytest.mark.real
def test_it_is_the_catalogues(real, tmp_path):
    """ONTIME, DTCOR and LIVETIME of all light-curve files."""
    files = sorted((real / "lightcurves").glob("*/*/*_lc3.fits.gz"))
    assert len(files) >= 36
    for number, file in enumerate(files):
        head = fits.getheader(file, 1)
        header = HEADER | {"TSTOP": head["ONTIME"], "DTCOR": head["DTCOR"]}
        exposure = read_events(_events(tmp_path / f"{number}.fits", header, [])).good_time.total
        assert exposure == pytest.approx(head["LIVETIME"], rel=3e-3)
        assert exposure == pytest.approx(head["LIVETIME"], rel=1e-7)


def test_all_rates_are_over_it(tmp_path):
    events = read_events(_events(tmp_path / "evt.fits", HEADER | {"DTCOR": 0.8}, []))
    time, good = events.time, events.good_time
    assert good.total == pytest.approx(8000)
    mean = 500 / 8000
    curve = bin_events(time, good, width=1000)
    np.testing.assert_allclose(curve.exposure, 800)
    np.testing.assert_allclose(curve.rate, mean, rtol=0.03)
    assert not curve.partial.any()
    assert bayesian_blocks(time, good_time=good).value == pytest.approx(mean)
    np.testing.assert_allclose(fold_events(time, 500, good, bins=5).rate, mean, rtol=0.03)
    assert time_tests(time, good).gregory_loredo.rate.mean() == pytest.approx(mean, rel=0.01)
    found = timing(SourceEvents(events), width=1000)
    assert found.events / found.exposure == pytest.approx(mean)


def test_dead_time_does_not_change_what_is_variable(tmp_path):
    alive, dead = (read_events(_events(tmp_path / f"{live}.fits", HEADER | {"DTCOR": live}, [])) for live in (1.0, 0.5))
    first, second = (time_tests(one.time, one.good_time) for one in (alive, dead))
    assert first.gregory_loredo.log_odds == pytest.approx(second.gregory_loredo.log_odds, abs=1e-9)
    assert first.ks_probability == pytest.approx(second.ks_probability)


def test_chips_share_their_dead_time(tmp_path):
    """It counts once where a region lies on two chips."""
    gti = []
    for chip in (6, 7):
        gti.append(
            fits.BinTableHDU.from_columns(
                [fits.Column("START", "D", array=[0.0]), fits.Column("STOP", "D", array=[1e4])], name="GTI", ver=chip
            )
        )
        gti[-1].header["CCD_ID"] = chip
    events = read_events(_events(tmp_path / "evt.fits", HEADER | {"DTCOR": 0.9}, gti))
    events.chip[::2] = 6
    assert events.good_time.total == pytest.approx(9000)


@pytest.mark.parametrize(
    ("cards", "exposure"), [({"LIVETIME": 9000.0, "ONTIME": 1e4}, 9000), ({"DTCOR": 1 + 1e-9}, 10_000), ({}, 10_000)]
)
def test_without_dtcor_the_header_may_tell_it_otherwise(tmp_path, cards, exposure):
    events = read_events(_events(tmp_path / "evt.fits", HEADER | cards, []))
    assert events.good_time.total == pytest.approx(exposure)
    assert any("DTCOR" in note for note in events.notes) is (not cards)


@pytest.mark.parametrize("cards", [{"DTCOR": 0.0}, {"DTCOR": 1.3}, {"DTCOR": "x"}, {"LIVETIME": 2.0, "ONTIME": 1.0}])
def test_dead_time_that_cannot_be_is_refused(tmp_path, cards):
    with pytest.raises(CscError, match=r"DTCOR|LIVETIME"):
        read_events(_events(tmp_path / "evt.fits", HEADER | cards, []))
