"""Explorers come and go in a real kernel: nothing of a closed one stays, and the next opens as fast."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cscwidgets.demo import build

from . import kernels
from .kernels import Kernel

USE = """
import sys
from cscwidgets import Explorer
from IPython.display import display
from tests.kernel_state import state

def use():
    app = Explorer("47 Tuc", radius="1 arcmin", archive="demo")
    display(app)
    names = list(app.table["name"])
    app.select(names[:5])
    app.undo()
    app.focus = names[0]
    for panel in ("light curves", "spectrum", "counterparts", "sky coverage", "hardness"):
        app.show(panel)
        app.wait(60)
    app.hardness.figure()
    app.close()

def calls_to_open():
    # calls and returns of all functions, Python's and C's: a measure of work that no other load changes
    calls = 0
    def count(frame, event, argument):
        nonlocal calls
        calls += 1
    sys.setprofile(count)
    try:
        app = Explorer(archive="demo")
    finally:
        sys.setprofile(None)
    app.close()
    return calls

def repeat(times):
    for number in range(times):
        use()
"""


@pytest.fixture
def kernel(demo_folder, tmp_path) -> Iterator[Kernel]:
    # With glibc's many arenas, memory creeps up to a plateau while nothing is held: a leak would drown in it.
    with kernels.kernel(tmp_path, {build.CACHE_VARIABLE: str(demo_folder.parent), "MALLOC_ARENA_MAX": "2"}) as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("times", [12, pytest.param(200, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
def test_nothing_of_closed_explorers_stays(kernel, times):
    kernel.run(USE)
    start = kernel.value("use() or state()")
    kernel.run("repeat(9)", timeout=300)
    tenth = kernel.value("state()")  # in a cell of its own: what threads have posted has been taken in
    calls = kernel.value("calls_to_open()")
    kernel.run(f"repeat({times - 10})", timeout=1400)
    end = kernel.value("state()")
    for what in ("objects", "widgets", "comms", "threads", "files"):
        assert end[what] == tenth[what] <= start[what], (what, start, tenth, end)
    # What is held stays: of 200, malloc gained 3 MB (a tracemalloc of eight, 0.06 MB) and Python's blocks none.
    assert end["held"] < tenth["held"] + 10, (tenth, end)
    assert end["blocks"] < 1.02 * tenth["blocks"], (tenth, end)
    # What the pools of malloc, Arrow and Python keep for later moves up and down. It reached a plateau at the 70th,
    # 50 MB above the tenth; the 200th had 3 MB more.
    assert end["megabytes"] < tenth["megabytes"] + 100, (tenth, end)
    assert kernel.value("calls_to_open()") == pytest.approx(calls, rel=0.1)


@pytest.mark.slow
def test_a_cell_that_is_run_again_closes_what_it_made_before(kernel):
    kernel.run("from cscwidgets import Explorer\nfrom ipywidgets.widgets.widget import _instances as widgets")
    made = "app = Explorer(archive='demo')\napp"
    kernel.run(made, "first")
    one = kernel.value("len(widgets)")
    for _ in range(3):
        kernel.run(made, "first")
    assert kernel.value("len(widgets)") == one
    kernel.run(made, "second")  # another cell: both are there to be seen
    assert kernel.value("len(widgets)") == 2 * one
    kernel.run("kept = [app]")
    kernel.run(made, "second")  # in a list: it may be used yet
    assert kernel.value("len(widgets)") == 3 * one
    kernel.run("Explorer(archive='demo'); Explorer(archive='demo')", "third")  # two of one run
    assert kernel.value("len(widgets)") == 5 * one
