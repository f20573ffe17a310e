"""The frame of a diagram: what its axes span, either way, and picking in it."""

import numpy as np
import pytest
from bqplot import LinearScale

from cscwidgets.views.callbacks import unguarded
from cscwidgets.views.plots.diagram import Diagram, Points


@pytest.fixture
def diagram():
    return Diagram("test", (LinearScale(min=-1, max=1), LinearScale(min=-1, max=1)), unguarded, ticks=[-1, 0, 1])


def points(x, y):
    nothing = np.empty(0), np.empty(0)
    return Points(np.asarray(x, float), np.asarray(y, float), np.zeros(len(x)), nothing, nothing)


def test_axes_are_as_made_until_they_are_told(diagram):
    diagram.show(points([0], [0]))
    assert diagram.ranges == ((-1, 1), (-1, 1))
    assert [list(axis.tick_values) for axis in diagram.axes] == [[-1, 0, 1]] * 2


def test_a_reversed_axis_is_reversed_everywhere(diagram):
    diagram.span("y", 8.0, 15.0, {10.0: "10"}, reverse=True)
    diagram.show(points([0, 0.5], [9, 12]))
    assert diagram.ranges == ((-1, 1), (15, 8))
    scale = diagram.axes[1].scale
    assert (scale.min, scale.max, scale.reverse) == (8, 15, True)
    for layer in (diagram.points, diagram.selector):
        assert (layer.x_range, layer.y_range) == ([-1, 1], [15, 8])
    diagram.span("y", 8.0, 15.0, {})
    diagram.show(points([0], [9]))
    assert diagram.selector.y_range == [8, 15]


@pytest.mark.parametrize("reverse", [False, True])
def test_the_nearest_point_is_the_one_on_the_screen(diagram, reverse):
    diagram.span("y", 0.0, 100.0, {}, reverse=reverse)
    x, y = np.array([0.0, 0.0, np.nan]), np.array([50.0, 56.0, 51.0])
    diagram.show(points(x, y))
    place = {"x": 0.0, "y": 52.0, "width": 100, "height": 100}
    assert diagram.selector.nearest(x, y, place) == 0
    assert diagram.selector.nearest(x, y, place | {"y": 54.0}) == 1
    assert diagram.selector.nearest(x, y, place | {"y": 80.0}) is None


def test_tick_labels_are_found_by_how_the_browser_writes_the_number(diagram):
    diagram.span("x", 0, 1, {0.1 + 0.2: "third", 1.0: "one", -16.0: "low", 4_000_000.0: "many"})
    assert diagram.axes[0].tick_labels == {
        "0.30000000000000004": "third",
        "1": "one",
        "-16": "low",
        "4000000": "many",
    }
    np.testing.assert_array_equal(diagram.axes[0].tick_values, [0.1 + 0.2, 1, -16, 4e6])
