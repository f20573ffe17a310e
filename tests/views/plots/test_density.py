"""Pictures of very many points: counts where the points are, also on axes that grow leftwards or downwards."""

import io

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.image import imread

from cscwidgets.views.plots.density import CELLS, density_png, selected_png
from cscwidgets.views.theme import ACCENT


def pixels(png):
    """Rows from the top, as an image has them."""
    return imread(io.BytesIO(png))


def cell(x, y, ranges):
    """Row and column of a place in the picture."""
    (left, right), (low, high) = ranges
    return CELLS - 1 - int(CELLS * (y - low) / (high - low)), int(CELLS * (x - left) / (right - left))


@pytest.mark.parametrize(
    "ranges", [((0, 10), (0, 10)), ((0, 10), (10, 0)), ((10, 0), (0, 10)), ((8.5, -1.5), (12.0, 0.5))]
)
def test_points_are_where_they_are(ranges):
    rng = np.random.default_rng(6)
    x, y = rng.uniform(1, 8, (2, 40))
    picture = pixels(selected_png(x, y, ranges))
    assert picture.shape == (CELLS, CELLS, 4)
    expected = {cell(one, other, ranges) for one, other in zip(x, y, strict=True)}
    assert set(zip(*np.nonzero(picture[..., 3]), strict=True)) == expected
    row, column = next(iter(expected))
    np.testing.assert_allclose(picture[row, column, :3], to_rgb(ACCENT), atol=1 / 255)


def test_opacity_grows_with_the_number_and_colour_follows_the_mean_probability():
    ranges = ((0, 1), (1, 0))
    x = np.repeat([0.104, 0.504, 0.904], [1, 10, 100])
    probability = np.repeat([0.0, 1.0, np.nan], [1, 10, 100])
    picture = pixels(density_png(x, np.full(len(x), 0.254), probability, ranges))
    one, ten, hundred = (picture[cell(place, 0.254, ranges)] for place in (0.104, 0.504, 0.904))
    assert 0 < one[3] < ten[3] < hundred[3] == 1
    colours = {tuple(np.round(part[:3], 2)) for part in (one, ten, hundred)}
    assert len(colours) == 3


def test_points_outside_are_left_out():
    assert not pixels(selected_png(np.array([5.0]), np.array([2.0]), ((0, 1), (1, 0))))[..., 3].any()
