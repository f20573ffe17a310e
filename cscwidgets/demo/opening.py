"""How the demo is opened: built where it is not there yet, then served within this process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import requests

from cscwidgets.archive.monitor import Monitor
from cscwidgets.archive.parallel import run_interruptibly
from cscwidgets.errors import CscError
from cscwidgets.service.opening import mount

from .build import demo_folder
from .files.picture_store import demo_pictures
from .files.product_store import demo_store

__all__ = ["open_demo"]


def open_demo(session: requests.Session, name: str, monitor: Monitor) -> tuple[Path, str]:  # noqa: ARG001
    """Mount the service of the demo on a session; returns its folder and the address of the service."""
    stop, cancelled = threading.Event(), _asks_to_stop(monitor)

    def build() -> Path:
        return demo_folder(
            lambda fraction, message: monitor.report(message, fraction), lambda: stop.is_set() or cancelled()
        )

    folder = run_interruptibly(build, stop.set)
    return folder, mount(session, folder, demo_store(), demo_pictures())


def _asks_to_stop(monitor: Monitor) -> Callable[[], bool]:
    def cancelled() -> bool:
        try:
            monitor.check()
        except CscError:
            return True
        return False

    return cancelled
