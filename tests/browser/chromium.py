"""Chromium as the tests and benchmarks start it: without a network, and as where there is no graphics card."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Playwright, ViewportSize

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Software GL for WebGL alone: to compose the rest of the page with it too is a third of the work of a test.
    "--enable-unsafe-swiftshader",
    "--disable-gpu-watchdog",  # software GL on a busy machine is slow, not hung
    "--disable-dev-shm-usage",  # in containers often too small
    # Not by a route: for that Playwright would hold up every request, and switch off the cache.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]

WINDOW: ViewportSize = {"width": 1280, "height": 900}

# Of a profile, what a page cannot tell from a fresh one: files of the server, and scripts as they were compiled.
KEPT = {"Cache", "Code Cache"}


def find_chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@contextmanager
def fresh_browser(playwright: Playwright, executable: str, profile: Path) -> Iterator[BrowserContext]:
    """A browser in a process of its own, that knows nothing of the one before but how JupyterLab was compiled."""
    forget(profile)
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=executable,
        headless=True,
        args=FLAGS,
        viewport=WINDOW,
    )
    try:
        yield context
    finally:
        context.close()


def forget(profile: Path) -> None:
    """Remove all of a profile that a page could notice."""
    for place in (profile, profile / "Default"):
        for entry in place.iterdir() if place.is_dir() else ():
            if entry.name in KEPT | {"Default"}:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
