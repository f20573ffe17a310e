"""The sky coverage of the Lockman Hole in JupyterLab, from a region to an exported curve."""

from __future__ import annotations

import re

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from matplotlib.image import imread
from regions import CircleSkyRegion

from cscwidgets import Archive
from cscwidgets.science.coverage import mosaic
from cscwidgets.science.maps.sensitivity_map import PHOTON_FLUX
from cscwidgets.sky.shapes import contains

from .plots import place
from .test_crossmatch import settings
from .test_crossmatch import view as view_of
from .test_first_path import explorer

__all__ = ["explorer"]

AIM = SkyCoord(164.05, 57.2, unit="deg")
DEEP, SHALLOW = SkyCoord([164.08, 163.82], [57.22, 57.12], unit="deg")  # beside sources and lines of the grid
LOCKMAN = "'Lockman Hole', radius='12 arcmin', archive='demo'"


@pytest.fixture
def coverage(explorer):
    """The panel over the simulated Lockman Hole."""
    nb, view = explorer(LOCKMAN, size=(1400, 2300))
    nb.page.get_by_role("tab", name="Sky coverage").click()
    nb.page.locator(".csc-coverage").get_by_role("button", name="Run").wait_for()
    return nb, view


@pytest.fixture(scope="module")
def by_hand():
    """What the science says of the same files: the mosaics of both thresholds by their name."""
    archive = Archive("demo")
    region = CircleSkyRegion(AIM, 12 * u.arcmin)
    files = archive.fetch(archive.products(archive.stacks(region), "sensity", bands="s"))
    made = {threshold: mosaic(files, threshold=threshold) for threshold in ("TRUE", "MARGINAL")}
    return made, lambda ra, dec: contains(region, ra, dec)


def run(nb, threshold):
    panel = nb.page.locator(".csc-coverage")
    panel.get_by_label("Band").select_option(label="ACIS soft (0.5-1.2 keV)")
    panel.get_by_label("Limits").select_option(label=threshold)
    panel.get_by_role("button", name="Run").click()
    nb.until(f"getattr(getattr(app.coverage.state.coverage, 'mosaic', None), 'threshold', '') == {threshold!r}", 60)
    nb.quiet()


def colour(nb, view, at, name):
    """What a reader sees at a position of the sky, red, green and blue from 0 to 1."""
    path = nb.screenshot(name, ".csc-sky-field")
    x, y = view.pixel(at.ra.deg, at.dec.deg)
    return imread(path)[int(y), int(x), :3]


