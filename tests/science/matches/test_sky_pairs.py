"""Pairs on the sphere against astropy, STILTS and CDS X-Match."""

import shutil
import subprocess

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord, angular_separation, position_angle, search_around_sky
from astropy.io import ascii as text
from astropy.io.votable import parse_single_table
from astropy.table import Table
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.errors import CscError
from cscwidgets.science.matches.sky_pairs import haversine, offsets, pairs

STILTS = shutil.which("stilts")
RADIUS = 5 / 3600


def _clustered(rng, number, around, spread):
    """Positions in a few small fields, each moved off its centre along both axes and wrapped."""
    lon, lat = around[rng.integers(0, len(around), number)].T
    lat = lat + rng.normal(0, spread, number)
    lon = lon + rng.normal(0, spread, number) / np.maximum(np.cos(np.radians(lat)), 1e-6)
    over = np.abs(lat) > 90
    lat = np.where(over, np.sign(lat) * 180 - lat, lat)
    return np.mod(lon + 180 * over, 360), lat


@pytest.fixture(scope="module")
def field():
    """20,000 and 50,000 positions, many of them at a pole, across RA 0 or on the equator."""
    rng = np.random.default_rng(4)
    around = np.array([[0, 0], [0, 60], [359.999, -30], [10, 90], [200, 89.99], [77, -90], [123, 45]])
    return *_clustered(rng, 20_000, around, 0.1), *_clustered(rng, 50_000, around, 0.1)


def _set(first, second):
    return set(zip(np.asarray(first).tolist(), np.asarray(second).tolist(), strict=True))


def test_pairs_are_astropy_s(field):
    found = pairs(*field, RADIUS)
    here, there = SkyCoord(*field[:2], unit="deg"), SkyCoord(*field[2:], unit="deg")
    first, second, apart, _ = search_around_sky(here, there, RADIUS * u.deg)
    assert len(found) == len(first) > 10_000
    assert _set(found.first, found.second) == _set(first, second)
    order, theirs = np.lexsort((found.second, found.first)), np.lexsort((second, first))
    np.testing.assert_allclose(found.separation[order] * 3600, apart[theirs].arcsec, rtol=0, atol=1e-8)
    assert (np.diff(found.first) >= 0).all()
    same = np.diff(found.first) == 0
    assert (np.diff(found.separation)[same] >= 0).all()


@pytest.mark.slow
@pytest.mark.stilts
@pytest.mark.skipif(STILTS is None, reason="stilts is not installed")
def test_pairs_are_those_of_stilts(field, tmp_path):
    for name, lon, lat in (("a", *field[:2]), ("b", *field[2:])):
        Table({"row": np.arange(len(lon)), "ra": lon, "dec": lat}).write(tmp_path / f"{name}.fits")

    def stilts(*command):
        files = [
            f"{key}={tmp_path / name}" for key, name in (("in1", "a.fits"), ("in2", "b.fits"), ("out", "out.fits"))
        ]
        subprocess.run([STILTS, *command, *files, "find=all", "join=1and2"], check=True, capture_output=True)
        return Table.read(tmp_path / "out.fits")

    found = pairs(*field, RADIUS)
    ours = dict(zip(zip(found.first.tolist(), found.second.tolist(), strict=True), found.separation, strict=True))
    values, chord = "ra dec 1", 2 * np.sin(np.radians(RADIUS) / 2)
    solid = stilts("tmatch2", "matcher=sky3d", f"values1={values}", f"values2={values}", f"params={chord}")
    assert ours.keys() == _set(solid["row_1"], solid["row_2"])

    flat = stilts("tskymatch2", "ra1=ra", "dec1=dec", "ra2=ra", "dec2=dec", f"error={RADIUS * 3600}")
    theirs = list(zip(flat["row_1"].tolist(), flat["row_2"].tolist(), strict=True))
    np.testing.assert_allclose([ours[pair] * 3600 for pair in theirs], flat["Separation"], rtol=0, atol=1e-6)
    lost = ours.keys() - set(theirs)  # STILTS 3.4.7 loses a pair 10 arcsec from the pole that its sky3d has
    assert len(lost) < 3
    assert all(abs(field[1][first]) > 89.99 for first, _ in lost)


