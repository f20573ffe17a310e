"""What a line plot draws, in its unit and for the paper, is what it was given."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ipywidgets.widgets.widget import _instances

from cscwidgets.export.figure import PaperFigure
from cscwidgets.views.callbacks import unguarded
from cscwidgets.views.disposal import close_all
from cscwidgets.views.plots.layers import Band, Line, Symbols, padded, steps
from cscwidgets.views.plots.line_plot import LinePlot

_SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


@pytest.fixture(scope="module")
def plot():
    plot = LinePlot(unguarded, "A plot")
    yield plot
    close_all(plot.widget)


def named_power(label):
    """The power of ten that an axis says its numbers are times of."""
    found = re.search(r"10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)( |$)", label)
    return 10.0 ** int(found[1].translate(_SUPERSCRIPT)) if found else 1.0


@given(st.floats(-20, 12), st.floats(0.1, 0.9), st.sampled_from(["photon/s/cm²", ""]))
def test_numbers_drawn_times_the_power_at_the_axis_are_the_data(plot, exponent, low, unit):
    top = 10**exponent
    y = np.array([low * top, 0.95 * top, np.nan, 0.0])
    x = np.arange(4.0)
    plot.label("time", "flux", unit)
    layers = [Line(x, y, "red"), Band(x, y - 0.1 * top, y, "red"), Symbols(x, y, "red")]
    plot.show(layers, (-1.0, 4.0), (0.0, top))
    axis = plot._y_axis
    power = named_power(axis.label)
    line, band, symbols = plot._figure.marks
    np.testing.assert_allclose(line.y * power, y, rtol=1e-12)
    known = np.isfinite(y)
    np.testing.assert_allclose(symbols.y * power, y[known], rtol=1e-12)
    np.testing.assert_allclose(band.y * power, [y[known] - 0.1 * top, y[known]], rtol=1e-9, atol=1e-12 * top)
    np.testing.assert_allclose([axis.scale.min * power, axis.scale.max * power], [0, top], rtol=1e-12)
    # Numbers at the ticks are short, and picking is in the unit of the data.
    assert 1e-2 <= axis.scale.max < 1e5
    assert axis.tick_values.min() >= axis.scale.min
    assert axis.tick_values.max() <= axis.scale.max
    assert plot.ranges == ((-1.0, 4.0), (0.0, top))
    assert axis.label.endswith(unit) if unit else not axis.label.endswith((" ", ","))
    assert axis.side == "left"


def test_what_has_no_place_on_a_logarithmic_axis_is_not_drawn():
    plot = LinePlot(lambda callback: callback, "counts", x_log=True, y_log=True)
    x, y = np.array([0.0, 1.0, 2.0, 4.0]), np.array([3.0, 2.0, -1.0, 0.0])
    plot.show([Line(x, y, "red"), Band(x, y, y + 1, "red"), Symbols(x, y, "red")], (0.5, 8.0), (0.1, 8.0))
    line, band, symbols = plot._figure.marks
    for drawn in (line, symbols):  # bqplot labels the end of a line: it must be a place
        np.testing.assert_array_equal(drawn.y[np.isfinite(drawn.y)], [2.0])
        assert np.isfinite(drawn.y[-1])
    np.testing.assert_array_equal(band.y, [[2.0, 0.1], [3.0, 1.0]])
    plot.widget.close()


@given(st.floats(-20, 12))
def test_the_paper_shows_the_data_in_their_unit(plot, exponent):
    top = 10**exponent
    x, y = np.arange(3.0), top * np.array([0.2, 0.9, 0.5])
    plot.label("time", "flux", "erg/s", "A title")
    layers = [
        Band(x, 0.5 * y, y, "red"),
        Line(x, y, "#3b7dd8", style="dashed", opacity=0.4),
        Symbols(x, y, "#3b7dd8", "square", hollow=True),
    ]
    plot.show(layers, (0.0, 2.0), (0.0, top))
    axes = PaperFigure().subplots()
    plot.draw(axes)
    line, symbols = axes.get_lines()
    for drawn in (line, symbols):
        np.testing.assert_array_equal(drawn.get_xydata(), np.column_stack([x, y]))
    assert (line.get_linestyle(), line.get_alpha()) == ("--", 0.4)
    assert (symbols.get_marker(), symbols.get_markerfacecolor(), symbols.get_linestyle()) == ("s", "none", "None")
    (area,) = axes.collections
    corners = area.get_paths()[0].vertices
    assert corners[:, 1].min() == pytest.approx(0.1 * top)
    assert corners[:, 1].max() == pytest.approx(0.9 * top)
    assert (axes.get_xlim(), axes.get_ylim()) == ((0.0, 2.0), (0.0, top))
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title()) == ("time", "flux, erg/s", "A title")


def test_what_was_drawn_before_is_freed(plot):
    def show(number):
        x = np.arange(5.0)
        plot.show([Line(x, x, "red"), Band(x, x, x + 1, "red"), Symbols(x, x, "red")] * number, (0, 4), (0, 5))

    show(2)
    before = len(_instances)
    for number in (1, 3, 0, 2, 2):
        show(number)
    assert len(_instances) == before


@pytest.mark.parametrize("log", [False, True])
def test_marks_stay_where_only_numbers_change(log):
    plot = LinePlot(unguarded, "Dragged", y_log=log)
    x = np.arange(1.0, 6.0)

    def show(scale, colour="red"):
        layers = [Line(x, scale * x, colour), Band(x, scale * x, 2 * scale * x, "red"), Symbols(x, x, "red")]
        plot.show(layers, (1.0, 5.0), (scale, 12 * scale))
        return list(plot._figure.marks)

    before, widgets = show(1.0), len(_instances)
    for scale in (2.0, 1e-7, 3e6, 1.0, 1.0):
        after = show(scale)
        assert all(one is other for one, other in zip(before, after, strict=True))
        power = named_power(plot._y_axis.label)
        np.testing.assert_allclose(after[0].y * power, scale * x, rtol=1e-12)
        np.testing.assert_allclose(after[1].y * power, [scale * x, 2 * scale * x], rtol=1e-12)
        np.testing.assert_allclose(after[2].y * power, x, rtol=1e-12)
    assert len(_instances) == widgets
    # What looks different is made anew.
    assert show(1.0, "blue")[0] is not before[0]
    assert plot._figure.marks[0].colors == ["blue"]
    assert len(_instances) == widgets
    close_all(plot.widget)


def test_logarithmic_axes_have_ticks_at_round_numbers_on_screen_and_paper():
    plot = LinePlot(unguarded, "Logarithmic", x_log=True, y_log=True)
    x = np.geomspace(0.3, 10, 20)
    plot.show([Line(x, 1e-7 * x**-4, "red")], (0.3, 10.0), (1e-9, 2e-5))
    ticks = plot._x_axis.tick_values
    np.testing.assert_allclose(ticks, [0.5, 1, 2, 5, 10])
    heights = plot._y_axis.tick_values * named_power(plot._y_axis.label)
    assert np.log10(heights) == pytest.approx(np.round(np.log10(heights)), abs=1e-9)
    axes = PaperFigure().subplots()
    plot.draw(axes)
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert (axes.get_xlim(), axes.get_ylim()) == ((0.3, 10.0), (1e-9, 2e-5))
    close_all(plot.widget)


def test_a_band_that_is_drawn_is_in_the_axis_s_unit():
    plot = LinePlot(unguarded, "Brushed", x_log=True, tool="band")
    drawn = []
    plot.selector.on_shape(lambda x, y, mode: drawn.append(sorted(x)))
    plot.show([], (0.3, 10.0), (0.0, 1.0))
    corners = {"x": [1.0, 5.0, 5.0, 1.0], "y": [0.0, 0.0, 1.0, 1.0]}
    plot.selector._handle_custom_msg({"kind": "shape", "mode": None, **corners}, [])
    assert drawn == [[1.0, 1.0, 5.0, 5.0]]
    close_all(plot.widget)


def test_a_plot_leaves_nothing_behind():
    before = set(_instances)
    plot = LinePlot(unguarded, "Another", top_axis=True)
    plot.show([Line(np.arange(2.0), np.arange(2.0), "red")], (0, 1), (0, 1))
    close_all(plot.widget)
    assert set(_instances) == before


def test_dates_stand_at_their_days(plot):
    plot.top_ticks({51544.0: "2000", 60310.0: "2024"})
    axis = plot._top_axis
    assert {float(place): words for place, words in axis.tick_labels.items()} == {51544.0: "2000", 60310.0: "2024"}
    np.testing.assert_array_equal(axis.tick_values, [51544.0, 60310.0])


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8), st.booleans())
def test_a_range_holds_what_is_finite(values, from_zero):
    values = np.array([*values, np.nan, np.inf])
    low, high = padded([values, np.empty(0)], least=0.0 if from_zero else None)
    known = values[np.isfinite(values)]
    assert low <= known.min() <= known.max() < high
    assert low < high
    if from_zero:
        assert low == min(0.0, known.min())
    assert padded([np.array([np.nan])]) == padded([]) == (0.0, 1.0)


@given(st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_steps_are_flat_over_their_bins(bins, seed):
    rng = np.random.default_rng(seed)
    edges, values = np.sort(rng.uniform(0, 100, bins + 1)), rng.normal(size=bins)
    x, y = steps(edges, values)
    # The area under the corners is the sum over the bins.
    np.testing.assert_allclose(np.trapezoid(y, x), (values * np.diff(edges)).sum(), atol=1e-9)
    np.testing.assert_array_equal(y[::2], values)
    np.testing.assert_array_equal(np.unique(x), edges)
