"""What the hardness panel draws are the table's numbers, checked on the marks themselves."""

import numpy as np
import pytest

from cscwidgets import Archive
from cscwidgets.science.hardness import Kind
from cscwidgets.state.explorer import ExplorerState
from cscwidgets.state.workspace import Workspace
from cscwidgets.views.panels.hardness import HardnessPanel

from ...hint_words import hint_words


@pytest.fixture
def state(pulsars):
    state = ExplorerState(Archive("demo"), reraise=True)
    state.table = pulsars
    return state


@pytest.fixture
def panel(state, sky):
    return HardnessPanel(Workspace(state), sky)


@pytest.mark.real
def test_points_and_colours_are_the_tables(panel, pulsars):
    shown = panel.diagram.determined
    measured = shown & (panel.diagram.x.kind == Kind.MEASURED) & (panel.diagram.y.kind == Kind.MEASURED)
    assert measured.sum() > 30
    for diagram, column in ((panel.within, "var_intra_prob_b"), (panel.between, "var_inter_prob_b")):
        x, y, value = diagram.points.points
        np.testing.assert_array_equal(value, pulsars[column][shown])
        where = measured[shown]
        np.testing.assert_array_equal(x[where], pulsars["hard_hm"][measured])
        np.testing.assert_array_equal(y[where], pulsars["hard_ms"][measured])


@pytest.mark.real
def test_error_bars_end_at_the_limits_of_the_table(panel, pulsars):
    x, y = (along.reshape(-1, 3) for along in panel.within.points.bars)
    shown, kind_x, kind_y = panel.diagram.determined, panel.diagram.x.kind, panel.diagram.y.kind
    across = shown & (kind_x == Kind.MEASURED)
    up = shown & (kind_y == Kind.MEASURED)
    expected = np.concatenate(
        [
            np.column_stack([pulsars["hard_hm_lolim"], pulsars["hard_hm_hilim"]])[across],
            np.column_stack([pulsars["hard_ms_lolim"], pulsars["hard_ms_hilim"]])[up],
        ]
    )
    np.testing.assert_array_equal(np.concatenate([x[: across.sum(), :2], y[across.sum() :, :2]]), expected)


@pytest.mark.real
def test_every_limit_has_an_arrow(panel):
    shown = panel.diagram.determined
    limits = sum((shown & (ratio.kind != Kind.MEASURED)).sum() for ratio in (panel.diagram.x, panel.diagram.y))
    assert limits > 0
    assert np.isnan(panel.within.points.arrows[0]).sum() == limits


@pytest.mark.real
def test_axes_are_chosen_among_the_three_ratios(panel, pulsars):
    panel._x.value, panel._y.value = "hs", "hm"
    np.testing.assert_array_equal(panel.diagram.x.value, pulsars["hard_hs"])
    assert panel.within.axes[0].label == "hard_hs = (H − S) / (H + S)"
    assert panel.between.axes[1].label == "hard_hm = (H − M) / (H + M)"


@pytest.mark.real
def test_selection_rings_the_same_sources_in_both_diagrams(panel, state, pulsars):
    names = pulsars["name"][panel.diagram.determined][:7]
    state.desk.selection.publish("table", names.tolist())
    x, y = panel.positions
    rows = [list(pulsars["name"]).index(name) for name in names]
    for diagram in (panel.within, panel.between):
        assert set(zip(*diagram.points.marked, strict=True)) == set(zip(x[rows], y[rows], strict=True))
    state.desk.selection.clear()
    assert len(panel.within.points.marked[0]) == 0


@pytest.mark.real
def test_a_shape_publishes_the_names_inside(panel, state):
    corners = np.array([-0.5, 0.5, 0.5, -0.5]), np.array([-0.5, -0.5, 0.5, 0.5])
    message = {"kind": "shape", "x": corners[0].tolist(), "y": corners[1].tolist(), "mode": None}
    panel.within.selector._handle_custom_msg(message, [])
    x, y = panel.positions
    inside = panel.diagram.determined & (np.abs(x) < 0.5) & (np.abs(y) < 0.5)
    assert state.desk.selection.names == set(panel.diagram.names[inside])
    assert state.desk.selection.clause.source == "hardness"


