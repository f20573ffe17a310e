"""The hardness panel: pick with the mouse, check names and numbers in Python."""

import numpy as np
import pytest

SETUP = """
import numpy as np
from astropy.table import QTable
from IPython.display import display
import ipywidgets
from cscwidgets import Archive
from cscwidgets.state.explorer import ExplorerState
from cscwidgets.state.workspace import Workspace
from cscwidgets.views.panels.hardness import HardnessPanel
from cscwidgets.views.sky import Sky
from cscwidgets.views.screen.style import style

def sources(n, seed=1):
    rng = np.random.default_rng(seed)
    table = QTable({"name": [f"SIM J{i:06d}" for i in range(n)]})
    for pair in ("hm", "hs", "ms"):
        value = np.clip(rng.normal(0.1, 0.35, n), -0.9994, 0.9994)
        width = rng.uniform(0.02, 0.3, n)
        low, high = np.clip(value - width, -1, 1), np.clip(value + 1.5 * width, -1, 1)
        gone = rng.random(n) < 0.1
        for suffix, column in (("", value), ("_lolim", low), ("_hilim", high)):
            table[f"hard_{pair}{suffix}"] = np.where(gone, np.nan, column)
    table["var_intra_prob_b"] = rng.random(n)
    table["var_inter_prob_b"] = np.where(rng.random(n) < 0.2, np.nan, rng.random(n))
    return table

state = ExplorerState(Archive("demo"))
panel = HardnessPanel(Workspace(state), Sky())
state.desk.selection.set_universe(set(sources(N)["name"].tolist()))
state.table = sources(N)
"""


@pytest.fixture
def panel(reused):
    def open_(n):
        nb = reused(["ipywidgets.VBox([style(), panel.widget])"])
        nb.execute(SETUP.replace("N)", f"{n})"))
        nb.run_all()
        nb.page.wait_for_selector(".csc-plot-layer >> nth=1")
        nb.page.wait_for_selector(".csc-diagram .bqplot .axis")
        return nb

    return open_


def plot_area(nb, which=0):
    """The drawing area of a diagram in page pixels, as bqplot itself drew it."""
    area = nb.page.locator(".csc-diagram .plotarea_background").nth(which)
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    limits = nb.kernel("[panel.within.ranges[0], panel.within.ranges[1]]")
    return box, limits


ENDS = ("value", "low", "high")

PAINTED = """() => [...document.querySelectorAll('.csc-points canvas')].map(canvas => canvas.width > 0 &&
  canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(part => part > 0))"""


def to_page(nb, x, y, which=0):
    box, ((x0, x1), (y0, y1)) = plot_area(nb, which)
    return (
        box["x"] + (x - x0) / (x1 - x0) * box["width"],
        box["y"] + box["height"] - (y - y0) / (y1 - y0) * box["height"],
    )


def drag(nb, corners, which=0):
    points = [to_page(nb, *corner, which) for corner in corners]
    nb.page.mouse.move(*points[0])
    nb.page.mouse.down()
    for point in points[1:]:
        nb.page.mouse.move(*point, steps=12)
    nb.page.mouse.up()


def expected_inside(nb, corners):
    """Names of the sources within a lasso, and of those within a pixel of its line: the mouse lands on whole ones."""
    from matplotlib.path import Path

    names, drawn, places = nb.kernel(
        "[panel.diagram.names.tolist(), panel._drawn.tolist(), [v.tolist() for v in panel.positions]]"
    )
    shown = np.array(drawn, bool)
    names, points = np.array(names)[shown], np.array(places, float).T[shown]
    box, ranges = plot_area(nb)
    pixel = np.ptp(ranges, axis=1) / [box["width"], box["height"]]
    inside = Path(corners).contains_points(points)
    line = np.array(corners, float) / pixel
    near = np.zeros(len(points), bool)
    for start, end in zip(line, np.roll(line, -1, axis=0), strict=True):
        edge = end - start
        along = np.clip(((points / pixel - start) @ edge) / max(edge @ edge, 1e-12), 0, 1)
        near |= np.hypot(*(points / pixel - start - along[:, None] * edge).T) < 1
    return set(names[inside].tolist()), set(names[near].tolist())


def assert_lassoed(nb, corners, selected):
    """What was selected is what the lasso holds."""
    inside, near = expected_inside(nb, corners)
    assert (set(selected) ^ inside) <= near
    assert len(near) < 0.15 * max(len(inside), 30)  # so that this tells anything


@pytest.mark.parametrize("n", [1000, 30_000])
def test_a_lasso_selects_what_it_holds(panel, n):
    nb = panel(n)
    corners = [(-0.3, -0.3), (0.5, -0.3), (0.5, 0.4), (0.1, 0.05), (-0.3, 0.4), (-0.3, -0.3)]
    drag(nb, corners)
    nb.until("state.desk.selection.count > 0")
    selected = set(nb.kernel("sorted(state.desk.selection.names)"))
    assert_lassoed(nb, corners, selected)
    nb.screenshot(f"lasso-{n}")


