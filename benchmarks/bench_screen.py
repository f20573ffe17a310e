"""How soon an explorer is seen after its cell was run, beside Imviz and glue-jupyter, and how smoothly it is dragged.

Each runs in a JupyterLab of its own environment, in Chromium without a graphics card; imports are done in an earlier
cell. The clock starts in the page when the cell is run, and stops two frames after what `Subject.seen` says is there:
of the explorer the sources on the sky, in a diagram and in the table, of the peers their first figure.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import Browser

from cscwidgets.demo import build
from tests.browser.field import CENTRE, RADIUS, write_field
from tests.browser.lab import Lab
from tests.browser.notebook import Notebook

from .browser import browsing, peer_python
from .measurement import Measurement, markdown

RUNS = 5
SOURCES = 1_000
SMOOTH = 1000 / 15  # ms between two redraws, at most
DRAG = 2.0  # s


@dataclass(frozen=True)
class Subject:
    """What is shown, how, and when it is seen.

    Attributes
    ----------
    packages : tuple of str
        Of a peer's environment, made once; none is the environment that runs this.
    imports, cell : str
        Python.
    seen : str
        A JavaScript expression.
    """

    name: str
    packages: tuple[str, ...]
    imports: str
    cell: str
    seen: str

    @property
    def python(self) -> str:
        return peer_python(self.name, self.packages) if self.packages else sys.executable


OURS = Subject(
    "cscwidgets",
    (),
    "from cscwidgets import Explorer",
    'app = Explorer("{ra} {dec}", "{radius} deg", archive="{folder}")\napp',
    "document.querySelector('.csc-marked, .csc-area-table .tabulator-row')"
    " && [...document.querySelectorAll('.csc-widget')].some(one => one.__cscwidgets?.counts?.().sources > 0)"
    " && [...document.querySelectorAll('.csc-points canvas')].some(canvas => canvas.width > 0"
    " && canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(part => part > 0))",
)
PLOT = "document.querySelector('.bqplot .plotarea_background')?.getBoundingClientRect().width > 50"
IMVIZ = Subject(
    "jdaviz",
    ("jdaviz", "jupyterlab"),
    "import warnings; warnings.simplefilter('ignore')\nimport numpy as np\nfrom jdaviz import Imviz",
    "viz = Imviz()\nviz.load_data(np.random.default_rng(1).random((512, 512)), data_label='image')\nviz.show()",
    PLOT,
)
GLUE = Subject(
    "glue",
    ("glue-jupyter", "jupyterlab", "pyarrow"),
    "import warnings; warnings.simplefilter('ignore')\nimport pandas as pd, glue_jupyter\nfrom glue.core import Data\n"
    'frame = pd.read_parquet("{folder}/master_source.parquet")',
    "app = glue_jupyter.jglue(data=Data(label='data', **{{name: frame[name].values for name in frame}}))\n"
    "view = app.scatter2d(x='hard_hm', y='hard_ms')",
    PLOT,
)

FIRST_VIEW = """seen => new Promise(resolve => {
  notebook.content.activeCellIndex = 1;
  const start = performance.now();
  void jupyterapp.commands.execute('notebook:run-cell');
  const look = () => {
    if (!seen()) return void requestAnimationFrame(look);
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - start)));
  };
  look();
})"""

# The pointer moves once a frame, as Chromium hands on a mouse that reports faster; the answers are times of redraws.
PULL = """async ([left, top, milliseconds]) => {
  const [line, plot] = ['.csc-vline', '.csc-hardness .plotarea_background'].map(one => document.querySelector(one));
  const [start, redrawn] = [performance.now(), []];
  let width = plot.getBoundingClientRect().width;
  for (let step = 0; performance.now() < start + milliseconds; step++) {
    const at = {clientX: left + Math.abs(step % 80 - 40), clientY: top};
    line.dispatchEvent(new PointerEvent('pointermove', {pointerId: 1, bubbles: true, ...at}));
    await new Promise(requestAnimationFrame);
    const now = plot.getBoundingClientRect().width;
    if (now !== width) redrawn.push(performance.now());
    width = now;
  }
  return redrawn;
}"""


def first_view(browser: Browser, lab: Lab, subject: Subject, folder: Path) -> tuple[float, Notebook]:
    """Milliseconds from the cell to the first view, and the notebook that shows it."""
    words = {"ra": CENTRE[0], "dec": CENTRE[1], "radius": 1.01 * RADIUS, "folder": folder}
    cells = [part.format(**words) for part in (subject.imports, subject.cell)]
    notebook = Notebook(lab, browser.new_context(), "bench", cells)
    notebook.page.set_viewport_size({"width": 1366, "height": 768})
    notebook.page.evaluate(
        "() => { notebook.content.activeCellIndex = 0; return jupyterapp.commands.execute('notebook:run-cell')"
        ".then(() => null); }"
    )
    notebook.page.wait_for_timeout(1000)
    return notebook.page.evaluate(FIRST_VIEW.replace("seen()", f"({subject.seen})"), None), notebook


def redraw(notebook: Notebook) -> float:
    """Milliseconds between two redraws of a diagram while the border beside it is dragged."""
    page = notebook.page
    line = page.locator(".csc-vline").bounding_box()
    left, top = line["x"] + 3, line["y"] + 60
    page.mouse.move(left, top)
    page.mouse.down()
    redrawn = page.evaluate(PULL, [left, top, 1000 * DRAG])
    page.mouse.up()
    return statistics.fmean(later - earlier for earlier, later in pairwise(redrawn))


def medians(subject: Subject, folder: Path) -> tuple[float, float]:
    """First view and, of ours, redraw: medians in ms."""
    first, redrawn = [], [float("nan")]
    with browsing(subject.python) as (lab, browser):
        for run in range(RUNS + 1):
            elapsed, notebook = first_view(browser, lab, subject, folder)
            if run:  # the first fills the browser's cache
                first.append(elapsed)
            if subject is OURS and run:
                notebook.page.wait_for_timeout(2000)
                redrawn.append(redraw(notebook))
            notebook.close()
    return statistics.median(first), statistics.median(redrawn[1:] or redrawn)


def run() -> list[Measurement]:
    """Ours and the peers' medians."""
    with tempfile.TemporaryDirectory() as place:
        folder = write_field(Path(place) / "field", build.demo_folder(), SOURCES)
        (ours, smooth), (imviz, _), (glue, _) = (medians(subject, folder) for subject in (OURS, IMVIZ, GLUE))
    what = f"first view after running the cell, {SOURCES:,} sources"
    return [
        Measurement(what, ours, "Imviz, an image of 512 × 512", imviz, "≤ 2000"),
        Measurement(what, ours, "glue-jupyter, one scatter diagram", glue, "≤ 2000"),
        Measurement(
            f"between two redraws of a dragged border, {SOURCES:,} sources", smooth, "15 a second", SMOOTH, "≤ 67"
        ),
    ]


if __name__ == "__main__":
    print(markdown(run()))
