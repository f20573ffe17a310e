"""The Diagrams panel: any columns are drawn, brushed, labelled by keyboard, and exported with their labels."""

import re

import numpy as np
import pytest

from ..whole_catalogue import write_whole_catalogue
from .laptop import DESKTOP, FAULTS, LAPTOP
from .plots import place

SEEN = "app.diagrams.slots[0].points.diagram"
OWN = "app._state.own_columns"


def settled(nb):
    nb.quiet()
    nb.page.wait_for_timeout(700)
    return nb.page.locator(".csc-diagrams")


def shots(nb, name):
    for theme in ("light", "dark"):
        nb.theme(theme)
        nb.page.wait_for_timeout(700)
        nb.screenshot(f"{name}-{theme}")
    nb.theme("light")


def write(panel, label, text):
    box = panel.get_by_label(label, exact=True).locator("visible=true").first
    box.fill(text)
    box.press("Enter")


def columns(nb, *names):
    """Columns of the explorer's table, as astropy holds them."""
    code = "[[float(v) for v in np.ma.filled(np.ma.asarray(getattr(c, 'value', c), float), np.nan)] for c in {}]"
    nb.execute("import numpy as np")
    return np.array(nb.kernel(code.format(f"(app.table[n] for n in {names!r})")), float)


def brush_all(nb, panel):
    """Draw a lasso around the whole diagram."""
    layer = panel.locator(".csc-plot-layer").locator("visible=true").first
    (left, right), (bottom, top) = nb.kernel(f"{SEEN}.ranges")
    corners = [
        place(nb, layer, f"{SEEN}.selector", left + a * (right - left), bottom + b * (top - bottom))
        for a, b in ((0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99))
    ]
    nb.page.mouse.move(*corners[0])
    nb.page.mouse.down()
    for corner in [*corners[1:], corners[0]]:
        nb.page.mouse.move(*corner, steps=8)
    nb.page.mouse.up()


def label_twelve(nb):
    """The first in words, the others by its number; a note beside the last. Returns their names."""
    table = nb.page.locator(".csc-area-table")
    table.get_by_role("button", name="Selected only").click()
    nb.until("app._sources.widget._status['filtered'] == app._state.desk.selection.count")
    nb.page.wait_for_timeout(300)
    names = nb.kernel("app._sources.widget._content['names'][:12]")
    table.locator(".tabulator-row").first.focus()
    nb.page.keyboard.press("l")
    nb.page.keyboard.type("AGN")
    nb.page.keyboard.press("Enter")
    nb.until(f"len({OWN}.annotations.labels) == 1")
    nb.page.wait_for_timeout(300)
    for number in range(2, 13):
        nb.page.keyboard.press("1")
        nb.until(f"len({OWN}.annotations.labels) == {number}")
        nb.page.wait_for_timeout(150)  # the row is another now, and has the keyboard again
        nb.page.keyboard.press("ArrowDown")
    nb.page.keyboard.press("ArrowUp")
    nb.page.keyboard.press("n")
    nb.page.keyboard.type("look again")
    nb.page.keyboard.press("Enter")
    nb.until(f"len({OWN}.annotations.notes) == 1")
    return names


def keep_subset(nb, name, condition):
    nb.page.get_by_role("button", name="Mark").click()
    menu = nb.page.locator(".csc-marking")
    menu.get_by_label("Name of the subset").fill(name)
    menu.get_by_label("Condition of the subset").fill(condition)
    menu.get_by_label("Condition of the subset").press("Tab")
    menu.get_by_role("button", name="Keep subset").click()
    nb.until(f"{name!r} in app.table.colnames")
    nb.page.wait_for_timeout(500)
    shots(nb, "labelled")
    box, room = menu.bounding_box(), nb.page.locator(".csc-explorer").first.bounding_box()
    assert box["y"] >= room["y"]
    assert box["x"] + box["width"] <= room["x"] + room["width"]
    nb.page.keyboard.press("Escape")


def export(nb, name):
    nb.page.locator(".csc-menu-export .csc-menu-button").click()
    menu = nb.page.locator(".csc-menu-export")
    menu.get_by_label("Export to", exact=True).fill(name)
    menu.get_by_label("Export to", exact=True).press("Tab")
    menu.locator(".csc-menu-content button", has_text="Export").click()
    nb.until(f"{name!r} in globals()")


def choose_gamma(nb, cut):
    """In the Query panel: a column that is not in the table, and a cut of it; then search."""
    nb.page.locator(".csc-bar-top .csc-more").click()
    nb.until("app.workspace.shape.front == 'query' and app.query.state.schema is not None")
    panel = nb.page.locator(".csc-query")
    panel.get_by_label("Find a column by words").fill("powlaw_gamma")
    for number, name in enumerate(("powlaw_gamma", "powlaw_gamma_lolim", "powlaw_gamma_hilim"), 1):
        panel.get_by_role("checkbox", name=re.compile(rf"^{name}\b")).check()
        nb.until(f"len(app.query.state.columns) == {number}")
    panel.locator(".csc-switch").get_by_role("button", name="Cuts", exact=True).click()
    for label, text in (("Column", "powlaw_gamma"), ("Value", str(cut))):
        box = panel.get_by_label(label, exact=True).first
        box.fill(text)
        box.press("Tab")
    nb.until("len(app.query.state.cuts) == 1 and app.query.state.problem == ''")
    panel.get_by_role("button", name="Search").click()
    nb.until("'powlaw_gamma_hilim' in app.table.colnames and not app._state.desk.tasks.running", 120)


