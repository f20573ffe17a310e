"""Images on the sky in a real JupyterLab: stars are drawn where astropy's WCS puts them."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import psutil
import pytest
from astropy.coordinates import SkyCoord
from PIL import Image

from .skypage import SETUP, SkyPage

STARS = """
from astropy.io import fits
from astropy.wcs import WCS
from cscwidgets.science.images import Display, on_one_grid, picture, read_image

SIZE, PIXEL = 401, 2 / 3600
PLACES = [(200, 200), (60, 80), (340, 110), (120, 330)]

def pattern(ra, dec, angle, mirrored, kind="TAN"):
    "An image with four stars, turned by an angle and mirrored or not."
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = [f"RA---{kind}", f"DEC--{kind}"]
    turn = np.radians(angle)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    wcs.wcs.cd = PIXEL * rotation @ np.diag([1 if mirrored else -1, 1])
    wcs.wcs.crval, wcs.wcs.crpix = [ra, dec], [180.0, 215.0]
    rows, columns = np.indices((SIZE, SIZE))
    values = sum(np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 18) for x, y in PLACES)
    return fits.PrimaryHDU(values.astype(np.float32) + 0.01, wcs.to_header())

def show(ra, dec, angle, mirrored, kind="TAN"):
    hdu = pattern(ra, dec, angle, mirrored, kind)
    image = read_image(hdu)
    sky.show_picture(picture(on_one_grid([image]), Display("linear", 0, 100, "gray")))
    sky.target, sky.fov = SkyCoord(ra, dec, unit="deg"), 0.75
    stars = WCS(hdu.header).pixel_to_world(*np.transpose(PLACES)).icrs
    return [stars.ra.deg.tolist(), stars.dec.deg.tolist()]
"""


@pytest.fixture
def starry(reused):
    nb = reused([SETUP, STARS + "sky = Sky('M33', fov=0.3, height=460)\nsky.show_grid = False\nsky"])
    nb.run_all()
    return nb, SkyPage(nb)


def pixels(view):
    """The brightness of the page, and where on it the sky begins."""
    view.field.scroll_into_view_if_needed()
    box = view.field.bounding_box()
    picture = np.asarray(Image.open(BytesIO(view.page.screenshot())).convert("L"), float)
    return picture, (box["x"], box["y"])


def centroid(drawn, at, reach=14):
    """Where the light near a pixel of the sky is."""
    picture, corner = drawn
    x, y = np.add(at, corner)
    left, top = int(x) - reach, int(y) - reach
    cut = picture[top : top + 2 * reach + 1, left : left + 2 * reach + 1]
    light = np.clip(cut - np.median(cut) - 20, 0, None)
    rows, columns = np.indices(cut.shape)
    assert light.sum() > 0, f"there is no star near {x:.0f}, {y:.0f}"
    # A screen pixel's middle is half a pixel from its corner, from which places count.
    middle = [(axis * light).sum() / light.sum() for axis in (columns, rows)]
    return np.add(middle, (left + 0.5, top + 0.5)) - corner


CASES = {
    "upright": (10.0, 20.0, 0, False),
    "turned": (10.0, 20.0, 37, False),
    "mirrored": (10.0, 20.0, 120, True),
    "across RA 0": (0.01, -12.0, 200, False),
    "at the pole": (77.0, 89.99, 15, False),
    "at the south pole": (300.0, -89.97, 80, True),
    "another projection": (150.0, 2.0, 25, False, "SIN"),
}


def test_stars_are_drawn_where_their_coordinates_say(starry):
    nb, view = starry
    worst = {}
    for name, case in CASES.items():
        stars = SkyCoord(*nb.kernel(f"show(*{case})"), unit="deg")
        nb.until(f"abs(sky._wcs.get('CRVAL2', 99) - {case[1]}) < 1e-6")
        view.page.wait_for_timeout(900)
        drawn = pixels(view)
        wcs = view.wcs
        offsets = []
        nb.screenshot(name.replace(" ", "-"))
        for star in stars:
            x, y = wcs.world_to_pixel(star)
            expected = float(x) + 0.5, wcs.pixel_shape[1] - float(y) - 0.5
            offsets.append(np.hypot(*centroid(drawn, expected) - expected))
        worst[name] = max(offsets)
    print("furthest, in screen pixels:", worst)
    assert all(offset < 1 for offset in worst.values()), worst


CHANGES = """
import psutil
rng = np.random.default_rng(1)
image = read_image(pattern(10.0, 20.0, 0, False))
image = type(image)(rng.random((1024, 1024)).astype(np.float32), image.wcs)
"""


def page_memory():
    """Resident bytes of the pages."""
    children = psutil.Process().children(recursive=True)
    return sum(one.memory_info().rss for one in children if "--type=renderer" in " ".join(one.cmdline()))


@pytest.mark.long
def test_a_hundred_images_leave_no_memory_behind(starry):
    nb, view = starry
    nb.execute(CHANGES)

    def change(count):
        for number in range(count):
            nb.execute(f"sky.show_picture(picture([image], Display('linear', 0, {80 + number % 20}, 'gray')))")
            view.page.wait_for_timeout(150)
        view.page.context.new_cdp_session(view.page).send("HeapProfiler.collectGarbage")
        view.page.wait_for_timeout(3000)
        return page_memory(), nb.kernel("psutil.Process().memory_info().rss")

    (page, kernel), (page_after, kernel_after) = change(15), change(100)
    print(
        f"page {page / 1e6:.0f} -> {page_after / 1e6:.0f} MB, kernel {kernel / 1e6:.0f} -> {kernel_after / 1e6:.0f} MB"
    )
    assert page_after < 1.1 * page
    assert kernel_after < 1.1 * kernel
    assert view.js("view.counts().aladinLayers") == 1
