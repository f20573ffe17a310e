"""How an archive folder is opened: its service answers within this process."""

from __future__ import annotations

import hashlib
from pathlib import Path

import requests

from cscwidgets.archive.monitor import Monitor
from cscwidgets.archive.parallel import run_interruptibly

from .app import application
from .pictures import PictureStore
from .products import ProductStore
from .transport import WsgiAdapter

__all__ = ["mount", "open_folder"]


def open_folder(session: requests.Session, name: str, monitor: Monitor) -> tuple[Path, str]:  # noqa: ARG001
    """Mount the service of a folder on a session; returns the folder and the address of the service."""
    folder = Path(name).expanduser()
    return folder, mount(session, folder)


def mount(
    session: requests.Session,
    folder: str | Path,
    products: ProductStore | None = None,
    pictures: PictureStore | None = None,
) -> str:
    """Let a session reach an archive folder under a host name that exists nowhere else.

    Parameters
    ----------
    session : requests.Session
        The session that pyvo or others will use.
    folder : path
        An archive folder.
    products : ProductStore, optional
        Where its product files come from, instead of the folder.
    pictures : PictureStore, optional
        Where its pictures come from, instead of the folder.

    Returns
    -------
    str
        The base URL; TAP is at ``base + "/tap"``, cone search at ``base + "/scs/coneSearch"``, products at
        ``base + "/csccli"``, pictures at ``base + "/pictures"``.

    Raises
    ------
    FolderError
        If it is not a complete archive folder.
    """
    resolved = Path(folder).expanduser().resolve()
    run_interruptibly(lambda: application(resolved, products, pictures))
    # .invalid never resolves (RFC 2606): a request that misses the adapter cannot leave the machine.
    base = f"http://{hashlib.sha256(str(resolved).encode()).hexdigest()[:16]}.archive.invalid"
    session.mount(base, WsgiAdapter(lambda: application(resolved, products, pictures)))
    return base
