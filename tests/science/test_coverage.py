"""Mosaics of fields whose area and limits are known, wherever on the sky; and whatever cannot be read."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from regions import CircleSkyRegion, PolygonSkyRegion
from scipy.spatial.transform import Rotation

from cscwidgets.errors import CscError
from cscwidgets.science.coverage import mosaic
from cscwidgets.science.maps.flux_calibration import SOFT_BAND
from cscwidgets.science.maps.sensitivity_map import PHOTON_FLUX, read_sensitivity_map
from cscwidgets.sky.shapes import contains

from ..sensitivity_fields import Fields, write_map

PLACES = {
    "across RA 0": Rotation.identity(),
    "in the north": Rotation.from_euler("ZYX", [150, -57.2, 30], degrees=True),
    "at the pole": Rotation.from_euler("ZYX", [20, -90, 0], degrees=True),
    "at the other pole, turned": Rotation.from_euler("ZYX", [200, 89.8, 70], degrees=True),
}


@pytest.fixture(scope="module")
def fields() -> Fields:
    return Fields.simulate(20)


@pytest.fixture(scope="module")
def few() -> Fields:
    return Fields.simulate(4, spread=0.2)


@pytest.fixture(scope="module")
def small(few):
    """Four fields of 200 x 200 pixels."""
    return mosaic(few.maps(200))


@pytest.fixture
def files(few, tmp_path):
    return [write_map(tmp_path / f"{one.stack}N022_b_sens3.fits", one) for one in few.maps(100)]


def _inside(region):
    return lambda ra, dec: contains(region, ra, dec)


def _check(fields, made):
    curve = made.curve()
    assert curve.total.to_value("deg2") == pytest.approx(fields.area(), rel=0.0005)
    assert made.area.to_value("deg2") == pytest.approx(curve.total.to_value("deg2"))
    for flux in np.geomspace(1.15 * fields.faintest.min(), 5 * fields.faintest.max(), 25):
        truth = fields.area(flux)
        assert curve.at(flux * PHOTON_FLUX).to_value("deg2") == pytest.approx(truth, rel=0.0015), flux
    assert curve.at(0.9 * fields.faintest.min() * PHOTON_FLUX) == 0 * u.deg**2


@pytest.mark.parametrize("place", PLACES)
def test_area_and_curve_of_overlapping_fields(fields, place):
    _check(fields, mosaic(fields.maps(500, PLACES[place])))


@pytest.mark.long
def test_area_and_curve_of_fine_maps(fields):
    _check(fields, mosaic(fields.map(index, 2000, PLACES["in the north"]) for index in range(20)))


def test_a_region_is_cut_through_its_cells(small):
    centre = SkyCoord(0.05, 0.02, unit="deg")
    circle = small.curve(_inside(CircleSkyRegion(centre, 0.1 * u.deg))).total.to_value("deg2")
    assert circle == pytest.approx(2 * np.pi * (1 - np.cos(np.radians(0.1))) * np.degrees(1) ** 2, rel=1e-4)
    needle = PolygonSkyRegion(SkyCoord([0, 0.2, 0.2], [0, 0.004, -0.004], unit="deg"))
    assert small.curve(_inside(needle)).total.to_value("deg2") == pytest.approx(0.2 * 0.008 / 2, rel=0.005)


def test_the_parts_of_a_region_make_the_whole(small):
    whole = small.curve()
    half = [small.curve(lambda ra, dec, north=north: (dec > 0.0123) == north) for north in (True, False)]
    flux = whole.flux[:: len(whole.flux) // 20] * PHOTON_FLUX
    np.testing.assert_allclose(half[0].at(flux) + half[1].at(flux), whole.at(flux))


def test_a_region_without_maps_is_told(small):
    with pytest.raises(CscError, match="4 sensitivity maps"):
        small.curve(_inside(CircleSkyRegion(SkyCoord(30, 30, unit="deg"), 1 * u.deg)))


def test_limits_at_positions(few, small):
    rng = np.random.default_rng(3)
    coords = SkyCoord(rng.uniform(-0.6, 0.6, 20_000), rng.uniform(-0.6, 0.6, 20_000), unit="deg")
    centres = SkyCoord(few.lon, few.lat, unit="deg")
    away = coords[:, None].separation(centres[None, :]).deg
    each = np.where(away < few.radius, few.faintest * (1 + (away / 0.15) ** 2), np.inf)
    found = small.limit_at(coords)
    # Within a pixel and a cell of an edge the answer may be either side's.
    clear = (np.abs(away - few.radius) > 0.003).all(axis=1)
    seen = np.isfinite(each).any(axis=1)
    np.testing.assert_array_equal((found["status"] == "sensitivity limit")[clear], seen[clear])
    assert set(found["status"]) == {"sensitivity limit", "not observed"}
    clear &= seen
    np.testing.assert_allclose(found["limit"][clear].value, each.min(axis=1)[clear], rtol=0.04)
    assert np.median(np.abs(found["limit"][clear].value / each.min(axis=1)[clear] - 1)) < 0.01
    order = np.sort(each, axis=1)
    sure = clear & (order[:, 1] > 1.05 * order[:, 0])
    np.testing.assert_array_equal(found["stack"][sure], np.array(small.stacks)[each.argmin(axis=1)[sure]])
    assert np.isnan(found["limit"][found["status"] == "not observed"]).all()
    assert set(found["stack"][found["status"] == "not observed"]) == {""}
    assert (set(found["threshold"]), set(found["band"])) == ({"TRUE"}, {"b"})


def test_a_position_that_is_missing_is_not_observed(small):
    found = small.limit_at(SkyCoord([np.nan, 0.0], [0.0, 0.0], unit="deg"))
    assert list(found["status"]) == ["not observed", "sensitivity limit"]
    assert small.limit_at(SkyCoord(120, 40, unit="deg"))["status"][0] == "not observed"


def test_energy_limits_and_their_band(few):
    soft = [_of_band(one, "s") for one in few.maps(100)]
    made = mosaic(soft)
    found = made.limit_at(SkyCoord(0, 0, unit="deg"), SOFT_BAND)
    assert found["energy_limit"].unit == u.erg / u.s / u.cm**2
    np.testing.assert_allclose(
        np.log10(found["energy_limit"].value), 1.028 * np.log10(found["limit"].value) - 8.595, rtol=1e-12
    )
    with pytest.raises(CscError, match="is for band s, not b"):
        mosaic(few.maps(100)).curve(calibration=SOFT_BAND)


def _of_band(one, band):
    return type(one)(one.limit, one.wcs, one.stack, band)


def test_the_moc_is_the_area_and_shrinks_with_the_flux(few, small):
    sky = 4 * np.pi * np.degrees(1) ** 2
    assert small.moc().sky_fraction * sky == pytest.approx(small.area.to_value("deg2"))
    flux = 1.5 * few.faintest.min() * PHOTON_FLUX
    assert small.moc(flux).sky_fraction * sky == pytest.approx(small.curve().at(flux).to_value("deg2"))
    inside = SkyCoord(few.lon, few.lat, unit="deg")
    assert small.moc().contains_skycoords(inside).all()


def test_one_more_stack_is_the_same_as_all_at_once(few, small):
    maps = few.maps(200)
    grown = mosaic(maps[:3])
    assert mosaic(maps, onto=grown) is grown
    assert grown.stacks == small.stacks
    assert grown.tiles.keys() == small.tiles.keys()
    for place, tile in grown.tiles.items():
        np.testing.assert_array_equal(tile.limit, small.tiles[place].limit)
        np.testing.assert_array_equal(tile.stack, small.tiles[place].stack)


def test_files_that_are_there_are_not_read_again(files):
    made = mosaic(files)
    for path in files:
        path.unlink()
    assert mosaic(files, onto=made).unknown == {}


def test_the_order_of_maps_changes_nothing(few, small):
    other = mosaic(few.maps(200)[::-1])
    np.testing.assert_array_equal(other.curve().flux, small.curve().flux)
    np.testing.assert_allclose(other.curve().area, small.curve().area)


def test_maps_that_cannot_be_used_hide_no_other(few, files, small):
    write_map(files[1], read_sensitivity_map(files[1]), CTYPE1=None, CTYPE2=None)
    files[2].write_bytes(files[2].read_bytes()[:7000])
    made = mosaic([*files, files[0].with_name("absent.fits")], without_map=["hrcfJ0000000p000000_001"])
    assert made.stacks == [small.stacks[0], small.stacks[3]]
    assert [name.split("/")[-1] for name in made.unknown] == [
        files[1].name, files[2].name, "absent.fits", "hrcfJ0000000p000000_001"
    ]  # fmt: skip
    table = made.table()
    assert list(table["status"]) == ["used", "used", *["area unknown"] * 4]
    np.testing.assert_array_equal(np.isnan(table["area"]), [False, False, True, True, True, True])
    assert all(table["why"][2:])
    whole = np.pi * few.radius**2
    np.testing.assert_allclose(table["area"][:2].to_value("deg2"), whole, rtol=0.005)
    assert table["lowest_in"][:2].sum().to_value("deg2") == pytest.approx(made.area.to_value("deg2"))


def test_a_map_that_comes_later_is_unknown_no_more(few, files):
    good = files[1].read_bytes()
    files[1].write_bytes(b"damaged")
    stack = few.maps(10)[2].stack
    made = mosaic([*files[:2], files[3]], without_map={stack: "the archive has none"})
    assert list(made.unknown) == [str(files[1]), stack]
    files[1].write_bytes(good)
    assert mosaic(files, onto=made).unknown == {}
    assert made.area == mosaic(files).area


def test_no_usable_map_is_told(files, tmp_path):
    with pytest.raises(CscError, match=r"none of 1 maps.*not there|no such file"):
        mosaic([tmp_path / "absent_sens3.fits"])
    with pytest.raises(CscError, match="No sensitivity map was given"):
        mosaic([])
    with pytest.raises(CscError, match="MARGINAL and TRUE"):
        mosaic(files, threshold="LIKELY")


def test_another_band_is_not_mixed_in(few):
    maps = few.maps(100)
    made = mosaic([maps[0], _of_band(maps[1], "s"), maps[0]])
    assert made.stacks == [maps[0].stack]
    assert [error.why.split(",")[0] for error in made.unknown.values()] == ["it is of band s and threshold TRUE"]
    with pytest.raises(CscError, match="another band"):
        mosaic(maps, onto=made, band="s")


def test_marginal_limits_are_lower(files):
    marginal, true = mosaic(files, threshold="MARGINAL").curve(), mosaic(files).curve()
    flux = true.flux[len(true.flux) // 3] * PHOTON_FLUX
    assert marginal.at(flux) > true.at(flux)
    np.testing.assert_allclose(marginal.at(flux * 0.6001), true.at(flux), rtol=1e-3)


def test_progress_is_told_and_ends_the_work(files):
    told = []
    mosaic(files, progress=told.append)
    assert told == [0.25, 0.5, 0.75, 1.0]

    class CancelledError(Exception):
        pass

    def cancel(done):
        if done >= 0.5:
            raise CancelledError

    grown = mosaic(files[:1])
    with pytest.raises(CancelledError):
        mosaic(files, onto=grown, progress=cancel)
    assert 1 < len(grown.stacks) < 4
    assert mosaic(files, onto=grown).curve().total == mosaic(files).curve().total
