"""The sky in a real JupyterLab: what the mouse draws is what Python gets, and what Python sets is drawn."""

from __future__ import annotations

from io import BytesIO

import pytest
from astropy.coordinates import SkyCoord
from PIL import Image

from .skypage import IMPORT, SETUP, STATE, SkyPage

RECORD = """
drawn, picked, clicked, hovered = [], [], [], []
sky.on_drawn(lambda region, purpose: drawn.append((region, purpose)))
sky.on_select(lambda names, mode: picked.append((names, mode)))
sky.on_click(lambda name, mode: clicked.append((name, mode)))
sky.on_hover(hovered.append)
"""

PLACES = {"M33": (23.4621, 30.6599), "RA 0": (0.01, -12.3), "the pole": (30.0, 89.8), "the south pole": (200.0, -89.97)}


@pytest.fixture
def empty_sky(reused):
    nb = reused([SETUP, "sky = Sky('M33', fov=1.0, height=460)" + RECORD + "sky"])
    nb.run_all()
    return nb, SkyPage(nb)


def look_at(nb, view, ra, dec):
    """Move the view from Python and wait until it has told Python where it is."""
    nb.execute(f"sky._wcs = {{}}; sky.target = SkyCoord({ra}, {dec}, unit='deg')")
    nb.until(f"abs(sky._wcs.get('CRVAL2', 99) - {dec}) < 1e-6")


def last_region(nb, count):
    nb.until(f"len(drawn) == {count}")
    return nb.kernel("[type(drawn[-1][0]).__name__, drawn[-1][1]]")


def test_drawn_shapes_return_as_sky_regions(empty_sky):
    nb, view = empty_sky
    width, height = view.size
    count = 0
    for place, (ra, dec) in PLACES.items():
        look_at(nb, view, ra, dec)
        center, edge = (width / 2 + 31, height / 2 - 17), (width / 2 + 131, height / 2 + 43)

        view.button("Draw a circle").click()
        view.drag(center, edge)
        count += 1
        assert last_region(nb, count) == ["CircleSkyRegion", "region"], place
        got = nb.kernel(
            "[drawn[-1][0].center.ra.deg, drawn[-1][0].center.dec.deg, drawn[-1][0].radius.to_value('deg')]"
        )
        middle, rim = view.sky(center, edge)
        radius = middle.separation(rim)
        assert SkyCoord(*got[:2], unit="deg").separation(middle) < 0.01 * radius, place
        assert got[2] == pytest.approx(radius.deg, rel=0.01), place

        view.button("Draw a box").click()
        view.drag(center, edge)
        count += 1
        assert last_region(nb, count) == ["PolygonSkyRegion", "region"], place
        corners = [center, (edge[0], center[1]), edge, (center[0], edge[1])]
        assert_vertices(nb, view, corners, place)

        view.button("Draw a polygon").click()
        corners = [
            (width / 2 - 80, height / 2 - 90),
            (width / 2 + 120, height / 2 - 40),
            (width / 2 + 10, height / 2 + 70),
        ]
        view.polygon(corners)
        count += 1
        assert last_region(nb, count) == ["PolygonSkyRegion", "region"], place
        assert_vertices(nb, view, corners, place)
    assert nb.kernel("sky._tool") == ""


def assert_vertices(nb, view, corners, place):
    ra, dec = nb.kernel("[drawn[-1][0].vertices.ra.deg, drawn[-1][0].vertices.dec.deg]")
    expected = view.sky(*corners)
    assert len(ra) == len(corners), place
    size = expected[0].separation(expected[1])
    assert (SkyCoord(ra, dec, unit="deg").separation(expected) < 0.01 * size).all(), place


def test_escape_clears_an_unfinished_drawing(empty_sky):
    nb, view = empty_sky
    nb.execute("sky.draw('polygon')")
    view.page.wait_for_selector(".csc-drawing")
    view.click((100, 100))
    view.click((200, 120))
    view.page.keyboard.press("Escape")
    view.polygon([(300, 100), (400, 120), (350, 200)])
    nb.until("len(drawn) == 1")
    assert nb.kernel("len(drawn[0][0].vertices)") == 3
    nb.execute("sky.draw('circle')")
    view.page.wait_for_selector(".csc-drawing")
    view.page.keyboard.press("Escape")
    nb.until("sky._tool == ''")
    view.drag((200, 200), (260, 200))
    assert nb.kernel("len(drawn)") == 1


