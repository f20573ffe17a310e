"""The demo's product files: read back with the package's own readers, and compared with the demo's tables."""

import gzip
import hashlib
import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import astropy.units as u
import numpy as np
import pytest
import requests
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.time import Time
from astropy.wcs import WCS

from cscwidgets.csc.bands import BANDS
from cscwidgets.csc.products import KINDS, Observation, ProductId, Stack
from cscwidgets.demo.files.product_store import DemoStore, demo_store
from cscwidgets.demo.simulation import region_events, region_rows
from cscwidgets.science import lightcurve
from cscwidgets.science.region_file import read_regions
from cscwidgets.science.times.events import read_events
from cscwidgets.service.opening import mount

STORE = DemoStore()


def _file(folder, key, kind, band=""):
    """A product's file in a folder, or None."""
    found = STORE.browse(ProductId(Observation(*key), KINDS[kind], band))
    if not found:
        return None
    path = folder / f"{found[0].filename}.gz"
    path.write_bytes(STORE.read(KINDS[kind].filetype, found[0].filename))
    return path


@pytest.fixture(scope="module")
def rows(tables):
    """Rows of ``observation_source``, bright and faint, of all instruments and fields."""
    everything = tables["observation_source"].sort_by([("cnts_aper_b", "descending"), ("obsid", "ascending")])
    made = everything.to_pylist()
    acis = [row for row in made if row["instrument"] == "ACIS"]
    hrc = [row for row in made if row["instrument"] == "HRC"]
    return [*acis[3:9000:300], *hrc[:2500:400]]


def _key(row):
    return row["obsid"], row["obi"], row["region_id"]


def test_light_curves_hold_the_numbers_of_the_tables(rows, tmp_path):
    made = absent = 0
    for row in rows:
        for band in BANDS:
            path = _file(tmp_path, _key(row), "lc", band)
            if path is None:
                assert row[f"var_prob_{band}"] is None
                absent += 1
                continue
            curve = lightcurve.read(path)
            assert curve.variability.probability == pytest.approx(row[f"var_prob_{band}"], rel=1e-13)
            assert curve.variability.index == row[f"var_index_{band}"]
            assert curve.variability.ks_probability == pytest.approx(row[f"ks_prob_{band}"], abs=1e-12)
            assert curve.variability.kuiper_probability == pytest.approx(row[f"kp_prob_{band}"], abs=1e-12)
            rate = curve.source.rate
            for name, value in (("mean", rate.mean()), ("sigma", rate.std()), ("min", rate.min()), ("max", rate.max())):
                assert value == pytest.approx(row[f"var_{name}_{band}"], rel=1e-12), name
            assert (curve.counts, curve.band) == (row[f"cnts_aper_{band}"], BANDS[band].name)
            assert curve.header.simulated
            assert curve.header.start == row["gti_start"]
            assert Time(curve.header.start, format="cxcsec").isot[:16] == row["gti_obs"][:16]
            made += 1
    assert made > 25
    assert absent > 25


def test_light_curves_have_the_form_of_real_ones(rows, tmp_path, real):
    ours = fits.open(_file(tmp_path, _key(rows[0]), "lc", "b"))
    theirs = fits.open(next(iter(sorted((real / "lightcurves").rglob("*_lc3.fits.gz")))))
    with ours, theirs:
        assert [hdu.name for hdu in ours] == [hdu.name for hdu in theirs]
        for mine, other in zip(ours[1:], theirs[1:], strict=True):
            assert mine.columns.names == other.columns.names
            assert mine.columns.formats == [form.removeprefix("1") for form in other.columns.formats] or (
                mine.columns.formats == other.columns.formats
            )
            assert mine.columns.units == other.columns.units
            for key in ("TIMESYS", "MJDREF", "TIMEZERO", "TIMEPIXR", "APERUNIT", "HDUCLAS1", "HDUCLAS3", "BAND"):
                assert mine.header[key] == other.header[key], key
            wanted = {"OBS_ID", "OBI_NUM", "STACK_ID", "REGIONID", "TIMEDEL", "TELAPSE", "INTEGTIM", "LIVETIME", "ODDS"}
            wanted |= {"MMIN", "MMAX", "APERTURE", "BACKSCAL", "TOTCTS", "DATE-OBS", "TSTART", "TSTOP", "MJD_OBS"}
            assert all(type(mine.header[key]) is type(other.header[key]) for key in wanted)
        assert {"KS_PROB", "KP_PROB", "FRAC3SIG", "FRAC5SIG", "VARINDEX"} <= set(ours[1].header)
        assert ours[1].header["NAXIS2"] == 3 * ours[1].header["MMAX"]
        assert ours[0].header["OBJECT"] == "SIMULATED"
        assert ours[0].header["ORIGIN"] == "cscwidgets-sim"
        np.testing.assert_array_equal(ours[1].data["Time"], ours[2].data["Time"])