def test_modes_by_key_box_tool_and_escape(panel):
    nb = panel(1000)
    nb.page.get_by_role("button", name="Box").click()
    nb.until("panel.within.selector.tool == 'box'")
    drag(nb, [(-0.2, -0.2), (0.2, 0.2)])
    nb.until("state.desk.selection.count > 0")
    first = set(nb.kernel("sorted(state.desk.selection.names)"))
    nb.page.keyboard.down("Shift")
    drag(nb, [(0.1, 0.1), (0.6, 0.6)], which=1)
    nb.page.keyboard.up("Shift")
    nb.until("state.desk.selection.clause.mode == 'add'")
    both = set(nb.kernel("sorted(state.desk.selection.names)"))
    assert first < both
    nb.page.keyboard.down("Alt")
    drag(nb, [(-0.2, -0.2), (0.2, 0.2)])
    nb.page.keyboard.up("Alt")
    nb.until("state.desk.selection.clause.mode == 'remove'")
    assert set(nb.kernel("sorted(state.desk.selection.names)")) < both - first | first
    inside, near = expected_inside(nb, [(-0.2, -0.2), (0.2, -0.2), (0.2, 0.2), (-0.2, 0.2)])
    assert not set(nb.kernel("sorted(state.desk.selection.names)")) & (inside - near)
    nb.page.keyboard.press("Escape")
    nb.until("state.desk.selection.count == 0")


def test_click_picks_and_hover_names_the_nearest_source(panel):
    nb = panel(50)
    row = nb.kernel("int(np.flatnonzero(panel.diagram.determined)[0])")
    name, x, y = nb.kernel(f"[panel.diagram.names[{row}], *(float(v[{row}]) for v in panel.positions)]")
    at = to_page(nb, x, y)
    nb.page.mouse.move(*at)
    hint = nb.page.locator(".csc-plot-hint").first
    hint.wait_for(state="visible")
    assert name in hint.text_content()
    nb.page.mouse.click(*at)
    nb.until(f"state.focus == {name!r}")
    assert nb.kernel("sorted(state.desk.selection.names)") == [name]


@pytest.mark.parametrize(("n", "messages"), [(1000, 0), (30_000, 1)])
def test_pointing_at_sources_does_not_ask_the_kernel(panel, n, messages):
    """Very many sources are sent when one is pointed at for the first time."""
    nb = panel(n)
    nb.execute(
        "near = panel._drawn & (np.abs(panel.positions[0]) < 0.9) & (np.abs(panel.positions[1]) < 0.9)\n"
        "rows = np.flatnonzero(near)[:12]"
    )
    places = nb.kernel("[[float(v[row]) for v in panel.positions] for row in rows]")
    to_page(nb, *places[0])  # scrolls to the diagram
    nb.page.wait_for_timeout(500)
    sent = nb.count_widget_messages()
    hint = nb.page.locator(".csc-plot-hint").first
    said = []
    for place in places:
        nb.page.mouse.move(*to_page(nb, *place))
        hint.wait_for(state="visible")
        nb.page.wait_for_timeout(100)
        said.append(hint.text_content().split("\n"))
    assert sent() == messages
    # What is said is of a source at the pointer, by the table's own numbers.
    for (name, x, y), place in zip(said, places, strict=True):
        row = nb.kernel(f"panel.diagram.names.tolist().index({name!r})")
        at = nb.kernel(f"[float(v[{row}]) for v in panel.positions]")
        assert np.hypot(*np.subtract(at, place)) < 0.02
        for words, axis in ((x, "x"), (y, "y")):
            value, low, high = nb.kernel(f"[float(getattr(panel.diagram.{axis}, end)[{row}]) for end in {ENDS}]")
            if "<" not in words and ">" not in words:
                expected = f"{value:.2f} +{high - value:.2f} −{value - low:.2f}"
                assert words.split(" ", 1)[1] == expected.replace("-", "−")
    nb.page.mouse.move(2, 2)
    hint.wait_for(state="hidden")
    assert sent() == messages


def test_looks_in_both_themes_and_with_undetermined_sources(panel):
    nb = panel(400)
    nb.page.get_by_title("Settings: show or fold away").click()
    nb.page.get_by_role("checkbox", name="undetermined").check()
    nb.until("panel._undetermined.value")
    drag(nb, [(-0.3, -0.3), (0.5, -0.3), (0.5, 0.4), (-0.3, -0.3)])
    nb.until("state.desk.selection.count > 0")
    for theme in ("light", "dark"):
        nb.theme(theme)
        nb.page.wait_for_timeout(500)
        assert nb.page.evaluate(PAINTED) == [True] * 4  # points and rings in either diagram
        nb.screenshot(theme)