def test_a_column_is_chosen_cut_on_drawn_brushed_labelled_and_exported(workspace):
    journey(workspace)


@pytest.mark.long
def test_the_same_in_the_whole_catalogue(open_page, tmp_path):
    folder = write_whole_catalogue(tmp_path / "csc21")
    nb = open_page(["from cscwidgets import Explorer", f"app = Explorer(archive={str(folder)!r})\napp"])
    nb.page.set_viewport_size({"width": 1366, "height": 768})
    nb.run_all()
    nb.until("len(app._state.table) > 0 and not app._state.desk.tasks.running", 120)
    journey(nb)


def journey(nb):
    choose_gamma(nb, 1.2)
    nb.page.get_by_role("tab", name="Diagrams", exact=True).click()
    panel = settled(nb)
    write(panel, "Across", "flux_aper_b")
    write(panel, "Up", "powlaw_gamma")
    nb.until("app.workspace.diagrams.diagrams[0].y == 'powlaw_gamma'")
    settled(nb)
    shots(nb, "gamma")
    flux, gamma, low, high = columns(nb, "flux_aper_b", "powlaw_gamma", "powlaw_gamma_lolim", "powlaw_gamma_hilim")
    drawn = np.isfinite(gamma) & (flux > 0)
    assert drawn.sum() >= 12
    if drawn.sum() > 10_000:  # the picture says how many
        panel.locator(".csc-points img").first.wait_for()
        nb.page.get_by_text(f"{drawn.sum():,} drawn").wait_for()
    else:
        x, y = nb.kernel(f"[part.tolist() for part in {SEEN}.points.points[:2]]")
        np.testing.assert_allclose(x, np.log10(flux[drawn]))
        np.testing.assert_allclose(y, gamma[drawn])
        bars = np.array(nb.kernel(f"{SEEN}.points.bars[1].tolist()"), float).reshape(-1, 3)[: drawn.sum(), :2]
        np.testing.assert_allclose(bars, np.column_stack([low, high])[drawn])

    brush_all(nb, panel)
    nb.until(f"app._state.desk.selection.count == {int(drawn.sum())}")
    names = label_twelve(nb)
    assert nb.kernel(f"{OWN}.annotations.labels") == dict.fromkeys(names, "AGN")
    assert nb.kernel(f"list({OWN}.annotations.notes)") == [names[11]]
    keep_subset(nb, "steep", "powlaw_gamma > 1.7 and flux_aper_b > 1e-15")
    assert nb.kernel("len(app.sky._groups)") == 2
    export(nb, "labelled")
    assert nb.kernel("sorted(labelled['name'][np.ma.filled(labelled['label'], '') == 'AGN'].tolist())") == sorted(names)
    every = np.array(nb.kernel("app.table['name'].tolist()"))
    steep = set(nb.kernel("labelled['name'][labelled['steep']].tolist()"))
    assert steep == set(every[(gamma > 1.7) & (flux > 1e-15)].tolist())
    assert "powlaw_gamma > 1.7" in nb.kernel("labelled['steep'].info.description")
    assert nb.kernel("app.messages") == []


@pytest.mark.long  # one diagram is in the other journey
def test_several_side_by_side_and_a_column_of_ones_own(workspace):
    nb = workspace
    nb.page.get_by_role("tab", name="Diagrams", exact=True).click()
    panel = settled(nb)
    assert panel.evaluate(FAULTS) == []
    panel.get_by_label("Diagrams that people publish").select_option("Flux and variability")
    nb.until("app.workspace.diagrams.diagrams[0].x == 'flux_aper_b'")
    nb.execute("app.workspace.diagrams.count = 2")
    for kind in ("histogram", "cumulative", "scatter"):
        nb.execute(f"app.workspace.diagrams.diagrams[1].kind = {kind!r}")
        assert settled(nb).evaluate(FAULTS) == []
        nb.screenshot(f"two-{kind}")
    panel.get_by_title("Settings").first.click()
    write(panel, "Name", "bw")
    write(panel, "Formula", "log10(flux_aper_b / flux_aper_w)")
    panel.get_by_role("button", name="Add column").click()
    nb.until("'bw_hilim' in app.table.colnames")
    nb.page.wait_for_timeout(500)
    shots(nb, "settings")
    panel.get_by_title("Settings").first.click()
    flux_b, flux_w, ratio = columns(nb, "flux_aper_b", "flux_aper_w", "bw")
    known = (flux_b > 0) & (flux_w > 0)
    np.testing.assert_allclose(ratio[known], np.log10(flux_b[known] / flux_w[known]))
    nb.resize(DESKTOP)
    nb.execute("app.workspace.diagrams.count = 3; app.workspace.diagrams.diagrams[1].kind = 'histogram'")
    assert settled(nb).evaluate(FAULTS) == []
    shots(nb, "desktop")
    nb.resize(LAPTOP)
    assert nb.kernel("app.messages") == []
