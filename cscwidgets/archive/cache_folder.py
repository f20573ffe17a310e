"""The folder of all caches, and whether it can be written to."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import TemporaryFile

import platformdirs

from cscwidgets.errors import CscError

__all__ = ["CACHE_VARIABLE", "MOVE", "cache_root", "require_room", "unwritable"]

CACHE_VARIABLE = "CSCWIDGETS_CACHE"
"""Environment variable with the folder to keep caches in, instead of the system's place for them."""

MOVE = f"Set the environment variable {CACHE_VARIABLE} to a folder that can be written."
"""What to do where it cannot."""


def cache_root() -> Path:
    """The folder of all caches."""
    return Path(os.environ.get(CACHE_VARIABLE) or platformdirs.user_cache_dir("cscwidgets"))


def require_room(folder: Path, size: int, what: str) -> None:
    """Make sure that so many bytes can be written to a folder of the cache, before the work that makes them.

    Parameters
    ----------
    folder : path
        Made if it is not there.
    size : int
        Bytes.
    what : str
        What does not happen otherwise ("The demo archive was not built").

    Raises
    ------
    CscError
        With the variable that moves the cache.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder) as file:
            file.write(b"?")
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise CscError(what, unwritable(folder, error), MOVE) from error
    if free < size:
        raise CscError(what, f"{folder} has {free / 1e6:,.0f} MB left, and {size / 1e6:,.0f} MB are needed", MOVE)


def unwritable(folder: Path, error: OSError) -> str:
    """Why nothing can be kept."""
    return f"the cache {folder} cannot be written: {error.strerror or error}"
