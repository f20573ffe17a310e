"""The period search as it is used: search, click, type, drag."""

import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances

from cscwidgets.science.times.folding import fold_events
from cscwidgets.state.periods import BETWEEN, PeriodState
from cscwidgets.views.disposal import close_all
from cscwidgets.views.plots.layers import Line, Symbols
from cscwidgets.views.theme import ACCENT
from cscwidgets.views.times.period_plot import PeriodPlots, _maxima


@pytest.fixture
def plots(focused):
    focused.active = focused.of_events = True
    plots = PeriodPlots(PeriodState(focused))
    focused.desk.tasks.wait(30)
    yield plots
    close_all(plots.widget)


@pytest.fixture
def searched(plots):
    plots._shortest.value, plots._longest.value = 3000.0, 30_000.0
    plots._search.click()
    plots._state.curves.desk.tasks.wait(30)
    return plots


def marker(plots):
    """Where the period stands in the periodogram."""
    return [layer.x[0] for layer in plots.power.layers if isinstance(layer, Line) and layer.x[0] == layer.x[-1]]


def test_the_periodogram_is_the_states_with_its_levels(searched):
    found = searched._state.periodogram
    powers = [layer for layer in searched.power.layers if isinstance(layer, Line) and len(layer.x) == len(found.power)]
    np.testing.assert_array_equal(powers[-1].x, 1 / found.frequency)
    np.testing.assert_array_equal(powers[-1].y, found.power)
    levels = [layer.y[0] for layer in searched.power.layers if layer.colour == ACCENT]
    np.testing.assert_allclose(found.overall(np.array(levels)), [0.01, 0.001], rtol=1e-3)
    assert marker(searched) == [found.period]
    assert f"{found.period:.8g} s" in searched._note.value
    assert f"{float(found.false_alarm()):.3g}" in searched._note.value
    assert searched._period.value == pytest.approx(found.period, rel=5e-9)


def test_a_click_folds_at_the_peak_beside_it(searched, eclipser):
    _, period = eclipser
    searched._period.value = 5000.0
    assert marker(searched) == [5000]
    message = {"kind": "click", "x": period, "y": 1.0, "width": 800, "height": 200, "mode": None}
    searched.power.selector._handle_custom_msg(message, [])
    found = searched._state.periodogram
    near = np.abs(np.log(found.frequency * period)) < np.log(30_000 / 3000) / 100
    assert searched._state.period == 1 / found.frequency[near][np.argmax(found.power[near])]
    assert searched._period.value == pytest.approx(searched._state.period, rel=5e-9)


def test_the_folded_curve_is_drawn_twice_over(plots, eclipser):
    _, period = eclipser
    plots._bins.value, plots._period.value = 10, period
    events = plots._state.events
    folded = fold_events(events.time, period, events.good_time, bins=10)
    rate = plots.folded.layers[0]
    np.testing.assert_array_equal(rate.y[::2], np.tile(folded.rate, 2))
    np.testing.assert_allclose(rate.x[::2], np.arange(20) / 10)
    assert f"{period:.8g} s" in plots.folded.title


def test_dragging_moves_the_period_by_two_percent_at_most(plots, eclipser):
    _, period = eclipser
    plots._period.value = period
    for step, factor in ((200, 1.02), (-200, 0.98), (50, 1.005)):
        plots._drag.value = step
        assert plots._state.period == pytest.approx(period * factor, rel=1e-12)
        assert plots._period.value == pytest.approx(plots._state.period, rel=5e-9)
        assert plots._state.folded.period == plots._state.period
        assert plots._drag.value == step
    plots._period.value = 2 * period
    assert (plots._drag.value, plots._state.period) == (0, 2 * period)


def test_a_period_that_is_none_is_a_message(plots):
    plots._period.value = -3.0
    (message,) = plots._state.curves.desk.messages.entries
    assert "-3.0" in message.what
    assert plots.folded.layers == ()


def test_observations_are_offered_by_name_and_chosen(plots):
    curves = plots._state.curves
    keys = list(curves.observations)[2:5]
    curves.chosen = tuple(keys)
    curves.desk.tasks.wait(30)
    named = [(curves.observations[key], key) for key in keys]
    assert list(plots._which.options) == [*named, ("all observations: fluxes", BETWEEN)]
    assert plots._which.value == plots._state.key
    plots._which.value = keys[2]
    assert plots._state.key == keys[2]
    # Another choice of observations offers others, and keeps the one that is searched.
    curves.chosen = (*keys[1:], list(curves.observations)[6])
    curves.desk.tasks.wait(30)
    assert plots._which.value == plots._state.key == keys[2]
    plots._which.value = BETWEEN
    curves.chosen = ()
    assert plots._which.value == plots._state.key == BETWEEN
    assert curves.desk.messages.entries == ()


def test_fluxes_are_folded_in_days(plots):
    state, curve = plots._state, plots._state.curves.longterm
    plots._which.value, plots._period.value = BETWEEN, 400.0
    assert plots._period.description == "Period / d"
    used = curve.measured & ~curve.limit & ~curve.ambiguous
    (points,) = [layer for layer in plots.folded.layers if isinstance(layer, Symbols)]
    np.testing.assert_array_equal(points.y, np.tile(curve.flux.value[used], 2))
    turns = (curve.time[used] - curve.time[0]) / 400.0
    np.testing.assert_allclose(points.x[: used.sum()], turns - np.floor(turns))
    plots._search.click()
    state.curves.desk.tasks.wait(30)
    assert "Lomb-Scargle" in plots._note.value
    assert f"{state.period:.8g} d" in plots._note.value
    # Days are no seconds: nothing of it is left for the events.
    plots._which.value = state.curves.chosen[0]
    assert (plots._period.value, state.periodogram, plots._shortest.value) == (0.0, None, 50.0)


def test_searching_and_dragging_leaves_no_widget_behind(searched):
    searched._period.value = 11_000.0
    before = len(_instances)
    for step in range(50):
        searched._drag.value = step
    assert len(_instances) == before


def test_no_peak_is_lost_in_a_long_periodogram():
    rng = np.random.default_rng(2)
    x, y = np.arange(100_001.0), rng.random(100_001)
    y[77_777] = 50
    fewer_x, fewer_y = _maxima(x, y)
    assert len(fewer_x) == 4000
    assert fewer_y.max() == 50
    assert abs(fewer_x[np.argmax(fewer_y)] - 77_777) <= 26
    assert (fewer_y >= np.interp(fewer_x, x, y)).all()
