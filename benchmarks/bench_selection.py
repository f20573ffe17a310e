"""From a lasso in a scatter diagram to every linked view redrawn, beside glue-jupyter, in Chromium with software GL.

Both show the same table in two diagrams coloured by a probability, on the sky and in a table, in the same JupyterLab,
and are given the same lassos. The clock stops with the second frame after the last thing that happened: a message
of the kernel or a change in the page. The kernel's share is the time its handler of the shape runs.

With bqplot-gl, on which glue-jupyter depends, none of glue-jupyter's mouse tools works in this browser: bqplot's
interactions stop with a JavaScript error and nothing reaches Python. Its lassos are therefore given to its
viewer in the kernel, and its clock starts in the page right before that request instead of at mouse-up.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser

from cscwidgets.demo import build
from tests.browser.field import CENTRE, RADIUS, write_field
from tests.browser.lab import Lab
from tests.browser.notebook import Notebook

from .browser import browsing, peer_python
from .measurement import Measurement

SIZES = (1_000, 10_000, 100_000)
TARGETS = {1_000: ("≤ 200", ""), 10_000: ("≤ 500", "≤ 30"), 100_000: ("≤ 1000", "")}
LASSOS = 7
QUIET = 900  # ms without news after which all is drawn; glue-jupyter delays some of its changes by 500 ms


@dataclass(frozen=True)
class Timing:
    """Medians in ms, and how many sources the last lasso held."""

    redrawn: float
    kernel: float
    selected: int


class Ours:
    """An explorer, lassoed with the mouse."""

    python = sys.executable
    show = "app"
    plot = ".csc-diagram .plotarea_background"
    setup = """
from cscwidgets import Explorer
app = Explorer("{ra} {dec}", "{radius} deg", archive="{folder}")
app.wait()
import time, numpy as np
shares = []
shapes = app.hardness.within.selector._callbacks["shape"]
def timed(*args, handle=shapes[0]):
    start = time.perf_counter()
    handle(*args)
    shares.append(time.perf_counter() - start)
shapes[:] = [timed]
selected = lambda: app._state.desk.selection.count
clear = app._state.desk.selection.clear
"""
    # What the reader sees of a selection: rows marked, symbols on the sky, rings or their picture in each diagram.
    seen = """() => [
      document.querySelectorAll('.csc-marked').length,
      document.querySelector('.csc-sky-layers').toDataURL(),
      ...[...document.querySelectorAll('.csc-points')].map(layer => [
        [...layer.querySelectorAll('canvas')].pop().toDataURL(),
        ...[...layer.querySelectorAll('img')].map(image => image.src),
      ].join()),
    ]"""

    @staticmethod
    def lasso(notebook: Notebook, box: dict[str, float], corners: np.ndarray) -> None:
        points = (corners / 1.06 + 1) / 2
        x, y = box["x"] + points[0] * box["width"], box["y"] + (1 - points[1]) * box["height"]
        mouse = notebook.page.mouse
        mouse.move(x[0], y[0])
        mouse.down()
        for place in zip(x, y, strict=True):
            mouse.move(*place)
        mouse.up()


class Glue:
    """glue-jupyter's viewers, given the same lassos in the kernel."""

    show = "ipywidgets.GridBox([v.figure_widget for v in views[:3]] + [views[3].layout], "
    show += "layout={'grid_template_columns': '1fr 1fr'})"
    plot = ".bqplot .plotarea_background"
    seen = "() => []"
    setup = """
import warnings; warnings.simplefilter("ignore")
import time, ipywidgets, numpy as np, pandas as pd, glue_jupyter
from glue.core import Data
from glue.core.roi import PolygonalROI
frame = pd.read_parquet("{folder}/master_source.parquet")
app = glue_jupyter.jglue(data=Data(label="data", **{{name: frame[name].values for name in frame}}))
data = app.data_collection[0]
views = [app.scatter2d(x="hard_hm", y="hard_ms", show=False), app.scatter2d(x="hard_hm", y="hard_ms", show=False),
         app.scatter2d(x="ra", y="dec", show=False), app.table(data=data, show=False)]
for view, what in zip(views, ("var_intra_prob_b", "var_inter_prob_b")):
    view.layers[0].state.cmap_mode, view.layers[0].state.cmap_att = "Linear", data.id[what]
shares = []
def lasso(x, y):
    start = time.perf_counter()
    views[0].apply_roi(PolygonalROI(x, y))
    shares.append(time.perf_counter() - start)
selected = lambda: int(data.subsets[0].to_mask().sum()) if data.subsets else 0
def clear():
    for group in list(app.data_collection.subset_groups):
        app.data_collection.remove_subset_group(group)
"""

    @property
    def python(self) -> str:
        """Of an environment with glue-jupyter, made once."""
        return peer_python("glue", ("glue-jupyter", "jupyterlab", "pyarrow"))

    @staticmethod
    def lasso(notebook: Notebook, box: dict[str, float], corners: np.ndarray) -> None:  # noqa: ARG004
        code = f"lasso(*{json.dumps(corners.round(6).tolist())})"
        notebook.page.evaluate(
            """code => {
                 cscClock.begin();
                 const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
                 return kernel.requestExecute({code, store_history: false}).done.then(() => null);
               }""",
            code,
        )


