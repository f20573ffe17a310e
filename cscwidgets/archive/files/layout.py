"""Product files in the folders ``search_csc`` makes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import mkstemp

from cscwidgets.csc.filenames import ProductFile, owner_folder, source_folder
from cscwidgets.csc.products import Source

from .integrity import digest

__all__ = ["lay_out", "product_path"]


def product_path(name: str, file: ProductFile) -> Path:
    """Where ``search_csc`` puts a file of a source: source, observation or stack, file.

    >>> product_path("2CXO J002404.2-720457", ProductFile("acisf00078_000N021_r0058b_lc3.fits")).as_posix()
    '2CXOJ002404.2-720457/00078_000/acisf00078_000N021_r0058b_lc3.fits.gz'
    """
    owner = file.name.owner
    above = [source_folder(name)] if name and not isinstance(owner, Source) else []
    ending = "" if file.name.kind.suffix == "jpg" else ".gz"
    return Path(*above, owner_folder(owner), f"{file.filename}{ending}")


def lay_out(paths: Mapping[str, Path], files: Iterable[tuple[str, ProductFile]], folder: Path) -> None:
    """Put files where ``search_csc`` would, whole or not at all.

    On the cache's own disk they are links: no bytes are copied, and clearing the cache leaves them.

    Parameters
    ----------
    paths : mapping of str to Path
        Where files are, by name; others are left out.
    files : iterable of (str, ProductFile)
        Source names (possibly empty) and files.
    folder : Path
    """
    for name, file in files:
        if file.filename not in paths:
            continue
        target = folder / product_path(name, file)
        if target.exists() and digest(target) == digest(paths[file.filename]):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        _put(paths[file.filename], target)


def _put(source: Path, target: Path) -> None:
    handle, name = mkstemp(dir=target.parent, prefix=".incoming-")
    os.close(handle)
    incoming = Path(name)
    try:
        try:
            incoming.unlink()
            incoming.hardlink_to(source)
        except OSError:
            shutil.copyfile(source, incoming)
        incoming.replace(target)
    finally:
        incoming.unlink(missing_ok=True)
