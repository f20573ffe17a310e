"""Spectrum and light curves on a laptop with JupyterLab's file browser open, and pinned beside each other."""

from __future__ import annotations

import pytest

from .laptop import FAULTS, LAPTOP, BesideFiles
from .test_first_path import IMPORT
from .test_lightcurve import ECLIPSING


@pytest.fixture
def opened(reused):
    """An explorer of 47 Tuc in such a notebook."""
    cells = [IMPORT, "app = Explorer('47 Tuc', radius='1.5 arcmin', archive='demo')\napp"]
    nb = reused(cells, BesideFiles)
    nb.page.set_viewport_size({"width": LAPTOP[0], "height": LAPTOP[1]})
    nb.run_all()
    nb.until("len(app._state.table) > 0", 60)
    nb.quiet()
    nb.page.locator(".csc-explorer").scroll_into_view_if_needed()
    yield nb
    assert [text for text in nb.said if "attribute" in text] == []  # of SVG: what was drawn without a size or data


def settled(nb, panel):
    """The panel in front, when nothing runs and its plots have followed their size."""
    nb.quiet()
    nb.page.wait_for_timeout(800)
    return nb.page.locator(panel)


def boxes(panel):
    """Places of the plots that are seen, in the panel."""
    return panel.evaluate(
        """panel => [...panel.querySelectorAll('.csc-diagram')]
             .filter(node => node.checkVisibility({visibilityProperty: true}))
             .map(node => node.getBoundingClientRect()).map(box => [box.width, box.height])"""
    )


def both_themes(nb, name):
    nb.screenshot(f"{name}-light")
    nb.theme("dark")
    nb.page.wait_for_timeout(800)
    nb.screenshot(f"{name}-dark")
    nb.theme("light")


def pin(nb, front, beside):
    """Two panels side by side on a wide screen."""
    nb.page.set_viewport_size({"width": 1920, "height": 1080})
    nb.execute(f"app.show({front!r}); app.spectrum.workspace.shape.pinned = {beside!r}")


def test_a_spectrum_and_its_fit_are_seen_at_once(opened):
    nb = opened
    nb.execute("app.show('spectrum')")
    panel = settled(nb, ".csc-spectrum")
    panel.get_by_text("Bring a source into focus").wait_for()
    assert boxes(panel) == []
    assert panel.evaluate(FAULTS) == []
    panel.get_by_label("Source").fill(ECLIPSING)
    panel.get_by_label("Source").press("Enter")
    nb.until("bool(app.spectrum.model.parameters)", 90)
    settled(nb, ".csc-spectrum")
    assert panel.get_by_role("button", name="Sum").get_attribute("class").split().count("mod-active") == 1
    panel.get_by_role("button", name="Fit", exact=True).click()
    nb.until("app.spectrum.fitting.result is not None", 60)
    panel.get_by_role("button", name="Errors").click()
    nb.until("bool(app.spectrum.fitting.intervals)", 120)
    settled(nb, ".csc-spectrum")
    statistic = nb.kernel("app.spectrum.result.statistic")
    for title in ("Hardness", "Spectrum"):  # it is there again for who has looked elsewhere
        nb.page.get_by_role("tab", name=title, exact=True).click()
        settled(nb, ".csc-spectrum")
    assert panel.get_by_text(f"{statistic:.2f}").is_visible()
    assert nb.kernel("bool(app.spectrum.fitting.intervals)")
    assert panel.evaluate(FAULTS) == []
    # All three parameters without scrolling, beside plots that are wider than they.
    assert panel.locator(".csc-parameters input[type=text]").count() == 3
    assert panel.locator(".csc-parameters").evaluate("node => node.scrollHeight <= node.clientHeight")
    (wide, high), (_, low) = boxes(panel)
    assert wide >= 320
    assert high >= 140
    assert low >= 80
    both_themes(nb, "fitted")

    for title in ("Counts", "Fluxes", "Contours", "Goodness", "Script"):
        panel.get_by_role("button", name=title, exact=True).click()
        assert settled(nb, ".csc-spectrum").evaluate(FAULTS) == []
        assert panel.get_by_text("Fit first").count() == 0  # it is fitted
        if title == "Counts":
            net = panel.locator("tr", has_text="in the sum").first.locator("td").nth(4).inner_text()
            assert float(net.replace("−", "-")) > 0
    panel.get_by_role("button", name="Spectrum", exact=True).click()
    before = boxes(settled(nb, ".csc-spectrum"))
    panel.get_by_title("Settings").first.click()
    nb.page.wait_for_timeout(500)
    assert boxes(panel) == before  # settings lie over them
    nb.screenshot("settings")
    panel.get_by_title("Settings").first.click()

    pin(nb, "spectrum", "lightcurve")
    assert settled(nb, ".csc-spectrum").evaluate(FAULTS) == []
    assert panel.bounding_box()["width"] < 520
    nb.screenshot("pinned")
    assert nb.kernel("app.messages") == []


def test_light_curves_take_turns_where_there_is_no_room_for_both(opened):
    nb = opened
    nb.execute("app.show('light curves')")
    panel = settled(nb, ".csc-lightcurve")
    panel.get_by_text("Bring a source into focus").wait_for()
    assert boxes(panel) == []
    nb.execute(f"app.focus = {ECLIPSING!r}")
    nb.until("bool(app.lightcurve.state.curves)", 90)
    for name in ("Between", "Within"):
        settled(nb, ".csc-lightcurve").get_by_role("button", name=name).click()
        settled(nb, ".csc-lightcurve")
        ((width, height),) = boxes(panel)
        assert width >= 460
        assert height >= 200
        assert panel.evaluate(FAULTS) == []
        both_themes(nb, name.lower())
    panel.get_by_role("button", name="Events").click()
    nb.until("bool(app.lightcurve.state.timings)", 60)
    panel.get_by_role("button", name="Periods").click()
    panel.get_by_text("Press Search").wait_for()
    assert settled(nb, ".csc-lightcurve").evaluate(FAULTS) == []
    panel.get_by_role("button", name="Search").click()
    nb.until("app.lightcurve.periods.folded is not None", 60)
    assert settled(nb, ".csc-lightcurve").evaluate(FAULTS) == []
    (left, height), (right, _) = boxes(panel)
    assert left == pytest.approx(right, abs=2)
    assert left >= 280
    assert height >= 200
    nb.screenshot("periods")
    panel.get_by_role("button", name="Curves").click()

    nb.page.set_viewport_size({"width": 1920, "height": 1080})
    assert len(boxes(settled(nb, ".csc-lightcurve"))) == 2
    assert panel.evaluate(FAULTS) == []
    nb.screenshot("wide")
    pin(nb, "light curves", "spectrum")
    assert settled(nb, ".csc-lightcurve").evaluate(FAULTS) == []
    nb.screenshot("pinned")
    assert nb.kernel("app.messages") == []
