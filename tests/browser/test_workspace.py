"""All that is linked on one screen: in a laptop's JupyterLab with the file browser open, and on other screens."""

from __future__ import annotations

import numpy as np
import pytest

from .laptop import DESKTOP, FAULTS, LAPTOP, PANELS
from .plots import place

AREAS = """() => Object.fromEntries(
  ['.csc-explorer', '.csc-bar-top', '.csc-area-sky .csc-sky-field', '.csc-page.csc-front', '.csc-area-table',
   '.csc-tabs', '.csc-page.csc-second']
    .map(selector => [selector, document.querySelector(selector)?.getBoundingClientRect().toJSON()]))"""

ROWS = """() => {
  const grid = document.querySelector('.csc-area-table .tabulator-tableholder').getBoundingClientRect();
  return [...document.querySelectorAll('.csc-area-table .tabulator-row')].map(row => row.getBoundingClientRect())
    .filter(row => row.top >= grid.top - 1 && row.bottom <= Math.min(grid.bottom, innerHeight) + 1).length;
}"""


def inside(box, width, height):
    return box["left"] >= 0 and box["top"] >= 0 and box["right"] <= width and box["bottom"] <= height


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_sky_panel_and_rows_are_seen_at_the_same_time(workspace, theme):
    nb = workspace
    nb.theme(theme)
    nb.page.wait_for_timeout(1000)
    for title in PANELS:
        nb.page.get_by_role("tab", name=title, exact=True).click()
        nb.quiet()
        nb.page.wait_for_timeout(700)
        nb.screenshot(f"{title.lower().replace(' ', '-')}")
        areas = nb.page.evaluate(AREAS)
        sky, panel = areas[".csc-area-sky .csc-sky-field"], areas[".csc-page.csc-front"]
        assert (sky["width"] >= 300, sky["height"] >= 260) == (True, True), (title, sky)
        assert (panel["width"] >= 460, panel["height"] >= 300) == (True, True), (title, panel)
        assert areas[".csc-bar-top"]["height"] <= 36
        assert all(inside(box, *LAPTOP) for box in (sky, panel)), title
        assert nb.page.evaluate(ROWS) >= 5
        assert nb.page.locator(".csc-explorer").first.evaluate(FAULTS) == [], title


def test_two_panels_are_seen_on_a_wide_screen(workspace):
    nb = workspace
    nb.resize(DESKTOP)
    nb.page.get_by_role("tab", name="Light curves").click()
    nb.page.locator(".csc-pin").click()
    nb.page.get_by_role("tab", name="Spectrum").click()
    nb.quiet()
    nb.page.wait_for_timeout(800)
    nb.screenshot("two-panels")
    pages = nb.page.locator(".csc-page.csc-front").evaluate_all(
        "pages => pages.map(page => [page.className, page.getBoundingClientRect().width])"
    )
    assert {name.split("csc-page-")[1].split()[0] for name, _ in pages} == {"lightcurve", "spectrum"}
    assert min(width for _, width in pages) >= 460
    assert nb.kernel("[app.workspace.shape.front, app.workspace.shape.pinned]") == ["spectrum", "lightcurve"]
    assert nb.kernel("[app.lightcurve.state.active, app.spectrum.state.active]") == [True, True]
    nb.resize(LAPTOP)  # no room for two: the pinned one waits
    assert nb.page.locator(".csc-page.csc-front").count() == 1
    nb.until("not app.lightcurve.state.active")


def test_a_lasso_is_answered_on_the_sky_in_sight(workspace):
    nb = workspace
    layer = nb.page.locator(".csc-hardness .csc-plot-layer").first
    corners = [
        place(nb, layer, "app.hardness.within.selector", *at)
        for at in ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9))
    ]
    before = nb.page.locator(".csc-area-sky").screenshot()
    nb.page.mouse.move(*corners[0])
    nb.page.mouse.down()
    for corner in [*corners[1:], corners[0]]:
        nb.page.mouse.move(*corner, steps=5)
    nb.page.mouse.up()
    nb.until("app._state.desk.selection.count > 1")
    nb.page.wait_for_timeout(600)
    nb.screenshot("lasso")
    assert nb.page.locator(".csc-area-sky").screenshot() != before
    assert nb.page.locator(".csc-area-table .csc-marked").count() > 0


