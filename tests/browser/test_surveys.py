"""The images below the sources: chosen in the menu, drawn where they belong, and words where they cannot be.

A browser itself writes "Failed to load resource" of every request that fails, which nobody can switch off: these lines
are left out of what the console must not say.
"""

from __future__ import annotations

import time

import pytest
from PIL import Image
from playwright.sync_api import expect

from .hips_server import STAR, dead_address, serving, write_fits_hips, write_png_hips
from .skypage import SkyPage
from .test_accessibility import AXE, FOUND

EXPLORE = (
    "from cscwidgets import Explorer\napp = Explorer('M42', '10 arcmin', archive='demo')\n"
    "app.sky.show_archive_pictures = False\napp"
)
RED, GREEN = (255, 40, 40), (40, 255, 40)
WORDS = 10  # seconds within which they are there


@pytest.fixture(scope="module")
def fits_hips(tmp_path_factory):
    return write_fits_hips(tmp_path_factory.mktemp("surveys") / "fits")


@pytest.fixture(scope="module")
def red_hips(fits_hips, tmp_path_factory):
    return write_png_hips(fits_hips, tmp_path_factory.mktemp("surveys") / "red", RED)


@pytest.fixture(scope="module")
def green_hips(fits_hips, tmp_path_factory):
    return write_png_hips(fits_hips, tmp_path_factory.mktemp("surveys") / "green", GREEN)


class Sky(SkyPage):
    """The sky of an explorer, and its menu of images."""

    @property
    def menu(self):
        return self.page.locator(".csc-image-menu").nth(self._index)

    def open(self):
        if not self.menu.is_visible():
            self.button("Image").click()
        self.menu.wait_for()

    def show(self, address, layer="Base"):
        """Type where a survey is, and press for which layer."""
        self._notebook.allowed.add(address)
        self.open()
        self.menu.get_by_label("Another HiPS").fill(address)
        self.menu.locator(".csc-image-row", has_text="Another").get_by_role("button", name=layer).click()

    def close(self):
        self.page.keyboard.press("Escape")
        self.menu.wait_for(state="hidden")

    def colour(self, name, place=STAR):
        """Of the sky at a position, without what is drawn above."""
        self.js("(view.layers.canvas.style.visibility = 'hidden', true)")
        picture = Image.open(self._notebook.screenshot(name, ".csc-sky-field")).convert("RGB")
        self.js("(view.layers.canvas.style.visibility = '', true)")
        x, y = self.pixel(*place)
        return picture.getpixel((round(x), round(y)))

    def has_colour(self, name, colour, within, place=STAR):
        """Wait for it: on a busy machine tiles are drawn late."""
        end = time.monotonic() + 20
        while (seen := self.colour(name, place)) != pytest.approx(colour, abs=within) and time.monotonic() < end:
            self.page.wait_for_timeout(200)
        assert seen == pytest.approx(colour, abs=within)

    @property
    def said(self):
        return [words for words in self._notebook.said if not words.startswith("Failed to load resource")]


@pytest.fixture
def explored(reused):
    nb = reused([EXPLORE])
    nb.page.set_viewport_size({"width": 1366, "height": 768})
    nb.run_all()
    nb.until("len(app._state.table) > 0", 60)
    nb.execute("app.sky.target, app.sky.fov = '83.82 -5.39', 0.4")
    return nb


def test_nothing_leaves_the_machine_until_a_survey_is_chosen(explored):
    sky = Sky(explored)
    sky.page.wait_for_timeout(1500)
    assert explored.outside == []
    assert explored.kernel("[app.sky.survey, app.sky.overlay_survey]") == ["", ""]
    assert min(sky.colour("none")) > 240
    assert sky.said == []


