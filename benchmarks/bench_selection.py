"""From mouse-up in a scatter diagram to every linked view redrawn, beside glue-jupyter, in Chromium with software GL.

Both draw the same table and are lassoed by the same mouse path. The clock starts at mouse-up and
stops with the second frame after the kernel's last message, so what the browser does with the
messages is counted too. The kernel's share is the time its handler of the mouse-up runs.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.lab import CHROMIUM_FLAGS, Lab, Notebook

ROOT = Path(__file__).resolve().parents[1]
PEER = ROOT / ".peers" / "glue"
RUNS = 5

TABLE = """
import numpy as np
rng = np.random.default_rng(7)
n = {n}
names = [f"SIM J{{i:07d}}" for i in range(n)]
ra, dec = 23.46 + rng.normal(0, 0.3, n), 30.66 + rng.normal(0, 0.3, n)
hm, ms = np.clip(rng.normal(0.1, 0.35, (2, n)), -0.97, 0.97)
prob = rng.random((2, n))
"""

OURS = """
from astropy.table import QTable
import astropy.units as u, ipywidgets
from cscwidgets import Explorer
app = Explorer(archive="demo")
table = QTable({"name": names, "ra": ra * u.deg, "dec": dec * u.deg})
for pair, value in (("hm", hm), ("hs", hm), ("ms", ms)):
    table[f"hard_{pair}"], table[f"hard_{pair}_lolim"], table[f"hard_{pair}_hilim"] = value, value - 0.05, value + 0.08
table["var_intra_prob_b"], table["var_inter_prob_b"] = prob
from cscwidgets.archive import Provenance, read_region
table.meta["provenance"] = Provenance(release="bench", service="", query="", requested=n, returned=n)
app.state._arrived((read_region("M33", "1 deg"), table, "bench"))
import time
shares = []
selector = app.hardness.within.selector
heard = selector._callbacks["shape"][0]
def timed(*args):
    start = time.perf_counter()
    heard(*args)
    shares.append(time.perf_counter() - start)
selector._callbacks["shape"][0] = timed
clear = app.state.selection.clear
selected = lambda: app.state.selection.count
"""

GLUE = """
import warnings; warnings.simplefilter("ignore")
import glue_jupyter as gj
from glue.core import Data
app = gj.jglue(data=Data(label="data", name=names, ra=ra, dec=dec, hm=hm, ms=ms, intra=prob[0], inter=prob[1]))
data = app.data_collection[0]
views = [app.scatter2d(x="hm", y="ms", show=False), app.scatter2d(x="hm", y="ms", show=False),
         app.scatter2d(x="ra", y="dec", show=False), app.table(data=data, show=False)]
for view, what in zip(views, ("intra", "inter")):
    view.layers[0].state.cmap_mode, view.layers[0].state.cmap_att = "Linear", data.id[what]
import time
shares = []
apply_roi = views[0].apply_roi
def timed(*args, **kwargs):
    start = time.perf_counter()
    result = apply_roi(*args, **kwargs)
    shares.append(time.perf_counter() - start)
    return result
views[0].apply_roi = timed
def clear():
    for group in list(app.data_collection.subset_groups):
        app.data_collection.remove_subset_group(group)
selected = lambda: int(data.subsets[0].to_mask().sum()) if data.subsets else 0
views[0].toolbar.active_tool_id = "bqplot:lasso"
"""

CLOCK = """
() => {
  const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const clock = window.cscClock = {start: 0, end: 0, messages: 0, bytes: 0};
  const frame = () => requestAnimationFrame(() => requestAnimationFrame(() => { clock.end = performance.now(); }));
  kernel.anyMessage.connect((_, {msg, direction}) => {
    if (direction === "recv" && msg.header.msg_type.startsWith("comm_")) { clock.messages += 1; frame(); }
  });
  document.addEventListener("pointerup", () => { clock.start = performance.now(); clock.messages = 0; frame(); }, true);
}
"""


def peer_python() -> str:
    """The Python of an environment with glue-jupyter, made once."""
    python = PEER / "bin" / "python"
    if not python.exists():
        venv.create(PEER, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "glue-jupyter", "jupyterlab"], check=True)
    return str(python)


def measure(python: str, setup: str, show: str, plot: str, n: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder, Lab(Path(folder), python).running() as lab, sync_playwright() as play:
        executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = play.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        context = browser.new_context(viewport={"width": 1500, "height": 1300})
        notebook = Notebook(lab, context, "bench", [show])
        notebook.execute(TABLE.format(n=n) + setup)
        notebook.run_all()
        area = notebook.page.locator(plot).first
        area.wait_for(timeout=120_000)
        notebook.page.wait_for_timeout(3000 + n / 10)
        area.scroll_into_view_if_needed()
        notebook.page.evaluate(CLOCK)
        elapsed = []
        for _ in range(RUNS):
            notebook.execute("clear(); shares.clear()")
            notebook.page.wait_for_timeout(1500 + n / 20)
            lasso(notebook, area.bounding_box())
            notebook.until("selected() > 0", 60)
            notebook.page.wait_for_timeout(2000 + n / 10)
            elapsed.append(notebook.page.evaluate("cscClock.end - cscClock.start"))
        result = {
            "redrawn_ms": statistics.median(elapsed),
            "kernel_ms": 1000 * notebook.kernel("float(np.median(shares))"),
            "selected": notebook.kernel("selected()"),
        }
        notebook.close()
        browser.close()
        return result


def lasso(notebook: Notebook, box: dict[str, float]) -> None:
    corners = [(0.45, 0.3), (0.75, 0.3), (0.75, 0.7), (0.6, 0.5), (0.45, 0.7), (0.45, 0.3)]
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
    notebook.page.mouse.move(*points[0])
    notebook.page.mouse.down()
    for point in points[1:]:
        notebook.page.mouse.move(*point, steps=10)
    notebook.page.mouse.up()


def run(sizes: tuple[int, ...] = (1_000, 10_000, 100_000)) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for n in sizes:
        ours = measure(sys.executable, OURS, "app", ".csc-diagram .plotarea_background", n)
        theirs = measure(
            peer_python(),
            GLUE,
            "import ipywidgets; ipywidgets.GridBox([v.figure_widget if hasattr(v, 'figure_widget') else v._layout "
            "for v in views], layout={'grid_template_columns': '1fr 1fr'})",
            ".bqplot .plotarea_background",
            n,
        )
        rows.append({"sources": n, "cscwidgets": ours, "glue-jupyter": theirs})
    return rows


if __name__ == "__main__":
    for row in run(tuple(map(int, sys.argv[1:])) or (1_000, 10_000)):
        print(row)
