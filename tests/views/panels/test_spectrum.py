"""The spectrum panel: controls, what is drawn, in which words, and what is left behind."""

import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances

pytest.importorskip("sherpa")
from cscwidgets.errors import CscError
from cscwidgets.science import fit as science_fit
from cscwidgets.science.spectra.grouping import spectral_bins
from cscwidgets.state.observed import Missing
from cscwidgets.views.panels.spectrum import SpectrumPanel
from cscwidgets.views.plots.layers import Line

OF_THE_HRC = "SIM J013258.6+305657"


@pytest.fixture
def panel(warm_workspace, sky, spectra, monkeypatch):
    tasks = spectra.desk.tasks
    # As in a notebook, results enter between two pieces of the user's code, never while one runs.
    monkeypatch.setattr(tasks, "_post", lambda _, action: tasks._inbox.put(action))
    spectra.chosen = spectra.chosen[:2]
    panel = SpectrumPanel(warm_workspace, sky)
    panel._show_observations()
    spectra.active = True
    wait(panel)
    yield panel
    panel.close()


def wait(panel):
    panel.state.desk.tasks.wait(60)


def messages(panel):
    return panel.state.desk.messages.entries


def test_an_empty_panel_invites(warm_workspace, sky):
    panel = SpectrumPanel(warm_workspace, sky)
    assert "Bring a source into focus" in panel.widget.invitation
    assert panel.widget._invitation.children[-1] is panel._field
    assert (panel.result, panel.table) == (None, None)
    panel.close()


def test_what_is_drawn_are_the_chosen_spectra_and_their_model(panel):
    panel._together.value = False
    lines = [layer for layer in panel.plot.data.layers if isinstance(layer, Line) and len(layer.x) > 2]
    assert len(lines) == 4 * len(panel.state.chosen)  # background, model, and crosses
    for number, (one, counts) in enumerate(zip(panel.state.fittable, panel.model.folded(), strict=True)):
        bins = spectral_bins(one, 0.3, 10.0, least=15, edges=panel.model.band)
        expected = bins.summed(counts) / bins.exposure / (bins.high - bins.low)
        np.testing.assert_allclose(lines[4 * number + 1].y[::2], expected)
    assert "SIMULATED" in panel._note.value
    assert panel.state.source.name in panel._note.value
    assert panel.state.observations[panel.state.chosen[0]] in panel._counts.value
    assert messages(panel) == ()


def test_faint_observations_are_drawn_as_their_sum_until_the_reader_wishes_otherwise(panel):
    assert min(one.source.counts[one.within(0.5, 7)].sum() for one in panel.state.fittable) < 100
    assert panel._together.value
    background, model, _, _ = (
        layer for layer in panel.plot.data.layers if isinstance(layer, Line) and len(layer.x) > 2
    )
    # The channels of all are the same, so that the sum is numpy's.
    one, other = panel.state.fittable
    np.testing.assert_array_equal(one.response.channel_low, other.response.channel_low)
    exposure = one.source.exposure + other.source.exposure
    whole = sum(panel.model.folded())
    edges = np.unique(model.x)
    middle = (one.response.channel_low + one.response.channel_high) / 2
    expected, _ = np.histogram(middle, edges, weights=whole)
    np.testing.assert_allclose(model.y[::2], expected / exposure / np.diff(edges), rtol=1e-6)
    behind = sum(data.background.counts * data.scale for data in (one, other))
    expected, _ = np.histogram(middle, edges, weights=behind)
    np.testing.assert_allclose(np.nan_to_num(background.y[::2]), expected / exposure / np.diff(edges), rtol=1e-6)
    assert "Sum of 2 observations" in panel._note.value
    assert "sum of 2" in panel.plot._legend.value
    assert "sum of" in panel.figure().get_suptitle()

    panel._together.value = False
    assert "Sum of" not in panel._note.value
    # Wished for this source, whatever is chosen next.
    panel.state.chosen = tuple(panel.state.observations)[:3]
    wait(panel)
    assert not panel._together.value
    panel.state.chosen = panel.state.chosen[:1]
    wait(panel)
    assert panel._together.disabled
    assert messages(panel) == ()


def test_a_sum_moves_no_fit(panel):
    results = []
    for together in (True, False):
        panel._together.value = together
        results.append(panel.fit("powerlaw").statistic)
    assert results[0] == pytest.approx(results[1], rel=1e-9)
    assert len(panel.result.spectra) == 2


def test_controls_reach_the_drawing(panel):
    before = panel.plot.data.layers
    for control, value in (
        (panel._quantity, "energy"),
        (panel._residual, "ratio"),
        (panel._axis, "wavelength"),
        (panel._least, 40),
        (panel._log, False),
        (panel._background, False),
    ):
        control.value = value
        assert panel.plot.data.layers is not before
        before = panel.plot.data.layers
    assert "erg/cm²/s" in panel.plot.data._y_axis.label
    assert "wavelength" in panel.plot.residuals._x_axis.label
    assert panel.plot.data._x_axis.label == ""  # its axis is the one below
    assert "depend on the model" in panel._note.value
    assert messages(panel) == ()


def test_choosing_observations_goes_both_ways(panel):
    key = list(panel.state.observations)[-1]
    panel._observations.value = [key]
    wait(panel)
    assert panel.state.chosen == (key,)
    first = next(iter(panel.state.observations))
    panel.state.chosen = (first,)
    wait(panel)
    assert panel._observations.value == (first,)


