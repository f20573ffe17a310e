"""Explorers come and go in a real kernel: nothing of a closed one stays, and the next opens as fast."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from statistics import median
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from cscwidgets.demo import build

USE = """
import gc, json, threading, time, psutil
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

def state():
    gc.collect()
    ours = ("cscwidgets.views", "cscwidgets.state", "cscwidgets.explorer")
    things = [type(thing) for thing in gc.get_objects() if isinstance(type(thing).__module__, str)]
    comms = get_ipython().kernel.comm_manager.comms
    return {
        "objects": sum(kind.__module__.startswith(ours) and kind.__name__ != "Callbacks" for kind in things),
        "widgets": len(_instances), "comms": len(comms), "threads": threading.active_count(),
        # not num_fds: the event descriptors of ipykernel's sockets outlive their threads by a while
        "files": len(process.open_files()) + len(process.net_connections()),
        "megabytes": process.memory_info().rss / 1e6,
    }

def repeat(times):
    seconds = []
    for number in range(times):
        started = time.perf_counter()
        use()
        seconds.append(time.perf_counter() - started)
    return seconds
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
@pytest.mark.parametrize(
    ("times", "megabytes"), [(14, 20), pytest.param(60, 40, marks=[pytest.mark.long, pytest.mark.timeout(900)])]
)
def test_nothing_of_closed_explorers_stays(kernel, tmp_path, times, megabytes):
    kernel.run(USE)
    start = kernel.value("use() or state()", tmp_path)
    first = kernel.value("repeat(9)", tmp_path)
    tenth = kernel.value("state()", tmp_path)  # in a cell of its own: what threads have posted has been taken in
    later = kernel.value(f"repeat({times - 10})", tmp_path, timeout=1400)
    end = kernel.value("state()", tmp_path)
    for what in ("objects", "widgets", "comms", "threads", "files"):
        assert end[what] == tenth[what] <= start[what], (what, start, tenth, end)
    assert end["megabytes"] < tenth["megabytes"] + megabytes
    # Medians of neighbours, and a wide limit: a single opening is as noisy as the machine.
    assert median(later[-10:]) < 1.5 * median(first)


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
