"""The client over the embedded service, against cuts astropy makes of the same arrays."""

import pickle
import warnings
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import QTable
from hypothesis import given, settings
from hypothesis import strategies as st
from regions import CircleSkyRegion, PolygonSkyRegion, RectangleSkyRegion

from cscwidgets import Archive
from cscwidgets.archive.files.cache import Cache
from cscwidgets.errors import CscError, QueryCancelled, QueryError, TruncatedResult


@pytest.fixture(scope="module")
def archive(awkward_sky):
    return Archive(awkward_sky[0])


def separations(sky, at):
    return SkyCoord(sky["ra"], sky["dec"], unit="deg").separation(at).deg


places = st.one_of(
    st.tuples(st.floats(0, 360, exclude_max=True), st.floats(-90, 90)),
    st.tuples(st.sampled_from([0.0, 359.999, 0.001, 180.0]), st.sampled_from([0.0, 90.0, -90.0, 89.5, -88.0])),
)


@given(places, st.floats(0.05, 20))
def test_search_in_a_circle_is_an_astropy_cone(awkward_sky, archive, place, radius):
    at = SkyCoord(*place, unit="deg")
    found = archive.search(CircleSkyRegion(at, radius * u.deg), columns=["name"])
    distance = separations(awkward_sky[1], at)
    clear = np.abs(distance - radius) > 1e-7
    expected = set(awkward_sky[1]["name"][(distance < radius) & clear])
    assert set(found["name"]) - set(awkward_sky[1]["name"][~clear]) == expected
    provenance = found.meta["provenance"]
    assert provenance.returned == len(found) + provenance.outside


@given(places, st.floats(0.1, 10), st.floats(0.1, 10), st.floats(0, 180))
def test_search_in_a_box_is_its_four_corners(awkward_sky, archive, place, width, height, angle):
    region = RectangleSkyRegion(SkyCoord(*place, unit="deg"), width * u.deg, height * u.deg, angle * u.deg)
    found = set(archive.search(region, columns=["name"])["name"])
    # The same box as a planar region of the regions package, in a tangent projection at its centre.
    inside, clear = _in_tangent_plane(region, awkward_sky[1])
    names = awkward_sky[1]["name"]
    assert found - set(names[~clear]) == set(names[inside & clear])


def _in_tangent_plane(region, sky):
    from astropy.wcs import WCS
    from regions import PixCoord, RectanglePixelRegion

    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = [region.center.ra.deg, region.center.dec.deg]
    wcs.wcs.cdelt = [-0.01, 0.01]
    wcs.wcs.crpix = [1, 1]
    positions = SkyCoord(sky["ra"], sky["dec"], unit="deg")
    near = positions.separation(region.center).deg < 60
    x, y = np.full(len(near), 1e9), np.full(len(near), 1e9)
    x[near], y[near] = wcs.world_to_pixel(positions[near])

    def box(factor):
        width, height = (
            2 * np.degrees(np.tan(size.to_value(u.rad) / 2)) / 0.01 for size in (region.width, region.height)
        )
        return RectanglePixelRegion(PixCoord(0, 0), factor * width, factor * height, region.angle)

    points = PixCoord(x, y)
    return box(1).contains(points), box(1 - 1e-6).contains(points) == box(1 + 1e-6).contains(points)


@given(places, st.floats(0.2, 10), st.integers(0, 2**32 - 1))
def test_search_in_a_polygon_is_a_spherical_polygon(awkward_sky, archive, place, size, seed):
    from regions import PolygonSphericalSkyRegion

    rng = np.random.default_rng(seed)
    angles = np.arange(6) * 60 + rng.uniform(0, 50, 6)
    vertices = SkyCoord(*place, unit="deg").directional_offset_by(angles * u.deg, size * u.deg)
    found = set(archive.search(PolygonSkyRegion(vertices), columns=["name"])["name"])
    positions = SkyCoord(awkward_sky[1]["ra"], awkward_sky[1]["dec"], unit="deg")
    expected = set(awkward_sky[1]["name"][PolygonSphericalSkyRegion(vertices[::-1]).contains(positions)])
    assert len(found ^ expected) <= 1  # a source on an edge may fall either way