def test_a_click_on_a_source_moves_nothing(workspace):
    nb = workspace
    before = nb.page.evaluate(AREAS)
    scrolled = nb.page.evaluate("document.querySelector('.jp-WindowedPanel-outer').scrollTop")
    for row in (1, 3):
        nb.page.locator(".csc-area-table .tabulator-row").nth(row).click()
        nb.until(f"app.focus == app.table['name'][{row}]")
        nb.quiet()
        nb.page.wait_for_timeout(400)
        assert nb.page.evaluate(AREAS) == before
    assert nb.page.evaluate("document.querySelector('.jp-WindowedPanel-outer').scrollTop") == scrolled
    focus = nb.page.locator(".csc-focus")
    assert nb.kernel("app.focus") in focus.inner_text()
    focus.click()
    nb.until("app.workspace.shape.front == 'source'")
    assert nb.page.get_by_role("tab", name="Source", exact=True).get_attribute("aria-selected") == "true"


def test_borders_are_dragged_moved_by_keys_and_brought_back(workspace):
    nb = workspace
    width = nb.page.evaluate(AREAS)[".csc-explorer"]["width"]
    line = nb.page.locator(".csc-vline")
    box = line.bounding_box()
    nb.page.mouse.move(box["x"] + 3, box["y"] + 100)
    nb.page.mouse.down()
    nb.page.mouse.move(box["x"] + 83, box["y"] + 100, steps=8)
    nb.page.mouse.up()
    nb.until("app.workspace.shape.sky != 0.36")
    nb.page.wait_for_timeout(600)
    moved = line.bounding_box()["x"] - box["x"]
    assert moved == pytest.approx(80, abs=3)
    assert nb.kernel("app.workspace.shape.sky") * width == pytest.approx(0.36 * width + moved, abs=3)
    plot = nb.page.locator(".csc-hardness .csc-diagram").first
    drawn = plot.locator(".plotarea_background").bounding_box()
    margins = nb.kernel("app.hardness.within.selector.margins")
    assert drawn["width"] == pytest.approx(plot.bounding_box()["width"] - margins["left"] - margins["right"], abs=2)
    line.dblclick()
    nb.until("app.workspace.shape.sky == 0.36")
    table = nb.page.locator(".csc-hline")
    high = table.bounding_box()["y"]
    table.focus()
    table.press("ArrowUp")
    nb.until("app.workspace.shape.table > 0.35")
    assert table.bounding_box()["y"] < high
    nb.execute("app.workspace.shape.sky = 0.5")  # what code or a session says
    nb.page.wait_for_timeout(500)
    assert nb.page.evaluate(AREAS)[".csc-area-sky .csc-sky-field"]["width"] == pytest.approx(width - 466, abs=4)


def test_areas_fold_and_come_back(workspace):
    nb = workspace
    whole = nb.page.evaluate(AREAS)
    nb.page.get_by_role("button", name="Sky", exact=True).click()
    nb.until("app.workspace.shape.folded == ['sky']")
    nb.page.get_by_role("button", name="Table", exact=True).click()
    nb.until("app.workspace.shape.folded == ['sky', 'table']")
    nb.page.wait_for_timeout(500)
    nb.screenshot("one-panel")
    panel = nb.page.evaluate(AREAS)[".csc-page.csc-front"]
    assert panel["width"] == pytest.approx(whole[".csc-explorer"]["width"], abs=4)
    assert panel["height"] > whole[".csc-page.csc-front"]["height"] + 100
    nb.page.get_by_role("button", name="Panels", exact=True).click()  # something is left
    assert nb.kernel("app.workspace.shape.folded") == ["sky", "table"]
    for name in ("Sky", "Table"):
        nb.page.get_by_role("button", name=name, exact=True).click()
    nb.until("app.workspace.shape.folded == []")
    nb.page.wait_for_timeout(800)
    assert nb.page.evaluate(AREAS) == whole


