"""A sky view in a notebook, as a user's eyes and hands meet it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from astropy.coordinates import SkyCoord
from astropy.wcs import WCS

from .notebook import Notebook

Pixel = tuple[float, float]

SETUP = """
import numpy as np, astropy.units as u
from astropy.coordinates import SkyCoord
from cscwidgets.views.sky import Sky

def field(n, ra=23.4621, dec=30.6599, size=0.2, seed=1):
    rng = np.random.default_rng(seed)
    east, north = rng.normal(0, size, (2, n))
    return [f"2CXO J{i:06d}" for i in range(n)], ra + east / np.cos(np.radians(dec)), dec + north
"""

STATE = """
def fill(sky):
    names, ra, dec = field(400)
    sky.show_sources(names, ra, dec, ellipses=(np.full(400, 40.), np.full(400, 15.), np.linspace(0, 180, 400)))
    sky.highlight(names[:80])
    sky.focus(names[5])
    sky.show_region(CircleSkyRegion(SkyCoord(23.46, 30.66, unit="deg"), 0.15 * u.deg))
    sky.show_ellipses = True
    sky.target, sky.fov = SkyCoord(23.5, 30.7, unit="deg"), 0.8
    sky.add_moc({"9": [10, 11]}, name="coverage", color="blue")
    sky.add_graphic_overlay_from_region(PolygonSkyRegion(SkyCoord([23.3, 23.5, 23.4], [30.6, 30.6, 30.8], unit="deg")))
"""
IMPORT = "from regions import CircleSkyRegion, PolygonSkyRegion\n"


class SkyPage:
    """The sky view number ``index`` of a notebook. Pixels count from the upper left corner of its sky."""

    def __init__(self, notebook: Notebook, index: int = 0) -> None:
        self.page = notebook.page
        self._notebook = notebook
        self._index = index
        self.wait("view.counts().frames > 0", 30)
        self.page.wait_for_timeout(250)  # the size settles

    def js(self, expression: str, argument: Any = None) -> Any:
        """Value of a JavaScript expression of ``view``, the front end's SkyView."""
        return self.page.evaluate(
            f"([i, argument]) => {{ const view = [...document.querySelectorAll('.csc-widget')].filter(widget =>"
            " widget.querySelector('.csc-sky-field'))[i]?.__cscwidgets;"
            f" return view && ({expression}); }}",
            [self._index, argument],
        )

    def wait(self, expression: str, seconds: float = 30) -> None:
        """Wait until a JavaScript expression of ``view`` is true."""
        self.page.wait_for_function(
            f"i => {{ const view = [...document.querySelectorAll('.csc-widget')].filter(widget =>"
            " widget.querySelector('.csc-sky-field'))[i]?.__cscwidgets;"
            f" return view && ({expression}); }}",
            arg=self._index,
            timeout=seconds * 1000,
        )

    @property
    def field(self) -> Any:
        """The sky itself, without tools and status."""
        return self.page.locator(".csc-sky-field").nth(self._index)

    def button(self, label: str) -> Any:
        """A tool by the words a screen reader says."""
        return (
            self.page.locator(".csc-widget:has(> .csc-sky)").nth(self._index).locator(f'button[aria-label^="{label}"]')
        )

    @property
    def size(self) -> Pixel:
        """Width and height of the sky."""
        box = self.field.bounding_box()
        return box["width"], box["height"]

    def pixel(self, ra: float, dec: float) -> Pixel:
        """Where the view draws a position."""
        x, y = self.js("view.toPixel(...argument)", [ra, dec])
        return x, y

    @property
    def wcs(self) -> WCS:
        """Where the view looks, as it told the kernel."""
        return WCS(self._notebook.until("sky._wcs"))

    def sky(self, *pixels: Pixel) -> SkyCoord:
        """The positions astropy's WCS gives for pixels: not the view's own arithmetic."""
        wcs = self.wcs
        x, y = pixels[0] if len(pixels) == 1 else np.transpose(pixels)
        return wcs.pixel_to_world(x - 0.5, wcs.pixel_shape[1] - y - 0.5).icrs

    def move(self, pixel: Pixel) -> Pixel:
        """Move the pointer to a pixel; the answer is the corner from which it counts, on the page."""
        self.field.scroll_into_view_if_needed()  # waits until the page no longer moves
        box = self.field.bounding_box()
        self.page.mouse.move(box["x"] + pixel[0], box["y"] + pixel[1])
        return box["x"], box["y"]

    def rest(self, pixel: Pixel) -> None:
        """Rest the pointer on a source: as a hand does, move again where the page moved away below it."""
        tooltip = self.field.locator(".csc-tooltip")
        for _ in range(10):
            self.move(pixel)
            self.page.wait_for_timeout(150)
            if tooltip.is_visible():
                return
        raise AssertionError(f"no source is named at {pixel}")

    def click(self, pixel: Pixel, *modifiers: str) -> None:
        """Click a pixel while keys are held."""
        self.move(pixel)
        for key in modifiers:
            self.page.keyboard.down(key)
        self.page.mouse.down()
        self.page.mouse.up()
        for key in modifiers:
            self.page.keyboard.up(key)

    def drag(self, start: Pixel, end: Pixel, *modifiers: str) -> None:
        """Drag from pixel to pixel while keys are held."""
        left, top = self.move(start)
        for key in modifiers:
            self.page.keyboard.down(key)
        self.page.mouse.down()
        for step in (0.3, 0.7, 1.0):
            across, down = (begin + (stop - begin) * step for begin, stop in zip(start, end, strict=True))
            self.page.mouse.move(left + across, top + down)
        self.page.mouse.up()
        for key in modifiers:
            self.page.keyboard.up(key)

    def polygon(self, corners: Sequence[Pixel]) -> None:
        """Click the corners, then the first again."""
        for corner in [*corners, corners[0]]:
            self.click(corner)

    def picture(self) -> str:
        """Our layers as an image, to compare."""
        return str(self.js("(view.redraw(), view.layers.canvas.toDataURL())"))
