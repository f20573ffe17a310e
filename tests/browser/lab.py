"""A real JupyterLab over a temporary folder."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[2]

# Nothing listens on the discard port: a kernel that tries to leave the machine fails at once.
NO_NETWORK = {f"{scheme}_proxy": "http://127.0.0.1:9" for scheme in ("http", "https", "HTTP", "HTTPS")}

# In each kernel: on a signal, write down what every thread is doing.
STACKS_ON_SIGNAL = """
import faulthandler, os, signal
faulthandler.register(signal.SIGUSR1, open(os.path.join({folder!r}, str(os.getpid())), "w"))
"""


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
        self.choices = folder / "choices"

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
            "CSCWIDGETS_CONFIG": str(self.choices),
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
        return json.loads(self._ask("GET", path, 10))

    def _ask(self, method: str, path: str, seconds: float) -> bytes:
        headers = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(f"{self.url}/{path}", headers=headers, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=seconds) as answer:
            return bytes(answer.read())

    def end_session(self, session: str) -> None:
        """Shut a notebook's kernel down, which takes seconds; nobody waits for it."""

        def end() -> None:
            with suppress(OSError, HTTPException):  # it has ended already, or the server has
                self._ask("DELETE", f"api/sessions/{session}", 60)

        threading.Thread(target=end, daemon=True).start()

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

    def forget_choices(self) -> None:
        """Undo which surveys were chosen in explorers of the test before."""
        shutil.rmtree(self.choices, ignore_errors=True)

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
