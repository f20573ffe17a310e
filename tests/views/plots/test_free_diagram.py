"""A diagram of the reader's choice draws the table's numbers, picks what lies inside, and survives a wrong formula."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import QTable
from ipywidgets.widgets.widget import _instances
from matplotlib.figure import Figure

from cscwidgets import Archive
from cscwidgets.state.explorer import ExplorerState
from cscwidgets.views.disposal import close_all
from cscwidgets.views.plots.diagram import MANY
from cscwidgets.views.plots.free_diagram import Drawing, FreeDiagram

from ...hint_words import hint_row, hint_words

NUMBER = 60


@pytest.fixture
def table():
    rng = np.random.default_rng(3)
    flux = 10 ** rng.uniform(-16, -12, NUMBER) * u.erg / u.s / u.cm**2
    k = rng.uniform(8, 15, NUMBER)
    k[:5] = np.nan
    return QTable(
        {
            "name": [f"SIM J{row:02d}" for row in range(NUMBER)],
            "flux_aper_b": flux,
            "flux_aper_lolim_b": flux * 0.8,
            "flux_aper_hilim_b": flux * 1.5,
            "Jmag": (k + rng.uniform(0, 2, NUMBER)) * u.mag,
            "Kmag": k * u.mag,
            "e_Kmag": np.full(NUMBER, 0.05) * u.mag,
            "note": ["x"] * NUMBER,
        }
    )


@pytest.fixture
def shown():
    return np.arange(NUMBER) % 4 > 0


@pytest.fixture
def explorer():
    return ExplorerState(Archive("demo"))


@pytest.fixture
def diagram(explorer, table, shown):
    made = FreeDiagram("Flux and magnitude", explorer)
    made.show(table, np.linspace(0, 1, NUMBER), shown, ("flux_aper_b", "Kmag"))
    return made


def send(diagram, **message):
    diagram.diagram.selector._handle_custom_msg({"mode": None, **message}, [])


def drawn_rows(table, shown):
    return np.flatnonzero(shown & np.isfinite(table["Kmag"].value))


def ringed(diagram):
    return set(zip(*diagram.diagram.points.marked, strict=True))


def test_points_are_the_tables(diagram, table, shown):
    rows = drawn_rows(table, shown)
    x, y, value = diagram.diagram.points.points
    np.testing.assert_allclose(x, np.log10(table["flux_aper_b"].value[rows]))
    np.testing.assert_array_equal(y, table["Kmag"].value[rows])
    np.testing.assert_array_equal(value, np.linspace(0, 1, NUMBER)[rows])
    missing = shown.sum() - len(rows)
    assert missing > 0
    assert f"{len(rows)} drawn, {missing} without a value of Kmag" in diagram._note.value
    assert [axis.label for axis in diagram.diagram.axes] == ["flux_aper_b / erg s⁻¹ cm⁻²", "Kmag / mag"]
    # Numbers only can be chosen.
    assert "note" not in diagram._x.options
    assert "Jmag" in diagram._x.options


def test_bars_end_at_limits_and_errors(diagram, table, shown):
    rows = drawn_rows(table, shown)
    x, y = (along.reshape(-1, 3) for along in diagram.diagram.points.bars)
    k, flux = table["Kmag"].value[rows], table["flux_aper_b"].value[rows]
    up, across = slice(0, len(rows)), slice(len(rows), None)
    np.testing.assert_allclose(y[up, :2], np.column_stack([k - 0.05, k + 0.05]))
    np.testing.assert_allclose(x[across, :2], np.log10(np.column_stack([flux * 0.8, flux * 1.5])))
    np.testing.assert_allclose(x[up, 0], np.log10(flux))
    np.testing.assert_array_equal(y[across, 1], k)
    diagram.show(table, np.zeros(NUMBER), shown, options=Drawing(bars=False))
    assert len(diagram.diagram.points.bars[0]) == 0
    assert diagram.formulas == ("flux_aper_b", "Kmag")


def test_brighter_is_up_and_ticks_are_decades(diagram):
    (left, right), (low, high) = diagram.diagram.ranges
    assert left < right
    assert low > high
    assert diagram.diagram.selector.y_range == [low, high]
    assert diagram.diagram.points.y_range == [low, high]
    assert diagram.diagram.axes[0].tick_labels["-14"] == "10⁻¹⁴"


def test_a_lasso_publishes_the_names_inside(diagram, explorer, table, shown):
    send(diagram, kind="shape", x=[-15, -13, -13, -15], y=[9, 9, 13, 13])
    flux, k = np.log10(table["flux_aper_b"].value), table["Kmag"].value
    inside = shown & (flux > -15) & (flux < -13) & (k > 9) & (k < 13)
    assert 3 < inside.sum() < shown.sum()
    assert explorer.desk.selection.names == set(table["name"][inside])
    assert explorer.desk.selection.clause.source == "Flux and magnitude"
    assert ringed(diagram) == set(zip(flux[inside], k[inside], strict=True))
    send(diagram, kind="shape", x=[-17, -11, -11, -17], y=[7, 7, 11, 11], mode="remove")
    assert explorer.desk.selection.names == set(table["name"][inside & (k > 11)])
    send(diagram, kind="escape")
    assert explorer.desk.selection.names == set()
    assert ringed(diagram) == set()


def test_a_click_finds_the_nearest_point_on_a_reversed_axis(diagram, explorer, table, shown):
    row = drawn_rows(table, shown)[7]
    x, y = float(np.log10(table["flux_aper_b"].value[row])), float(table["Kmag"].value[row])
    pixel = abs(np.diff(diagram.diagram.selector.y_range)[0]) / 300
    send(diagram, kind="click", x=x, y=y + 3 * pixel, width=400, height=300)
    assert explorer.focus == table["name"][row]
    assert explorer.desk.selection.names == {table["name"][row]}
    assert diagram.diagram.points._focused == [x, y]
    explorer.focus = ""
    send(diagram, kind="click", x=x, y=y + 200 * pixel, width=400, height=300)
    assert explorer.focus == ""
    assert diagram.diagram.points._focused == []


def test_a_hint_tells_numbers_not_logarithms(diagram, table, shown):
    row = drawn_rows(table, shown)[2]
    flux, k = table["flux_aper_b"].value[row], table["Kmag"].value[row]
    selector = diagram.diagram.selector
    name, probability, across, up = hint_words(selector, hint_row(selector, np.log10(flux), k))
    assert (name, probability) == (table["name"][row], f"probability {row / (NUMBER - 1):.3f}")
    assert float(across.removeprefix("flux_aper_b / erg s⁻¹ cm⁻²: ")) == pytest.approx(flux, rel=1e-3)
    assert float(up.removeprefix("Kmag / mag: ")) == pytest.approx(k, rel=1e-3)
    assert not selector._asks_kernel


def test_rows_that_are_not_shown_cannot_be_picked_or_marked(diagram, explorer, table, shown):
    hidden = str(table["name"][np.flatnonzero(~shown)[3]])
    explorer.desk.selection.publish("table", [hidden, str(table["name"][9])])
    explorer.focus = hidden
    assert len(ringed(diagram)) == 1
    assert diagram.diagram.points._focused == []
    send(diagram, kind="shape", x=[-17, -11, -11, -17], y=[0, 0, 20, 20])
    assert explorer.desk.selection.names == set(table["name"][drawn_rows(table, shown)])


def test_a_formula_of_the_reader(diagram, table, shown):
    diagram._x.value = "Jmag - Kmag"
    x, _, _ = diagram.diagram.points.points
    rows = drawn_rows(table, shown)
    np.testing.assert_allclose(x, (table["Jmag"] - table["Kmag"]).value[rows])
    assert not diagram.diagram.ranges[0][0] > diagram.diagram.ranges[0][1]
    diagram._y.value = "Jmag - Kmag"
    (low, high) = diagram.diagram.ranges[1]
    assert low < high  # a colour, no brightness


def test_a_wrong_formula_is_one_message_and_an_empty_diagram(diagram, explorer, table, shown):
    explorer.desk.selection.publish("table", [str(name) for name in table["name"][:20]])
    explorer.focus = str(table["name"][9])
    diagram._x.value = "Jmag - nothing"
    (message,) = explorer.desk.messages.entries
    assert "no column nothing" in str(message)
    assert len(diagram.diagram.points.points[0]) == len(ringed(diagram)) == 0
    assert diagram.diagram.points._focused == []
    # Nothing else breaks meanwhile.
    explorer.desk.selection.publish("table", [str(table["name"][1])])
    explorer.focus = str(table["name"][1])
    diagram.show(table, np.zeros(NUMBER), shown)
    assert len(explorer.desk.messages.entries) == 1
    diagram._x.value = "Jmag"
    assert len(diagram.diagram.points.points[0]) == len(drawn_rows(table, shown))
    assert len(explorer.desk.messages.entries) == 1


def test_an_empty_table_clears_points_rings_and_crosshair(diagram, explorer, table):
    explorer.desk.selection.publish("table", [str(table["name"][9])])
    explorer.focus = str(table["name"][9])
    assert len(ringed(diagram)) == 1
    diagram.show(QTable(), np.empty(0), np.zeros(0, bool))
    assert len(diagram.diagram.points.points[0]) == len(ringed(diagram)) == 0
    assert diagram.diagram.points._focused == []
    assert len(diagram.diagram.points.bars[0]) == 0
    send(diagram, kind="click", x=0.5, y=0.5, width=400, height=300)
    assert explorer.desk.messages.entries == ()
    send(diagram, kind="shape", x=[0, 1, 1], y=[0, 0, 1])
    assert "The diagram is empty" in str(explorer.desk.messages.entries[0])
    diagram.diagram.draw(Figure().subplots())


def test_very_many_points_are_a_picture_that_is_picked_exactly(explorer):
    rng = np.random.default_rng(5)
    n = 2 * MANY
    table = QTable({"name": [f"s{row}" for row in range(n)], "a": rng.random(n), "Kmag": rng.random(n) * u.mag})
    diagram = FreeDiagram("Many", explorer)
    diagram.show(table, rng.random(n), np.ones(n, bool), ("a", "Kmag"))
    assert len(diagram.diagram.points.points[0]) == 0
    assert diagram.diagram.points._picture.startswith(b"\x89PNG")
    send(diagram, kind="shape", x=[0.2, 0.4, 0.4, 0.2], y=[0.7, 0.7, 0.9, 0.9])
    a, k = table["a"], table["Kmag"].value
    assert explorer.desk.selection.count == ((a > 0.2) & (a < 0.4) & (k > 0.7) & (k < 0.9)).sum()
    assert diagram.diagram.points._marked_picture.startswith(b"\x89PNG")


@pytest.mark.parametrize(("n", "bars"), [(MANY, True), (MANY + 1, False)])
def test_the_figure_has_error_bars_where_the_screen_has(explorer, n, bars):
    flux = np.geomspace(1e-16, 1e-12, n) * u.erg / u.s / u.cm**2
    table = QTable({"name": np.arange(n).astype(str), "a": np.arange(n) / n, "flux_aper_b": flux})
    table["flux_aper_lolim_b"], table["flux_aper_hilim_b"] = flux * 0.8, flux * 1.5
    diagram = FreeDiagram("Many", explorer)
    diagram.show(table, np.full(n, 0.5), np.ones(n, bool), ("a", "flux_aper_b"))
    axes = Figure().subplots()
    diagram.diagram.draw(axes)
    on_paper = [len(line.get_xdata()) > 0 for line in axes.lines]
    on_screen = [len(along) > 0 for along, _ in (diagram.diagram.points.bars, diagram.diagram.points.arrows)]
    assert on_paper == on_screen == [bars, False]


def test_the_figure_has_the_same_numbers(diagram, explorer, table, shown):
    explorer.desk.selection.publish("table", [str(table["name"][9])])
    axes = Figure().subplots()
    diagram.diagram.draw(axes)
    points, rings = axes.collections
    rows = drawn_rows(table, shown)
    expected = np.column_stack([np.log10(table["flux_aper_b"].value[rows]), table["Kmag"].value[rows]])
    np.testing.assert_allclose(points.get_offsets(), expected)
    np.testing.assert_array_equal(points.get_array(), np.linspace(0, 1, NUMBER)[rows])
    np.testing.assert_allclose(rings.get_offsets(), expected[rows == 9])
    assert axes.yaxis_inverted()
    assert axes.get_ylim() == diagram.diagram.ranges[1]
    assert "10⁻¹⁴" in [label.get_text() for label in axes.get_xticklabels()]
    assert (axes.get_title(), axes.get_ylabel()) == ("Flux and magnitude", "Kmag / mag")


def test_limits_are_arrows_without_bars(explorer):
    table = QTable(
        {
            "name": ["a", "b", "c"],
            "flux_aper_b": [1e-14, 0.0, 4e-14] * u.mW / u.m**2,
            "flux_aper_lolim_b": [8e-15, 0.0, 3e-14] * u.mW / u.m**2,
            "flux_aper_hilim_b": [2e-14, 3e-15, 5e-14] * u.mW / u.m**2,
            "x": [1.0, 2.0, np.nan],
        }
    )
    diagram = FreeDiagram("Limits", explorer)
    diagram.show(table, np.zeros(3), np.ones(3, bool), ("x", "flux_aper_b"))
    x, y = diagram.diagram.points.arrows
    assert (x[0], y[0]) == (2.0, 3e-15)
    assert y[1] < y[0]
    assert len(x) == 6
    assert diagram.diagram.points.bars[0][:2].tolist() == [1.0, 1.0]
    assert len(diagram.diagram.points.bars[0]) == 3
    assert "2 drawn, 1 of them limits, 1 without a value of x" in diagram._note.value


def test_groups_are_squares_of_their_colours(diagram, explorer, table, shown):
    rows = drawn_rows(table, shown)
    explorer.table = table
    explorer.own_columns.annotations.label([str(table["name"][row]) for row in rows[:3]], "AGN", "#112233")
    ((colour, x, y),) = diagram.diagram.points.groups
    assert colour == "#112233"
    np.testing.assert_allclose(x, np.log10(table["flux_aper_b"].value[rows[:3]]))
    np.testing.assert_array_equal(y, table["Kmag"].value[rows[:3]])
    axes = Figure().subplots()
    diagram.diagram.draw(axes)
    np.testing.assert_allclose(axes.collections[1].get_offsets(), np.column_stack([x, y]))


def test_it_leaves_nothing_behind(explorer, table, shown):
    before = set(_instances)
    made = FreeDiagram("Flux and magnitude", explorer)
    made.show(table, np.zeros(NUMBER), shown, ("flux_aper_b", "Kmag"))
    assert set(_instances) - before
    close_all(made.widget)
    assert set(_instances) == before