def test_the_background_curve_is_that_of_its_region(rows, tmp_path):
    curve = lightcurve.read(_file(tmp_path, _key(rows[0]), "lc", "b"))
    expected = rows[0]["cnts_aperbkg_b"] * curve.aperture / curve.background_aperture
    total = curve.background.rate.mean() * (curve.header.stop - curve.header.start)
    assert total == pytest.approx(expected, rel=0.15)


def test_events_and_regions_give_the_counts_of_the_tables(rows, tmp_path, tables):
    assoc = tables["stack_observation_assoc"].to_pylist()
    stack_of = {(row["obsid"], row["obi"], row["region_id"]): row["detect_stack_id"] for row in assoc}
    for row in rows[::3]:
        events = read_events(_file(tmp_path, _key(row), "regevt"))
        regions = read_regions(_file(tmp_path, _key(row), "reg"))
        source, background = events.inside(regions.source), events.inside(regions.background)
        band = "w" if row["instrument"] == "HRC" else "b"
        if band == "b":
            source, background = source.within(0.5, 7), background.within(0.5, 7)
        # Single precision of the positions may move one of some ten thousand across the border.
        few = 1 + 1e-4 * len(source)
        assert abs(len(source) - row[f"cnts_aper_{band}"]) <= few
        assert abs(len(background) - row[f"cnts_aperbkg_{band}"]) <= few
        truth = region_events(stack_of[_key(row)], row["region_id"], row["obsid"], row["obi"])
        assert len(set(truth.time) - set(events.inside(regions.source).time)) <= few
        assert events.good_time.total == pytest.approx(row["livetime"])
        assert len(events.clean()) == len(events)


def test_positions_are_on_the_sky_where_the_source_is(rows, tmp_path, tables):
    stacks = tables["stack_source"].to_pylist()
    place = {(row["detect_stack_id"], row["region_id"]): (row["ra"], row["dec"]) for row in stacks}
    assoc = tables["stack_observation_assoc"].to_pylist()
    stack_of = {(row["obsid"], row["obi"], row["region_id"]): row["detect_stack_id"] for row in assoc}
    for row in rows[:2] + rows[-2:]:
        path = _file(tmp_path, _key(row), "regevt")
        with fits.open(path) as hdus:
            header, data = hdus["EVENTS"].header, hdus["EVENTS"].data
            column = hdus["EVENTS"].columns.names.index("x") + 1
        wcs = WCS(naxis=2)
        wcs.wcs.ctype = [header[f"TCTYP{column + i}"] for i in (0, 1)]
        wcs.wcs.crval = [header[f"TCRVL{column + i}"] for i in (0, 1)]
        wcs.wcs.crpix = [header[f"TCRPX{column + i}"] for i in (0, 1)]
        wcs.wcs.cdelt = [header[f"TCDLT{column + i}"] for i in (0, 1)]
        middle = wcs.pixel_to_world(np.median(data["x"]) - 1, np.median(data["y"]) - 1)
        catalogued = SkyCoord(*place[stack_of[_key(row)], row["region_id"]], unit="deg")
        assert middle.separation(catalogued) < 8 * u.arcsec


@pytest.fixture(scope="module")
def observation(tmp_path_factory):
    """A short observation's event file, and its regions."""
    rows = region_rows()
    shortest = min({key[:2] for key in rows}, key=lambda key: (_exposure(rows, key), key))
    return _file(tmp_path_factory.mktemp("evt"), (*shortest,), "evt"), [key for key in rows if key[:2] == shortest]


