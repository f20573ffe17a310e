"""Fields of view on the sky: switched on, drawn, labelled, asked about by a click, and their sources selected."""

from __future__ import annotations

from contextlib import contextmanager
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from .laptop import DESKTOP, LAPTOP, BesideFiles
from .skypage import SkyPage

SETUP = "from cscwidgets import Explorer\nimport astropy.units as u\nfrom astropy.coordinates import SkyCoord"
APP = "app = Explorer('M33', radius='15 arcmin', archive='demo'); app.sky.show_archive_pictures = False\napp"

# Where the sources are thinnest of all that is in several stacks.
FIND_PLACE = """
import numpy as np
angle, distance = np.random.default_rng(1).uniform(0, [[6.28], [0.1]], (2, 300))
tried = SkyCoord(23.462, 30.66, unit="deg").directional_offset_by(angle * 57.3 * u.deg, distance * u.deg)
sources = SkyCoord(app.table["ra"], app.table["dec"])
free = [sources.separation(one).arcsec.min() if len(app.fields.at(one)) > 2 else 0 for one in tried]
place = tried[int(np.argmax(free))]
"""

# What the labels layer was asked to write, in a frame.
LABELS = """(() => {
  const context = view.layers.canvas.getContext('2d'), fill = context.fillText, written = [];
  context.fillText = (text, x, y) => { written.push([text, x, y, context.measureText(text).width]); };
  view.redraw();
  context.fillText = fill;
  view.redraw();
  return written;
})()"""

PAN = """(async () => {
  const {aladin} = view, [ra, dec] = aladin.getRaDec(), times = [];
  for (let i = 0; i < 40; i++) {
    aladin.gotoRaDec(ra + 0.002 * i, dec);
    const before = performance.now();
    view.redraw();
    times.push(performance.now() - before);
    await new Promise(requestAnimationFrame);
  }
  aladin.gotoRaDec(ra, dec);
  return times;
})()"""


@pytest.fixture
def page(reused):
    nb = reused([SETUP, APP], BesideFiles)
    nb.resize(LAPTOP)
    nb.run_all()
    nb.until("len(app._state.table) > 0", 60)
    nb.quiet()
    nb.bring_into_sight()
    yield nb, SkyPage(nb)
    assert nb.said == []


def colours(view):
    """How often each colour is seen in our layers."""
    picture = Image.open(BytesIO(view.field.screenshot())).convert("RGB")
    values, counts = np.unique(np.asarray(picture).reshape(-1, 3), axis=0, return_counts=True)
    return {tuple(value): int(count) for value, count in zip(values.tolist(), counts.tolist(), strict=True)}


def blue(view):
    """By how much the most frequent colour of the sky is bluer than red."""
    colour = max(colours(view).items(), key=lambda item: item[1])[0]
    return colour[2] - colour[0]


@contextmanager
def menu(view):
    """The menu of images, open."""
    view.page.get_by_role("button", name="Image", exact=True).click()
    yield view.page.locator(".csc-image-menu:popover-open")
    view.page.keyboard.press("Escape")


def switch(nb, view, kind):
    with menu(view) as controls:
        controls.get_by_label("Outlines of what").select_option(kind)
    nb.until(f"app.fields.shown == '{kind}'")
    nb.quiet()
    view.page.wait_for_timeout(300)