def test_drawing_selects_among_all_sources(reused):
    nb = reused(
        [
            SETUP,
            "sky = Sky('M33', fov=1.0)"
            + RECORD
            + "names, ra, dec = field(123_456); sky.show_sources(names, ra, dec, rank=dec); sky",
        ]
    )
    nb.run_all()
    view = SkyPage(nb)
    assert view.js("view.counts().sources") == 10_000
    assert "selection acts on all" in view.page.locator(".csc-note").inner_text()
    nb.screenshot("many")
    width, height = view.size
    view.button("Select").click()
    view.button("Draw a box").click()
    corners = [(width / 2 - 60, height / 2 - 50), (width / 2 + 90, height / 2 + 40)]
    view.drag(*corners, "Shift")
    nb.until("picked")
    names, mode = nb.kernel("picked[0]")
    nb.execute("""
from astropy.wcs import WCS
wcs = WCS(sky._wcs)
x, y = wcs.world_to_pixel(SkyCoord(ra, dec, unit='deg'))
x, y = x + 0.5, wcs.pixel_shape[1] - y - 0.5
""")
    (x0, y0), (x1, y1) = corners
    box = f"(x > {x0} + %s) & (x < {x1} - %s) & (y > {y0} + %s) & (y < {y1} - %s)"
    surely, perhaps = (set(nb.kernel(f"[names[i] for i in np.flatnonzero({box % ((m,) * 4)})]")) for m in (0.5, -0.5))
    assert len(surely) > 1000
    assert mode == "add"
    assert surely <= set(names) <= perhaps
    view.wait("view.toolbar.model.get('_tool') === 'box'")  # one goes on selecting


def test_click_and_hover_name_the_source(reused):
    nb = reused(
        [
            SETUP,
            "sky = Sky('M33', fov=1.0)"
            + RECORD
            + """
names = ["<img src=x onerror=document.title='broken'>", "2CXO J2"]
sky.show_sources(names, np.array([23.4, 23.5]), np.array([30.7, 30.6])); sky""",
        ]
    )
    nb.run_all()
    view = SkyPage(nb)
    first, second = view.pixel(23.4, 30.7), view.pixel(23.5, 30.6)
    for keys in ([], ["Shift"], ["Alt"], ["Shift", "Alt"]):
        view.click(second, *keys)
    view.click((second[0] + 40, second[1]))
    nb.until("len(clicked) == 4")
    assert nb.kernel("clicked") == [["2CXO J2", mode] for mode in (None, "add", "remove", "intersect")]
    view.rest(first)
    nb.until("hovered and hovered[-1] == names[0]")
    tooltip = view.page.locator(".csc-tooltip")
    assert tooltip.inner_text() == "<img src=x onerror=document.title='broken'>"
    assert tooltip.locator("img").count() == 0
    nb.screenshot("hover")
    view.move((first[0] + 60, first[1]))
    nb.until("hovered[-1] is None")
    assert tooltip.is_hidden()


def test_a_pointer_at_rest_names_what_comes_below_it(reused):
    nb = reused(
        [
            SETUP,
            "sky = Sky('M33', fov=1.0)"
            + RECORD
            + "\nsky.show_sources(['a', 'b'], np.array([23.4, 23.5]), np.array([30.7, 30.6])); sky",
        ]
    )
    nb.run_all()
    view = SkyPage(nb)
    tooltip = view.page.locator(".csc-tooltip")
    width, height = view.size
    middle = (width / 2, height / 2)
    view.move(middle)
    look_at(nb, view, 23.4, 30.7)
    nb.until("hovered and hovered[-1] == 'a'")
    assert tooltip.inner_text() == "a"
    look_at(nb, view, 23.5, 30.6)
    nb.until("hovered[-1] == 'b'")
    # The sources are asked anew.
    nb.execute("sky.show_sources(['c'], np.array([23.5]), np.array([30.6]))")
    nb.until("hovered[-1] == 'c'")
    assert tooltip.inner_text() == "c"
    nb.execute("sky.show_sources(['c'], np.array([23.7]), np.array([30.6]))")
    nb.until("hovered[-1] is None")
    assert tooltip.is_hidden()


