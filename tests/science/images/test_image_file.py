"""Images from files: places and means against astropy, and what cannot be shown said in words."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.nddata import block_reduce
from astropy.wcs import WCS

from cscwidgets.errors import CscError
from cscwidgets.science.images import read_image


def tangential(ra: float = 10.0, dec: float = 20.0, pixel: float = 0.001, middle: float = 8.0) -> WCS:
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval, wcs.wcs.crpix, wcs.wcs.cdelt = [ra, dec], [middle, middle], [-pixel, pixel]
    return wcs


def written(path: Path, *hdus: fits.PrimaryHDU | fits.ImageHDU) -> Path:
    fits.HDUList([*hdus]).writeto(path)
    return path


def image(shape: tuple[int, ...] = (16, 16), **keywords: object) -> fits.PrimaryHDU:
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    header = tangential().to_header()
    header.update(keywords)
    return fits.PrimaryHDU(values, header)


def test_an_image_has_values_unit_and_place(tmp_path: Path) -> None:
    path = written(tmp_path / "a.fits", image(BUNIT="photon/cm**2/s", ORIGIN="cscwidgets-sim"))
    read = read_image(path)
    assert read.unit == "ph / (s cm2)"
    assert (read.title, read.simulated, read.block) == ("a.fits", True, 1)
    sky = tangential().pixel_to_world(3, 5)
    assert read.at(np.array([sky.ra.deg, 200.0]), np.array([sky.dec.deg, -20.0])).tolist()[0] == 5 * 16 + 3
    assert np.isnan(read.at(np.array([200.0]), np.array([-20.0]))).all()


def test_an_image_in_memory_is_read_as_one_in_a_file() -> None:
    read = read_image(image(), side=8)
    np.testing.assert_allclose(read.values, block_reduce(image().data, 2, np.mean))
    assert read.title == "PRIMARY"


@pytest.mark.parametrize("packed", [False, True])
def test_a_large_image_becomes_means_of_blocks(tmp_path: Path, packed: bool) -> None:
    path = written(tmp_path / "a.fits", image((40, 24)))
    if packed:
        path = tmp_path / "a.fits.gz"
        path.write_bytes(gzip.compress((tmp_path / "a.fits").read_bytes()))
    read = read_image(path, side=10)
    assert read.block == 4
    expected = block_reduce(image((40, 24)).data, 4, np.mean)
    np.testing.assert_allclose(read.values, expected)
    # The middle of a block of 4 x 4 pixels whose first is 4: 5.5.
    here, there = read.wcs.pixel_to_world(1, 1), tangential().pixel_to_world(5.5, 5.5)
    assert here.separation(there).arcsec < 1e-6


def test_the_last_block_is_the_mean_of_what_there_is(tmp_path: Path) -> None:
    hdu = image((5, 5))
    hdu.data[4, 4] = np.nan
    read = read_image(written(tmp_path / "a.fits", hdu), side=3)
    assert read.values.shape == (3, 3)
    assert np.isnan(read.values[2, 2])
    np.testing.assert_allclose(read.values[0, 2], np.mean([4, 9]))


def test_integers_with_a_blank_are_scaled(tmp_path: Path) -> None:
    hdu = fits.PrimaryHDU(np.array([[1, 2], [-1, 4]], np.int16), tangential(middle=1).to_header())
    hdu.header["BLANK"] = -1
    written(tmp_path / "a.fits", hdu)
    with fits.open(tmp_path / "a.fits", mode="update", do_not_scale_image_data=True) as hdus:
        hdus[0].header["BSCALE"], hdus[0].header["BZERO"] = 2.0, 10.0
    np.testing.assert_array_equal(read_image(tmp_path / "a.fits").values, [[12, 14], [np.nan, 18]])


def test_packed_and_single_planes_are_read(tmp_path: Path) -> None:
    packed = fits.CompImageHDU(image().data, image().header, name="PACKED")
    plane = image((1, 1, 16, 16))
    written(tmp_path / "packed.fits", fits.PrimaryHDU(), packed)
    written(tmp_path / "plane.fits", plane)
    for name in ("packed", "plane"):
        np.testing.assert_allclose(read_image(tmp_path / f"{name}.fits").values, image().data, rtol=1e-3, atol=0.2)


def test_of_several_images_none_wins_unsaid(tmp_path: Path) -> None:
    second = fits.ImageHDU(image().data + 1, image().header, name="ERROR")
    path = written(tmp_path / "two.fits", image(), second)
    with pytest.raises(CscError, match=r"which image is meant.*0 \(PRIMARY: 16 x 16\), 1 \(ERROR: 16 x 16\)"):
        read_image(path)
    assert read_image(path, "ERROR").values[0, 0] == 1
    with pytest.raises(CscError, match="no extension 'WEIGHT'"):
        read_image(path, "WEIGHT")


def damaged(tmp_path: Path, kind: str) -> Path:
    path = tmp_path / f"{kind}.fits"
    hdu = image()
    if kind == "cube":
        hdu = image((3, 16, 16))
    elif kind == "nothing":
        hdu.data[:] = np.nan
    elif kind == "placeless":
        hdu = fits.PrimaryHDU(hdu.data)
    elif kind == "nowhere":
        hdu.header["CDELT1"] = 0.0
    written(path, hdu)
    content = path.read_bytes()
    if kind == "truncated":
        path.write_bytes(content[:-2880])
    elif kind == "huge":
        axis = b"NAXIS1  =                   16"
        path.write_bytes(content.replace(axis, b"NAXIS1  =           1000000000"))
    elif kind == "table":
        path.unlink()
        fits.BinTableHDU.from_columns([fits.Column("A", "J", array=[1])]).writeto(path)
    elif kind == "text":
        path.write_text("not a FITS file")
    elif kind == "empty":
        path.write_bytes(b"")
    return path


@pytest.mark.parametrize(
    ("kind", "words"),
    {
        "cube": r"3 axes \(16 x 16 x 3\)",
        "nothing": "None of its pixels has a value",
        "placeless": "no celestial coordinates",
        "nowhere": "coordinates",
        "truncated": "breaks off",
        "huge": "larger than|break|agree",
        "table": "no image in it",
        "text": "does not start as FITS does",
        "empty": "does not start as FITS does",
    }.items(),
)
def test_what_cannot_be_shown_is_said(tmp_path: Path, kind: str, words: str) -> None:
    path = damaged(tmp_path, kind)
    with pytest.raises(CscError, match=words) as error:
        read_image(path)
    assert str(path) in str(error.value)


def test_a_file_that_is_not_there_is_said() -> None:
    with pytest.raises(CscError, match="No such file"):
        read_image("nowhere.fits")


@pytest.mark.parametrize("spelling", ["degree", "DEG", "degrees"])
def test_degrees_may_be_spelt_otherwise(tmp_path: Path, spelling: str) -> None:
    """wcslib's unitfix names DEGREES among the units that files write against the standard."""
    read = read_image(written(tmp_path / "a.fits", image(CUNIT1=spelling, CUNIT2=spelling)))
    np.testing.assert_array_equal(read.wcs.wcs_pix2world(3, 5, 0), tangential().wcs_pix2world(3, 5, 0))
