"""Files and folders that appear whole or not at all, and what a killed writer left of them.

What is being written lies hidden beside its place, under a name that tells who writes it: ``.NAME.HOST.PID.xxxx``.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from cscwidgets.errors import CscError

__all__ = ["place_folder", "recover_folder", "staging_folder", "sweep", "write_whole"]

_HOST = re.sub(r"\W", "-", platform.node())[:40] or "host"
_RETIRED = ".old"
_FOREIGN = 86_400.0  # seconds after which what another machine, or nobody known, was writing is given up


def write_whole(path: str | os.PathLike[str], write: Callable[[Path], object], *, overwrite: bool = False) -> Path:
    """Write a file, whole or not at all.

    Parameters
    ----------
    path : path
    write : callable
        Called with a path of the same ending in the same folder, which takes the file's place when it is complete.
    overwrite : bool
        Replace an existing file.

    Raises
    ------
    CscError
        If the file exists, or cannot be written.
    """
    path = Path(path).expanduser()
    if path.exists() and not overwrite:
        raise CscError(f"{path} was not written", "a file of that name exists", "Choose another, or allow overwriting.")
    temporary = None
    try:
        sweep(path)
        handle, name = tempfile.mkstemp(prefix=_prefix(path), suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        write(temporary)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        raise CscError(f"{path} was not written", error.strerror or str(error), "Check the folder.") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return path


def staging_folder(target: Path) -> Path:
    """A new hidden folder beside a target, to become it when it is complete."""
    return Path(tempfile.mkdtemp(prefix=_prefix(target), dir=target.parent))


def place_folder(staging: Path, target: Path) -> None:
    """Let a complete folder take its place; what was there goes."""
    retired = staging.with_name(staging.name + _RETIRED)
    if target.exists():
        target.replace(retired)
    # A process that is killed here leaves both; `recover_folder` puts one of them in place.
    staging.replace(target)
    shutil.rmtree(retired, ignore_errors=True)


def recover_folder(target: Path) -> None:
    """Put a folder back that a killed process had taken away without setting the new one in its place.

    The new one takes the place, since the old one is taken away only when that is complete. Leftovers are swept.
    """
    if not target.exists():
        for retired in _abandoned(target):
            if retired.name.endswith(_RETIRED):
                staging = retired.with_name(retired.name.removesuffix(_RETIRED))
                with suppress(OSError):  # another process may recover it too
                    (staging if staging.is_dir() else retired).rename(target)
                break
    sweep(target)


def _abandoned(target: Path) -> Iterator[Path]:
    with suppress(OSError):
        for path in sorted(target.parent.iterdir()):
            if path.name.startswith(f".{target.name}.") and _is_abandoned(path, path.name[len(target.name) + 2 :]):
                yield path


def sweep(target: Path) -> None:
    """Remove what processes that are no more were writing in place of a target."""
    for path in _abandoned(target):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()


def _prefix(target: Path) -> str:
    return f".{target.name}.{_HOST}.{os.getpid()}."


def _is_abandoned(path: Path, writer: str) -> bool:
    local = re.match(rf"{re.escape(_HOST)}\.(\d+)\.", writer)
    if local:
        return int(local[1]) != os.getpid() and not _runs(int(local[1]))
    try:
        return re.match(r"[\w-]+\.\d+\.", writer) is not None and time.time() - path.stat().st_mtime > _FOREIGN
    except OSError:
        return False  # its writer was faster


def _runs(pid: int) -> bool:
    if os.name == "nt":  # there, asking would end it: only age tells
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
