"""Explorers come and go in a real kernel: nothing of a closed one stays, and the next opens as fast."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from cscwidgets.demo import build

USE = """
import ctypes, gc, json, sys, threading, psutil
from ipywidgets.widgets.widget import _instances
from cscwidgets import Explorer
from IPython.display import display
process = psutil.Process()

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

class Heap(ctypes.Structure):
    # glibc's mallinfo2: what malloc has handed out, not what its pools keep for later
    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")]

mallinfo2 = ctypes.CDLL(None).mallinfo2
mallinfo2.restype = Heap

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

def state():
    gc.collect()
    heap = mallinfo2()
    ours = ("cscwidgets.views", "cscwidgets.state", "cscwidgets.explorer")
    things = [type(thing) for thing in gc.get_objects() if isinstance(type(thing).__module__, str)]
    comms = get_ipython().kernel.comm_manager.comms
    return {
        "objects": sum(kind.__module__.startswith(ours) and kind.__name__ != "Callbacks" for kind in things),
        "widgets": len(_instances), "comms": len(comms), "threads": threading.active_count(),
        # not num_fds: the event descriptors of ipykernel's sockets outlive their threads by a while
        "files": len(process.open_files()) + len(process.net_connections()),
        "megabytes": process.memory_info().rss / 1e6,
        "held": (heap.uordblks + heap.hblkhd) / 1e6, "blocks": sys.getallocatedblocks(),
    }

def repeat(times):
    for number in range(times):
        use()
"""


class Kernel:
    """A kernel that takes cells as JupyterLab sends them, each with its name."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self._client = client

    def run(self, code: str, cell: str = "cell", timeout: float = 120) -> None:
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        message = self._client.session.msg("execute_request", {**content, "stop_on_error": True})
        message["metadata"] = {"cellId": cell}
        self._client.shell_channel.send(message)
        while (reply := self._client.get_shell_msg(timeout=timeout))["parent_header"].get("msg_id") != message[
            "header"
        ]["msg_id"]:
            pass
        assert reply["content"]["status"] == "ok", "\n".join(reply["content"].get("traceback", []))

    def value(self, expression: str, tmp: Any, timeout: float = 120) -> Any:
        path = tmp / "value.json"
        self.run(f"import json; open({str(path)!r}, 'w').write(json.dumps({expression}))", "value", timeout)
        return json.loads(path.read_text())


@pytest.fixture
def kernel(demo_folder) -> Iterator[Kernel]:
    # With glibc's many arenas, memory creeps up to a plateau while nothing is held: a leak would drown in it.
    environment = {**os.environ, build.CACHE_VARIABLE: str(demo_folder.parent), "MALLOC_ARENA_MAX": "2"}
    manager, client = start_new_kernel(env=environment)
    yield Kernel(client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.mark.slow
@pytest.mark.parametrize("times", [14, pytest.param(200, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
def test_nothing_of_closed_explorers_stays(kernel, tmp_path, times):
    kernel.run(USE)
    start = kernel.value("use() or state()", tmp_path)
    kernel.run("repeat(9)", timeout=300)
    tenth = kernel.value("state()", tmp_path)  # in a cell of its own: what threads have posted has been taken in
    calls = kernel.value("calls_to_open()", tmp_path)
    kernel.run(f"repeat({times - 10})", timeout=1400)
    end = kernel.value("state()", tmp_path)
    for what in ("objects", "widgets", "comms", "threads", "files"):
        assert end[what] == tenth[what] <= start[what], (what, start, tenth, end)
    # What is held stays: of 200, malloc gained 3 MB (a tracemalloc of eight, 0.06 MB) and Python's blocks none.
    assert end["held"] < tenth["held"] + 10, (tenth, end)
    assert end["blocks"] < 1.02 * tenth["blocks"], (tenth, end)
    # What the pools of malloc, Arrow and Python keep for later moves up and down. It reached a plateau at the 70th,
    # 50 MB above the tenth; the 200th had 3 MB more.
    assert end["megabytes"] < tenth["megabytes"] + 100, (tenth, end)
    assert kernel.value("calls_to_open()", tmp_path) == pytest.approx(calls, rel=0.1)


@pytest.mark.slow
def test_a_cell_that_is_run_again_closes_what_it_made_before(kernel, tmp_path):
    kernel.run("from cscwidgets import Explorer\nfrom ipywidgets.widgets.widget import _instances as widgets")
    made = "app = Explorer(archive='demo')\napp"
    kernel.run(made, "first")
    one = kernel.value("len(widgets)", tmp_path)
    for _ in range(3):
        kernel.run(made, "first")
    assert kernel.value("len(widgets)", tmp_path) == one
    kernel.run(made, "second")  # another cell: both are there to be seen
    assert kernel.value("len(widgets)", tmp_path) == 2 * one
    kernel.run("kept = [app]")
    kernel.run(made, "second")  # in a list: it may be used yet
    assert kernel.value("len(widgets)", tmp_path) == 3 * one
    kernel.run("Explorer(archive='demo'); Explorer(archive='demo')", "third")  # two of one run
    assert kernel.value("len(widgets)", tmp_path) == 5 * one
