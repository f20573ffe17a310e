"""The light-curve panel: controls, what is drawn, in which words, and what is left behind."""

import numpy as np
import pytest
from astropy.timeseries import BinnedTimeSeries, TimeSeries
from ipywidgets.widgets.widget import _instances

from cscwidgets.errors import CscError
from cscwidgets.science.lightcurve import LightCurve
from cscwidgets.science.times.long_term_curve import long_term
from cscwidgets.state.observed import Missing
from cscwidgets.views.panels.lightcurve import LightCurvePanel
from cscwidgets.views.plots.layers import Line, Symbols

from ...hint_words import hint_words


@pytest.fixture
def panel(workspace, sky, curves, eclipser):
    panel = LightCurvePanel(workspace, sky)
    curves.active = True
    curves.source.open(eclipser[0])
    wait(panel)
    yield panel
    panel.close()


def in_front(panel):
    (view,) = panel._views.shown
    return view


def wait(panel):
    panel.state.desk.tasks.wait(60)


def messages(panel):
    return panel.state.desk.messages.entries


def of_instrument(panel, instrument):
    return [key for key, made_with in panel.state.instruments.items() if made_with == instrument]


def test_an_empty_panel_invites(workspace, sky):
    panel = LightCurvePanel(workspace, sky)
    assert "Bring a source into focus" in panel.widget.invitation
    assert panel.widget._invitation.children[-1] is panel._field
    assert (panel.table, panel.tables) == (None, {})
    with pytest.raises(CscError, match="No source is in focus"):
        panel.figure()
    panel.close()


def test_between_observations_is_the_detections(panel):
    rows = panel.state.source.detections
    table = panel.table
    assert isinstance(table, TimeSeries)
    assert len(table) == len(rows)
    flux = {(row["obsid"], row["obi"]): row["photflux_aper_b"].value for row in rows}
    np.testing.assert_array_equal(
        table["flux"].value, [flux[key] for key in zip(table["obsid"], table["obi"], strict=True)]
    )
    drawn = [layer.y for layer in panel.between.plot.layers if isinstance(layer, Symbols) and layer.size < 100]
    measured = table["flux"].value[~table["limit"] & np.isfinite(table["flux"].value)]
    np.testing.assert_array_equal(np.sort(np.concatenate(drawn)), np.sort(measured))
    assert "SIMULATED" in panel._between_note.value
    assert panel.state.source.name in panel._between_note.value


@pytest.mark.real
def test_limits_are_hidden_and_counted(panel, smc_table):
    panel.state.longterm = long_term(smc_table, band="u")
    limits = sum(smc_table["photflux_aper_u"].value == 0)
    assert limits > 0
    assert "hidden" not in panel._between_note.value
    panel._limits.value = False
    assert f"{limits} limits are hidden" in panel._between_note.value
    assert messages(panel) == ()


def test_the_catalogues_curve_of_the_chosen_observations_is_drawn(panel):
    keys = of_instrument(panel, "ACIS")[1:4]
    panel._observations.value = keys
    wait(panel)
    assert panel.state.chosen == tuple(keys)
    drawn = [layer.y for plot in panel.within.plots for layer in plot.layers if isinstance(layer, Line)]
    for key in keys:
        curve = panel.state.curves[key]
        assert isinstance(curve, LightCurve)
        assert any(len(y) == 2 * len(curve) and (y[::2] == curve.source.rate).all() for y in drawn)
        np.testing.assert_array_equal(panel.tables[key]["rate"].value, curve.source.rate)
    panel._arrangement.value = "stacked"
    assert len(panel.within.plots) == len(panel.within.widget.shown) - 1 == 3
    assert "smoothed" in panel._note.value


def test_why_there_is_no_curve_stands_below_those_there_are(panel):
    hrc, (acis,) = of_instrument(panel, "HRC")[0], panel.state.chosen
    panel.state.chosen, panel._band.value = (hrc, acis), "h"
    wait(panel)
    assert len(panel.within.plots) == 1
    assert f"{panel.state.observations[hrc]}: the HRC has no hard band" in panel._note.value
    panel.state.curves = {**panel.state.curves, hrc: Missing("<img src=x onerror=alert(1)>")}
    assert "<img" not in panel._note.value


def test_energies_are_said_where_numbers_are_shown(panel):
    hrc, acis = of_instrument(panel, "HRC")[0], of_instrument(panel, "ACIS")[2]
    panel._source.value = True
    panel._low.value, panel._high.value = 1.0, 5.0
    panel.state.chosen = (hrc, acis)
    wait(panel)
    (plot,) = panel.within.plots
    assert plot.title == "2 observations, all energies, 1–5 keV"
    panel._arrangement.value = "stacked"
    of_hrc, of_acis = panel.within.plots
    assert of_hrc.title.endswith("all energies")
    assert of_acis.title.endswith("1–5 keV")
    # A title is that of what is drawn, also while other energies are being timed.
    assert [panel.state.timings[key].band for key in (hrc, acis)] == [None, (1.0, 5.0)]
    assert isinstance(panel.tables[acis], BinnedTimeSeries)
    assert panel.tables[acis]["counts"].sum().value == panel.state.timings[acis].events


def test_energies_the_wrong_way_round_are_one_message(panel):
    before = panel.state.energies
    panel._low.value = 8.0
    (message,) = messages(panel)
    assert "8 keV is not below 7 keV" in message.why
    assert panel.state.energies == before
    panel._high.value = 9.0
    assert panel.state.energies == (8.0, 9.0)


