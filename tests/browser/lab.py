"""A real JupyterLab, and notebooks driven in it: write cells, run them, ask the kernel, look at the page."""

from __future__ import annotations

import ast
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, Request

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "test-results"

CHROMIUM_FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-watchdog",  # software GL on a busy machine is slow, not hung
    "--disable-dev-shm-usage",  # in containers often too small
]

# Nothing listens on the discard port: a kernel that tries to leave the machine fails at once.
NO_NETWORK = {f"{scheme}_proxy": "http://127.0.0.1:9" for scheme in ("http", "https", "HTTP", "HTTPS")}

# In each kernel: on a signal, write down what every thread is doing.
STACKS_ON_SIGNAL = """
import faulthandler, os, signal
faulthandler.register(signal.SIGUSR1, open(os.path.join({folder!r}, str(os.getpid())), "w"))
"""


class KernelError(AssertionError):
    """Code failed in the notebook's kernel; the message is its traceback."""


class Lab:
    """One JupyterLab server over a temporary folder.

    Parameters
    ----------
    folder : Path
        Where its notebooks and settings go.
    python : str
        Whose environment serves and computes.
    target : Path, optional
        A folder made by ``pip install --target`` to see besides.
    """

    def __init__(self, folder: Path, python: str = sys.executable, target: Path | None = None) -> None:
        self._python = python
        self._target = [] if target is None else [target]
        self.root = folder / "notebooks"
        self.token = secrets.token_hex(12)
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._stacks = folder / "stacks"

    @contextmanager
    def running(self) -> Iterator[Lab]:
        self.root.mkdir()
        with (self._folder / "lab.log").open("wb") as log:
            process = subprocess.Popen(self._command(), env=self._environment(), stdout=log, stderr=log)
            try:
                self._wait(process)
                yield self
            finally:
                process.terminate()
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def _command(self) -> list[str]:
        return [
            *(self._python, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            f"--ServerApp.root_dir={self.root}",
            f"--ServerApp.port={self.port}",
            "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={self.token}",
            "--LabApp.expose_app_in_browser=True",
            "--LabApp.extension_manager=readonly",
        ]

    def _environment(self) -> dict[str, str]:
        extensions = self._folder / "share" / "labextensions"
        extensions.mkdir(parents=True)
        (extensions / "cscwidgets").symlink_to(ROOT / "cscwidgets" / "labextension")
        overrides = self._folder / "config" / "labconfig" / "default_setting_overrides.json"
        overrides.parent.mkdir(parents=True)
        overrides.write_text(json.dumps({"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}))
        startup = self._folder / "ipython" / "profile_default" / "startup" / "stacks.py"
        startup.parent.mkdir(parents=True)
        self._stacks.mkdir()
        startup.write_text(STACKS_ON_SIGNAL.format(folder=str(self._stacks)))
        return {
            **os.environ,
            **NO_NETWORK,
            "no_proxy": "127.0.0.1,localhost",
            "NO_PROXY": "127.0.0.1,localhost",
            "PYTHONPATH": _paths(ROOT, *self._target, os.environ.get("PYTHONPATH", "")),
            "JUPYTER_PATH": _paths(self._folder / "share", *(path / "share" / "jupyter" for path in self._target)),
            "JUPYTER_CONFIG_DIR": str(self._folder / "config"),
            "JUPYTER_DATA_DIR": str(self._folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(self._folder / "runtime"),
            "IPYTHONDIR": str(self._folder / "ipython"),
        }

    def _wait(self, process: subprocess.Popen[bytes], seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                self.get("api/status")
            except (urllib.error.URLError, ConnectionError):
                if process.poll() is not None:
                    break
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("JupyterLab did not start:\n" + (self._folder / "lab.log").read_text()[-4000:])

    def get(self, path: str) -> Any:
        """The JSON answer of the server's REST interface."""
        request = urllib.request.Request(f"{self.url}/{path}", headers={"Authorization": f"token {self.token}"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as answer:
            return json.load(answer)

    def stacks(self) -> str:
        """What every thread of every kernel is doing now, for when one does not answer."""
        for file in self._stacks.iterdir():
            with suppress(psutil.NoSuchProcess):
                process = psutil.Process(int(file.name))
                if "ipykernel_launcher" in process.cmdline():  # not another one with the number of one that ended
                    process.send_signal(signal.SIGUSR1)
        time.sleep(1)
        return "\n".join(f"kernel {file.name}\n{file.read_text()}" for file in self._stacks.iterdir())

    def forget_settings(self) -> None:
        """Undo what earlier pages chose: the theme, open side bars."""
        for chosen in ("user-settings", "workspaces"):
            shutil.rmtree(self._folder / "config" / "lab" / chosen, ignore_errors=True)

    def write_notebook(self, name: str, cells: Sequence[str]) -> None:
        content = {
            "cells": [
                {
                    "cell_type": "code",
                    "id": f"c{i}",
                    "metadata": {},
                    "source": s,
                    "outputs": [],
                    "execution_count": None,
                }
                for i, s in enumerate(cells)
            ],
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        (self.root / name).write_text(json.dumps(content))


def _paths(*paths: Path | str) -> str:
    return os.pathsep.join(str(path) for path in paths if str(path))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class LabPage:
    """A page of this JupyterLab, with a record of what it asked for and what went wrong in it.

    Attributes
    ----------
    requests : list of str
        Every address the page asked for.
    errors : list of str
        Uncaught JavaScript errors, and errors on the console that name this package or its widgets.
    said : list of str
        Every error and warning on the console.
    """

    def __init__(self, lab: Lab, context: BrowserContext, test: str) -> None:
        lab.forget_settings()
        self.lab = lab
        self.page: Page = context.new_page()
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.said: list[str] = []
        self.pending: set[Request] = set()
        self._test = re.sub(r"\W+", "-", test).strip("-")
        # Local pages only: the pattern is matched in the browser's own process, so that Lab stays fast.
        context.route(re.compile(rf"^(?!{re.escape(lab.url)}/|blob:|data:)"), lambda route: route.abort())
        self.page.on("request", self._on_request)
        for end in ("requestfinished", "requestfailed"):
            self.page.on(end, self._on_answer)
        self.page.on("pageerror", self._on_page_error)
        self.page.on("console", self._on_console)

    def _on_request(self, request: Request) -> None:
        self.requests.append(request.url)
        self.pending.add(request)

    def _on_answer(self, request: Request) -> None:
        self.pending.discard(request)

    def _on_page_error(self, error: Error) -> None:
        # JupyterLab's own, when a kernel ends while something is still asked of it.
        if "Canceled future" not in f"{error.name} {error.message}":
            self.errors.append(f"{error.name}: {error.message}\n{error.stack}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.said.append(message.text)
        if message.type == "error" and re.search("cscwidgets|anywidget|Aladin|Tabulator", message.text, re.IGNORECASE):
            self.errors.append(message.text)

    @property
    def outside(self) -> list[str]:
        """Addresses asked for that are not this JupyterLab's."""
        local = (f"{self.lab.url}/", "blob:", "data:", "about:")
        return [url for url in self.requests if not url.startswith(local)]

    def goto(self, path: str) -> None:
        self.page.goto(f"{self.lab.url}/{path}{'&' if '?' in path else '?'}token={self.lab.token}")
        self.page.wait_for_function("window.jupyterapp?.started", timeout=60_000)

    def command(self, command: str, **args: Any) -> Any:
        """Run a JupyterLab command and wait for its end."""
        return self.page.evaluate("([c, a]) => jupyterapp.commands.execute(c, a).then(() => null)", [command, args])

    def theme(self, name: str) -> None:
        """Switch to the ``light`` or ``dark`` theme."""
        self.command("apputils:change-theme", theme=f"JupyterLab {name.capitalize()}")
        light = "true" if name == "light" else "false"
        self.page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached")
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")  # JupyterLab hides behind it meanwhile

    def screenshot(self, name: str, selector: str | None = None) -> Path:
        """A picture of the page, or of one element, in ``test-results``."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{self._test}-{name}.png"
        (self.page.locator(selector).first if selector else self.page).screenshot(path=path)
        return path

    def close(self) -> None:
        self.page.close()
        if self.said:
            RESULTS.mkdir(exist_ok=True)
            (RESULTS / f"{self._test}-console.txt").write_text("\n\n".join(self.said))


class Notebook(LabPage):
    """A notebook of given cells, open in its own page with its own kernel."""

    def __init__(self, lab: Lab, context: BrowserContext, test: str, cells: Sequence[str]) -> None:
        super().__init__(lab, context, test)
        self.name = f"{self._test}-{secrets.token_hex(3)}.ipynb"
        lab.write_notebook(self.name, cells)
        self._open()

    def _open(self) -> None:
        self.goto(f"doc/tree/{self.name}")
        self.page.wait_for_function(
            "jupyterapp.shell.currentWidget?.sessionContext?.isReady"
            " && jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'",
            timeout=60_000,
        )
        self.page.evaluate("window.notebook = jupyterapp.shell.currentWidget")

    def reload(self) -> None:
        """Save, reload the page and wait until notebook and kernel are there again."""
        self.command("docmanager:save")
        self._open()

    def run_all(self, seconds: float = 120) -> None:
        """Run every cell; an error in one is an error here."""
        self.page.evaluate("jupyterapp.shell.activateById(notebook.id)")
        ended = self.page.evaluate(
            """milliseconds => Promise.race([
                 jupyterapp.commands.execute('notebook:run-all-cells').then(() => true),
                 new Promise(resolve => setTimeout(() => resolve(false), milliseconds))])""",
            1000 * seconds,
        )
        if not ended:
            self.screenshot("cells-not-ended")
            raise AssertionError(f"the cells did not end within {seconds} s\n{self._state()}\n{self.lab.stacks()}")
        failed = self.page.evaluate(
            """() => notebook.content.widgets
                 .flatMap(cell => cell.model.outputs?.toJSON() ?? [])
                 .filter(output => output.output_type === 'error').map(output => output.traceback.join('\\n'))"""
        )
        if failed:
            raise KernelError(_plain(failed[0]))

    def _state(self) -> str:
        """How JupyterLab sees the kernel, which cells and answers it still waits for, and what the console said."""
        state = self.page.evaluate(
            """async () => {
                 const {sessionContext, content} = notebook;
                 const {status, connectionStatus, _msgChain, _comms} = sessionContext.session?.kernel ?? {};
                 const counts = content.widgets.map(cell => cell.model.executionState ?? cell.model.executionCount);
                 // JupyterLab's kernel connection handles one message after the other.
                 const stuck = await Promise.race([
                   Promise.resolve(_msgChain).then(() => false),
                   new Promise(resolve => setTimeout(() => resolve(true), 1000)),
                 ]);
                 return JSON.stringify({
                   status, connectionStatus, pending: sessionContext.pendingInput, counts, stuck,
                   comms: _comms?.size,
                 });
               }"""
        )
        return f"{state}\nunanswered: {[request.url for request in self.pending]}\nconsole: {self.said}"

    def execute(self, code: str) -> None:
        """Run code in the kernel, outside any cell."""
        self._request(code, {})

    def kernel(self, expression: str) -> Any:
        """The value of a Python expression in the kernel; arrays come as lists."""
        call = f"__import__('json').dumps({expression}, default=lambda value: value.tolist())"
        answer = self._request("", {"value": call})["value"]
        if answer["status"] != "ok":
            raise KernelError(_plain("\n".join(answer["traceback"])))
        return json.loads(ast.literal_eval(answer["data"]["text/plain"]))

    def until(self, expression: str, seconds: float = 10) -> Any:
        """Wait until an expression is true in the kernel and return its value."""
        deadline = time.monotonic() + seconds
        while not (value := self.kernel(expression)):
            if time.monotonic() > deadline:
                raise AssertionError(f"not true within {seconds} s: {expression} (last value {value!r})")
            time.sleep(0.05)
        return value

    def quiet(self, seconds: float = 60) -> None:
        """Wait until the explorer has no task left."""
        self.until("not app.state.desk.tasks.running", seconds)

    def count_widget_messages(self) -> Callable[[], int]:
        """Begin to count what the page's widgets send to the kernel; the answer tells how many there were."""
        self.page.evaluate(
            """() => {
                 window.widgetMessages = 0;
                 notebook.sessionContext.session.kernel.anyMessage.connect(
                   (_, {msg, direction}) => {
                     if (direction === 'send' && msg.header.msg_type.startsWith('comm_')) widgetMessages += 1;
                   });
               }"""
        )
        return lambda: int(self.page.evaluate("window.widgetMessages"))

    def _request(self, code: str, expressions: dict[str, str]) -> Any:
        reply = self.page.evaluate(
            """async ([code, user_expressions]) => {
                 const kernel = notebook.sessionContext.session.kernel;
                 const request = {code, user_expressions, store_history: false, stop_on_error: false};
                 return (await kernel.requestExecute(request).done).content;
               }""",
            [code, expressions],
        )
        if reply["status"] != "ok":
            raise KernelError(_plain("\n".join(reply.get("traceback", [reply["status"]]))))
        return reply["user_expressions"]

    def close(self) -> None:
        self.page.evaluate("window.notebook?.sessionContext.shutdown()")
        super().close()


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