def test_columns_keep_units_nulls_and_types(awkward_sky, archive):
    table = archive.search("0 0", radius="5 deg")
    assert isinstance(table, QTable)
    assert table["ra"].unit == u.deg
    assert table["flux_aper_b"].unit == u.erg / u.s / u.cm**2
    by_name = dict(zip(awkward_sky[1]["name"], awkward_sky[1]["flux"], strict=True))
    expected = np.array([by_name[name] for name in table["name"]])
    np.testing.assert_array_equal(table["flux_aper_b"].value, expected)
    assert np.isnan(expected).any()
    assert table["var_flag"].dtype == bool
    assert table["var_flag"].mask.any()
    assert table["name"].dtype.kind == "U"
    assert table["acis_num"].dtype.kind == "i"
    provenance = table.meta["provenance"]
    assert provenance.simulated
    assert provenance.release == "Awkward sky"
    assert provenance.origin == "made for a test"
    assert "FROM csc21.master_source m WHERE" in provenance.query


def test_a_condition_is_added(archive):
    everything = archive.search("0 0", radius="5 deg")
    bright = archive.search("0 0", radius="5 deg", where="flux_aper_b > 1e-14 AND var_flag = 1")
    keep = (everything["flux_aper_b"].value > 1e-14) & everything["var_flag"].filled(False)
    assert set(bright["name"]) == set(everything["name"][keep])
    assert 0 < len(bright) < len(everything)


def test_a_cut_answer_says_how_many_are_missing(archive):
    whole = archive.search("0 0", radius="5 deg")
    with pytest.warns(TruncatedResult, match="NOT sent"):
        cut = archive.search("0 0", radius="5 deg", maxrec=100)
    provenance = cut.meta["provenance"]
    held = whole.meta["provenance"].returned
    assert (provenance.returned, provenance.requested, provenance.truncated) == (100, held, held - 100)
    assert not provenance.complete


@settings(max_examples=10)  # of dozens of questions each
@given(places, st.floats(1, 30), st.integers(40, 400))
def test_the_rest_of_a_cut_answer_can_be_had(archive, place, radius, maxrec):
    region = CircleSkyRegion(SkyCoord(*place, unit="deg"), radius * u.deg)
    whole = archive.search(region, columns=["name", "flux_aper_b"])
    rest = archive.search(region, columns=["name", "flux_aper_b"], maxrec=maxrec, complete=True)
    assert sorted(rest["name"]) == sorted(whole["name"])
    assert rest.meta["provenance"].complete


def test_no_source_is_an_answer(archive):
    found = archive.search("200 45", radius="0.1 arcsec")
    assert len(found) == 0
    assert "flux_aper_b" in found.colnames


def test_observations_are_joined_to_their_sources(awkward_sky, archive):
    found = archive.search(
        "0 0", radius="2 deg", table="observation_source", columns=["flux_aper_b", "gti_mjd_obs", "m.flux_aper_b"]
    )
    masters = archive.search("0 0", radius="2 deg")
    assert len(found) == 2 * len(masters)
    by_name = dict(zip(masters["name"], masters["flux_aper_b"].value, strict=True))
    np.testing.assert_array_equal(found["mstr_flux_aper_b"].value, [by_name[name] for name in found["name"]])
    assert set(np.unique(found["match_type"])) == {"u"}


def test_detections_carry_times_and_match_types(archive):
    names = list(archive.search("0 0", radius="5 deg")["name"])
    assert len(names) > 400  # more than one query's worth of names
    found = archive.detections(names)
    assert len(found) == 2 * len(names)
    assert set(found["name"]) == set(names)
    assert found["time"].scale == "tt"
    np.testing.assert_allclose(found["time"].mjd, found["gti_mjd_obs"].value)
    assert len(archive.detections([])) == 0


