"""Images of the sky: read, counted and coloured beside astropy, reproject and numpy, and seen beside Imviz.

What is seen is timed in the page, from the click to two frames after the last change in a row of the sky's pixels,
which are read whenever Aladin Lite has drawn. Imviz is given one band's file in a viewer that is open already; its
clock stops with the second frame after the last thing that happened.

``python -m benchmarks.bench_images`` measures all; with ``large``, ``photons``, ``sky`` or ``first`` that part alone.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import astropy.units as u
import numpy as np
from astropy.io import fits
from astropy.nddata import block_reduce
from astropy.table import Table
from astropy.wcs import WCS
from playwright.sync_api import Browser, ViewportSize
from reproject import reproject_interp
from reproject.mosaicking import find_optimal_celestial_wcs

from cscwidgets import Archive
from cscwidgets.demo import build
from cscwidgets.science.images import Display, count_photons, picture, read_image
from tests.browser.field import CENTRE, write_field
from tests.browser.lab import Lab
from tests.browser.notebook import Notebook
from tests.browser.skypage import SkyPage

from .bench_crossmatch import peak_memory
from .bench_screen import IMVIZ, OURS, SOURCES, medians
from .bench_selection import CLOCK, QUIET
from .browser import browsing
from .measurement import Measurement, markdown

SIDE = 1024
LARGE, SHOWN = 8192, 2048
PHOTONS, BRUSHED = 1_000_000, 100_000
BANDS = "smh"
RUNS = 7
IMVIZ_RUNS = 3  # each in a kernel of its own: a file loaded twice is compared with itself
LAPTOP: ViewportSize = {"width": 1366, "height": 768}
PLACE = f"{CENTRE[0]} {CENTRE[1]}"
RADIUS = "5 arcmin"
LOOK = Display("asinh", 60.0, 99.9, smoothing=1.5)  # as an explorer begins


def median_time(work: Callable[[], object], runs: int = RUNS) -> float:
    """Median time in ms, after a first run that is not counted."""
    work()
    times = []
    for _ in range(runs):
        clock = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - clock))
    return statistics.median(times)


# A large image


def tangential(side: int, pixel: float) -> WCS:
    """Square pixels of so many degrees about M33."""
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crval = ["RA---TAN", "DEC--TAN"], CENTRE
    wcs.wcs.crpix, wcs.wcs.cdelt = [side / 2 + 0.5] * 2, [-pixel, pixel]
    return wcs


def shown_smaller(path: Path) -> None:
    picture([read_image(path, side=SHOWN)], LOOK)


def made_smaller(path: Path) -> None:
    block_reduce(fits.getdata(path), LARGE // SHOWN, np.nanmean)


LARGE_WAYS: dict[str, Callable[[Path], None]] = {"ours": shown_smaller, "theirs": made_smaller}


def large() -> list[Measurement]:
    """An image of 8192² seen as a picture of 2048², each way in a process of its own."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "large.fits"
        values = np.random.default_rng(1).poisson(0.2, (LARGE, LARGE)).astype(np.float32)
        fits.PrimaryHDU(values, tangential(LARGE, 0.492 / 3600).to_header()).writeto(path)
        del values
        mine, other = (_child(way, path) for way in LARGE_WAYS)
    what = f"an image of {LARGE}² read and coloured, at a quarter of its resolution: {mine['peak']:.0f} MB"
    peer = f"astropy, getdata and block_reduce, no colours: {other['peak']:.0f} MB"
    return [Measurement(what, mine["time"], peer, other["time"], "1024 MB")]


