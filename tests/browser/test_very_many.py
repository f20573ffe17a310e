"""A hundred thousand sources: a picture of them in the diagrams, an exact selection, and words that say so."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from cscwidgets.archive.folder import ArchiveInfo, write_folder

from .skypage import SkyPage
from .test_hardness import assert_lassoed, drag, plot_area

N = 100_000


def write_sources(folder):
    rng = np.random.default_rng(11)
    columns = {
        "name": [f"SIM J{row:07d}" for row in range(N)],
        "ra": 23.46 + rng.normal(0, 0.4, N),
        "dec": 30.66 + rng.normal(0, 0.4, N),
        "significance": rng.exponential(5, N),
        "var_intra_prob_b": rng.beta(2, 3, N),
        "var_inter_prob_b": rng.beta(3, 2, N),
    }
    for pair in ("hm", "hs", "ms"):
        value = np.clip(rng.normal(0.1, 0.3, N), -0.97, 0.97)
        columns |= {f"hard_{pair}": value, f"hard_{pair}_lolim": value - 0.02, f"hard_{pair}_hilim": value + 0.02}
    info = ArchiveInfo("Very many", "csc2.1", "csc21", "made for a test", True, "2026-01-01T00:00:00Z")
    write_folder(folder, {"master_source": pa.table(columns)}, info)


@pytest.mark.long  # a whole catalogue is in test_all_sky
def test_a_hundred_thousand_sources(notebook, tmp_path):
    folder = tmp_path / "many"
    write_sources(folder)
    cell = f"app = Explorer('23.46 30.66', radius='4 deg', archive={str(folder)!r}); sky = app.sky\napp"
    nb = notebook(["from cscwidgets import Explorer", cell])
    nb.page.set_viewport_size({"width": 1400, "height": 1400})
    nb.run_all()
    nb.until("len(app._state.table) > 0 and not app._state.desk.tasks.running", 60)
    view = SkyPage(nb)
    view.wait("view.counts().sources > 0", 30)
    assert nb.kernel("len(app.table)") == N
    nb.page.get_by_text("the picture shows how many in each cell").wait_for()
    nb.page.get_by_text("selection acts on all; zoom in for single ones").wait_for()
    nb.execute("state, panel = app._state, app.hardness")
    nb.page.wait_for_function("document.querySelectorAll('.csc-points img').length === 2")
    nb.page.wait_for_timeout(1000)  # the layout settles
    corners = [(-0.2, -0.2), (0.4, -0.2), (0.4, 0.3), (0.1, 0.1), (-0.2, 0.3), (-0.2, -0.2)]
    for _ in range(3):  # a page this busy may still be laying itself out under the mouse
        drag(nb, corners)
        nb.page.wait_for_timeout(4000)
        if nb.kernel("state.desk.selection.count"):
            break
    assert nb.kernel("state.desk.selection.count") > 0
    selected = set(nb.kernel("sorted(state.desk.selection.names)"))
    assert len(selected) > 20_000
    assert_lassoed(nb, corners, selected)
    nb.page.get_by_text(f"{len(selected):,} selected").first.wait_for()
    nb.page.wait_for_timeout(1500)
    # In either diagram all sources, and those selected.
    nb.page.wait_for_function("document.querySelectorAll('.csc-points img').length === 4")
    area, _ = plot_area(nb)
    picture = nb.page.locator(".csc-points img").first.bounding_box()
    assert all(abs(picture[side] - area[side]) < 2 for side in ("x", "y", "width", "height"))
    nb.screenshot("light")
    nb.theme("dark")
    nb.page.wait_for_timeout(800)
    nb.screenshot("dark")
    assert nb.kernel("app.messages") == []
