"""From one click on a source to its light curves, its events and a period; a slow download is cancelled."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from werkzeug.serving import make_server

from cscwidgets import Archive
from cscwidgets.demo.files.product_store import demo_store
from cscwidgets.demo.sky.population import population
from cscwidgets.service.app import ArchiveApp

from .plots import place
from .test_first_path import explorer

__all__ = ["explorer"]

ECLIPSING = "SIM J002406.4-720520"


def true_period(ra, dec):
    """The simulated period of the eclipsing source nearest to a position (deg), s."""
    truth = population()
    distance = np.hypot((truth.ra - ra) * np.cos(np.radians(dec)), truth.dec - dec)
    return truth.period[np.where(truth.period > 0, distance, np.inf).argmin()]


@pytest.fixture
def one_source(explorer):
    """47 Tuc with the eclipsing source clicked on the sky."""
    nb, view = explorer("'47 Tuc', radius='1.5 arcmin', archive='demo'", size=(1400, 2300))
    table = "app.table[app.table['name'] == " + repr(ECLIPSING) + "]"
    at = nb.kernel(f"[float({table}[axis][0].value) for axis in ('ra', 'dec')]")
    view.click(view.pixel(*at))
    nb.until(f"app.focus == app.source.state.name == {ECLIPSING!r}", 30)
    nb.page.get_by_role("tab", name="Source").click()
    nb.page.locator(".csc-card", has_text=ECLIPSING).wait_for()
    return nb, view


def test_click_bands_events_and_periods(one_source, demo_folder):
    nb, _ = one_source
    archive = Archive("demo")
    detections = archive.detections(ECLIPSING)
    card = nb.page.locator(".csc-card")
    assert card.locator(".csc-simulated").is_visible()
    assert nb.page.get_by_text(f"{len(detections)} observations:").is_visible()
    nb.screenshot("card", ".csc-source")

    nb.page.get_by_role("tab", name="Light curves").click()
    nb.until("app.lightcurve.state.active")
    nb.until("bool(app.lightcurve.state.curves)", 60)
    nb.quiet()
    assert len(nb.kernel("[int(o) for o in app.lightcurve.table['obsid']]")) == len(detections)
    flux = np.array(nb.kernel("app.lightcurve.table['flux'].value"))
    known = np.isfinite(flux)
    expected = detections["photflux_aper_b"].value
    np.testing.assert_allclose(np.sort(flux[known]), np.sort(expected[np.isfinite(expected)]))
    # The catalogue's curve says what the catalogue's table says.
    key = nb.kernel("app.lightcurve.state.chosen[0]")
    row = next(r for r in detections if f"{r['obsid']}.{r['obi']}.{r['region_id']}" == key)
    probability, counts = nb.kernel(
        f"(lambda c: [c.variability.probability, c.counts])(app.lightcurve.state.curves[{key!r}])"
    )
    assert probability == pytest.approx(float(row["var_prob_b"]), abs=1e-6)
    nb.screenshot("catalogue", ".csc-lightcurve")

    # A flux under the pointer is told by the browser.
    between = nb.page.locator(".csc-lightcurve .csc-plot-layer").first
    time_of, value, low, high = nb.kernel(
        "(lambda c, row: [float(v[row]) for v in (c.time, c.flux.value, c.flux.lower, c.flux.upper)])"
        "(c := app.lightcurve.state.longterm, [*(c.measured & ~c.limit)].index(True))"
    )
    at = place(nb, between, "app.lightcurve.between.plot.selector", time_of, value)
    sent = nb.count_widget_messages()
    nb.page.mouse.move(*at)
    hint = nb.page.locator(".csc-lightcurve .csc-plot-hint:not([hidden])")
    hint.wait_for()
    words = f"MJD {time_of:.4f}\n{value:.3g} (68%: {low:.3g} to {high:.3g})"
    assert hint.inner_text().split("\n", 1)[1] == words.replace("-", "−")
    assert sent() == 0

    nb.page.locator('.csc-lightcurve button[title^="Settings"]').first.click()
    nb.page.get_by_label("Band", exact=True).select_option("s: soft")
    nb.until("app.lightcurve.state.band == 's' and bool(app.lightcurve.state.curves)", 60)
    nb.quiet()
    flux = np.array(nb.kernel("app.lightcurve.table['flux'].value"))
    expected = detections["photflux_aper_s"].value
    np.testing.assert_allclose(np.sort(flux[np.isfinite(flux)]), np.sort(expected[np.isfinite(expected)]))
    nb.page.get_by_label("Band", exact=True).select_option("b: broad")

    nb.page.get_by_role("button", name="Events").click()
    nb.until("bool(app.lightcurve.state.timings)", 60)
    nb.quiet()
    assert nb.kernel(f"app.lightcurve.state.timings[{key!r}].events") == counts
    assert nb.kernel(f"int(app.lightcurve.state.timings[{key!r}].binned.counts.sum())") == counts
    nb.screenshot("events", ".csc-lightcurve")

    assert nb.kernel("app.messages") == []


def test_fold_at_a_typed_period_and_search_for_it(one_source):
    nb, _ = one_source
    nb.page.get_by_role("tab", name="Light curves").click()
    nb.page.get_by_role("button", name="Events").click()
    nb.until("bool(app.lightcurve.state.timings)", 60)
    nb.quiet()
    nb.page.get_by_role("button", name="Periods", exact=True).click()
    field = nb.page.get_by_label("Period / s")
    field.fill("11000")
    field.press("Enter")
    nb.until("app.lightcurve.periods.folded is not None and app.lightcurve.periods.folded.period == 11000")
    assert nb.kernel("int(app.lightcurve.periods.folded.counts.sum()) == len(app.lightcurve.periods.events)")
    nb.page.locator(".csc-lightcurve").get_by_role("button", name="Search").click()
    nb.until("app.lightcurve.periods.periodogram is not None", 60)
    nb.quiet()
    found = nb.kernel("app.lightcurve.periods.period")
    period = true_period(*nb.kernel("[float(app.source.state.row[axis].value) for axis in ('ra', 'dec')]"))
    span = nb.kernel("app.lightcurve.periods.events.good_time.total")
    harmonics = [period / n for n in (1, 2, 3, 4)]
    assert min(abs(found - h) / h for h in harmonics) < found / span
    folded = nb.page.locator(".csc-lightcurve .csc-diagram").last
    folded.scroll_into_view_if_needed()
    nb.page.wait_for_timeout(500)
    # Two axes, the curve and its errors, in a plot that has a size.
    assert folded.locator("path").count() >= 4
    assert float(folded.locator(".plotarea_background").get_attribute("width")) > 150
    nb.screenshot("periods")
    nb.theme("dark")
    nb.page.wait_for_timeout(800)
    nb.screenshot("dark")
    assert nb.kernel("app.messages") == []


def test_regions_of_the_detections_on_the_sky(one_source):
    nb, _ = one_source
    nb.page.get_by_role("button", name="Regions on the sky").click()
    nb.until("len(app.sky._regions) > 0", 60)
    nb.quiet()
    observations = len(nb.kernel("app.source.state.detections['obsid'].tolist()"))
    assert nb.kernel("len(app.source.state.outlines)") == 3 * observations  # source, and a ring in two circles
    # The source lies in the middle of its regions, by astropy's arithmetic.
    row, first = nb.kernel(
        "(lambda s: [[float(s.row[a].value) for a in ('ra', 'dec')],"
        " [s.outlines[0].ra.tolist(), s.outlines[0].dec.tolist()]])(app.source.state)"
    )
    distance = SkyCoord(*row, unit="deg").separation(SkyCoord(*first, unit="deg")).arcsec
    assert 0.3 < distance.min() <= distance.max() < 10
    assert distance.max() - distance.min() < 1.0
    nb.execute(f"app.sky.target = '{row[0]} {row[1]}'; app.sky.fov = 0.015")
    nb.page.wait_for_timeout(1500)
    nb.screenshot("regions")
    assert nb.kernel("app.messages") == []


class Slow:
    """The demo's service, whose files arrive a hundred bytes at a time."""

    def __init__(self, folder):
        self.app = ArchiveApp(folder, demo_store())
        self.asked = 0

    def __call__(self, environ, start_response):
        pieces = self.app(environ, start_response)
        if "retrieve" not in environ["PATH_INFO"]:
            return pieces
        self.asked += 1
        return self.trickle(b"".join(pieces))

    @staticmethod
    def trickle(content):
        for start in range(0, len(content), 100):
            time.sleep(0.2)
            yield content[start : start + 100]