def _child(way: str, path: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.bench_images", way, str(path)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def _measure(way: str, path: Path) -> None:
    spent = median_time(lambda: LARGE_WAYS[way](path), 3)
    print(json.dumps({"time": spent, "peak": peak_memory()}))


# Photons


def photons() -> list[Measurement]:
    """A million photons counted and coloured."""
    rng = np.random.default_rng(2)
    x, y = rng.normal(SIDE, SIDE / 3, (2, PHOTONS))
    wcs, shape = tangential(2 * SIDE, 0.492 / 3600), (2 * SIDE, 2 * SIDE)
    edges = np.arange(2 * SIDE + 1) + 0.5

    def counted() -> np.ndarray:
        return count_photons([(x, y, wcs)], wcs, shape).values

    def histogram() -> np.ndarray:
        return np.histogram2d(y, x, bins=(edges, edges))[0]

    np.testing.assert_array_equal(counted(), histogram())
    theirs = median_time(histogram)
    what = f"{PHOTONS:,} photons counted on {2 * SIDE}² pixels"
    coloured = median_time(lambda: picture([count_photons([(x, y, wcs)], wcs, shape)], LOOK))
    return [
        Measurement(what, median_time(counted), "numpy.histogram2d", theirs),
        Measurement(f"{what}, smoothed and coloured", coloured, "numpy.histogram2d alone", theirs, "≤ 1000"),
    ]


# What is seen


@dataclass(frozen=True)
class Field:
    """An archive folder with a stack's images in three bands and an observation's photons, cut from the demo's."""

    folder: Path
    images: tuple[Path, ...]

    @classmethod
    def write(cls, folder: Path) -> Field:
        demo = Archive("demo")
        demo.mirror(PLACE, folder, radius=RADIUS)
        products = folder / "products"
        stacks = demo.stacks(PLACE, radius=RADIUS)[:1]
        images = []
        for path in demo.fetch(demo.products(stacks, "stkecorrimg", bands=BANDS)):
            with fits.open(path) as hdus:
                # Of the corner at the first pixel, so that the coordinates stay; the field's centre is at its edge.
                cut = fits.PrimaryHDU(hdus[0].data[:SIDE, :SIDE], hdus[0].header)
            assert cut.shape == (SIDE, SIDE)
            images.append(products / path.name)
            cut.writeto(images[-1])
        obsid = int(str(stacks["obsids"][0]).split()[0])
        (path,) = demo.fetch(demo.products(Table({"obsid": [obsid], "obi": [0]}), "evt"))
        with fits.open(path) as hdus:
            events = hdus["EVENTS"].data
            kept = np.sort(np.random.default_rng(3).choice(len(events), BRUSHED, replace=False))
            hdus["EVENTS"].data = events[kept]
            hdus.writeto(products / path.name)
        return cls(folder, tuple(images))


# Aladin Lite draws only when something changed, and its pixels can be read only in the task in which it drew.
PIXEL_CLOCK = """view => {
  const {aladin} = [...document.querySelectorAll('.csc-widget')].find(
    widget => widget.querySelector('.csc-sky-field')).__cscwidgets;
  const gl = document.querySelector('.aladin-imageCanvas').getContext('webgl2');
  const clock = window.pixelClock = {
    start: 0, end: 0, changes: 0, row: '',
    begin() { Object.assign(clock, {start: performance.now(), end: Infinity, changes: 0}); },
  };
  const overlays = aladin.view.drawAllOverlays;
  aladin.view.drawAllOverlays = () => {
    overlays.call(aladin.view);
    const pixels = new Uint8Array(4 * gl.drawingBufferWidth);
    gl.readPixels(0, gl.drawingBufferHeight >> 2, gl.drawingBufferWidth, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    const row = pixels.join();
    if (row === clock.row) return;
    clock.row = row;
    const change = ++clock.changes;
    const stop = () => { if (change === clock.changes) clock.end = performance.now(); };
    requestAnimationFrame(() => requestAnimationFrame(stop));
  };
}"""

SETUP = """
from cscwidgets import Explorer
app = Explorer("{place}", "{radius}", archive="{folder}")
"""
TIMED = """
import time
state, marks = app.images.state, {"start": 0.0, "shown": 0.0}
def shown(change):
    marks["shown"] = time.perf_counter()
state.observe(shown, "shown")
def timed(act):
    marks["start"] = time.perf_counter()
    act()
"""
SPENT = "1000 * (marks['shown'] - marks['start'])"


def stopped(notebook: Notebook, clock: str) -> float:
    """What a clock of the page says, ms, once nothing has happened for a while."""
    ended = f"performance.now() - {clock}.end > {QUIET} && {clock}.end - {clock}.start"
    return float(notebook.page.wait_for_function(ended, timeout=120_000).json_value())


class Sky:
    """An explorer whose sky is timed."""

    def __init__(self, lab: Lab, browser: Browser, folder: Path) -> None:
        setup = SETUP.format(place=PLACE, radius=RADIUS, folder=folder)
        self.notebook = nb = Notebook(lab, browser.new_context(), "bench", [setup + "app"])
        nb.page.set_viewport_size(LAPTOP)
        nb.run_all()
        nb.until("len(app._state.table) > 0")
        nb.page.get_by_role("tab", name="Images").click()
        nb.execute(TIMED)
        nb.until("state.found is not None", 60)
        SkyPage(nb).wait("view.aladin.view.drawAllOverlays")
        nb.page.evaluate(PIXEL_CLOCK)
        self.quiet()

    def quiet(self) -> None:
        self.notebook.quiet()
        self.notebook.page.wait_for_timeout(QUIET)

    def seen(self) -> float:
        """Milliseconds from the clock's begin to the last change on the sky."""
        page = self.notebook.page
        page.wait_for_function("pixelClock.changes > 0", timeout=60_000)
        return stopped(self.notebook, "pixelClock")

    def clear(self) -> None:
        self.notebook.execute("state.clear()")
        self.quiet()

    def clicked(self) -> float:
        """Click to screen, ms."""
        self.clear()
        self.notebook.page.evaluate(
            "pixelClock.begin(), [...document.querySelectorAll('.csc-images button')]"
            ".find(button => button.textContent.trim() === 'Show').click()"
        )
        return self.seen()

    def done(self, act: str) -> tuple[float, float]:
        """What is done in the kernel: to the screen, and in the kernel to the picture on its way to the page, ms.

        The kernel is left alone meanwhile: each question to it would take from what is measured.
        """
        self.notebook.page.evaluate(
            """code => {
                 pixelClock.begin();
                 const kernel = notebook.sessionContext.session.kernel;
                 return kernel.requestExecute({code, store_history: false}).done.then(() => null);
               }""",
            f"timed(lambda: {act})",
        )
        seen = self.seen()
        self.quiet()
        return seen, float(self.notebook.kernel(SPENT))

    def shown(self) -> float:
        """The kernel's time to show an image, ms."""
        self.clear()
        return self.done("state.show()")[1]


@dataclass(frozen=True)
class Seen:
    """Medians in ms: of an image in colours, and of photons of a brushed time, on the screen and in the kernel."""

    colour: float
    colour_kernel: float
    brush: float
    brush_kernel: float


def ours(field: Field) -> Seen:
    with browsing(sys.executable) as (lab, browser):
        sky = Sky(lab, browser, field.folder)
        sky.clicked()  # fetches
        clicks, kernels = ([act() for _ in range(RUNS)] for act in (sky.clicked, sky.shown))
        nb = sky.notebook
        nb.execute("state.kind = 'evt'; state.bands = 'b'")
        sky.quiet()
        sky.shown()
        start, stop = nb.kernel("(lambda times: [times.min(), times.max()])(state.shown.photons.lists[0].time)")
        ends = np.linspace(start, stop, RUNS + 2)
        brushes = [sky.done(f"setattr(state, 'times', ({start}, {end}))") for end in ends[1:]][1:]
        nb.close()
    return Seen(*map(statistics.median, (clicks, kernels, *zip(*brushes, strict=True))))


def imviz(path: Path) -> float:
    """Median time in ms from asking a new Imviz for a file to the last change in the page."""
    times = []
    with browsing(IMVIZ.python) as (lab, browser):
        for _ in range(IMVIZ_RUNS + 1):  # the first fills the browser's cache
            notebook = Notebook(lab, browser.new_context(), "bench", [IMVIZ.imports, "viz = Imviz()\nviz.show()"])
            notebook.page.set_viewport_size(LAPTOP)
            notebook.run_all()
            notebook.page.wait_for_timeout(3000)
            notebook.page.evaluate(CLOCK)
            notebook.page.evaluate("cscClock.begin()")
            notebook.execute(f"viz.load_data({str(path)!r}, data_label='image')")
            times.append(stopped(notebook, "cscClock"))
            notebook.close()
    return statistics.median(times[1:])


def interpolated(images: Sequence[Path]) -> float:
    """Median time in ms of reproject alone, on a tangential grid of the same size, of images that are read already."""
    read = [read_image(path) for path in images]
    wcs, _ = find_optimal_celestial_wcs(
        [(image.values.shape, image.wcs) for image in read], resolution=read[0].pixel * u.deg
    )
    return median_time(
        lambda: [reproject_interp((one.values, one.wcs), wcs, shape_out=one.values.shape) for one in read], 3
    )


def sky() -> list[Measurement]:
    """Three bands in colours, and photons of a brushed time."""
    with tempfile.TemporaryDirectory() as place:
        field = Field.write(Path(place) / "field")
        seen, peer, alone = ours(field), imviz(field.images[0]), interpolated(field.images)
    colour = f"three bands of {SIDE}² in colours, fetched before"
    brush = f"another time of {BRUSHED:,} photons"
    one = "Imviz, one band loaded in its open viewer"
    return [
        Measurement(f"{colour}: click to screen", seen.colour, one, peer, "≤ 1500"),
        Measurement(f"{colour}: the kernel", seen.colour_kernel, "reproject_interp alone", alone, "≤ 700"),
        Measurement(f"{brush}: to screen", seen.brush, one, peer, "≤ 400"),
        Measurement(f"{brush}: the kernel", seen.brush_kernel, one, peer),
    ]


def first() -> list[Measurement]:
    """The first view of an explorer over an archive with a picture, and without."""
    laid = " && [...document.querySelectorAll('.csc-widget')].some("
    laid += "one => one.__cscwidgets?.aladin?.getStackLayers().includes('archive-0'))"
    with tempfile.TemporaryDirectory() as place:
        without, pictured = (
            write_field(Path(place) / name, build.demo_folder(), SOURCES) for name in ("without", "pictured")
        )
        (pictured / "pictures").mkdir()
        demo = Archive("demo")
        (pictured / "pictures" / "m33.fits.gz").write_bytes(Path(demo.fetch_picture("m33")).read_bytes())
        plain, _ = medians(replace(OURS), without)
        beside, _ = medians(replace(OURS), pictured)
        seen, _ = medians(replace(OURS, seen=OURS.seen + laid), pictured)
    what = f"first view, {SOURCES:,} sources"
    return [
        Measurement(f"{what}, beside an archive's picture", beside, "without a picture", plain),
        Measurement(f"{what} and the archive's picture", seen, "without a picture", plain),
    ]


PARTS: dict[str, Callable[[], list[Measurement]]] = {"large": large, "photons": photons, "sky": sky, "first": first}


def run(parts: Sequence[str] = tuple(PARTS)) -> list[Measurement]:
    return [row for part in parts for row in PARTS[part]()]


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1] in LARGE_WAYS:
        _measure(sys.argv[1], Path(sys.argv[2]))
    else:
        print(markdown(run(sys.argv[1:] or tuple(PARTS))))