def _exposure(rows, key):
    observation = next(row.observation for k, row in rows.items() if k[:2] == key)
    return observation.exposure if observation.instrument == "ACIS" else np.inf


def test_an_observation_holds_its_regions_and_background(observation, tmp_path):
    path, keys = observation
    whole = read_events(path)
    assert keys
    times = set(whole.time)
    inside = 0
    for key in keys:
        events = read_events(_file(tmp_path, key, "regevt"))
        area = read_regions(_file(tmp_path, key, "reg")).source
        # Of the background that regions share the field holds one region's.
        assert len(set(events.inside(area).time) - times) <= 0.2 * len(events)
        inside += len(events.inside(area))
    assert len(whole) > inside
    assert set(whole.good_times) == set(np.unique(whole.chip).tolist())


def test_files_are_the_same_bytes_in_another_process(rows):
    names = [
        STORE.browse(ProductId(Observation(*_key(rows[5])), KINDS[kind], band))[0].filename
        for kind, band in (("lc", "b"), ("regevt", ""), ("reg", ""), ("pha", ""), ("arf", ""), ("rmf", ""))
    ]
    asked = list(zip(("lightcurve", "regevt3", "srcreg", "spectrum", "arf", "rmf"), names, strict=True))
    script = (
        "import hashlib; from cscwidgets.demo.files.product_store import DemoStore\n"
        f"for kind, name in {asked!r}: print(hashlib.sha256(DemoStore().read(kind, name)).hexdigest())"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    ours = [STORE.read(*pair) for pair in asked]
    assert said == [hashlib.sha256(content).hexdigest() for content in ours]
    for content in ours:
        assert content[4:8] == bytes(4)  # no time in the gzip header
        with fits.open(io.BytesIO(gzip.decompress(content))) as hdus:
            hdus.verify("exception")


def test_the_embedded_service_hands_them_out(rows, demo_folder):
    with requests.Session() as session:
        base = mount(session, demo_folder, demo_store())
        obsid, obi, region = _key(rows[0])
        asked = f"{obsid}.{obi}.{region}/lightcurve/b,{obsid}.{obi}.{region}/regevt3/"
        listed = session.get(f"{base}/csccli/browse", params={"packageset": asked, "version": "rel2.1"}).json()
        assert {entry["filetype"] for entry in listed} == {"lightcurve", "regevt3"}
        for entry in listed:
            wanted = {"filetype": entry["filetype"], "filename": entry["filename"], "version": "rel2.1"}
            answer = session.get(f"{base}/csccli/retrieveFile", params=wanted)
            assert answer.content == demo_store().read(entry["filetype"], entry["filename"])


def test_many_threads_may_ask_at_once(rows):
    store = DemoStore()
    names = [store.browse(ProductId(Observation(*_key(row)), KINDS["regevt"]))[0].filename for row in rows[:12]]
    with ThreadPoolExecutor(4) as pool:
        threaded = list(pool.map(lambda name: store.read("regevt3", name), names * 3))
    assert threaded == [store.read("regevt3", name) for name in names] * 3


def test_what_the_demo_does_not_have(rows):
    key = _key(rows[0])
    assert STORE.browse(ProductId(Observation(*key), KINDS["psf"], "b")) == []
    assert STORE.browse(ProductId(Observation(1, 0, 1), KINDS["regevt"])) == []
    assert STORE.browse(ProductId(Observation(*key), KINDS["lc"], "w")) == []
    assert STORE.browse(ProductId(Stack("acisfJ0133508p303937_001"), KINDS["stkevt"])) == []
    name = STORE.browse(ProductId(Observation(*key), KINDS["regevt"]))[0].filename
    for filetype, filename in (
        ("lightcurve", name),
        ("regevt3", name.replace("N001", "N002")),
        ("regevt3", name.replace("acis", "hrc")),
        ("regevt3", "../secret"),
        ("evt3", ""),
    ):
        with pytest.raises(KeyError):
            STORE.read(filetype, filename)
