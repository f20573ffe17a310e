"""The whole catalogue in the browser: how soon it is seen, how smoothly it is moved, how soon a brush is seen.

In a JupyterLab in Chromium without a graphics card; the clock is the page's. Beside it glue-jupyter with the same rows
in one scatter diagram: its kernel's time for a brush, said in Python as its own selection says it, and both pictures.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.notebook import Notebook
from tests.browser.skypage import SkyPage
from tests.whole_catalogue import SOURCES, write_whole_catalogue

from .bench_screen import GLUE
from .browser import browsing, peer_python
from .measurement import Measurement, markdown

RUNS = 3
MOVED = 3.0  # s of panning, and of zooming

VIEW = "[...document.querySelectorAll('.csc-widget')].find(one => one.querySelector('.csc-sky-field')).__cscwidgets"

SEEN = f"""() => new Promise(resolve => {{
  notebook.content.activeCellIndex = 1;
  const start = performance.now();
  void jupyterapp.commands.execute('notebook:run-cell');
  const seen = () => document.querySelector('.csc-sky-field') && {VIEW}?.counts().cells > 500;
  const look = () => {{
    if (!seen()) return void requestAnimationFrame(look);
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - start)));
  }};
  look();
}})"""

# What was drawn while the pointer moved once a frame, or the wheel turned: the sky's own count of its frames.
MOVES = f"""async ([left, top, milliseconds, wheel]) => {{
  const view = {VIEW}, target = document.elementFromPoint(left, top);
  const [start, before] = [performance.now(), view.counts().frames];
  const event = (Kind, type, at) => target.dispatchEvent(new Kind(type, {{bubbles: true, cancelable: true, pointerId: 1,
    pointerType: 'mouse', isPrimary: true, button: 0, buttons: type.endsWith('up') ? 0 : 1, ...at}}));
  const at = step => ({{clientX: left + 60 * Math.sin(step / 10), clientY: top + 30 * Math.cos(step / 10)}});
  if (!wheel) for (const [Kind, type] of [[PointerEvent, 'pointerdown'], [MouseEvent, 'mousedown']])
    event(Kind, type, at(0));
  for (let step = 0; performance.now() < start + milliseconds; step++) {{
    if (wheel) event(WheelEvent, 'wheel', {{...at(0), deltaY: Math.floor(step / 15) % 2 ? 100 : -100}});
    else for (const [Kind, type] of [[PointerEvent, 'pointermove'], [MouseEvent, 'mousemove']])
      event(Kind, type, at(step));
    await new Promise(requestAnimationFrame);
  }}
  const drawn = view.counts().frames - before, passed = performance.now() - start;
  if (!wheel) for (const [Kind, type] of [[PointerEvent, 'pointerup'], [MouseEvent, 'mouseup']])
    event(Kind, type, at(0));
  return drawn / passed * 1000;
}}"""

# From the pointer's release to the second frame after everything shows the selection: words, sky, diagrams, rows.
BRUSHED = f"""() => {{
  window.brushed = new Promise(resolve => addEventListener('pointerup', () => {{
    const start = performance.now();
    const look = () => {{
      const words = /([\\d,]+) selected/.exec(document.querySelector('.csc-area-table').innerText);
      const told = words ? Number(words[1].replaceAll(',', '')) : 0;
      const everywhere = told > 0 && {VIEW}.counts().selected > 0
        && document.querySelectorAll('.csc-points img').length >= 3;
      if (!everywhere) return void requestAnimationFrame(look);
      requestAnimationFrame(() => requestAnimationFrame(() => resolve([performance.now() - start, told])));
    }};
    requestAnimationFrame(look);
  }}, {{capture: true, once: true}}));
}}"""

GLUE_BRUSH = """
import sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np, pandas as pd, pyarrow.dataset, glue_jupyter
from glue.core import Data
from glue.core.roi import RectangularROI
rows = pyarrow.dataset.dataset(sys.argv[1], partitioning=None).to_table(columns=["hard_hm", "hard_ms"]).to_pandas()
app = glue_jupyter.jglue(data=Data(label="data", **{name: rows[name].values for name in rows}))
view = app.scatter2d(x="hard_hm", y="hard_ms", show=False)
times = []
for edge in (0.10, 0.11, 0.12):
    start = time.perf_counter()
    view.apply_roi(RectangularROI(-0.5, edge, -0.5, 0.5))
    for layer in view.layers:  # what its pictures ask for, each time
        layer.compute_density_map(bins=(300, 300), range=[(-1, 1), (-1, 1)])
    times.append(1000 * (time.perf_counter() - start))
print(sorted(times)[1], len(rows))
"""


def brush(page: Page, view: SkyPage) -> tuple[float, int]:
    """Milliseconds until a circle drawn around the sky's middle is seen everywhere, and how many it holds."""
    page.evaluate(BRUSHED)
    width, height = view.size
    view.drag((width / 2, height / 2), (width / 2 + 95, height / 2))
    elapsed, selected = page.evaluate("brushed")
    return float(elapsed), int(selected)


def glue(folder: Path) -> float:
    """Milliseconds of glue-jupyter's kernel for a brush of the same rows."""
    command = [peer_python(GLUE.name, GLUE.packages), "-c", GLUE_BRUSH, str(folder / "master_source" / "dataset")]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(told[-2])


def run() -> list[Measurement]:
    """All rows of the table."""
    with tempfile.TemporaryDirectory() as place:
        folder = write_whole_catalogue(Path(place) / "csc21")
        cells = ["from cscwidgets import Explorer", f"app = Explorer(archive={str(folder)!r}); sky = app.sky\napp"]
        with browsing(sys.executable) as (lab, browser):
            opened, brushes = [], []
            for _ in range(RUNS):
                notebook = Notebook(lab, browser.new_context(), "bench", cells)
                page = notebook.page
                page.set_viewport_size({"width": 1366, "height": 768})
                page.evaluate(
                    "() => { notebook.content.activeCellIndex = 0; return"
                    " jupyterapp.commands.execute('notebook:run-cell').then(() => null); }"
                )
                page.wait_for_timeout(1000)
                opened.append(page.evaluate(SEEN))
                notebook.until("len(app._state.table) > 0 and not app._state.desk.tasks.running", 60)
                page.wait_for_timeout(4000)
                view = SkyPage(notebook)
                box = view.field.bounding_box()
                middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
                pan = page.evaluate(MOVES, [*middle, 1000 * MOVED, False])
                zoom = page.evaluate(MOVES, [*middle, 1000 * MOVED, True])
                notebook.execute("sky.target = '83.8 -5.4'; sky.fov = 360; sky.draw('circle', 'select')")
                page.wait_for_timeout(2000)
                brushes.append(brush(page, view))
                notebook.close()
        theirs = glue(folder)
    size, nothing = f"{SOURCES:,} sources", float("nan")
    elapsed, selected = sorted(brushes)[RUNS // 2]
    return [
        Measurement(
            f"{size}: counts on all of the sky seen after the cell was run",
            statistics.median(opened),
            "",
            nothing,
            "≤ 1500",
        ),
        Measurement(f"{size}: frames a second while panned (no ms)", pan, "", nothing, "≥ 10"),
        Measurement(f"{size}: frames a second while zoomed (no ms)", zoom, "", nothing, "≥ 10"),
        Measurement(
            f"{size}: brush of {selected:,} seen everywhere",
            elapsed,
            "glue-jupyter, its kernel alone",
            theirs,
            "≤ 1000",
        ),
    ]


if __name__ == "__main__":
    print(markdown(run()))