longitudes = st.one_of(st.floats(-360, 720), st.sampled_from([0.0, 360.0, -1e-20, 359.9999999, 1e-9, 180.0]))
latitudes = st.one_of(st.floats(-90, 90), st.sampled_from([90.0, -90.0, 89.99999, -89.9999, 0.0]))
positions = st.lists(st.tuples(longitudes, latitudes), min_size=0, max_size=30)


@given(positions, positions, st.one_of(st.floats(0, 180), st.floats(0, 1e-3), st.sampled_from([0.0, 90.0, 180.0])))
def test_pairs_are_what_the_separation_says_anywhere(here, there, radius):
    lon1, lat1 = np.array(here, float).reshape(-1, 2).T
    lon2, lat2 = np.array(there, float).reshape(-1, 2).T
    found = pairs(lon1, lat1, lon2, lat2, radius)
    apart = np.degrees(angular_separation(*np.radians([lon1, lat1])[:, :, None], *np.radians([lon2, lat2])[:, None, :]))
    apart = np.broadcast_to(apart, (len(lon1), len(lon2)))
    ours = _set(found.first, found.second)
    assert len(ours) == len(found)
    doubt = 1e-5 if radius > 179 else 1e-9  # near the antipode a haversine knows less
    assert _set(*np.nonzero(apart <= radius - doubt)) <= ours <= _set(*np.nonzero(apart <= radius + doubt))


@given(longitudes, latitudes, st.floats(0, 2 * np.pi), st.floats(1e-6, 1))
def test_offsets_are_separation_and_position_angle(lon, lat, angle, length):
    east, north = length * np.sin(angle) / max(np.cos(np.radians(lat)), 1e-3), length * np.cos(angle)
    lon2, lat2 = lon + east, float(np.clip(lat + north, -90, 90))
    x, y = (float(z[0]) for z in offsets(*(np.array([value]) for value in (lon, lat, lon2, lat2))))
    apart = np.degrees(angular_separation(*np.radians([lon, lat, lon2, lat2])))
    assert np.hypot(x, y) == pytest.approx(apart, abs=1e-12, rel=1e-7)
    if abs(lat) < 89 and apart > 1e-7:
        towards = position_angle(*np.radians([lon, lat, lon2, lat2])).to_value("rad")
        assert np.cos(np.arctan2(x, y) - towards) == pytest.approx(1, abs=1e-9)


def test_the_pairs_of_cds_x_match(real):
    """All 140 M4 sources of a cone search: CDS X-Match found one or two Gaia sources near 19 of them."""
    folder = real / "crossmatch"
    header, *lines = (folder / "cross_match_2_param.csv").read_text().splitlines()
    names = header.split(",")
    names = [f"{name}_gaia" if name in names[:index] else name for index, name in enumerate(names)]
    answer = text.read([",".join(names), *lines], format="csv")
    gaia = Table.read(folder / "m4_gaia_2par.fits.gz", unit_parse_strict="silent")
    sources = parse_single_table(real / "scs" / "m4_ra245.89675_dec-26.52575_sr0.5_verb2.xml").to_table()
    found = pairs(*(np.asarray(table[name], float) for table in (sources, gaia) for name in ("ra", "dec")), 1 / 3600)
    ours = list(zip(sources["name"][found.first], gaia["source_id"][found.second], strict=True))
    theirs = list(zip(answer["name"], answer["source_id"], strict=True))
    assert len(ours) == len(theirs) == 20
    apart = dict(zip(ours, found.separation * 3600, strict=True))
    np.testing.assert_allclose([apart[pair] for pair in theirs], answer["#angDist"], rtol=0, atol=1e-6)


def test_no_positions_no_pairs():
    none, one = np.zeros(0), np.zeros(1)
    for lists in ((none, none, none, none), (one, one, none, none), (none, none, one, one)):
        assert len(pairs(*lists, RADIUS)) == 0
    assert len(pairs(one, one, one, one, 0)) == 1
    assert haversine(one, one, one + 360, one) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("radius", [-1, 181, np.nan])
def test_a_radius_that_is_none_is_refused(radius):
    with pytest.raises(CscError, match="is not a radius"):
        pairs(*[np.zeros(1)] * 4, radius)
