"""Contours as they are drawn, against a paraboloid whose contours are ellipses."""

import numpy as np
import pytest
from scipy import stats

pytest.importorskip("sherpa")
from cscwidgets.science.spectra.confidence import Contour
from cscwidgets.views.callbacks import unguarded
from cscwidgets.views.disposal import close_all
from cscwidgets.views.plots.layers import Line, Symbols
from cscwidgets.views.spectra.contour_plot import ContourPlot


@pytest.fixture
def plot():
    plot = ContourPlot(unguarded)
    yield plot
    close_all(plot.widget)


def paraboloid(levels=(0.68, 0.95)):
    x, y = np.linspace(-5, 5, 81), np.linspace(-10, 10, 101)
    thresholds = tuple(float(stats.chi2.ppf(level, 2)) for level in levels)
    return Contour("gamma", "nH", x, y, x[None, :] ** 2 + (y[:, None] / 2) ** 2, levels, thresholds)


def test_lines_lie_where_the_statistic_has_risen_so_far(plot):
    contour = paraboloid()
    plot.show(contour)
    *lines, best = plot.plot.layers
    assert [line.style for line in lines] == ["solid", "dashed"]
    for line, threshold in zip(lines, contour.thresholds, strict=True):
        assert isinstance(line, Line)
        known = np.isfinite(line.x)
        assert known.sum() > 50
        np.testing.assert_allclose(line.x[known] ** 2 + (line.y[known] / 2) ** 2, threshold, rtol=0.01)
    assert isinstance(best, Symbols)
    np.testing.assert_allclose([best.x, best.y], 0, atol=1e-12)
    assert "68% (solid), 95% (dashed)" in plot.plot.title
    assert plot.plot.ranges == ((-5, 5), (-10, 10))


def test_a_contour_outside_the_grid_draws_nothing_wrong(plot):
    contour = paraboloid((0.68, 1 - 1e-15))
    plot.show(contour)
    inside, outside, _ = plot.plot.layers
    assert np.isfinite(inside.x).any()
    assert not np.isfinite(outside.x).any() or np.nanmax(np.abs(outside.x)) <= 5


def test_without_contours_it_says_how_to_get_them(plot):
    plot.show(paraboloid())
    assert plot.widget.filled
    plot.show(None)
    assert plot.plot.layers == ()
    assert not plot.widget.filled
    assert "Choose two free parameters" in plot.widget.invitation.words