def test_fields_are_switched_on_asked_about_and_select_their_sources(page):
    nb, view = page
    assert (0xB3, 0x6B, 0) not in colours(view)
    switch(nb, view, "stacks")
    seen = colours(view)
    assert seen[0xB3, 0x6B, 0] > 200  # ACIS-I
    assert seen[0xA8, 0x48, 0x7F] > 20  # ACIS-S
    nb.screenshot("stacks")

    labels = [one for one in view.js(LABELS) if one[0].startswith("J")]
    assert {label for label, *_ in labels} <= set(nb.kernel("[field.label for field in app.fields.found.fields]"))
    assert len(labels) > 3
    for i, (_, x, y, width) in enumerate(labels):
        for _, left, middle, span in labels[i + 1 :]:
            assert x + width <= left or left + span <= x or abs(y - middle) >= 14

    # A place beside all sources, in several stacks.
    nb.execute(FIND_PLACE)
    ra, dec = nb.kernel("[place.ra.deg, place.dec.deg]")
    nb.execute("app.sky.target, app.sky.fov = place, 0.3")
    view.page.wait_for_timeout(500)
    at = view.pixel(ra, dec)
    view.click(at)
    nb.until("app.fields.place is not None")
    card = view.page.locator(".csc-fields-card")
    card.wait_for(state="visible")
    names = nb.kernel("[field.name for field in app.fields.at(app.fields.place)]")
    assert len(names) >= 3
    assert card.locator("summary").all_inner_texts() == [f"Stack {name}" for name in names]
    assert "SIMULATED" in card.inner_text()
    assert card.locator("a").count() == 0  # of simulated observations there is no page
    for one, date in nb.kernel("[(one.name, one.date) for one in app.fields.at(app.fields.place)[0].observations]"):
        assert f"{one}\t{date}" in card.inner_text()
    nb.screenshot("card")

    view.page.get_by_role("button", name="Select its sources").first.click()
    nb.until("len(app.selected) > 0")
    inside = (
        "(lambda field: sorted(app.table['name'][field.outline.contains(app.table['ra'], app.table['dec'])]))"
        f"(next(one for one in app.fields.found.fields if one.name == {names[0]!r}))"
    )
    assert nb.kernel(f"sorted(app.selected['name']) == {inside}")
    view.page.keyboard.press("Escape")
    nb.until("app.fields.place is None")
    card.wait_for(state="hidden")

    switch(nb, view, "observations")
    assert any(label == "90001" for label, *_ in view.js(LABELS))
    assert nb.kernel("sorted(app.fields.table['obsid'])")[:2] == [90001, 90002]
    with menu(view) as controls:
        controls.get_by_label("Coverage map").check()
    nb.until("app.fields.covered")
    view.page.wait_for_timeout(500)
    assert blue(view) > 5  # shaded
    for theme in ("light", "dark"):
        nb.theme(theme)
        for size in (LAPTOP, DESKTOP):
            nb.resize(size)
            nb.bring_into_sight()
            nb.screenshot(f"observations-{theme}-{size[0]}")
    nb.resize(LAPTOP)
    switch(nb, view, "")
    assert nb.kernel("app.sky._coverage") == {}
    assert (0xE6, 0x9F, 0) not in colours(view)


def test_a_view_that_opens_late_shows_the_same(reused):
    before = "app.fields.shown = 'stacks'; app.wait(); app.fields.place = SkyCoord(23.462, 30.66, unit='deg')"
    nb = reused([SETUP, APP.removesuffix("\napp") + f"; app.wait(); {before}", "app"], BesideFiles)
    nb.resize(LAPTOP)
    nb.run_all()
    view = SkyPage(nb)
    view.page.locator(".csc-fields-card").wait_for(state="visible")
    assert {label for label, *_ in view.js(LABELS)} & set(nb.kernel("[one.label for one in app.fields.found.fields]"))
    with menu(view) as controls:
        assert controls.get_by_label("Outlines of what").input_value() == nb.kernel("app.sky.fields") == "stacks"


@pytest.mark.long  # how quick, more than whether
def test_a_thousand_outlines_are_panned_smoothly(reused):
    cells = [
        "import numpy as np\nfrom cscwidgets.views.sky import Sky\nfrom cscwidgets.views.sky.marks import FieldMark",
        """rng = np.random.default_rng(1)
def square(ra, dec, turn):
    angle = turn + np.pi / 2 * np.arange(4)
    return ra + 0.19 * np.cos(angle) / np.cos(np.radians(dec)), dec + 0.19 * np.sin(angle)
kinds = ["ACIS-I", "ACIS-S", "HRC"]
marks = [FieldMark(f"{n:05d}", kinds[n % 3], [square(*rng.uniform(-2, 2, 2), rng.uniform(0, 3))]) for n in range(1000)]
sky = Sky("0 0", fov=4.0, height=500)
sky.show_fields(marks)
sky""",
    ]
    nb = reused(cells)
    nb.run_all()
    view = SkyPage(nb)
    times = view.js(PAN)
    nb.screenshot("thousand")
    print(f"1,000 outlines: median {np.median(times):.1f} ms a frame, worst {max(times):.1f} ms")
    assert "labels have no room" in view.page.locator(".csc-note").inner_text()
    written = view.js(LABELS)
    assert nb.kernel("sky._fields['labels'].count(b'\\0')") == 999
    assert 20 < len(written) < 1000
