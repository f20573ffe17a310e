"""How an archive folder is opened: its service answers within this process."""

from __future__ import annotations

from pathlib import Path

import requests

from cscwidgets.archive.monitor import Monitor

from .transport import mount

__all__ = ["open_folder"]


def open_folder(session: requests.Session, name: str, monitor: Monitor) -> tuple[Path, str]:  # noqa: ARG001
    """Mount the service of a folder on a session; returns the folder and the address of the service."""
    folder = Path(name).expanduser()
    return folder, mount(session, folder)