def test_a_survey_chosen_in_the_menu_is_drawn(explored, red_hips):
    sky = Sky(explored)
    with serving(red_hips) as server:
        sky.show(server.url)
        sky.wait("view.aladin.getStackLayers().includes('base')", 15)
        assert server.url in sky.menu.inner_text()
        assert "Nobody" in sky.menu.inner_text()
        sky.page.wait_for_timeout(1500)
        for theme in ("light", "dark"):
            explored.theme(theme)
            for width, height in ((1366, 768), (1920, 1080)):
                sky.page.set_viewport_size({"width": width, "height": height})
                sky.page.wait_for_timeout(500)
                explored.screenshot(f"menu-{theme}-{width}")
        sky.page.set_viewport_size({"width": 1366, "height": 768})
        explored.theme("light")
        sky.close()
        sky.has_colour("star", RED, within=12)
        sky.has_colour("around", [one / 10 for one in RED], within=8, place=(STAR[0] + 0.12, STAR[1]))
        assert server.paths.count("/properties") == 1
        assert explored.kernel("app.sky.survey") == server.url
        assert "A test's sky, Nobody" in sky.page.locator(".csc-status").inner_text()
    assert explored.kernel("app.messages") == []
    assert sky.said == []


def test_a_layer_above_lets_the_one_below_through(explored, red_hips, green_hips):
    sky = Sky(explored)
    with serving(red_hips) as red, serving(green_hips) as green:
        sky.show(green.url, "Above")
        sky.wait("view.aladin.getStackLayers().includes('overlay')", 15)
        sky.show(red.url)  # later, and yet below
        sky.wait("view.aladin.getStackLayers().join() === 'base,overlay'", 15)
        sky.close()
        explored.execute("app.sky.overlay_survey_opacity = 1.0")
        sky.has_colour("above", GREEN, within=12)
        explored.execute("app.sky.overlay_survey_opacity = 0.5")
        sky.has_colour("half", [(a + b) / 2 for a, b in zip(RED, GREEN, strict=True)], within=14)
        sky.open()
        opacity = sky.menu.get_by_label("Opacity", exact=True)
        opacity.focus()
        sky.page.keyboard.press("Home")
        explored.until("app.sky.overlay_survey_opacity == 0")
        sky.close()
        sky.has_colour("below", RED, within=12)
    assert explored.kernel("[app.workspace.surveys.base, app.workspace.surveys.upper]") == [red.url, green.url]
    assert sky.said == []


def test_cuts_of_fits_tiles(explored, fits_hips):
    sky = Sky(explored)
    with serving(fits_hips) as server:
        sky.show(server.url)
        sky.wait("view.aladin.getStackLayers().includes('base')", 15)
        base = sky.menu.get_by_role("group", name="Base image")
        base.get_by_label("Lower cut").fill("0")
        base.get_by_label("Upper cut").fill("200")
        base.get_by_label("Upper cut").press("Tab")
        explored.until("app.sky.survey_look.get('cuts') == [0, 200]")
        explored.screenshot("cuts")
        sky.close()
        around = (STAR[0] + 0.12, STAR[1])
        sky.has_colour("cut", (128,) * 3, within=14, place=around)
        explored.execute("app.sky.survey_look = {'cuts': [0, 2000]}")
        sky.has_colour("wide", (13,) * 3, within=10, place=around)
        sky.has_colour("wide-star", (128,) * 3, within=14)
    assert sky.said == []


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        pytest.param("dead", "could not be reached", marks=pytest.mark.long),
        pytest.param("silent", "did not answer in time", marks=pytest.mark.long),
        ("absent", "answered 404"),
        pytest.param("silent tiles", "did not answer in time for the first tile", marks=pytest.mark.long),
        pytest.param("broken", "answered 503", marks=pytest.mark.long),
    ],
)
def test_a_server_that_fails_is_words_and_few_requests(explored, red_hips, behaviour, why):
    sky = Sky(explored)
    with serving(red_hips, "good" if behaviour == "dead" else behaviour) as server:
        address = dead_address() if behaviour == "dead" else server.url
        start = time.monotonic()
        sky.show(address)
        alert = sky.menu.get_by_role("alert")
        alert.wait_for(timeout=1000 * WORDS)
        assert time.monotonic() - start < WORDS
        assert why in alert.inner_text()
        assert why in sky.field.locator(".csc-note").inner_text()
        explored.screenshot("words")
        sky.page.wait_for_timeout(max(0, 1000 * (10 - time.monotonic() + start)))
        asked = [url for url in explored.requests if url.startswith(address)]
        assert 1 <= len(asked) <= 3
        assert len(server.asked) <= 3
        (message,) = explored.kernel("app.messages")
        assert why in message
        assert sky.js("view.aladin.getStackLayers().length") == 0
        sky.close()
        sky.button("Draw a circle").click()
        width, height = sky.size
        sky.drag((width / 2, height / 2), (width / 2 + 30, height / 2))
        explored.until("app.region is not None and app.region.radius.to_value('arcmin') < 9", 60)
    assert sky.said == []


