"""bqplot-gl, which jdaviz and glue bring along, breaks bqplot's own selectors; ours must work beside it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cscwidgets.demo import build

from .lab import ROOT, Lab
from .notebook import Notebook
from .test_hardness import SETUP, assert_lassoed, drag

PEER = ROOT / ".peers" / "bqplot-gl"


@pytest.fixture(scope="module")
def bqplot_gl():
    """A folder with bqplot-gl, installed once."""
    if not (PEER / "bqplot_gl").is_dir():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", PEER, "bqplot-gl"]
        if subprocess.run(command, check=False).returncode:
            pytest.fail("bqplot-gl could not be installed: this test needs a package registry once")
    return PEER


@pytest.fixture
def notebook_beside_bqplot_gl(bqplot_gl, demo_folder, tmp_path, lab_context, monkeypatch, request):
    monkeypatch.setenv(build.CACHE_VARIABLE, str(demo_folder.parent))
    with Lab(tmp_path, target=bqplot_gl).running() as lab:
        cells = ["import bqplot_gl", "ipywidgets.VBox([style(), panel.widget])"]
        notebook = Notebook(lab, lab_context, request.node.name, cells)
        yield notebook
        notebook.close()


@pytest.mark.long  # the library alone; the same on our diagrams is in test_hardness
def test_lasso_and_box_reach_python(notebook_beside_bqplot_gl):
    nb = notebook_beside_bqplot_gl
    nb.execute(SETUP.replace("N)", "500)"))
    nb.run_all()
    nb.page.wait_for_selector(".csc-plot-layer >> nth=1")
    assert any("/extensions/bqplot-gl/" in url for url in nb.requests)
    lasso = [(-0.3, -0.3), (0.5, -0.3), (0.5, 0.4), (0.1, 0.05), (-0.3, 0.4), (-0.3, -0.3)]
    drag(nb, lasso)
    nb.until("state.desk.selection.count > 0")
    assert_lassoed(nb, lasso, nb.kernel("sorted(state.desk.selection.names)"))
    nb.page.get_by_role("button", name="Box").click()
    nb.until("panel.within.selector.tool == 'box'")
    drag(nb, [(-0.2, -0.2), (0.2, 0.2)])
    box = [(-0.2, -0.2), (0.2, -0.2), (0.2, 0.2), (-0.2, 0.2)]
    nb.until("state.desk.selection.count > 0 and state.desk.selection.clause.mode == 'new'")
    nb.page.wait_for_timeout(500)
    assert_lassoed(nb, box, nb.kernel("sorted(state.desk.selection.names)"))
    assert nb.errors == []