def test_another_source_in_focus_has_its_observations_chosen(panel):
    panel.state.source.open(OF_THE_HRC)
    wait(panel)
    assert panel.state.chosen == panel._observations.value == tuple(panel.state.observations)
    assert panel.state.shown.keys() == set(panel.state.chosen)
    assert messages(panel) == ()


def test_a_parameter_that_is_dragged_moves_the_model_and_no_marks(panel):
    marks = panel.plot.data._figure.marks
    slider = panel._parameters._rows["powerlaw.gamma"].slider
    slider.value += 20
    assert all(one is other for one, other in zip(marks, panel.plot.data._figure.marks, strict=True))
    wait(panel)
    assert messages(panel) == ()


def test_a_drawn_band_is_fitted_and_escape_resets_it(panel):
    corners = {"x": [1.0, 4.0, 4.0, 1.0], "y": [0, 0, 1, 1]}
    panel.plot.data.selector._handle_custom_msg({"kind": "shape", "mode": None, **corners}, [])
    assert panel.model.band == (1.0, 4.0)
    assert (panel._fit_bar._low.value, panel._fit_bar._high.value) == (1.0, 4.0)
    panel.plot.data.selector._handle_custom_msg({"kind": "escape"}, [])
    assert panel.model.band == (0.5, 7.0)
    panel._fit_bar._low.value = 8.0
    (message,) = messages(panel)
    assert "8 keV is not below 7 keV" in message.why


def test_a_fit_from_code_is_the_science_layers(panel):
    result = panel.fit("bbody", band=(0.6, 6.0))
    direct = science_fit.fit(panel.state.fittable, "tbabs*bbody", band=(0.6, 6.0))
    assert result.statistic == pytest.approx(direct.statistic, rel=1e-4)
    assert panel.result is result
    assert panel.table.colnames == result.parameters.colnames
    assert f"{result.statistic:.2f}" in panel._report.value
    compile(panel.script(), "script", "exec")
    panel._fit_bar._errors.click()
    wait(panel)
    assert "68%" in panel._parameters._rows["bbody.kT"].found.value
    panel._fit_bar._low.value = 0.7
    assert panel._report.value.find(f"{result.statistic:.2f}") < 0
    assert panel._parameters._rows["bbody.kT"].found.value == ""
    assert messages(panel) == ()


def test_why_there_is_no_spectrum_stands_in_words(panel):
    key = panel.state.chosen[0]
    panel.state.spectra = {**panel.state.spectra, key: Missing("<img src=x onerror=alert(1)>")}
    wait(panel)
    assert "<img" not in panel._note.value
    assert "&lt;img" in panel._note.value
    panel.state.source.open(OF_THE_HRC)
    wait(panel)
    assert "HRC measures no energies" in panel._note.value
    with pytest.raises(CscError, match="nothing to fit"):
        panel.fit()


def test_a_model_that_is_none_is_said_where_it_is_chosen(panel):
    panel._model_bar._emission.value = "nosuch<b>"
    wait(panel)
    assert "&lt;b&gt;" in panel._model_bar._words.value
    assert "nosuch" in panel.model.problem
    assert panel._parameters.widget.children == ()


def test_the_figure_is_what_is_shown(panel):
    result = panel.fit()
    figure = panel.figure()
    for plot, axes in zip(panel.plot.plots, figure.axes, strict=True):
        assert (axes.get_xlim(), axes.get_ylim()) == plot.ranges
        lines = [layer for layer in plot.layers if isinstance(layer, Line)]
        for layer, drawn in zip(lines, axes.get_lines(), strict=True):
            np.testing.assert_array_equal(drawn.get_ydata(), layer.y)
    title = figure.get_suptitle()
    assert title.startswith(f"SIMULATED. {panel.state.source.name}")
    assert f"{result.statistic_used.name} = {result.statistic:.1f}, {result.dof} d.o.f." in title
    figure._repr_png_()


@pytest.mark.slow
def test_many_changes_leave_no_widget_behind(panel):
    explorer = panel.state.source.explorer
    keep, chosen = panel.state.source.name, panel.state.chosen

    def settle():
        panel.state.source.open(keep)
        wait(panel)
        panel.model.choose("powerlaw")
        panel.model.band, panel.state.chosen = (0.5, 7.0), chosen
        for panel._log.value in (False, True):  # each has plots of its own
            wait(panel)
        panel._background.value = True
        wait(panel)
        return len(_instances)

    before = settle()
    for turn in range(20):
        panel.model.band = (0.5 + 0.1 * (turn % 3), 7.0)
        panel._log.value, panel._background.value = bool(turn % 2), bool(turn % 3)
        panel._quantity.value = ("counts", "photons", "energy")[turn % 3]
        if turn % 5 == 0:
            panel.model.choose(("powerlaw", "bbody", "powerlaw+bremss")[turn // 5 % 3])
            wait(panel)
        if turn % 10 == 9:
            explorer.focus = (keep, OF_THE_HRC)[turn // 10 % 2]
            wait(panel)
    panel._quantity.value = "counts"
    assert settle() == before
    assert [str(message) for message in messages(panel)] == []


def test_a_panel_leaves_nothing_behind(warm_workspace, sky):
    before = set(_instances)
    panel = SpectrumPanel(warm_workspace, sky)
    panel.close()
    assert set(_instances) == before