@pytest.mark.parametrize("n", [1_000, 10_000])
def test_highlight_is_drawn(reused, n):
    nb = reused(
        [SETUP, f"sky = Sky('M33', fov=1.0); names, ra, dec = field({n}); sky.show_sources(names, ra, dec); sky"]
    )
    nb.run_all()
    view = SkyPage(nb)
    before = view.picture()
    for i in range(1, 4):
        nb.execute(f"sky.highlight(names[: {n // 2} - {i}])")
        view.wait(f"view.counts().selected === {n // 2 - i}")
    assert view.picture() != before


def test_moves_from_python_and_by_hand_agree(empty_sky):
    nb, view = empty_sky
    for i in range(12):
        view.drag((300, 200), (340 + i, 230))
        view.page.wait_for_timeout(15 * i)  # the drag is reported 80 ms after it ends: before, while, after
        nb.execute(f"sky.target = SkyCoord({50 + i}, {-5 + i}, unit='deg'); sky.fov = {0.5 + 0.1 * i}")
        view.page.wait_for_timeout(400)
        assert view.js("view.aladin.getRaDec()") == pytest.approx([50 + i, -5 + i], abs=1e-6)
        assert view.js("view.aladin.getFov()[0]") == pytest.approx(0.5 + 0.1 * i, rel=1e-4)
        assert nb.kernel("[sky.target.ra.deg, sky.fov.deg]") == pytest.approx([50 + i, 0.5 + 0.1 * i], rel=1e-4)
    before = nb.kernel("[sky.target.ra.deg, sky.fov.deg]")
    view.drag((300, 200), (400, 200))
    nb.until(f"abs(sky.target.ra.deg - {before[0]}) > 1e-3")
    shown = view.js("view.aladin.getRaDec()")
    view.page.wait_for_timeout(1500)  # the sky may glide on
    assert nb.kernel("[sky.target.ra.deg, sky.target.dec.deg]") == pytest.approx(
        view.js("view.aladin.getRaDec()"), abs=1e-7
    )
    assert shown[0] != before[0]


def test_field_of_view_survives_resizing(empty_sky):
    nb, view = empty_sky
    for width in (700, 30, 500, 1280):
        nb.page.set_viewport_size({"width": max(width, 500), "height": 900})
        view.page.evaluate("w => document.querySelector('.csc-widget').style.width = w", "10px" if width == 30 else "")
        view.page.wait_for_timeout(400)
    view.wait("Math.abs(view.aladin.getFov()[0] - 1) < 1e-4")
    assert nb.kernel("sky.fov.deg") == pytest.approx(1.0, rel=1e-4)


def test_image_on_the_sky_is_replaced_in_place(reused):
    nb = reused(
        [
            SETUP,
            """
from astropy.io import fits
from astropy.wcs import WCS
wcs = WCS({"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 23.46, "CRVAL2": 30.66, "CRPIX1": 64.5, "CRPIX2": 64.5,
           "CDELT1": -0.004, "CDELT2": 0.004, "CUNIT1": "deg", "CUNIT2": "deg"})
y, x = np.mgrid[:128, :128]
image = np.exp(-((x - 64) ** 2 + (y - 64) ** 2) / 800).astype("float32")
hdus = fits.HDUList([fits.PrimaryHDU(image, wcs.to_header())])
sky = Sky('M33', fov=1.0)
sky.add_fits(hdus, name="map", min_cut=0, max_cut=1, colormap="viridis")
sky""",
        ]
    )
    nb.run_all()
    view = SkyPage(nb)
    view.wait("view.aladin.getStackLayers().join() === 'map'")
    nb.execute("sky.add_fits(hdus, name='map')")
    view.page.wait_for_timeout(500)
    assert view.js("view.aladin.getStackLayers()") == ["map"]
    nb.screenshot("image")
    nb.execute("sky.remove_image('map')")
    view.wait("view.aladin.getStackLayers().length === 0")