def test_a_slow_download_is_cancelled_at_once(one_source, demo_folder):
    nb, _ = one_source
    slow = Slow(demo_folder)
    server = make_server("127.0.0.1", 0, slow, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        nb.execute(
            f"""
import dataclasses
from cscwidgets.archive.files.cache import Cache
archive = app._state.desk.archive
line = archive._connection
release = dataclasses.replace(line.release, csccli="http://127.0.0.1:{server.port}/csccli")
archive._connection = dataclasses.replace(line, release=release, local=False, key="slow")
"""
        )
        nb.page.get_by_role("tab", name="Light curves").click()
        nb.page.locator(".csc-menu-tasks .csc-menu-button").click()
        row = nb.page.locator(".csc-menu-tasks .widget-hbox", has_text="Fetching light curves")
        row.wait_for()
        deadline = time.monotonic() + 20
        while not slow.asked and time.monotonic() < deadline:
            time.sleep(0.05)
        assert slow.asked
        nb.page.wait_for_timeout(1500)
        nb.screenshot("downloading")
        row.get_by_role("button", name="Cancel").click()
        row.wait_for(state="hidden", timeout=5000)  # of a download of minutes
        # The thread lets go as well, not only the display.
        nb.until("not [t for t in __import__('threading').enumerate() if 'light curves' in t.name]", 3)
        assert nb.kernel("app.lightcurve.state.curves") == {}
    finally:
        server.shutdown()
