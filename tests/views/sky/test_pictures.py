"""Pictures of a sky as it sends them to a page, and as its figure draws them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from astropy.wcs import WCS
from PIL import Image

from cscwidgets.science.images import SkyPicture
from cscwidgets.views.sky import Sky


def picture(title: str = "one", *, simulated: bool = False) -> SkyPicture:
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval, wcs.wcs.crpix, wcs.wcs.cdelt = [10, 20], [2, 1], [-0.1, 0.1]
    rgba = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    rgba[..., 3] = 255
    return SkyPicture(rgba, wcs, title=title, credit="whose", simulated=simulated)


@pytest.fixture
def sky():
    with_pictures = Sky("10 20")
    yield with_pictures
    with_pictures.close()


def test_a_picture_is_sent_with_its_upper_row_first_and_its_coordinates(sky):
    sky.show_picture(picture(simulated=True))
    sent = sky._picture
    pixels = np.asarray(Image.open(io.BytesIO(sent["png"])))
    np.testing.assert_array_equal(pixels, picture().rgba[::-1])
    assert (sent["title"], sent["credit"], sent["simulated"]) == ("one", "whose", True)
    header = sent["wcs"]
    assert (header["NAXIS1"], header["NAXIS2"], header["CRPIX1"], header["CDELT2"]) == (3, 2, 2.0, 0.1)
    sky.show_picture(None)
    assert sky._picture == {}


def test_values_are_asked_for_while_an_image_is_shown(sky):
    assert not sky._asks_values
    sky.show_picture(picture())
    assert sky._asks_values
    pointed = []
    sky.on_point(pointed.append)
    sky._handle_custom_message(sky, {"event_type": "place_hovered", "place": [10.0, 20.0]}, [])
    sky._handle_custom_message(sky, {"event_type": "place_hovered", "place": None}, [])
    assert pointed[0].ra.deg == 10
    assert pointed[1] is None
    sky.say_value("3 ct")
    assert sky._value == "3 ct"
    sky.show_picture(None)
    assert (sky._asks_values, sky._value) == (False, "")


def test_the_figure_has_the_pictures_with_the_lowest_first(sky):
    sky.set_archive_pictures([picture("archive")])
    sky.show_picture(picture("image"))
    sky.picture_opacity = 0.4
    assert [shown.opacity for shown in sky._pictures_shown()] == [1.0, 0.4]
    sky.show_archive_pictures = False
    assert len(sky._pictures_shown()) == 1
    sky.show_picture(None)
    assert sky._pictures_shown() == []


def test_a_reader_takes_an_image_off(sky):
    taken = []
    sky.on_unwanted_picture(lambda: taken.append(True))
    sky._handle_custom_message(sky, {"event_type": "picture_unwanted"}, [])
    assert taken == [True]


def test_two_skies_share_no_picture(sky):
    other = Sky("10 20")
    other.show_picture(picture())
    other.set_archive_pictures([picture()])
    assert (sky.picture, sky._picture, sky.archive_pictures, sky._archive_pictures) == (None, {}, (), [])
    other.close()
