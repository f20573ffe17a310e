"""The diagrams panel draws the table's columns and formulas, and hands on what is picked in them."""

import numpy as np
import pytest

from cscwidgets import Archive
from cscwidgets.science.column_expression import errors_of
from cscwidgets.science.kaplan_meier import cumulative_curve
from cscwidgets.state.diagrams import PRESETS
from cscwidgets.state.explorer import ExplorerState
from cscwidgets.state.workspace import Workspace
from cscwidgets.views.panels.diagrams import DiagramsPanel


@pytest.fixture
def state(pulsars):
    state = ExplorerState(Archive("demo"), reraise=True)
    state.table = pulsars
    state.desk.selection.set_universe(set(map(str, pulsars["name"])))
    return state


@pytest.fixture
def workspace(state):
    return Workspace(state)


@pytest.fixture
def panel(workspace, sky):
    return DiagramsPanel(workspace, sky)


def picked(plot, low, high):
    plot.selector._handle_custom_msg({"kind": "shape", "x": [low, high], "y": [0, 1], "mode": None}, [])


@pytest.mark.real
def test_the_first_diagram_is_flux_and_hardness_of_the_real_table(panel, pulsars):
    diagram = panel.slots[0].points.diagram
    x, y, colour = diagram.points.points
    hardness, flux = pulsars["hard_hs"], pulsars["flux_aper_b"]
    limit = (np.abs(hardness) >= 0.98) | (pulsars["hard_hs_lolim"] < -0.999) | (pulsars["hard_hs_hilim"] > 0.999)
    measured = np.isfinite(hardness) & (flux > 0) & ~limit
    assert measured.sum() > 30
    assert {*zip(hardness[measured], flux[measured], strict=True)} <= {*zip(x, y, strict=True)}
    assert ((colour[np.isfinite(colour)] >= 0) & (colour[np.isfinite(colour)] <= 1)).all()
    assert f"{len(x)} drawn" in panel.slots[0].points._note.value


@pytest.mark.real
def test_a_preset_is_offered_where_the_table_has_its_columns(panel, workspace):
    titles = dict(panel._preset.options)
    assert "Flux and variability" in titles
    assert "Flux and off-axis angle" not in titles  # the master table has no theta
    assert "Quantiles" not in titles
    panel._preset.value = "Flux and variability"
    choice = workspace.diagrams.diagrams[0]
    assert (choice.x, choice.y, choice.kind) == ("flux_aper_b", "var_inter_prob_b", "scatter")
    choice.x = "flux_aper_s"
    assert panel._preset.value == ""
    assert {preset.choices["kind"] for preset in PRESETS} == {"scatter", "histogram", "cumulative"}


@pytest.mark.real
def test_a_histogram_counts_and_a_band_in_it_selects(panel, workspace, state, pulsars):
    choice = workspace.diagrams.diagrams[0]
    choice.x, choice.kind = "hard_hs", "histogram"
    plot = panel.slots[0].distribution.plot
    picked(plot, -0.2, 0.3)
    names, hardness = pulsars["name"], pulsars["hard_hs"]
    errors = errors_of("hard_hs", state.table)
    limits = set(state.table["name"][errors.upper | errors.lower])
    inside = {str(name) for name, value in zip(names, hardness, strict=True) if -0.2 <= value <= 0.3}
    assert state.desk.selection.names == inside - limits
    band, line, chosen_band, chosen = plot.layers
    assert np.nansum(line.y) / 2 == np.isfinite(hardness).sum() - len(limits) > 0
    assert chosen.y.sum() / 2 == len(state.desk.selection.names)
    assert "limits are not in it" in panel.slots[0].distribution._note.value
    assert len(band.x) == len(chosen_band.x)


@pytest.mark.real
def test_a_cumulative_curve_is_kaplan_meiers(panel, workspace, pulsars):
    choice = workspace.diagrams.diagrams[0]
    choice.x, choice.kind = "flux_aper_s", "cumulative"
    flux, low, high = (pulsars[name] for name in ("flux_aper_s", "flux_aper_lolim_s", "flux_aper_hilim_s"))
    upper = (flux == 0) & (low == 0)
    assert upper.sum() > 5
    expected = cumulative_curve(np.log10(np.where(upper, high, flux)), upper)
    line = panel.slots[0].distribution.plot.layers[1]
    np.testing.assert_allclose(line.y[::2], expected.fraction)
    assert f"{expected.limits} upper limits (Kaplan–Meier)" in panel.slots[0].distribution._note.value


@pytest.mark.real
def test_colour_size_and_scales_are_of_the_choice(panel, workspace, pulsars):
    choice = workspace.diagrams.diagrams[0]
    choice.x, choice.y, choice.colour, choice.size = "hard_hs", "hard_hm", "flux_aper_b", "hard_ms"
    choice.y_scale = "inverted"
    diagram = panel.slots[0].points.diagram
    low, high = diagram.ranges[1]
    assert low > high
    radii = np.frombuffer(diagram.points._points["radii"])
    assert radii.min() >= 2
    assert radii.max() <= 7
    assert "flux_aper_b" in panel.slots[0].points._note.value
    choice.colour = "flux_aper_b +"  # the points are drawn all the same
    assert "sign missing" in str(panel.desk.messages.entries[-1])
    assert len(diagram.points.points[0]) == len(radii)


@pytest.mark.real
def test_table_and_figure_have_the_same_numbers(panel, workspace, pulsars):
    workspace.diagrams.count = 2
    choice = workspace.diagrams.diagrams[0]
    choice.x, choice.y, choice.colour = "log10(flux_aper_h / flux_aper_s)", "hard_hm", ""
    workspace.diagrams.diagrams[1].kind = "histogram"
    table = panel.table
    assert len(table) == len(pulsars)
    ratio = table["log10(flux_aper_h / flux_aper_s)"].value
    known = (pulsars["flux_aper_h"] > 0) & (pulsars["flux_aper_s"] > 0)
    np.testing.assert_allclose(
        ratio[known], np.log10(pulsars["flux_aper_h"][known] / pulsars["flux_aper_s"][known]), rtol=1e-9
    )
    assert set(table["log10(flux_aper_h / flux_aper_s) limit"]) <= {"", "upper", "lower"}
    figure = panel.figure()
    drawn = figure.axes[0].collections[0].get_offsets()
    np.testing.assert_allclose(drawn, np.column_stack(panel.slots[0].points.diagram.points.points[:2]))
    assert len(figure.axes) == 2


@pytest.mark.real
def test_a_column_of_ones_own_is_drawn_at_once_and_groups_are_named(panel, workspace, state, pulsars):
    panel.columns.name.value, panel.columns.formula.value = "hs", "flux_aper_h / flux_aper_s"
    panel.columns.add.click()
    assert "hs" in panel._fields["colour"].options
    assert panel.columns.name.value == ""
    workspace.diagrams.diagrams[0].x = "hs"
    assert panel.slots[0].points.diagram.axes[0].label == "hs"
    state.own_columns.label([str(pulsars["name"][0])], "AGN")
    assert "AGN (1)" in panel._note.value
    panel.columns.remove.click()
    assert "hs" not in state.table.colnames


def test_without_sources_it_invites(sky):
    empty = DiagramsPanel(Workspace(ExplorerState(Archive("demo"), reraise=True)), sky)
    assert empty.widget.invitation.startswith("Search for sources")
    assert len(empty.table) == 0
