"""Counterparts and sky coverage in the room a laptop has: JupyterLab with its file browser, 1366 by 768 pixels."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.coordinates import SkyCoord

from .laptop import DESKTOP, FAULTS, LAPTOP, BesideFiles
from .plots import place
from .test_crossmatch import settings, title_of, view

PLOTS = """page => [...page.querySelectorAll('.csc-diagram')]
  .filter(node => node.checkVisibility({checkVisibilityCSS: true}))
  .map(node => { const box = node.getBoundingClientRect(); return [box.x, box.y, box.width, box.height]; })"""


@pytest.fixture
def laptop(reused):
    """Open an explorer beside the file browser, and one of its panels."""
    opened = []

    def open_(arguments, panel, name):
        cells = ["from cscwidgets import Explorer", f"app = Explorer({arguments}, archive='demo')\napp"]
        nb = reused(cells, BesideFiles)
        opened.append(nb)
        nb.resize(LAPTOP)
        nb.run_all()
        nb.until("len(app._state.table) > 0 and not app._state.desk.tasks.running", 60)
        nb.page.get_by_role("tab", name=panel, exact=True).click()
        nb.bring_into_sight()
        nb.quiet()
        page = nb.page.locator(f".csc-page-{name}")
        assert page.bounding_box()["width"] < 620  # what all this is about
        return nb, page

    yield open_
    for nb in opened:
        assert [text for text in nb.said if "attribute" in text] == []


def is_laid_out(nb, page, name, *, plots, least=(460, 200)):
    """Nothing scrolls, is cut or overlaps, and so many plots have room."""
    nb.page.wait_for_timeout(600)
    assert page.evaluate(FAULTS) == []
    boxes = page.evaluate(PLOTS)
    assert len(boxes) == plots
    if plots:
        x, y, width, height = np.array(boxes).T
        assert (x + width).max() - x.min() >= least[0]
        assert (y + height).max() - y.min() >= least[1]
    nb.screenshot(f"{name}-{nb.shown_theme}", ".csc-stage")


def beside_another(nb, page, panel):
    """Pin another panel, so that each has some 475 pixels."""
    nb.page.get_by_role("tab", name="Hardness", exact=True).click()
    nb.page.locator(".csc-pin").click()
    nb.page.get_by_role("tab", name=panel, exact=True).click()
    nb.bring_into_sight()
    nb.page.wait_for_timeout(800)
    assert page.bounding_box()["width"] == pytest.approx(475, abs=30)


def test_counterparts(laptop):
    nb, page = laptop("'47 Tuc', radius='3 arcmin'", "Counterparts", "crossmatch")
    invitation = page.get_by_text("Choose a catalogue and match")
    assert invitation.is_visible()
    is_laid_out(nb, page, "invitation", plots=0)  # no empty axes
    nb.until("len(app.crossmatch.state.offered) > 2", 60)
    settings(nb)
    page.get_by_label("epoch of the sources").wait_for()  # what a match rests on, before there is one
    nb.screenshot("settings", ".csc-stage")
    settings(nb)
    page.get_by_label("Match with").select_option(label=title_of("sim_optical"))
    nb.until("app.crossmatch.state.catalogue is not None")
    page.get_by_role("button", name="Match", exact=True).click()
    nb.until("app.crossmatch.state.match is not None", 60)
    nb.quiet()
    assert not invitation.is_visible()
    is_laid_out(nb, page, "quality", plots=2)
    view(nb, "Diagrams")
    is_laid_out(nb, page, "diagrams", plots=1)
    nb.theme("dark")
    view(nb, "Review")
    page.get_by_label("Look at").select_option(label="all")
    page.get_by_role("button", name="Next").click()
    nb.until("app.focus != ''")
    is_laid_out(nb, page, "review", plots=0)
    nb.resize(DESKTOP)
    nb.bring_into_sight()
    view(nb, "Diagrams")
    is_laid_out(nb, page, "desktop-diagrams", plots=3, least=(900, 200))  # side by side where there is room
    view(nb, "Quality")
    is_laid_out(nb, page, "desktop-quality", plots=2, least=(900, 230))
    beside_another(nb, page, "Counterparts")
    is_laid_out(nb, page, "pinned-quality", plots=2, least=(420, 200))
    view(nb, "Diagrams")
    is_laid_out(nb, page, "pinned-diagrams", plots=1, least=(420, 200))
    assert nb.kernel("app.messages") == []


@pytest.mark.long  # what it does is done in test_coverage, with more room
def test_sky_coverage(laptop):
    nb, page = laptop("'Lockman Hole', radius='12 arcmin'", "Sky coverage", "coverage")
    assert page.get_by_text("Draw a region").is_visible()
    is_laid_out(nb, page, "invitation", plots=0)
    page.get_by_label("Band").select_option(label="ACIS soft (0.5-1.2 keV)")
    page.get_by_role("button", name="Run").click()
    nb.until("app.coverage.state.coverage is not None", 60)
    nb.quiet()
    for title in ("Area", "By limit", "Number counts"):
        view(nb, title)
        is_laid_out(nb, page, title, plots=2)
    nb.theme("dark")
    nb.resize(DESKTOP)
    nb.bring_into_sight()
    is_laid_out(nb, page, "desktop", plots=2, least=(700, 230))
    the_mosaic_is_the_sky(nb, page)
    beside_another(nb, page, "Sky coverage")
    is_laid_out(nb, page, "pinned", plots=2, least=(200, 200))
    the_mosaic_is_the_sky(nb, page)
    nb.execute("app.search('47 Tuc', '1.5 arcmin'); app.coverage.run()")  # whose right ascensions are long
    nb.until("'47 Tuc' in app.workspace.explorer.place and len(app.coverage.table) > 0", 60)
    nb.quiet()
    is_laid_out(nb, page, "pinned-seconds", plots=2, least=(200, 200))
    assert page.get_by_text("RA (ICRS), 00h24m").is_visible()
    assert nb.kernel("app.messages") == []


def the_mosaic_is_the_sky(nb, page):
    """It is square, as large as its room allows, and a click or the pointer is where it was drawn."""
    area = page.locator(".csc-mosaic .plotarea_background").bounding_box()
    assert area["width"] == pytest.approx(area["height"], abs=1)
    room, plot = (page.locator(part).bounding_box() for part in (".csc-mosaic", ".csc-mosaic > .csc-diagram"))
    assert plot["width"] == pytest.approx(room["width"], abs=1) or plot["height"] == pytest.approx(
        room["height"], abs=1
    )
    side = nb.kernel("len(app.coverage.mosaic_plot.picture.limit)")
    pixel = 0.62 * side, 0.4 * side
    at = nb.kernel(f"app.coverage.mosaic_plot.picture.wcs.wcs_pix2world([{list(pixel)}], 0)[0]")
    layer, selector = page.locator(".csc-plot-layer").first, "app.coverage.mosaic_plot.selector"
    where = place(nb, layer, selector, *pixel)
    drawn = [  # by the axes of the figure itself
        area["x"] + (pixel[0] + 0.5) / side * area["width"],
        area["y"] + area["height"] - (pixel[1] + 0.5) / side * area["height"],
    ]
    np.testing.assert_allclose(where, drawn, atol=1)
    nb.execute("app.coverage.state.place = None")
    nb.page.mouse.move(*drawn)
    hint = page.locator(".csc-plot-hint:not([hidden])")
    hint.wait_for()
    assert "(soft, TRUE)" in hint.inner_text()
    nb.page.mouse.click(*drawn)
    nb.until("app.coverage.state.place is not None")
    clicked = SkyCoord(*nb.kernel("[(p := app.coverage.state.place).ra.deg, p.dec.deg]"), unit="deg")
    pixel_size = nb.kernel("abs(app.coverage.mosaic_plot.picture.wcs.wcs.cdelt[0])") * side / area["width"]
    assert clicked.separation(SkyCoord(*at, unit="deg")).deg < 1.5 * pixel_size  # of the screen