def brightness_along_contours(nb, view):
    """The darkest of red, green and blue, 0 to 1, at places that the sky's contours go through."""
    sent = nb.kernel("__import__('numpy').frombuffer(app.sky._contours['positions'])")
    places = np.array(sent).reshape(2, -1)
    places = places[:, np.isfinite(places[0])]
    picture = imread(nb.screenshot("lines", ".csc-sky-field"))[..., :3].min(axis=2)
    pixels = [view.pixel(ra, dec) for ra, dec in places[:, :: len(places[0]) // 40].T]
    return [picture[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2].max() for x, y in pixels]


def read_the_curve(nb, panel, expected):
    """Point at the middle of the curve: the area is the science's, and the kernel is not asked."""
    middle = float(np.sqrt(expected.flux[0] * expected.flux[-1]))
    layer = panel.locator(".csc-plot-layer").nth(1)
    x, y = place(nb, layer, "app.coverage.plots.cumulative.selector", middle, 0, x_log=True)
    nb.page.mouse.move(x - 50, y - 60)  # the mosaic tells the kernel that the pointer left
    nb.page.wait_for_timeout(500)
    sent = nb.count_widget_messages()
    nb.page.mouse.move(x, y - 60)
    nb.page.wait_for_timeout(200)
    words = panel.locator(".csc-plot-hint:not([hidden])").inner_text()
    assert re.fullmatch(r"[\d.e−]+ photon/s/cm²: [\d.]+ deg² \(\d+%\)", words)
    area = float(words.split(": ")[1].split()[0])
    least, most = expected.at(np.array([0.97, 1.03]) * middle * PHOTON_FLUX).value  # the mouse is true to a pixel
    assert 0.999 * least <= area <= 1.001 * most
    assert sent() == 0


def test_from_a_region_to_the_limit_at_a_place(coverage, by_hand):
    nb, view = coverage
    made, inside = by_hand
    bare = colour(nb, view, DEEP, "bare")
    run(nb, "MARGINAL")
    panel = nb.page.locator(".csc-coverage")
    assert panel.get_by_text("MARGINAL threshold: a source").is_visible()
    assert panel.locator(".csc-simulated").is_visible()
    assert panel.get_by_text("1 stack that may reach into the region with unknown area").is_visible()
    run(nb, "TRUE")

    # The curve is the science's, of the same files.
    expected = made["TRUE"].curve(inside)
    flux, area = nb.kernel("[(c := app.coverage.curve).flux, c.area]")
    np.testing.assert_allclose(flux, expected.flux)
    np.testing.assert_allclose(area, expected.area)

    # The mosaic lies on the sky in its colours; a click there tells the limit.
    view.wait("view.aladin.getStackLayers().includes('sky coverage')")
    nb.page.wait_for_timeout(1500)
    laid = colour(nb, view, DEEP, "laid")
    assert np.abs(laid - bare).max() > 0.2
    assert laid[2] > laid[1]  # the dark blue of deep limits
    view.click(view.pixel(DEEP.ra.deg, DEEP.dec.deg))
    nb.until("app.coverage.state.place is not None")
    (limit,) = made["TRUE"].limit_at(DEEP)
    assert panel.get_by_text(
        f"limit {limit['limit'].value:.3g} photon/s/cm² (soft, TRUE), {limit['stack']}"
    ).is_visible()
    nb.screenshot("light")

    # The pointer on the mosaic reads the limit there.
    layers = panel.locator(".csc-plot-layer")
    pixel = nb.kernel(
        "[float(v) for v in app.coverage.mosaic_plot.picture.wcs.wcs_world2pix("
        f"{SHALLOW.ra.deg}, {SHALLOW.dec.deg}, 0)]"
    )
    nb.page.mouse.move(*place(nb, layers.nth(0), "app.coverage.mosaic_plot.selector", *pixel))
    (limit,) = made["TRUE"].limit_at(SHALLOW)
    hint = panel.locator(".csc-plot-hint:not([hidden])")
    hint.wait_for()
    assert f"(soft, TRUE), {limit['stack']}" in hint.inner_text()
    shown = float(hint.inner_text().split()[1])
    assert shown == pytest.approx(limit["limit"].value, rel=0.02)

    read_the_curve(nb, panel, expected)

    # Lines of equal limits, there and on the sky.
    settings(nb)
    panel.get_by_label("contours").click()
    nb.until("len(app.sky._contours['positions']) > 0")
    nb.page.wait_for_timeout(500)
    assert np.median(brightness_along_contours(nb, view)) > 0.85  # white
    nb.screenshot("contours")

    assert nb.kernel("app.messages") == []


def test_from_a_flux_to_the_sky_and_an_exported_curve(coverage, by_hand):  # noqa: PLR0915 (one walk)
    nb, view = coverage
    made, inside = by_hand
    run(nb, "TRUE")
    expected = made["TRUE"].curve(inside)
    panel = nb.page.locator(".csc-coverage")
    view.wait("view.aladin.getStackLayers().includes('sky coverage')")
    nb.page.wait_for_timeout(1500)
    laid, shallow = (colour(nb, view, at, "laid") for at in (DEEP, SHALLOW))

    # A flux that is clicked on the curve shades the sky where it is reached, and only there.
    selector = "app.coverage.plots.cumulative.selector"
    nb.page.mouse.click(*place(nb, panel.locator(".csc-plot-layer").nth(1), selector, 5e-6, 0.05, x_log=True))
    nb.until("app.coverage.state.flux > 0")
    picked = nb.kernel("app.coverage.state.flux")
    assert picked == pytest.approx(5e-6, rel=0.02)
    reached = expected.at(picked * u.photon / u.s / u.cm**2).value
    panel.get_by_text(f"{reached:.4g} deg²").first.wait_for()
    view.wait("view.aladin.getStackLayers().includes('flux reached')")
    nb.page.wait_for_timeout(1500)
    shaded = colour(nb, view, DEEP, "shaded")
    nb.screenshot("flux")
    assert shaded[0] - laid[0] > 0.1
    assert shaded[0] > shaded[1] + 0.2  # pink
    np.testing.assert_allclose(colour(nb, view, SHALLOW, "shaded"), shallow, atol=0.02)

    # Another unit, and the curve into a variable.
    settings(nb)
    panel.get_by_label("Flux", exact=True).select_option(label="energy flux, the CSC's calibration")
    nb.until("app.coverage.state.unit == 'CSC'")
    settings(nb)  # they lie over the curve
    view_of(nb, "Number counts")
    panel.get_by_text("all sources in six surveys").first.wait_for()
    settings(nb)
    panel.get_by_role("button", name="Export").click()
    nb.until("'coverage' in globals()")
    table = nb.kernel("{name: coverage[name].value for name in coverage.colnames}")
    np.testing.assert_allclose(table["area"], expected.at(table["photon_flux"] * u.photon / u.s / u.cm**2).value)
    energy = 10 ** (1.028 * np.log10(table["photon_flux"]) - 8.595)
    np.testing.assert_allclose(table["energy_flux"], energy)

    # Number counts, corrected for Eddington bias.
    panel.get_by_label("correct for Eddington bias").click()
    panel.get_by_label("background counts in a detection cell").fill("0.1")
    panel.get_by_label("background counts in a detection cell").press("Enter")
    panel.get_by_text("taken: 0.1 background counts in a detection cell").wait_for()
    assert nb.kernel("app.coverage.counts.population.faint") > 1

    # A reload brings everything back.
    nb.theme("dark")
    nb.reload()
    view.wait("view.aladin.getStackLayers().includes('flux reached')", 30)
    view.wait("view.aladin.getStackLayers().includes('sky coverage')")
    nb.page.wait_for_timeout(1500)
    nb.screenshot("dark")

    panel.get_by_role("button", name="Clear").click()
    view.wait("!view.aladin.getStackLayers().includes('flux reached')")
    panel.get_by_label("on the sky").click()
    view.wait("!view.aladin.getStackLayers().includes('sky coverage')")
    assert nb.kernel("app.messages") == []
