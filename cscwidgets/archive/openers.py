"""Archives besides the releases: the demo, folders, and those of other packages, by entry points.

What opens one is named in the group ``cscwidgets.archives`` of a package's metadata: the client itself knows none.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cscwidgets.errors import CscError

from .monitor import Monitor

if TYPE_CHECKING:
    from .folder import ArchiveInfo
    from .service_session import ServiceSession

__all__ = ["FOLDER", "Opener", "opener", "openers"]

FOLDER = "folder"
"""Name of what opens the path of an archive folder, or the address of a HATS catalogue; the others are archives."""

_GROUP = "cscwidgets.archives"


class Opener(Protocol):
    """Makes an archive's services answer on a session."""

    def __call__(self, session: ServiceSession, name: str, monitor: Monitor) -> tuple[Path | ArchiveInfo, str]:
        """Open the archive that is called so.

        Returns
        -------
        (Path or ArchiveInfo, str)
            Its folder, or what it says of itself where it has none on this machine; and the address under which its
            services answer on the session.
        """


@cache
def openers() -> dict[str, EntryPoint]:
    """What opens archives, by name."""
    return {entry.name: entry for entry in entry_points(group=_GROUP)}


def opener(name: str) -> Opener:
    """What opens an archive of this name; loaded now.

    Raises
    ------
    CscError
        If no installed package has one.
    """
    entry = openers().get(name)
    if entry is None:
        raise CscError(
            f"The archive {name!r} cannot be opened",
            f"no installed package has an entry point of the group {_GROUP} for it",
            "Install cscwidgets itself: pip install cscwidgets, or pip install --editable . in a checkout.",
        )
    loaded: Opener = entry.load()
    return loaded