def test_stacks_touching_a_region_include_those_without_sources(archive):
    found = archive.stacks("180 30", radius="1 arcmin")
    assert list(found["detect_stack_id"]) == ["acisfJ1200000p300000_001"]
    assert found["separation"][0] < 1e-3
    around = archive.stacks("0 0", radius="2 deg")
    assert len(around) > 10
    assert around["separation"].max() < 2.55


@pytest.mark.parametrize("verbosity", [1, 2, 3])
def test_cone_search_speaks_the_same_rows(awkward_sky, archive, verbosity):
    at = SkyCoord(359.9, 0.1, unit="deg")
    found = archive.cone(at, "3 deg", verbosity=verbosity)
    expected = set(awkward_sky[1]["name"][separations(awkward_sky[1], at) <= 3])
    assert set(found["name"]) == expected
    if verbosity == 1:
        assert found.colnames == ["name", "ra", "dec"]


def test_free_adql(archive):
    found = archive.query("SELECT COUNT(*) AS n, MAX(dec) AS top FROM csc21.master_source")
    assert found["n"][0] == 6000
    assert found["top"][0] == 90 * u.deg  # the unit is that of the column behind it


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda a: a.query("SELECT nothing FROM csc21.master_source"), "nothing"),
        (lambda a: a.query("SELECT * FROM somewhere.else"), "refused"),
        (lambda a: a.query("DROP TABLE csc21.master_source"), "refused"),
        (lambda a: a.search("0 0", columns=["flux_aper_q"]), "flux_aper_q"),
        (lambda a: a.search("0 0", columns=["1; DROP"]), "not a column name"),
        (lambda a: a.search("0 0", where="1=1; DROP TABLE x"), "several statements"),
        (lambda a: a.search("0 0", table="detect_stack"), "cannot be searched"),
        (lambda a: a.search("0 0", columns=["ra", "z.ra"]), "not a column name"),
        (lambda a: a.cone("0 0", "1 deg", verbosity=7), "verbosity"),
        (lambda a: a.cone("icrs; box(0,0,1,1,0)"), "circles only"),
    ],
)
def test_bad_questions_say_why(archive, ask, words):
    with pytest.raises(QueryError, match=words):
        ask(archive)


def test_an_unknown_archive_says_what_there_is():
    with pytest.raises(CscError, match=r"csc2\.1"):
        Archive("csc9").search("0 0")


def test_a_cancelled_question_stops(archive):
    class Cancelled:
        def report(self, message, fraction=None):
            pass

        def check(self):
            raise QueryCancelled("Searching was cancelled")

    with pytest.raises(QueryCancelled):
        archive.search("0 0", monitor=Cancelled())


def test_provenance_survives_ecsv(archive, tmp_path):
    table = archive.search("0 0", radius="1 deg")
    table.write(tmp_path / "table.ecsv")
    back = QTable.read(tmp_path / "table.ecsv")
    assert back.meta["provenance"]["returned"] == table.meta["provenance"].returned


def test_one_archive_serves_many_threads(archive):
    from concurrent.futures import ThreadPoolExecutor

    with warnings.catch_warnings(), ThreadPoolExecutor(6) as pool:
        lengths = list(pool.map(lambda ra: len(archive.search(f"{ra} 0", radius="3 deg")), [0, 1, 359, 0, 2, 358] * 3))
    assert len({lengths[0], lengths[3]}) == 1
    assert lengths[:6] == lengths[6:12]


def test_an_archive_goes_to_other_processes(awkward_sky, tmp_path):
    archive = Archive(awkward_sky[0], read_timeout=7.0, cache=Cache(tmp_path, limit=5))
    there = pickle.loads(pickle.dumps(archive))
    assert (there.name, there.session.timeout, repr(there.cache)) == (archive.name, (10.0, 7.0), repr(archive.cache))
    assert len(there.search("10 20", radius="5 deg")) == len(archive.search("10 20", radius="5 deg"))
    opened = pickle.loads(pickle.dumps(archive))  # also once it is open
    assert len(opened.search("10 20", radius="5 deg", columns="*").colnames) > 3
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert pool.submit(repr, archive).result() == repr(archive)
