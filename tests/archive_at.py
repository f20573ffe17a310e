"""The client as somebody has it whose catalogue is at another address; imported in kernels, too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cscwidgets import Archive
from cscwidgets.archive.connection import Connection
from cscwidgets.archive.files.cache import Cache
from cscwidgets.csc.releases import RELEASES

__all__ = ["archive_at"]

_PLACES = {"tap": "tap", "cone": "scs/coneSearch", "csccli": "csccli", "pictures": "pictures"}


def archive_at(address: str, cache: str, *, read_timeout: float, limit: int | None = None) -> Archive:
    """The demo's services, served at an address.

    Parameters
    ----------
    address : str
    cache : str
        Folder of the product files.
    read_timeout : float
        Seconds of silence.
    limit : int, optional
        Bytes of the cache, of what was not used for five seconds.
    """
    archive = Archive("csc2.1", read_timeout=read_timeout, cache=Cache(Path(cache), limit, in_use=5))
    release = replace(RELEASES["csc2.1"], **{name: f"{address}/{path}" for name, path in _PLACES.items()})
    archive._connection = Connection(release, archive.session, local=True, key="at an address", simulated=True)
    return archive