def test_a_survey_without_an_image_here_is_asked_again_where_the_sky_goes(explored, red_hips):
    sky = Sky(explored)
    with serving(red_hips) as server:
        explored.execute("app.sky.target = '200 40'")
        sky.wait("Math.abs(view.aladin.getRaDec()[0] - 200) < 1")
        sky.show(server.url)
        sky.field.locator(".csc-note", has_text="has no image here").wait_for(timeout=10_000)
        assert len(server.asked) == 2
        sky.close()
        explored.execute("app.sky.target = '83.82 -5.39'")
        sky.wait("view.aladin.getStackLayers().includes('base')", 15)
        sky.has_colour("here", RED, within=12)
    assert explored.kernel("app.messages") == []
    assert sky.said == []


@pytest.mark.long  # another server that fails is above
def test_tiles_that_come_no_more_are_words(explored, red_hips):
    sky = Sky(explored)
    with serving(red_hips) as server:
        sky.show(server.url)
        sky.wait("view.aladin.getStackLayers().includes('base')", 15)
        sky.page.wait_for_timeout(1500)
        sky.close()
        server.behaviour = "broken"
        for ra in (80, 70, 60):
            explored.execute(f"app.sky.target = '{ra} 20'")
            sky.page.wait_for_timeout(1000)
        sky.field.locator(".csc-note", has_text="its tiles no longer come from 127.0.0.1").wait_for(timeout=10_000)
        assert sky.js("view.aladin.getStackLayers().length") == 0
        assert "is shown no more" in explored.kernel("app.messages[-1]")
        server.behaviour = "good"
        explored.execute("app.sky.target = '83.82 -5.39'")
        sky.open()
        sky.menu.get_by_role("button", name="Try again").click()
        sky.wait("view.aladin.getStackLayers().includes('base')", 15)
        sky.close()
    assert sky.said == []


def test_the_menu_without_a_mouse_in_a_narrow_page(explored):
    sky = Sky(explored)
    sky.page.evaluate(AXE.read_text(encoding="utf-8"))
    for theme in ("light", "dark"):
        explored.theme(theme)
        sky.page.set_viewport_size({"width": 600, "height": 800})
        sky.page.wait_for_timeout(400)
        if not sky.button("Image").is_visible():
            sky.page.locator(".csc-areas button").first.click()
        sky.button("Image").focus()
        sky.page.keyboard.press("Enter")
        sky.menu.wait_for()
        expect(sky.button("Image")).to_have_attribute("aria-expanded", "true")  # told after it is shown
        assert sky.page.evaluate("document.activeElement.ariaLabel") == "Outlines of what the telescope has looked at"
        sky.page.wait_for_timeout(300)
        box = sky.menu.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 600
        assert box["y"] + box["height"] <= 800
        assert sky.page.evaluate(FOUND, ".csc-image-menu:popover-open") == []
        explored.screenshot(f"narrow-{theme}")
        sky.button("Image").click()
        sky.menu.wait_for(state="hidden")
        sky.button("Image").click()
        sky.menu.wait_for()
        sky.page.keyboard.press("Tab")
        sky.page.keyboard.press("Escape")
        sky.menu.wait_for(state="hidden")
        assert sky.page.evaluate("document.activeElement.ariaLabel") == "Image"
    assert sky.said == []