def test_a_click_opens_an_observation_and_another_with_ctrl(panel):
    selector, curve, keys = panel.between.plot.selector, panel.state.longterm, list(panel.state.observations)
    rows = np.flatnonzero(curve.measured & ~curve.limit)[:2]

    def click(row, mode):
        place = {"x": float(curve.time[row]), "y": float(curve.flux.value[row]), "width": 1e6, "height": 1e6}
        selector._handle_custom_msg({"kind": "click", "mode": mode, **place}, [])

    click(rows[0], None)
    assert panel.state.chosen == panel._observations.value == (keys[rows[0]],)
    click(rows[1], "add")
    assert panel.state.chosen == (keys[rows[0]], keys[rows[1]])
    flux = curve.flux
    assert hint_words(selector, rows[1]) == [
        panel.state.observations[keys[rows[1]]],
        f"MJD {curve.time[rows[1]]:.4f}",
        f"{flux.value[rows[1]]:.3g} (68%: {flux.lower[rows[1]]:.3g} to {flux.upper[rows[1]]:.3g})",
    ]
    assert not selector._asks_kernel
    wait(panel)


def test_controls_follow_the_state(panel):
    state = panel.state
    state.quantity, state.of_events, state.width = "flux_aper", True, 250.0
    assert (panel._quantity.value, panel._source.value, panel._width.value) == ("flux_aper", True, 250.0)
    assert panel._settings.layout.display == ""
    assert "erg/s/cm²" in panel.between.plot._y_axis.label
    wait(panel)


def test_the_figure_is_what_is_shown(panel):
    panel.state.chosen = tuple(of_instrument(panel, "ACIS")[1:3])
    panel._arrangement.value = "stacked"
    figure = panel.figure()
    between, *within = figure.axes
    assert len(within) == 2
    for plot, axes in zip([panel.between.plot, *panel.within.plots], figure.axes, strict=True):
        assert (axes.get_xlim(), axes.get_ylim()) == plot.ranges
        lines = [layer for layer in plot.layers if isinstance(layer, Line | Symbols)]
        for layer, drawn in zip(lines, axes.get_lines(), strict=True):
            np.testing.assert_array_equal(drawn.get_ydata(), layer.y)
    assert between.get_title() == "ACIS broad (0.5-7 keV)"
    assert figure.get_suptitle().startswith(f"SIMULATED. {panel.state.source.name}")
    figure._repr_png_()
    panel.periods.period = 11_000.0
    panel.state.of_events = True
    searched = panel.figure()
    expected = ["period, s", f"phase (0 at {panel.periods.folded.epoch:.3f} s, TT, not barycentred)"]
    assert [axes.get_xlabel() for axes in searched.axes[-2:]] == expected


def test_code_has_curves_without_anybody_looking(workspace, sky, focused):
    panel = LightCurvePanel(workspace, sky)
    assert not focused.active
    assert panel.tables.keys() == set(focused.chosen)
    assert not focused.active
    panel.close()


@pytest.mark.slow
def test_many_changes_leave_no_widget_behind(panel, demo):
    explorer = panel.state.source.explorer
    names = [str(name) for name in demo.search("47 Tuc", radius="20 arcsec")["name"][:3]]
    keep = panel.state.source.name

    def settle():
        panel.state.source.open(keep)
        panel.state.band, panel.state.of_events = "b", False
        wait(panel)
        panel._arrangement.value, panel._blocks.value = "stacked", False  # with as many plots as there ever are
        panel.state.chosen = tuple(of_instrument(panel, "ACIS")[1:3])
        wait(panel)
        panel._arrangement.value = "overlaid"
        wait(panel)
        return len(_instances)

    before = settle()
    for turn in range(20):
        panel.state.band = "bhmsuw"[turn % 6]
        panel._arrangement.value = ("stacked", "overlaid")[turn % 2]
        panel._blocks.value = bool(turn % 3)
        if turn % 5 == 0:
            panel.state.of_events = bool(turn % 2)
            explorer.focus = names[turn % len(names)]
            wait(panel)
    assert settle() == before
    assert [str(message) for message in messages(panel)] == []


def test_a_panel_leaves_nothing_behind(workspace, sky):
    before = set(_instances)
    panel = LightCurvePanel(workspace, sky)
    panel.close()
    assert set(_instances) == before


def test_energies_set_from_code_show_in_the_boxes(panel):
    for energies in ((2.0, 7.0), (8.0, 9.0), (0.5, 1.2)):
        panel.state.energies = energies
        assert (panel._low.value, panel._high.value, panel.state.energies) == (*energies, energies)
    assert messages(panel) == ()


def test_where_there_is_no_curve_its_events_are_offered(panel):
    hrc = of_instrument(panel, "HRC")[0]
    panel.state.chosen, panel._band.value = (hrc,), "h"
    wait(panel)
    invitation = panel._within_area.invitation
    assert not panel._within_area.filled
    assert "the HRC has no hard band" in invitation.words
    button = invitation.children[-1]
    assert button.description == "Show its events"
    button.click()
    wait(panel)
    assert panel.state.of_events
    assert panel._within_area.filled


def test_the_switch_shows_one_page_and_one_curve_where_there_is_no_room(panel):
    between, within = panel._places.values()
    assert ["csc-other" in place._dom_classes for place in (between, within)] == [False, True]
    panel._which.value = "within"
    assert ["csc-other" in place._dom_classes for place in (between, within)] == [True, False]
    panel._views.switch.value = "Tests"
    assert in_front(panel) is panel._tests
    assert panel.state.observations[panel.state.chosen[0]] in panel._tests.value
    panel._views.switch.value = "Periods"
    assert in_front(panel) is panel._folding.widget
    assert panel._which.layout.visibility == "hidden"
