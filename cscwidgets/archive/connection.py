"""A line to one archive: the CXC's services, or the same protocols over a folder.

A folder is served in process: the WSGI application is mounted on the HTTP session under a
reserved host name, so everything above this file is the same for both.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

from cscwidgets.csc.filenames import source_folder
from cscwidgets.csc.releases import RELEASES, Release
from cscwidgets.errors import CscError

from .folder import ArchiveInfo, read_info
from .monitor import Monitor
from .openers import FOLDER, opener, openers
from .service_session import ServiceSession
from .tables_on_disk import check_catalogue

__all__ = [
    "Connection",
    "archive_name",
    "check_archive",
    "connect",
    "connect_to",
    "known_title",
    "remote_address",
]

_HATS = "hats:"
_HATS_HINT = 'A HATS catalogue on a web server is "hats:https://...".'


@dataclass(frozen=True)
class Connection:
    """Where the services are and the session to speak to them with.

    ``local`` tells whether its answers come without a network, ``embedded`` whether its service is in this process:
    what it lists is at hand, and is what its maker put into it. ``key`` names the archive in the cache of its files: no
    two archives share one, nor does one that was made again.
    ``doubts`` is what was not certain when a folder was made of somebody's tables.
    """

    release: Release
    session: ServiceSession
    local: bool
    key: str
    simulated: bool = False
    origin: str = ""
    doubts: tuple[str, ...] = ()
    embedded: bool = False


def archive_name(name: str | os.PathLike[str]) -> str:
    """What an archive is known by: after "hats:" stands a path, which is known without it, or an address.

    Raises
    ------
    CscError
        If there is no such archive; nothing is opened, and the network not asked.

    Examples
    --------
    >>> archive_name("hats: https://example.org/hats/csc/")
    'hats:https://example.org/hats/csc'
    """
    check_archive(name)
    called = os.fspath(name)
    if (address := remote_address(called)) is not None:
        return f"{_HATS}{address}"
    return called[len(_HATS) :].strip() if called.lower().startswith(_HATS) else called


def remote_address(name: str) -> str | None:
    """The address of an archive that is a catalogue in the format HATS on a web server; of others None."""
    place = name[len(_HATS) :].strip().rstrip("/")
    return place if name.lower().startswith(_HATS) and re.match(r"https?://[^/\s]\S*$", place) else None


def check_archive(name: str | os.PathLike[str]) -> None:
    """Say at once if there is no such archive; nothing is opened.

    Raises
    ------
    CscError
        If the name is neither a release, "demo", the path of an archive folder, nor of a HATS catalogue.
    """
    if not isinstance(name, str | os.PathLike) or not isinstance(os.fspath(name), str):
        raise CscError(
            "There is no such archive",
            f"{name!r:.60} is of type {type(name).__name__}",
            f"Use one of {', '.join(_names())}, or the path of an archive folder.",
        )
    called = os.fspath(name)
    if called.lower().startswith(_HATS) and remote_address(called) is None:
        if "://" in called:
            raise CscError(f"There is no archive {called!r}", "this is no address", _HATS_HINT)
        check_catalogue(Path(called[len(_HATS) :].strip()).expanduser())
    elif called not in _names() and remote_address(called) is None:
        _read_folder(name)


def known_title(name: str | os.PathLike[str]) -> str:
    """What an archive calls itself, as far as that is known before it is opened; else the name it is opened by."""
    called = os.fspath(name)
    if called in RELEASES:
        return RELEASES[called].title
    if (address := remote_address(called)) is not None:
        return address.rpartition("/")[2]
    return called if called in _names() else _read_folder(called)[1].title


def _read_folder(name: str | os.PathLike[str]) -> tuple[Path, ArchiveInfo]:
    try:
        folder = Path(name).expanduser()
    except RuntimeError:  # the home of a user who does not exist
        folder = Path(name)
    if not os.fspath(name).strip() or not folder.is_dir():  # an empty name would be the path of "."
        raise CscError(
            f"There is no archive {os.fspath(name)!r}",
            "it is neither a release nor a folder",
            f"Use one of {', '.join(_names())}, or the path of an archive folder."
            + (f" {_HATS_HINT}" if "://" in os.fspath(name) else ""),
        )
    return folder, read_info(folder)


def _names() -> list[str]:
    """Of the archives that have one."""
    return [*RELEASES, *(name for name in openers() if name != FOLDER)]


def connect(name: str | os.PathLike[str], monitor: Monitor, session: ServiceSession) -> Connection:
    """Open the line to a release, the demo, an archive folder, or a HATS catalogue behind an address.

    Raises
    ------
    CscError
        If the name is neither a release, "demo", an archive folder, nor a HATS catalogue.
    """
    called = os.fspath(name)
    if called in RELEASES:
        return Connection(RELEASES[called], session, local=False, key=called)
    remote = remote_address(called)
    if called not in _names() and remote is None:
        _read_folder(called)  # what is wrong with it is said before its service is loaded
    place, base = opener(called if called in _names() else FOLDER)(session, called, monitor)
    info = place if isinstance(place, ArchiveInfo) else read_info(place)
    template = RELEASES.get(info.release, RELEASES["current"])
    release = replace(
        template,
        name=called,
        title=info.title,
        tap=f"{base}/tap",
        cone=f"{base}/scs/coneSearch",
        csccli=f"{base}/csccli",
        pictures=f"{base}/pictures",
        schema=info.schema,
        advice="Make the archive folder again.",
    )
    where = place.resolve() if isinstance(place, Path) else Path(called)
    version = hashlib.sha256(f"{where}|{info.created}".encode()).hexdigest()[:12]
    return Connection(
        release,
        session,
        local=remote is None,
        embedded=True,
        key=f"folder-{source_folder(where.name)}-{version}",
        simulated=info.simulated,
        origin=info.origin,
        doubts=tuple(map(str, info.details.get("doubts", ()))),
    )


def connect_to(address: str, title: str, session: ServiceSession) -> Connection:
    """The line to any TAP or cone search service."""
    if not re.match(r"https?://[^/]", address):
        raise CscError(f"{title} cannot be asked", f"{address!r} is no address", "Give one that begins with https://")
    service = Release(
        name=address,
        title=title,
        tap=address,
        cone=address,
        csccli="",
        schema="",
        version="",
        advice="Check the address and the network. Without one, use a table of this machine, or a file.",
    )
    return Connection(service, session, local=False, key=address)