@pytest.mark.real
def test_a_hint_is_the_catalogues_ratio_with_its_limits(panel, pulsars):
    x = panel.diagram.x
    said = dict(zip(panel.within.selector.hints.texts["name"], range(panel.diagram.determined.sum()), strict=True))
    for kind in (Kind.MEASURED, Kind.LOWER_LIMIT, Kind.UPPER_LIMIT):
        row = int(np.flatnonzero(panel.diagram.determined & (x.kind == kind))[0])
        name, words, _ = hint_words(panel.within.selector, said[pulsars["name"][row]])
        value, low, high = (pulsars[f"hard_hm{end}"][row] for end in ("", "_lolim", "_hilim"))
        expected = {
            Kind.MEASURED: f"{value:.2f} +{high - value:.2f} −{value - low:.2f}",
            Kind.LOWER_LIMIT: f"> {low:.2f}",
            Kind.UPPER_LIMIT: f"< {high:.2f}",
        }[kind]
        assert (name, words) == (pulsars["name"][row], f"hard_hm {expected}")


@pytest.mark.real
def test_undetermined_sources_are_counted_and_shown_on_request(panel, pulsars):
    missing = (~panel.diagram.determined).sum()
    assert f"{missing:,} have an undetermined ratio" in panel._note.value
    panel._undetermined.value = True
    x, y, _ = panel.within.points.points
    assert len(x) == len(pulsars)
    assert np.isfinite([x, y]).all()
    row = int(np.flatnonzero(panel.diagram.x.kind == Kind.UNDETERMINED)[0])
    assert hint_words(panel.within.selector, row)[:2] == [pulsars["name"][row], "hard_hm undetermined"]


@pytest.mark.real
def test_figure_shows_the_same_numbers(panel, pulsars):
    figure = panel.figure()
    points = figure.axes[0].collections[1]
    shown = panel.diagram.determined & np.isfinite(pulsars["var_intra_prob_b"])
    np.testing.assert_array_equal(points.get_array(), pulsars["var_intra_prob_b"][shown])
    assert figure.axes[0].get_xlabel() == "hard_hm = (H − M) / (H + M)"
    assert "137 sources" in figure.get_suptitle()


def test_very_many_sources_become_a_picture_with_exact_picking(sky):
    from astropy.table import QTable

    rng = np.random.default_rng(4)
    n = 20_000
    table = QTable({"name": [f"SIM J{row}" for row in range(n)], "var_intra_prob_b": rng.random(n)})
    for pair in ("hm", "ms"):
        value = rng.uniform(-0.9, 0.9, n)
        table[f"hard_{pair}"], table[f"hard_{pair}_lolim"], table[f"hard_{pair}_hilim"] = (
            value,
            value - 0.05,
            value + 0.05,
        )
    state = ExplorerState(Archive("demo"), reraise=True)
    panel = HardnessPanel(Workspace(state), sky)
    state.table = table
    assert len(panel.within.points.points[0]) == 0
    assert panel.within.points._picture.startswith(b"\x89PNG")
    assert "picking is exact" in panel._note.value
    message = {"kind": "shape", "x": [0.0, 0.3, 0.3, 0.0], "y": [0.0, 0.0, 0.3, 0.3], "mode": None}
    panel.within.selector._handle_custom_msg(message, [])
    x, y = table["hard_hm"], table["hard_ms"]
    assert state.desk.selection.count == ((x > 0) & (x < 0.3) & (y > 0) & (y < 0.3)).sum()


def test_an_empty_table_is_no_error(sky):
    state = ExplorerState(Archive("demo"), reraise=True)
    panel = HardnessPanel(Workspace(state), sky)
    assert "0 of 0 sources" in panel._note.value
    assert panel.figure() is not None


def test_there_is_an_invitation_in_place_of_empty_axes(sky, state, pulsars):
    panel = HardnessPanel(Workspace(state), sky)
    assert panel.widget.invitation == ""
    state.table = pulsars[:0]
    assert "Search for sources" in panel.widget.invitation
    state.table = pulsars
    assert panel.widget.invitation == ""
