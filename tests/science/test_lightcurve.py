"""The reader of lc3 files, on every real one at hand and on damaged ones."""

import ast
import csv
import gzip

import astropy.units as u
import numpy as np
import pytest
from astropy.io import fits
from astropy.time import Time

from cscwidgets.errors import CscError
from cscwidgets.science import lightcurve
from cscwidgets.science.time_system import TimeSystem
from cscwidgets.science.times.good_time import GoodTime

from ..source_files import write_source_files


@pytest.fixture(scope="module")
def files(real):
    found = sorted((real / "lightcurves").rglob("*_lc3.fits.gz"))
    assert len(found) == 36
    return found


@pytest.fixture(scope="module")
def catalogue(real):
    """Rows of the catalogue beside files of the same observation, by obsid."""
    with (real / "lightcurves" / "lc3_vs_csc_catalogue_J010337.csv").open(newline="") as lines:
        return {int(row["obsid"]): row for row in csv.DictReader(lines)}


@pytest.mark.real
def test_rows_times_and_units_are_those_of_the_file(files):
    for path in files:
        curve = lightcurve.read(path)
        with fits.open(path) as hdus:
            head, data = hdus[1].header, hdus[1].data
            assert len(curve) == head["NAXIS2"] == len(curve.table())
            np.testing.assert_array_equal(curve.time, data["Time"])
            np.testing.assert_array_equal(curve.source.rate, data["COUNT_RATE"])
            np.testing.assert_array_equal(curve.source.error, data["COUNT_RATE_ERR"])
            scale = head["APERTURE"] / hdus[2].header["APERTURE"]
            np.testing.assert_allclose(curve.background.rate, hdus[2].data["COUNT_RATE"] * scale, rtol=1e-14)
            units = [head[f"TUNIT{n}"] for n in (1, 2)]
            assert (curve.header.obsid, curve.header.obi) == (int(head["OBS_ID"]), head["OBI_NUM"])
        assert f"_r{curve.region_id:04d}{curve.band[0]}_lc3" in path.name
        assert (u.Unit(units[0]), curve.table()["rate"].unit) == (u.s, u.Unit(units[1]))
        np.testing.assert_allclose(np.diff(curve.time), curve.width, rtol=1e-6)
        assert curve.stack_id.startswith("acisfJ")


@pytest.mark.real
def test_times_agree_with_the_header_dates(files):
    for path in files:
        curve = lightcurve.read(path)
        head = fits.getheader(path, 1)
        assert Time(curve.header.start, format="cxcsec").tt.isot[:19] == head["DATE-OBS"]
        assert Time(curve.header.stop, format="cxcsec").tt.isot[:19] == head["DATE-END"]
        assert abs(Time(curve.header.start, format="cxcsec").tt.mjd - head["MJD_OBS"]) < 1e-9
        middle = curve.times
        assert (middle > Time(head["DATE-OBS"], scale="tt")).all()
        assert (middle < Time(head["DATE-END"], scale="tt") + 1 * u.s).all()
        assert curve.header.start <= curve.time[0] - curve.width / 2 + 1e-6
        assert curve.time[-1] + curve.width / 2 <= curve.header.stop + 1e-6


def _printed(value):
    """Half a unit in the last digit of a number as the catalogue's table prints it."""
    mantissa, _, exponent = value.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 0.51 * 10.0 ** (int(exponent or 0) - decimals)


@pytest.mark.real
def test_numbers_are_the_catalogue_s(files, catalogue):
    compared = 0
    for path in files:
        curve = lightcurve.read(path)
        row = catalogue.get(curve.header.obsid)
        if row is None or "J010337" not in str(path):
            continue
        rate = curve.source.rate
        assert len(curve) == int(row["n"])
        for column, value in (
            ("var_mean_b", rate.mean()),
            ("var_min_b", rate.min()),
            ("var_max_b", rate.max()),
            ("var_sigma_b", rate.std(ddof=0)),
            ("var_prob_b", curve.variability.probability),
        ):
            assert abs(value - float(row[column])) <= _printed(row[column]), (path.name, column)
        assert curve.variability.index == int(float(row["var_index_b"]))
        header = ast.literal_eval(row["hdr"])
        assert curve.variability.probability == header["PROB"]
        compared += 1
    assert compared == 21  # the other 4 files are of observations the table leaves out


