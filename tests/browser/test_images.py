"""Chandra's images in JupyterLab: listed, shown on the sky in colours, photons brushed; sources lie on their light."""

from __future__ import annotations

import re

import numpy as np
import pytest

from .laptop import DESKTOP, LAPTOP
from .plots import place
from .test_first_path import explorer
from .test_pictures import centroid, pixels

__all__ = ["explorer"]

M33 = "'M33', radius='9 arcmin', archive='demo'"

# Bright, alone within 25 arcsec, and near the aim point of the first stack.
BRIGHT = """
from astropy.coordinates import SkyCoord
def bright():
    table = app.table
    here = SkyCoord(table['ra'], table['dec'])
    alone = [(here.separation(one).arcsec < 25).sum() == 1 for one in here]
    near = here.separation(SkyCoord(23.4617, 30.6600, unit='deg')).arcmin < 5
    order = np.argsort(-np.ma.filled(table['significance'], 0))
    chosen = [row for row in order if alone[row] and near[row]][:3]
    return [[str(table['name'][row]), float(here[row].ra.deg), float(here[row].dec.deg)] for row in chosen]
"""


@pytest.fixture
def images(explorer):
    """The image panel over the simulated M33."""
    nb, view = explorer(M33, size=LAPTOP)
    nb.page.get_by_role("tab", name="Images").click()
    nb.until("app.images.state.found is not None", 120)
    nb.quiet()
    return nb, view


def show(nb, kind, bands):
    panel = nb.page.locator(".csc-images")
    panel.locator("select").nth(0).select_option(label=kind)
    panel.locator("select").nth(1).select_option(label=bands)
    nb.quiet()
    panel.get_by_role("button", name="Show", exact=True).click()
    nb.until(f"app.images.state.shown is not None and app.images.state.shown.words.startswith({kind!r})", 120)
    nb.quiet()
    nb.page.wait_for_timeout(1200)
    return panel


def test_an_image_in_colours_lies_below_the_sources(images):
    nb, view = images
    panel = show(nb, "stacks: images", "soft, medium, hard")
    assert panel.locator(".csc-simulated").is_visible()
    assert "red: soft" in panel.inner_text()
    assert "SIMULATED: stacks: images" in nb.page.locator(".csc-credits").inner_text()
    nb.screenshot("laptop")
    nb.page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    nb.page.wait_for_timeout(1500)
    nb.screenshot("desktop")

    # The pointer reads the value of the pixel below it, with its unit.
    nb.execute("import numpy as np" + BRIGHT)
    ((_, ra, dec), *_) = nb.kernel("bright()")
    view.move(view.pixel(ra, dec))
    value = nb.page.locator(".csc-value")
    nb.page.wait_for_function(
        "document.querySelector('.csc-value').textContent.includes('ph / (s cm2)')", timeout=20_000
    )
    ((letter, shown),) = re.findall(r"^(s) ([\d.e+-]+),", value.inner_text())
    exact = nb.kernel(f"app.images.state.shown.values_at(SkyCoord({ra}, {dec}, unit='deg'))")
    assert letter == "s"
    assert float(shown) == pytest.approx(exact[0], rel=0.5)  # the pointer is true to a pixel of the screen


def test_an_image_lies_above_the_archives_own_picture(images):
    nb, view = images
    nb.until("len(app.sky.archive_pictures) > 0", 120)
    show(nb, "stacks: images", "broad band")
    for shown in (False, True):  # both are laid anew; the larger one takes longer
        nb.execute(f"app.sky.show_archive_pictures = {shown}")
        nb.quiet()
    view.wait("view.aladin.getStackLayers().join().endsWith('archive-0,picture')")
    nb.page.wait_for_timeout(800)
    nb.screenshot("above")
    assert nb.kernel("app.sky.picture is app.images.state.shown.picture")


def test_bright_sources_lie_on_their_photons(images):
    nb, view = images
    show(nb, "observations: events", "broad band")
    nb.execute("import numpy as np" + BRIGHT)
    sources = nb.kernel("bright()")
    nb.execute("app.sky.show_grid = False; app.sky.show_archive_pictures = False; app.sky.show_region(None)")
    nb.execute("app.sky.show_sources([], [], []); app.images.state.smoothing = 1.0")
    offsets = []
    for _, ra, dec in sources:
        nb.execute(f"app.sky.target, app.sky.fov = SkyCoord({ra}, {dec}, unit='deg'), 0.02")
        nb.until(f"abs(app.sky._wcs.get('CRVAL2', 99) - {dec}) < 1e-6")
        nb.quiet()
        nb.page.wait_for_timeout(1200)
        nb.screenshot("source")
        at = view.pixel(ra, dec)
        scale = 0.02 * 3600 / view.size[0]
        offset = np.hypot(*(centroid(pixels(view), at, reach=int(12 / scale)) - at)) * scale
        offsets.append(float(offset))
    print("arcsec from the light of their photons:", offsets)
    assert len(offsets) == 3
    assert max(offsets) < 1


