"""The image mosaic against the known limits of its fields, and against the HEALPix mosaic."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS
from astropy.wcs.utils import proj_plane_pixel_area
from distributed import Client

from cscwidgets.errors import CscError
from cscwidgets.science.coverage import mosaic
from cscwidgets.science.maps.mosaic_image import image_mosaic

from ...sensitivity_fields import Fields, write_map


@pytest.fixture(scope="module")
def few() -> Fields:
    return Fields.simulate(4, spread=0.2)


@pytest.fixture(scope="module")
def image(few):
    return image_mosaic(few.maps(200), resolution=8 * u.arcsec)


def test_limits_and_stacks_are_those_at_the_pixels(few, image):
    y, x = np.indices(image.limit.shape)
    sky = image.wcs.pixel_to_world(x, y)
    other = mosaic(few.maps(200)).limit_at(sky)
    limit, stack = (np.asarray(other[name]).reshape(x.shape) for name in ("limit", "stack"))
    np.testing.assert_array_equal(np.isnan(image.limit), image.stack < 0)
    both = np.isfinite(limit) & np.isfinite(image.limit)
    assert (np.isfinite(limit) != np.isfinite(image.limit)).sum() < 0.01 * both.sum()
    # Beside the edge of a field the two may take different ones.
    assert (np.abs(image.limit[both] / limit[both] - 1) < 0.05).mean() > 0.997
    assert (np.array([*image.stacks, ""])[image.stack] == stack)[both].mean() > 0.99


def test_the_area_is_right(few, image):
    area = np.isfinite(image.limit).sum() * proj_plane_pixel_area(image.wcs)
    assert area == pytest.approx(few.area(), rel=0.002)
    for flux in np.geomspace(1.3 * few.faintest.min(), 3 * few.faintest.max(), 6):
        part = (image.limit <= flux).sum() * proj_plane_pixel_area(image.wcs)
        assert part == pytest.approx(few.area(flux), rel=0.005)


def test_a_grid_of_ones_own_and_small_tiles_change_nothing(few, image, monkeypatch):
    monkeypatch.setattr("cscwidgets.science.maps.mosaic_image._TILE", 50)
    other = image_mosaic(few.maps(200), grid=(image.wcs, image.limit.shape))
    same = other.stack == image.stack
    assert same.mean() > 0.999  # on an edge, rounding may decide otherwise
    np.testing.assert_array_equal(other.limit[same], image.limit[same])


def test_a_grid_beside_the_maps_stays_empty(few, image):
    away = image.wcs.deepcopy()
    away.wcs.crval = [20, 20]
    assert np.isnan(image_mosaic(few.maps(50), grid=(away, (40, 40))).limit).all()


def test_files_that_cannot_be_used_hide_no_other(few, tmp_path):
    files = [write_map(tmp_path / f"{one.stack}N022_b_sens3.fits", one) for one in few.maps(60)]
    files[0].write_bytes(b"not FITS")
    told = []
    made = image_mosaic(files, resolution=20 * u.arcsec, progress=told.append)
    assert made.stacks == [one.stack for one in few.maps(10)[1:]]
    assert list(made.unknown) == [str(files[0])]
    assert told == pytest.approx([1 / 3, 2 / 3, 1])
    with pytest.raises(CscError, match="intact FITS"):
        image_mosaic(files[:1])


def test_the_file_is_read_by_others(few, image, tmp_path):
    image.hdus().writeto(tmp_path / "mosaic.fits")
    with fits.open(tmp_path / "mosaic.fits") as hdus:
        hdus.verify("exception")
        wcs = WCS(hdus[0].header)
        x, y = wcs.world_to_pixel(SkyCoord(few.lon[0], few.lat[0], unit="deg"))
        number = hdus["STACK"].data[round(float(y)), round(float(x))]
        assert hdus["STACKS"].data["STACK"][number] in image.stacks
        assert hdus[0].data[round(float(y)), round(float(x))] <= 1.01 * few.faintest[0]
        assert u.Unit(hdus[0].header["BUNIT"].replace("/s/", "/(s ") + ")") == u.photon / u.s / u.cm**2
        assert (hdus[0].header["BAND"], hdus[0].header["LIKETHR"]) == ("b", "TRUE")


def test_too_large_an_image_is_told(few):
    with pytest.raises(CscError, match="coarser"):
        image_mosaic(few.maps(50), resolution=0.05 * u.arcsec)


@pytest.mark.slow
def test_dask_workers_give_the_same_image(few, image):
    with Client(processes=False, n_workers=2, threads_per_worker=1, dashboard_address=":0") as client:
        other = image_mosaic(few.maps(200), grid=(image.wcs, image.limit.shape), client=client)
    np.testing.assert_array_equal(other.limit, image.limit)