@pytest.mark.real
def test_p_values_are_turned_to_the_catalogue_s_sense(files, real):
    with (real / "tables" / "per_observation_2CXO_J010337.5-720133.csv").open(newline="") as lines:
        rows = {(int(row["obsid"]), int(row["obi"])): row for row in csv.DictReader(lines)}
    compared = 0
    for path in files:
        curve = lightcurve.read(path)
        row = rows.get((curve.header.obsid, curve.header.obi))
        if row is None or "J010337" not in str(path):
            continue
        for column, value in (
            ("ks_prob_b", curve.variability.ks_probability),
            ("kp_prob_b", curve.variability.kuiper_probability),
        ):
            assert abs(value - float(row[column])) <= max(_printed(row[column]), 5.1e-4), (path.name, column)
        compared += 1
    assert compared == 21


def _made(path, *, drop=(), rename=None, rows=6, **cards):
    """A small light-curve file with a hole after its third bin."""
    time = 1e8 + 100.0 * np.array([0, 1, 2, 5, 6, 7])[:rows]
    columns = [
        fits.Column(name, "1D", unit, array=values)
        for name, unit, values in (
            ("Time", "s", time),
            ("COUNT_RATE", "count/s", np.full(rows, 0.4)),
            ("COUNT_RATE_ERR", "count/s", np.full(rows, 0.2)),
            ("Minus_3Sig", "count/s", np.full(rows, -0.2)),
            ("Plus_3Sig", "count/s", np.full(rows, 1.0)),
        )
        if name not in drop
    ]
    header = {
        "MJDREF": 50814.0, "TIMESYS": "TT", "TSTART": 1e8 - 100, "TSTOP": 1e8 + 900, "TIMEDEL": 100.0, "OBS_ID": "12",
        "OBI_NUM": 1, "REGIONID": "0007", "STACK_ID": "acisfJ0102564m720056_001", "BAND": "broad", "TOTCTS": 9,
        "LIVETIME": 590.0, "INTEGTIM": 600.0, "TELAPSE": 800.0, "ODDS": -1.0, "PROB": 0.09, "VARINDEX": 0,
        "FRAC3SIG": 1.0, "FRAC5SIG": 1.0, "APERTURE": 10.0,
    } | cards  # fmt: skip
    tables = []
    for name, aperture in ((rename or "LIGHTCURVE", 10.0), ("BKGLIGHTCURVE", 200.0)):
        hdu = fits.BinTableHDU.from_columns(columns, name=name)
        hdu.header.update({key: value for key, value in header.items() if key not in drop})
        if "APERTURE" not in drop:
            hdu.header["APERTURE"] = aperture
        tables.append(hdu)
    fits.HDUList([fits.PrimaryHDU(), *tables]).writeto(path)
    return path


def test_gaps_are_seen_and_the_background_is_scaled(tmp_path):
    curve = lightcurve.read(_made(tmp_path / "lc3.fits"))
    np.testing.assert_allclose(curve.gaps, [[1e8 + 250, 1e8 + 450]])
    np.testing.assert_allclose(curve.background.rate, 0.4 * 10 / 200)
    assert curve.good == 0.75
    good = GoodTime.of([1e8 - 50, 1e8 + 500], [1e8 + 100, 1e8 + 750])
    np.testing.assert_allclose(curve.exposed(good), [1, 0.5, 0, 0.5, 1, 1])
    assert curve.variability.ks_probability is None


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"rename": "SPECTRUM"}, "no LIGHTCURVE"),
        ({"drop": ("COUNT_RATE_ERR",)}, "no column COUNT_RATE_ERR"),
        ({"drop": ("PROB",)}, "PROB"),
        ({"drop": ("APERTURE",)}, "APERTURE"),
        ({"MJDREF": 51544.0}, "51544"),
        ({"TIMESYS": "UTC"}, "UTC"),
    ],
)
def test_other_files_are_refused_with_a_reason(tmp_path, changes, says):
    with pytest.raises(CscError, match=says):
        lightcurve.read(_made(tmp_path / "lc3.fits", **changes))


