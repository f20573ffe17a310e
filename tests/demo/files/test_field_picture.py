"""The demo's pictures: where their sources are, against the photons and astropy, and what they say of themselves."""

import gzip
import io

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS
from scipy.spatial import KDTree

from cscwidgets.archive.files.picture_format import describe_picture
from cscwidgets.demo.files.field_picture import field_picture, picture_header
from cscwidgets.demo.files.picture_store import DemoPictures
from cscwidgets.demo.simulation import field_exposures
from cscwidgets.demo.sky.fields import FIELDS
from cscwidgets.demo.telescope.observations import stacks


@pytest.fixture(scope="module")
def seen():
    """The exposures of M33's central stack."""
    return field_exposures()[0]


@pytest.fixture(scope="module")
def picture(seen):
    """A picture of these alone, and its header."""
    with fits.open(io.BytesIO(gzip.decompress(field_picture(FIELDS[0], seen)))) as hdus:
        hdus.verify("exception")
        return np.array(hdus[0].data), hdus[0].header


def test_it_is_what_ds9_reads_as_a_picture(picture, seen):
    pixels, header = picture
    assert pixels.dtype == np.uint8
    assert pixels.shape[0] == 3
    assert max(pixels.shape) <= 1600
    said = describe_picture(header, "m33")
    assert said == describe_picture(picture_header(FIELDS[0], [seen[0].stack]), "m33")
    assert said.title.startswith("SIMULATED")
    assert "SIMULATED" in said.credit
    middle = SkyCoord(said.ra, said.dec, unit="deg")
    assert middle.separation(SkyCoord(seen[0].stack.ra, seen[0].stack.dec, unit="deg")).arcmin < 0.1
    assert header["HISTORY"][0] == f"stack {seen[0].stack.stack_id}"


def test_it_is_black_where_nobody_looked_and_only_there(picture, seen):
    pixels, header = picture
    rows, columns = (axis.ravel() for axis in np.mgrid[: pixels.shape[1] : 7, : pixels.shape[2] : 7])
    ra, dec = WCS(header, naxis=2, fix=False).wcs_pix2world(columns, rows, 0)
    looked = np.any([one.observation.sees(ra, dec) for one in seen], axis=0)
    np.testing.assert_array_equal((pixels[:, rows, columns] > 0).all(axis=0), looked)
    np.testing.assert_array_equal((pixels[:, rows, columns] == 0).all(axis=0), ~looked)


def test_sources_shine_where_their_photons_are(picture, seen):
    pixels, header = picture
    wcs = WCS(header, naxis=2, fix=False)
    one = seen[0]
    observation = one.observation
    on_sky = WCS(naxis=2)
    on_sky.wcs.ctype, on_sky.wcs.crval = ["RA---TAN", "DEC--TAN"], [observation.ra, observation.dec]
    on_sky.wcs.crpix = [observation.middle_pixel] * 2
    on_sky.wcs.cdelt = [-observation.pixel_size / 3600, observation.pixel_size / 3600]
    centres = np.array([row.centre for row in one.rows])
    apart = KDTree(centres).query(centres, 2)[0][:, 1] * observation.pixel_size
    bright = [
        row
        for row, alone in zip(one.rows, apart > 25, strict=True)
        if alone and row.radius < 4 and row.exposure.light[row.exposure_row, 0] > 100
    ]
    assert len(bright) > 5
    for row in bright:
        events = row.events(energies=False)
        ra, dec = on_sky.wcs_pix2world(events.x.mean(), events.y.mean(), 1)
        x, y = (float(value) for value in wcs.wcs_world2pix(ra, dec, 0))
        rows, columns = np.mgrid[round(y) - 6 : round(y) + 7, round(x) - 6 : round(x) + 7]
        light = pixels[:, rows, columns].sum(axis=0, dtype=float)
        light = np.maximum(light - np.median(light), 0)
        away = np.hypot((light * (columns - x)).sum(), (light * (rows - y)).sum()) / light.sum()
        assert away * header["CDELT2"] * 3600 < 1
        assert light[5:8, 5:8].max() > 0.75 * light.max()


def test_it_is_the_same_bytes_twice(seen):
    few = seen[1:]
    assert field_picture(FIELDS[0], few) == field_picture(FIELDS[0], few)


def test_pointings_far_away_do_not_make_it_coarse():
    for number, field in enumerate(FIELDS):
        header = picture_header(field, [stack for stack in stacks() if stack.field == number])
        assert 1.49 < header["CDELT2"] * 3600 < 2
        assert max(header["NAXIS1"], header["NAXIS2"]) <= 1600


def test_there_is_one_a_field_and_no_other():
    store = DemoPictures()
    assert [picture.title for picture, _ in store.browse()] == [f"SIMULATED X-rays around {f.name}" for f in FIELDS]
    with pytest.raises(KeyError):
        store.read("m34")