CLOCK = """
() => {
  const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const clock = window.cscClock = {
    start: 0, end: 0, last: 0, messages: 0,
    begin() { clock.start = performance.now(); clock.messages = 0; clock.news(); },
    news() {
      clock.end = Infinity;
      const last = ++clock.last;
      const stop = () => { if (last === clock.last) clock.end = performance.now(); };
      requestAnimationFrame(() => requestAnimationFrame(stop));
    },
  };
  kernel.anyMessage.connect((_, {msg, direction}) => {
    if (direction !== "recv" || !msg.header.msg_type.startsWith("comm_")) return;
    clock.messages += 1;
    clock.news();
  });
  const observer = new MutationObserver(clock.news);
  for (const node of document.querySelectorAll(".jp-OutputArea-output"))
    observer.observe(node, {subtree: true, childList: true, attributes: true, characterData: true});
  document.addEventListener("pointerup", clock.begin, true);
}
"""


def lassos() -> list[np.ndarray]:
    """Closed curves of 60 corners with bays, all different, shape (2, 60) in hardness."""
    angle = np.linspace(0, 2 * np.pi, 60)
    radii = [0.25 + 0.02 * number + 0.07 * np.sin(5 * angle + number) for number in range(LASSOS)]
    return [np.array([0.05 + radius * np.cos(angle), -0.05 + radius * np.sin(angle)]) for radius in radii]


def measure(browser: Browser, lab: Lab, subject: Ours | Glue, folder: Path) -> Timing:
    """Medians over the lassos on one archive folder."""
    context = browser.new_context(viewport={"width": 1500, "height": 1300})
    notebook = Notebook(lab, context, "bench", [subject.show])
    notebook.execute(subject.setup.format(ra=CENTRE[0], dec=CENTRE[1], radius=1.01 * RADIUS, folder=folder))
    notebook.run_all()
    area = notebook.page.locator(subject.plot).first
    area.wait_for(timeout=120_000)
    notebook.page.evaluate(CLOCK)
    notebook.page.evaluate("cscClock.begin()")
    settle(notebook)
    elapsed = []
    for corners in lassos():
        notebook.execute("clear()")
        settle(notebook)
        before = notebook.page.evaluate(subject.seen)
        subject.lasso(notebook, area.bounding_box(), corners)
        notebook.page.wait_for_function("cscClock.messages > 0", timeout=60_000)
        settle(notebook)
        changed = zip(before, notebook.page.evaluate(subject.seen), strict=True)
        if not all(old != new for old, new in changed):
            raise RuntimeError("not everything was redrawn")
        elapsed.append(notebook.page.evaluate("cscClock.end - cscClock.start"))
    kernel, selected = notebook.kernel("[1000 * float(np.median(shares)), selected()]")
    notebook.close()
    context.close()
    return Timing(statistics.median(elapsed), kernel, selected)


def settle(notebook: Notebook) -> None:
    """Wait until nothing has happened for a while."""
    notebook.page.wait_for_function(f"performance.now() - cscClock.end > {QUIET}", timeout=120_000)


def timings(subject: Ours | Glue, folders: Sequence[Path]) -> list[Timing]:
    """One timing for each archive folder, in one JupyterLab."""
    with browsing(subject.python) as (lab, browser):
        return [measure(browser, lab, subject, folder) for folder in folders]


def run(sizes: Sequence[int] = SIZES) -> list[Measurement]:
    """Ours and the peer's medians for tables of these sizes."""
    with tempfile.TemporaryDirectory() as place:
        demo = build.demo_folder()
        folders = [write_field(Path(place) / f"field{n}", demo, n) for n in sizes]
        ours, theirs = timings(Ours(), folders), timings(Glue(), folders)
    rows = []
    for n, our, their in zip(sizes, ours, theirs, strict=True):
        redrawn, kernel = TARGETS.get(n, ("", ""))
        what = f"lasso of {our.selected:,} of {n:,} sources"
        rows.append(Measurement(f"{what}: everything redrawn", our.redrawn, "glue-jupyter", their.redrawn, redrawn))
        rows.append(Measurement(f"{what}: kernel's share", our.kernel, "glue-jupyter", their.kernel, kernel))
    return rows