def test_damaged_and_absent_files_are_told_apart(tmp_path):
    whole = _made(tmp_path / "lc3.fits").read_bytes()
    packed = gzip.compress(whole)
    for content in (whole[:-2880], whole[:-7], packed[:-40], b"<html>busy</html>", b""):
        path = tmp_path / "damaged.fits.gz"
        path.write_bytes(content)
        with pytest.raises(CscError, match=r"damaged\.fits\.gz"):
            lightcurve.read(path)
    with pytest.raises(CscError, match="is not there"):
        lightcurve.read(tmp_path / "absent.fits")


def test_statistics_refuse_the_smoothed_curve(tmp_path):
    curve = lightcurve.read(_made(tmp_path / "lc3.fits"))
    table = curve.table()
    for data in (curve, table, table["rate"]):
        with pytest.raises(CscError, match="smoothed Gregory-Loredo posterior mean"):
            lightcurve.bayesian_blocks(curve.time, data, curve.source.error)


def test_times_are_the_middle_of_their_bins(tmp_path):
    """TIMEPIXR tells where in a bin its time lies: 0 at its start (FITS, time coordinates, A&A 574, A36)."""
    write_source_files(tmp_path)
    as_it_is = lightcurve.read(tmp_path / "lc3.fits")
    for hdu in (1, 2):
        fits.setval(tmp_path / "lc3.fits", "TIMEPIXR", value=0.0, ext=hdu)
    np.testing.assert_allclose(lightcurve.read(tmp_path / "lc3.fits").time, as_it_is.time + as_it_is.width / 2)


@pytest.mark.parametrize(("key", "value"), [("HDUCLAS2", "NET"), ("FRAC", 0.5), ("CLOCKAPP", False)])
def test_what_is_not_usual_is_told(tmp_path, key, value):
    write_source_files(tmp_path)
    assert lightcurve.read(tmp_path / "lc3.fits").notes == ()
    fits.setval(tmp_path / "lc3.fits", key, value=value, ext=1)
    (note,) = lightcurve.read(tmp_path / "lc3.fits").notes
    assert key in note


def test_another_time_system_is_not_mixed_in(tmp_path):
    write_source_files(tmp_path)
    curve = lightcurve.read(tmp_path / "lc3.fits")
    good = GoodTime.of(curve.header.start, curve.header.stop, TimeSystem.BARYCENTRIC)
    with pytest.raises(CscError, match="axbary"):
        curve.exposed(good)


@pytest.mark.parametrize(
    ("cards", "says"),
    [
        ({"TIMESYS": "TDB", "TIMEREF": "SOLARSYSTEM"}, "different time systems"),
        ({"MJDREF": 51544.0}, "MJD 51544"),
        ({"TIMEDEL": 50.0}, "different bins"),
    ],
)
def test_a_background_of_other_times_is_refused(tmp_path, cards, says):
    """Its curve is drawn and subtracted on the source's times."""
    write_source_files(tmp_path)
    with fits.open(tmp_path / "lc3.fits", mode="update") as hdus:
        hdus["BKGLIGHTCURVE"].header.update(cards)
    with pytest.raises(CscError, match=says):
        lightcurve.read(tmp_path / "lc3.fits")


def test_what_the_background_alone_says_is_told(tmp_path):
    write_source_files(tmp_path)
    with fits.open(tmp_path / "lc3.fits", mode="update") as hdus:
        hdus["BKGLIGHTCURVE"].header.update({"FRAC": 0.5, "CLOCKAPP": False})
        hdus["LIGHTCURVE"].header["CLOCKAPP"] = False
    clock, random_part = lightcurve.read(tmp_path / "lc3.fits").notes
    assert "CLOCKAPP" in clock
    assert random_part.startswith("of its background: it is of a random part")