def test_a_brushed_time_shows_its_photons_on_the_sky(explorer):
    nb, _ = explorer("'47 Tuc', radius='2 arcmin', archive='demo'", size=LAPTOP)
    nb.execute("import numpy as np\nrow = int(np.argmax(np.nan_to_num(app.table['flux_aper_b'].value)))")
    nb.execute("app._state.focus = str(app.table['name'][row])")
    nb.page.get_by_role("tab", name="Light curves").click()
    panel = nb.page.locator(".csc-lightcurve")
    panel.get_by_role("button", name="Events").click()
    nb.until("len(app.lightcurve.state.timings) > 0", 120)
    nb.quiet()
    panel.get_by_role("button", name="Within", exact=True).click()
    nb.page.wait_for_timeout(600)
    layer = panel.locator(".csc-plot-layer").nth(1)
    selector = "app.lightcurve.within.plots[0].selector"
    (x0, x1), (y0, y1) = nb.kernel(f"[{selector}.x_range, {selector}.y_range]")
    ends = [x0 + (x1 - x0) * part for part in (0.2, 0.5)]
    start, stop = (place(nb, layer, selector, x, (y0 + y1) / 2) for x in ends)
    nb.page.mouse.move(*start)
    nb.page.mouse.down()
    nb.page.mouse.move((start[0] + stop[0]) / 2, start[1] + 5)
    nb.page.mouse.move(*stop)
    nb.page.mouse.up()
    nb.until("app.images.state.shown is not None and app.images.state.shown.photons is not None", 120)
    nb.quiet()
    nb.page.wait_for_timeout(1000)
    nb.screenshot("brushed")
    low, high = nb.kernel("list(app.lightcurve.state.times)")
    counted, events = nb.kernel(
        "[[float(image.values.sum()) for image in app.images.images],"
        " [one.within(0.5, 7.0).during(*app.lightcurve.state.times).time.tolist()"
        "  for one in app.images.state.shown.photons.lists]]"
    )
    assert sum(counted) == len(events[0]) > 0
    assert low <= min(events[0]) <= max(events[0]) < high
    nb.page.keyboard.press("Escape")
    nb.until("app.lightcurve.state.times == ()")


def test_any_image_is_shown_by_its_path(images, tmp_path):
    nb, view = images
    path = tmp_path / "another.fits"
    nb.execute(
        "import numpy as np\nfrom astropy.io import fits\nfrom astropy.wcs import WCS\n"
        "wcs = WCS(naxis=2); wcs.wcs.ctype = ['RA---TAN', 'DEC--TAN']; wcs.wcs.crval = [23.46, 30.66]\n"
        "wcs.wcs.crpix, wcs.wcs.cdelt = [50, 50], [-0.004, 0.004]\n"
        f"fits.PrimaryHDU(np.ones((100, 100), np.float32), wcs.to_header()).writeto({str(path)!r})"
    )
    panel = nb.page.locator(".csc-images")
    panel.locator("button[title^='Settings']").click()
    panel.get_by_label("FITS file").fill(str(path))
    panel.get_by_role("button", name="Show it").click()
    nb.until("app.images.state.shown is not None and app.images.state.shown.words == 'another.fits'", 60)
    view.wait("view.aladin.getStackLayers().includes('picture')")
    nb.screenshot("settings")
    # From the menu of the sky it is taken off again.
    nb.page.get_by_role("button", name="Image", exact=True).click()
    nb.page.get_by_role("button", name="Take off").last.click()
    nb.until("app.images.state.shown is None")
    view.wait("!view.aladin.getStackLayers().includes('picture')")
    panel.get_by_label("FITS file").fill(str(tmp_path / "nothing.fits"))
    panel.get_by_role("button", name="Show it").click()
    nb.until("any('nothing.fits cannot be shown' in words for words in app.messages)", 60)


def test_the_demo_begins_with_its_own_picture(explorer):
    nb, view = explorer(M33, size=LAPTOP)
    nb.until("len(app.sky.archive_pictures) > 0", 120)
    nb.quiet()
    view.wait("view.aladin.getStackLayers().includes('archive-0')")
    nb.page.wait_for_timeout(1500)
    nb.screenshot("laptop")
    nb.page.get_by_role("button", name="Image", exact=True).click()
    menu = nb.page.locator(".csc-image-menu")
    assert "X-rays around M33" in menu.inner_text()
    nb.screenshot("menu")
    menu.get_by_label("The archive's own picture").uncheck()
    view.wait("!view.aladin.getStackLayers().includes('archive-0')")
    nb.until("not app.sky.show_archive_pictures")
