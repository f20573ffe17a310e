"""A linked diagram: what is picked, clicked and selected is one thing in all of them."""

import numpy as np
import pytest
from bqplot import LinearScale
from matplotlib.figure import Figure

from cscwidgets import Archive
from cscwidgets.state.explorer import ExplorerState
from cscwidgets.state.rows import RowIndex
from cscwidgets.views.plots.diagram import Points
from cscwidgets.views.plots.linked_diagram import LinkedDiagram, tool_choice

NAMES = ["a", "b", "c"]
X, Y = np.array([0.0, 0.5, -0.5]), np.array([0.0, 0.5, 0.5])
NONE = np.empty(0), np.empty(0)


@pytest.fixture
def explorer():
    return ExplorerState(Archive("demo"), reraise=True)


@pytest.fixture
def pair(explorer):
    scales = LinearScale(min=-1, max=1), LinearScale(min=-1, max=1)
    index = RowIndex(NAMES)
    made = [LinkedDiagram(title, "pair", explorer, scales) for title in ("one", "other")]
    for diagram, colour in zip(made, ([0.1, np.nan, 0.9], [0.1, 0.2, 0.3]), strict=True):
        diagram.show_sources(index, Points(X, Y, np.array(colour), NONE, NONE), [["value {v:.1f}"]], {"v": X})
    return made


def send(diagram, **message):
    diagram.selector._handle_custom_msg({"mode": None, **message}, [])


def ringed(diagram):
    return sorted(zip(*diagram.points.marked, strict=True))


def test_a_shape_in_one_rings_the_sources_in_both(pair, explorer):
    send(pair[0], kind="shape", x=[-1, 1, 1, -1], y=[0.2, 0.2, 1, 1])
    assert explorer.desk.selection.names == {"b", "c"}
    assert explorer.desk.selection.clause.source == "pair"
    assert [ringed(diagram) for diagram in pair] == [[(-0.5, 0.5), (0.5, 0.5)]] * 2
    send(pair[1], kind="shape", x=[0, 1, 1, 0], y=[0.2, 0.2, 1, 1], mode="remove")
    assert explorer.desk.selection.names == {"c"}
    send(pair[1], kind="escape")
    assert [ringed(diagram) for diagram in pair] == [[], []]


def test_a_click_focuses_and_selects_as_anywhere(pair, explorer):
    send(pair[0], kind="click", x=0.5, y=0.5, width=200, height=200)
    assert (explorer.focus, explorer.desk.selection.names) == ("b", {"b"})
    send(pair[1], kind="click", x=0.0, y=0.0, width=200, height=200, mode="add")
    assert (explorer.focus, explorer.desk.selection.names) == ("a", {"a", "b"})
    assert [diagram.points._focused for diagram in pair] == [[0.0, 0.0]] * 2
    send(pair[0], kind="click", x=-0.9, y=-0.9, width=200, height=200)  # on nothing
    assert explorer.desk.selection.names == {"a", "b"}


def test_every_point_has_its_name_and_its_words(pair):
    hints = pair[0].selector.hints
    assert list(hints.texts["name"]) == NAMES
    assert hints.lines == [["{name}"], ["value {v:.1f}"]]
    np.testing.assert_array_equal(hints.x, X)


def test_an_empty_diagram_selects_nothing_and_says_so():
    explorer = ExplorerState(Archive("demo"))
    diagram = LinkedDiagram("empty", "empty", explorer, (LinearScale(min=0, max=1), LinearScale(min=0, max=1)))
    explorer.desk.selection.publish("table", ["a"])
    send(diagram, kind="shape", x=[0, 1, 1], y=[0, 0, 1])
    assert "The diagram is empty" in str(explorer.desk.messages.entries[0])
    assert explorer.desk.selection.names == {"a"}


def test_on_paper_grey_points_lie_below_and_rings_above(pair, explorer):
    explorer.desk.selection.publish("table", ["c"])
    axes = Figure().subplots()
    coloured = pair[0].draw(axes)
    grey, points, rings = axes.collections
    assert points is coloured
    np.testing.assert_array_equal(grey.get_offsets(), [[0.5, 0.5]])
    np.testing.assert_array_equal(points.get_offsets(), [[0, 0], [-0.5, 0.5]])
    np.testing.assert_array_equal(points.get_array(), [0.1, 0.9])
    np.testing.assert_array_equal(rings.get_offsets(), [[-0.5, 0.5]])
    assert grey.zorder < points.zorder < rings.zorder
    assert (axes.get_xlim(), axes.get_title()) == ((-1, 1), "one")


def test_one_tool_for_both(pair, explorer):
    choice = tool_choice(pair, explorer.desk.messages.guard)
    choice.value = "box"
    assert [diagram.selector.tool for diagram in pair] == ["box", "box"]
    choice.close()