@pytest.mark.parametrize(
    ("width", "size"),
    [
        (1120, "narrow"),
        pytest.param(900, "single", marks=pytest.mark.long),
        pytest.param(600, "single", marks=pytest.mark.long),
    ],
)
def test_nothing_is_cut_where_it_is_narrow(workspace, width, size):
    nb = workspace
    if width == 600:
        nb.command("application:toggle-left-area")
    nb.resize((width, 900))
    nb.bring_into_sight()
    assert nb.page.locator(".csc-explorer").first.get_attribute("data-size") == size
    for title in PANELS:
        if size == "single":
            nb.page.get_by_role("button", name="Panels", exact=True).click()
        nb.page.get_by_role("tab", name=title, exact=True).click()
        nb.quiet()
        nb.page.wait_for_timeout(500)
        nb.screenshot(f"{title.lower().replace(' ', '-')}")
        explorer = nb.page.locator(".csc-explorer").first
        assert explorer.evaluate("node => node.scrollWidth <= node.clientWidth"), title
        assert explorer.evaluate(FAULTS) == [], title
    areas = [
        ("Table", ".csc-area-table .csc-grid")
    ]  # the sky is there already, unless there is room for one area alone
    for name, area in [*areas, ("Sky", ".csc-area-sky")] if size == "single" else areas:
        assert not nb.page.locator(area).is_visible()
        nb.page.get_by_role("button", name=name, exact=True).click()
        nb.page.locator(area).wait_for()


@pytest.mark.long
@pytest.mark.parametrize("window", [pytest.param(LAPTOP, id="laptop"), pytest.param((911, 512), id="zoomed")])
def test_nothing_is_cut_beside_the_notebook_in_dark(workspace, window):
    """The second is a laptop's window at a zoom of 150 %."""
    nb = workspace
    nb.theme("dark")
    if window != LAPTOP:
        nb.command("application:toggle-left-area")
        nb.resize(window)
    nb.execute("app.show('beside')")
    tab = nb.page.locator(".csc-beside .csc-explorer")
    tab.wait_for()
    nb.page.wait_for_timeout(2500)
    for title in PANELS:
        if tab.get_attribute("data-size") == "single":
            tab.get_by_role("button", name="Panels", exact=True).click()
        tab.get_by_role("tab", name=title, exact=True).click()
        nb.quiet()
        nb.page.wait_for_timeout(500)
        nb.screenshot(title.lower().replace(" ", "-"))
        assert tab.evaluate("node => node.scrollWidth <= node.clientWidth"), title
        assert tab.evaluate(FAULTS) == [], title


def test_menus_open_by_keyboard_and_by_what_must_not_be_overlooked(workspace):
    nb = workspace
    export = nb.page.locator(".csc-menu-export")
    export.locator(".csc-menu-button").focus()
    nb.page.keyboard.press("Enter")
    field = export.get_by_label("Export to")
    field.fill("mine")
    field.press("Tab")
    export.locator(".csc-menu-content button", has_text="Export").click()
    nb.until("'mine' in globals()")
    field.press("Escape")
    assert not field.is_visible()
    assert export.locator(".csc-menu-button").evaluate("node => node === document.activeElement")
    before = nb.page.evaluate(AREAS)
    nb.page.get_by_placeholder("name,").fill("annulus(1,2,3)")
    nb.page.keyboard.press("Enter")
    alert = nb.page.locator(".csc-menu-messages [role=alert]").first
    alert.wait_for()
    nb.screenshot("message")
    assert nb.page.evaluate(AREAS) == before
    nb.page.mouse.click(700, 400)
    assert not alert.is_visible()


def test_letters_typed_in_an_explorer_are_no_commands_of_the_notebook(workspace):
    nb = workspace
    cells = nb.page.locator(".jp-Notebook .jp-Cell").count()
    nb.page.get_by_role("tab", name="Hardness", exact=True).focus()
    for key in "ddxab":
        nb.page.keyboard.press(key)
    nb.page.wait_for_timeout(300)
    assert nb.page.locator(".jp-Notebook .jp-Cell").count() == cells
    nb.page.keyboard.press("ArrowRight")
    nb.until("app.workspace.shape.front == 'diagrams'")


def test_an_explorer_is_as_high_as_it_is_told_but_never_higher_than_the_view(workspace):
    nb = workspace
    view = nb.page.evaluate("document.querySelector('.jp-WindowedPanel-outer').clientHeight")
    high = nb.page.evaluate(AREAS)[".csc-explorer"]["height"]
    assert view - 20 < high <= view
    nb.execute("app.widget.children[1].height = 500")
    nb.page.wait_for_timeout(300)
    assert nb.page.evaluate(AREAS)[".csc-explorer"]["height"] == 500
    assert np.isfinite(high)