@pytest.mark.long  # the choice file has tests of its own
def test_what_was_chosen_is_there_after_a_reload_and_in_the_next_explorer(notebook, red_hips):
    explored = notebook([EXPLORE])
    explored.run_all()
    explored.until("len(app._state.table) > 0", 60)
    explored.execute("app.sky.target, app.sky.fov = '83.82 -5.39', 0.4")
    sky = Sky(explored)
    with serving(red_hips) as server:
        sky.show(server.url)
        sky.wait("view.aladin.getStackLayers().includes('base')", 15)
        sky.close()
        explored.reload()
        sky.wait("view.aladin.getStackLayers().includes('base')", 30)
        explored.execute("app.close(); from cscwidgets import Explorer\nnext_ = Explorer(archive='demo')")
        assert explored.kernel("next_.sky.survey") == server.url
        explored.execute("none = Explorer(archive='demo', survey='')")
        assert explored.kernel("none.sky.survey") == ""
        explored.execute("next_.close(); none.close()")


@pytest.mark.long  # three explorers share nothing in test_first_path
def test_two_explorers_share_nothing(reused, red_hips, green_hips):
    with serving(red_hips) as red, serving(green_hips) as green:
        cells = [
            "from cscwidgets import Explorer",
            *(
                f"{name} = Explorer('M42', '10 arcmin', archive='demo', survey={server.url!r}, height=420)\n"
                f"{name}.sky.show_archive_pictures = False\n{name}"
                for name, server in (("one", red), ("two", green))
            ),
        ]
        nb = reused(cells)
        nb.allowed |= {red.url, green.url}
        nb.run_all()
        for index, (name, colour) in enumerate((("one", RED), ("two", GREEN))):
            nb.until(f"len({name}._state.table) > 0", 60)
            nb.execute(f"{name}.sky.target, {name}.sky.fov = '83.82 -5.39', 0.4")
            sky = Sky(nb, index)
            sky.wait("view.aladin.getStackLayers().includes('base')", 15)
            sky.field.scroll_into_view_if_needed()
            sky.page.wait_for_timeout(1500)
            sky.js("(view.layers.canvas.style.visibility = 'hidden', true)")
            picture = Image.open(nb.screenshot(name, f":nth-match(.csc-sky-field, {index + 1})")).convert("RGB")
            x, y = sky.pixel(*STAR)
            assert picture.getpixel((round(x), round(y))) == pytest.approx(colour, abs=12)
        assert nb.kernel("[one.sky.survey, two.sky.survey]") == [red.url, green.url]


LISTED = """
import json, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from cscwidgets.archive import mocserver

RECORD = {{"ID": "TEST/P/red", "obs_title": "A red sky", "obs_copyright": "Nobody", "hips_service_url": {address!r}}}

class Listing(BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def do_GET(self):
        asked = parse_qs(urlsplit(self.path).query)
        body = json.dumps([RECORD] if "red" in str(asked.get("expr", asked.get("ID"))) else []).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

listing = ThreadingHTTPServer(("127.0.0.1", 0), Listing)
threading.Thread(target=listing.serve_forever, daemon=True).start()
mocserver.MOCSERVERS = (f"http://127.0.0.1:{{listing.server_port}}/query",)
"""


def test_surveys_of_cds_s_list(explored, red_hips):
    sky = Sky(explored)
    with serving(red_hips) as server:
        explored.allowed.add(server.url)
        explored.execute(LISTED.format(address=server.url))
        sky.open()
        sky.menu.get_by_label("Search surveys").fill("red sky")
        sky.menu.get_by_role("button", name="Search CDS").click()
        found = sky.menu.locator(".csc-image-list li")
        found.wait_for()
        assert "A red sky" in found.inner_text()
        explored.screenshot("found")
        found.get_by_role("button", name="Show A red sky as the base layer").click()
        sky.wait("view.aladin.getStackLayers().includes('base')", 15)
        assert explored.kernel("app.sky.survey") == "TEST/P/red"
        sky.show("CDS/P/nothing", "Above")
        sky.menu.get_by_role("alert").wait_for(timeout=15_000)
        assert "is not in CDS's list of HiPS" in sky.menu.get_by_role("alert").inner_text()
        assert explored.kernel("len(app.messages)") == 1
        sky.close()
        explored.execute("listing.shutdown(); app.sky.overlay_survey = ''")
    assert sky.said == []
