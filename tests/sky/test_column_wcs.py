"""Coordinates of a table's columns are those of an image with the same keywords, as astropy reads them."""

import time

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from astropy.wcs.utils import pixel_to_skycoord
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.io.reading import Unreadable
from cscwidgets.sky.column_wcs import sky_of_columns

IMAGE = {"TCTYP": "CTYPE", "TCRVL": "CRVAL", "TCRPX": "CRPIX", "TCDLT": "CDELT", "TCUNI": "CUNIT"}
PLAIN = {"TCRVL": (10.0, 41.0), "TCRPX": (4096.5, 4000.5), "TCDLT": (-0.001, 0.001), "TCUNI": ("deg", "deg")}


def headers(settings, columns, **more):
    """The same of two columns, and of an image."""
    settings = {"TCTYP": ("RA---TAN", "DEC--TAN")} | PLAIN | settings
    table, image = fits.Header(more), fits.Header(more)
    for key, values in settings.items():
        for axis, (column, value) in enumerate(zip(columns, values, strict=True), start=1):
            table[f"{key}{column}"] = image[f"{IMAGE[key]}{axis}"] = value
    return table, image


def assert_same_places(table, columns, image):
    pixels = np.array([4000.0, 4321.0, 5000.0]), np.array([4100.0, 3210.0, 4096.5])
    ours = pixel_to_skycoord(*pixels, sky_of_columns(table, columns), 1)
    theirs = pixel_to_skycoord(*pixels, WCS(image), 1)
    assert type(ours.frame) is type(theirs.frame)
    np.testing.assert_allclose(ours.separation(theirs).arcsec, 0, atol=1e-6)
    # An image that is made on these pixels says so by its own keywords.
    again = pixel_to_skycoord(*pixels, WCS(sky_of_columns(table, columns).to_header()), 1)
    np.testing.assert_allclose(again.separation(ours).arcsec, 0, atol=1e-6)


@given(
    ra=st.floats(0, 359.9),
    dec=st.floats(-89, 89),
    size=st.floats(1e-5, 1e-3),
    columns=st.permutations(range(1, 20)).map(lambda numbers: tuple(numbers[:2])),
)
def test_columns_lie_where_an_image_does(ra, dec, size, columns):
    table, image = headers({"TCRVL": (ra, dec), "TCDLT": (-size, size)}, columns)
    assert_same_places(table, columns, image)


@pytest.mark.parametrize(
    "frame",
    [
        {"RADESYS": "FK4"},
        {"RADESYS": "FK5"},
        {"EQUINOX": 1950.0},
        {"EQUINOX": 2000.0},
        {"RADESYS": "FK5", "EQUINOX": 1975.0},
        {"RADESYS": "ICRS", "EQUINOX": 2000.0},
        {},
    ],
)
def test_the_frame_is_that_of_the_header(frame):
    table, image = headers({}, (4, 7), **frame)
    assert_same_places(table, (4, 7), image)
    if "RADESYS" in frame:
        table.rename_keyword("RADESYS", "RADECSYS")  # as it was called before
        assert_same_places(table, (4, 7), image)


@pytest.mark.parametrize("unit", ["arcsec", "arcmin", "deg", "rad", ""])
def test_angles_are_in_the_unit_that_is_said(unit):
    factor = {"arcsec": 3600.0, "arcmin": 60.0, "rad": np.pi / 180}.get(unit, 1.0)
    settings = {key: tuple(factor * value for value in PLAIN[key]) for key in ("TCRVL", "TCDLT")}
    table, _ = headers(settings | {"TCUNI": (unit, unit)}, (2, 3))
    _, image = headers({}, (2, 3))
    assert_same_places(table, (2, 3), image)


def test_a_turned_field_is_turned():
    table, image = headers({}, (2, 3))
    turn = [[0.8, -0.6], [0.6, 0.8]]
    for row in range(2):
        for column in range(2):
            table[f"TPC{row + 2}_{column + 2}"] = image[f"PC{row + 1}_{column + 1}"] = turn[row][column]
    assert_same_places(table, (2, 3), image)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"TCUNI": ("10**99999999 deg", "deg")}, "cannot be used|no place on the sky"),
        ({"TCTYP": ("RA---TAN", "DEC--TAN"), "TCDLT": ("a", 1.0)}, "TCDLT2"),
        ({"TCTYP": ("X", "Y")}, "are X and Y .TCTYP., which are no places"),
        ({"TCUNI": ("erg", "deg")}, "have 'erg', want 'deg'"),
        ({"TCRVL": (10.0, 141.0)}, "cannot be used|no place on the sky"),
        ({"TCRVL": (-1e20, 41.0)}, "no place on the sky"),
        ({"TCDLT": (0.0, 0.0)}, "cannot be used|lead nowhere"),
        ({"TCRPX": ("x", 1.0)}, "TCRPX2"),
    ],
)
def test_what_leads_nowhere_is_refused_at_once(settings, words):
    start = time.process_time()
    with pytest.raises(Unreadable, match=words):
        sky_of_columns(headers(settings, (2, 3))[0], (2, 3))
    assert time.process_time() - start < 1


@pytest.mark.parametrize("key", ["TCTYP3", "TCRVL2", "TCRPX2", "TCDLT3"])
def test_what_is_missing_is_named(key):
    table, _ = headers({}, (2, 3))
    del table[key]
    with pytest.raises(Unreadable, match=f"has no {key}"):
        sky_of_columns(table, (2, 3))
