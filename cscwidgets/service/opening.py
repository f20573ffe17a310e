"""How an archive folder is opened: its service answers within this process."""

from __future__ import annotations

import hashlib
from pathlib import Path

import requests

from cscwidgets.archive.connection import remote_address
from cscwidgets.archive.folder import ArchiveInfo
from cscwidgets.archive.monitor import Monitor, watched
from cscwidgets.archive.parallel import run_interruptibly
from cscwidgets.archive.service_session import ServiceSession

from .app import ArchiveApp, application
from .pictures import PictureStore
from .products import ProductStore
from .transport import WsgiAdapter

__all__ = ["mount", "open_folder"]


def open_folder(session: ServiceSession, name: str, monitor: Monitor) -> tuple[Path | ArchiveInfo, str]:
    """Mount the service of a folder, or of a HATS catalogue behind an address, on a session.

    Returns
    -------
    (Path or ArchiveInfo, str)
        The folder, or what the catalogue says of itself; and the address of the service.
    """
    if (address := remote_address(name)) is not None:
        return _open_remote(session, address, monitor)
    folder = Path(name).expanduser()
    return folder, mount(session, folder)


def _open_remote(session: ServiceSession, address: str, monitor: Monitor) -> tuple[ArchiveInfo, str]:
    from .remote_tables import RemoteTables  # noqa: PLC0415 - imports fsspec

    with watched(monitor):
        monitor.report(f"opening {address}")
        app = run_interruptibly(lambda: ArchiveApp(RemoteTables(address, session)))
    base = _host_of(address)
    session.mount(base, WsgiAdapter(lambda: app))
    return app.database.info, base


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
    base = _host_of(str(resolved))
    session.mount(base, WsgiAdapter(lambda: application(resolved, products, pictures)))
    return base


def _host_of(place: str) -> str:
    # .invalid never resolves (RFC 2606): a request that misses the adapter cannot leave the machine.
    return f"http://{hashlib.sha256(place.encode()).hexdigest()[:16]}.archive.invalid"
