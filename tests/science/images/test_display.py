"""Colours of values, against astropy's stretches and matplotlib's colour maps."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest
from astropy.visualization import ImageNormalize, ManualInterval
from astropy.wcs import WCS
from scipy.ndimage import gaussian_filter

from cscwidgets.errors import CscError
from cscwidgets.science.images import STRETCHES, Display, SkyImage, picture

RNG = np.random.default_rng(3)


def of(values: object, **options: object) -> SkyImage:
    return SkyImage(np.asarray(values, np.float32), WCS(naxis=2), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("stretch", STRETCHES)
def test_one_image_has_matplotlibs_colours_of_astropys_stretch(stretch: str) -> None:
    values = RNG.gamma(0.5, size=(40, 50)).astype(np.float32)
    shown = picture([of(values)], Display(stretch, 5, 99, "viridis"))
    low, high = np.percentile(values, [5, 99])
    np.testing.assert_allclose(shown.cuts, [(low, high)], rtol=1e-6)
    norm = ImageNormalize(values, ManualInterval(low, high), stretch=STRETCHES[stretch], clip=True)
    expected = mpl.colormaps["viridis"](norm(values), bytes=True)
    assert np.abs(shown.rgba.astype(int) - expected.astype(int)).max() <= 4


def test_three_images_are_red_green_and_blue() -> None:
    ramp = np.linspace(1, 2, 12).reshape(3, 4)
    shown = picture([of(ramp), of(ramp[::-1]), of(np.full((3, 4), np.nan))], Display("linear", 0, 100))
    np.testing.assert_array_equal(shown.rgba[2, 3], [255, 69, 0, 255])
    assert shown.rgba[0, 0].tolist() == [0, 186, 0, 255]


def test_what_has_no_value_is_not_drawn() -> None:
    values = np.array([[np.nan, 0.0], [1.0, 2.0]])
    assert picture([of(values)]).rgba[..., 3].tolist() == [[0, 255], [255, 255]]


def test_percentiles_are_those_of_pixels_with_light() -> None:
    values = np.zeros((100, 100))
    values[0, :10] = np.arange(1, 11)
    shown = picture([of(values)], Display("linear", 0, 90))
    assert shown.cuts[0] == pytest.approx((1, 9.1))
    assert picture([of(np.zeros((4, 4)))]).cuts == ((0.0, 1.0),)
    assert picture([of(np.full((4, 4), 3.0))]).cuts == ((0.0, 3.0),)


def test_smoothing_is_scipys_where_all_is_known_and_keeps_a_level_at_edges() -> None:
    values = np.full((60, 60), 7.0, np.float32)
    values[:, 40:] = np.nan
    level = picture([of(values)], Display("linear", 0, 100, "gray", smoothing=3))
    assert np.unique(level.rgba[:, :40, 0]).size == 1
    points = np.zeros((61, 61), np.float32)
    points[30, 30] = 1
    shown = picture([of(points)], Display("linear", 0, 100, "gray", smoothing=2))
    assert shown.cuts[0][1] == pytest.approx(gaussian_filter(points, 2).max(), rel=1e-4)


def test_a_picture_says_that_it_is_simulated() -> None:
    flat = np.ones((2, 2))
    shown = picture([of(flat, title="a", simulated=True), of(flat, title="b"), of(flat, title="a")])
    assert (shown.simulated, shown.title) == (True, "a + b")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"stretch": "cubic"}, "asinh"),
        ({"low": 90, "high": 10}, "rising"),
        ({"high": np.nan}, "rising"),
        ({"smoothing": -1}, "smoothed"),
    ],
)
def test_displays_that_cannot_be_are_refused(options: dict[str, object], words: str) -> None:
    with pytest.raises(CscError, match=words):
        Display(**options)  # type: ignore[arg-type]


def test_pictures_that_cannot_be_are_refused() -> None:
    with pytest.raises(CscError, match="no colour map"):
        picture([of([[1.0]])], Display(colour_map="rainbow of mine"))
    with pytest.raises(CscError, match="neither one nor three"):
        picture([of([[1.0]])] * 2)
