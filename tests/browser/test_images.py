"""Chandra's images in JupyterLab: listed, shown on the sky in colours, photons brushed; sources lie on their light."""

from __future__ import annotations

import pytest

from .laptop import DESKTOP, LAPTOP
from .test_first_path import explorer

__all__ = ["explorer"]

M33 = "'M33', radius='9 arcmin', archive='demo'"


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
    nb, _ = images
    panel = show(nb, "stacks: images", "soft, medium, hard")
    assert panel.locator(".csc-simulated").is_visible()
    assert "red: soft" in panel.inner_text()
    nb.screenshot("laptop")
    nb.page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    nb.page.wait_for_timeout(1500)
    nb.screenshot("desktop")


def test_the_demo_begins_with_its_own_picture(explorer):
    nb, _ = explorer(M33, size=LAPTOP)
    nb.until("len(app.sky.archive_pictures) > 0", 120)
    nb.quiet()
    nb.page.wait_for_timeout(1500)
    nb.screenshot("laptop")
    nb.page.get_by_role("button", name="Image", exact=True).click()
    nb.page.wait_for_timeout(300)
    nb.screenshot("menu")
