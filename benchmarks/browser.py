"""A JupyterLab of some environment in Chromium, as the measurements of what is seen need it."""

from __future__ import annotations

import subprocess
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import FLAGS, find_chromium
from tests.browser.lab import Lab

__all__ = ["browsing", "peer_python"]

_PEERS = Path(__file__).resolve().parents[1] / ".peers"


def peer_python(name: str, packages: tuple[str, ...]) -> str:
    """The Python of a peer's environment, made once."""
    place = _PEERS / name
    python, made = place / "bin" / "python", place / "made"
    if not made.exists():
        venv.create(place, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
        made.touch()
    return str(python)


@contextmanager
def browsing(python: str) -> Iterator[tuple[Lab, Browser]]:
    """A running JupyterLab of an environment, and a browser."""
    with tempfile.TemporaryDirectory() as place, Lab(Path(place), python).running() as lab, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        try:
            yield lab, browser
        finally:
            browser.close()