@pytest.fixture
def local_hips(lab):
    """A HiPS of one colour below Jupyter's root."""
    folder = lab.root / "images" / "plain hips"
    tile = BytesIO()
    Image.new("RGB", (512, 512), (200, 40, 40)).save(tile, "PNG")
    for order in range(4):
        tiles = folder / f"Norder{order}" / "Dir0"
        tiles.mkdir(parents=True, exist_ok=True)
        for number in range(12 * 4**order):
            (tiles / f"Npix{number}.png").write_bytes(tile.getvalue())
    (folder / "properties").write_text(
        "creator_did = ivo://test/plain\nobs_title = plain\nhips_version = 1.4\nhips_frame = equatorial\n"
        "hips_order = 3\nhips_tile_width = 512\nhips_tile_format = png\ndataproduct_type = image\n"
    )
    return "images/plain hips"


def test_a_local_hips_is_the_background(reused, local_hips):
    nb = reused([SETUP, f"sky = Sky('M33', fov=20, survey={local_hips!r}); sky"])
    nb.run_all()
    view = SkyPage(nb)
    view.wait("view.aladin.getStackLayers().join() === 'base'")
    view.page.wait_for_timeout(2500)
    assert colour_near_centre(nb.screenshot("hips", ".csc-sky-field")) == pytest.approx((200, 40, 40), abs=12)
    nb.execute("sky.survey = ''")
    view.wait("view.aladin.getStackLayers().length === 0")
    view.page.wait_for_timeout(500)
    assert min(colour_near_centre(nb.screenshot("no-hips", ".csc-sky-field"))) > 240


def colour_near_centre(picture):
    image = Image.open(picture).convert("RGB")
    return image.getpixel((image.width // 2 + 7, image.height // 2 + 5))


def test_without_webgl_says_so(notebook, lab_context):
    lab_context.add_init_script("""
        const real = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
          return kind.startsWith("webgl") ? null : real.call(this, kind, ...rest);
        };""")
    nb = notebook([SETUP, "sky = Sky(); sky"])
    nb.run_all()
    alert = nb.page.locator(".csc-failure")
    alert.wait_for()
    assert "WebGL" in alert.inner_text()
    nb.screenshot("no-webgl")


def test_appearance(reused):
    nb = reused([IMPORT + SETUP + STATE, "sky = Sky('M33', height=520); fill(sky); sky.fov = 0.5; sky"])
    nb.run_all()
    view = SkyPage(nb)
    view.wait("view.aladin.getOverlays().length === 2")
    nb.screenshot("light")
    nb.theme("dark")
    view.page.wait_for_timeout(300)
    nb.screenshot("dark")
    background = view.js("getComputedStyle(view.root).backgroundColor")
    assert sum(int(part) for part in background[4:-1].split(",")[:3]) < 200
    nb.theme("light")
    for ra, dec, fov in ((0.0, 89.9, 1.0), (0.0, 0.0, 60.0), (83.82, -5.39, 0.004), (200.0, -40.0, 180.0)):
        nb.execute(f"sky.target = SkyCoord({ra}, {dec}, unit='deg'); sky.fov = {fov}")
        view.page.wait_for_timeout(400)
        nb.screenshot(f"fov-{fov}", ".csc-sky")


def test_a_picture_of_the_sky_goes_where_python_said(reused):
    nb = reused([SETUP, "import os\nsky = Sky('M33', fov=1.0)\nsky"])
    nb.run_all()
    SkyPage(nb)
    nb.execute("sky.save_view_as_image('picture of the sky.png')")
    nb.until("os.path.exists('picture of the sky.png')")
    assert nb.kernel("open('picture of the sky.png', 'rb').read(8).hex()") == b"\x89PNG\r\n\x1a\n".hex()
