"""An image as a HiPS: a folder of HEALPix tiles that sky atlases read (IVOA HiPS 1.0)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from astropy.io import fits

from cscwidgets.errors import CscError
from cscwidgets.io.atomic import place_folder, recover_folder, staging_folder

__all__ = ["write_hips"]

_MARK = "properties"  # the file that makes a folder a HiPS


def _silent(_fraction: float) -> None:
    pass


def write_hips(
    image: fits.PrimaryHDU | fits.ImageHDU,
    folder: str | os.PathLike[str],
    *,
    properties: Mapping[str, str],
    overwrite: bool = False,
    progress: Callable[[float], None] = _silent,
) -> Path:
    """Write FITS tiles as fine as the image, whole or not at all; each takes the image's nearest pixels.

    Parameters
    ----------
    image : HDU
        With WCS; NaN where there is nothing.
    folder : path
        Where to.
    properties : mapping of str to str
        What the HiPS says of itself: ``obs_title``, ``creator_did`` and others of the standard.
    overwrite : bool
        Replace a HiPS; no other folder is ever replaced.
    progress : callable
        Called with the fraction done; what it raises ends the work and leaves nothing.

    Returns
    -------
    Path
        Where the HiPS is.

    Raises
    ------
    CscError
        If the folder exists and may not be replaced, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from astropy.io import fits
    >>> from astropy.wcs import WCS
    >>> from cscwidgets import export
    >>> wcs = WCS(naxis=2)
    >>> wcs.wcs.ctype, wcs.wcs.cdelt = ["RA---TAN", "DEC--TAN"], [-0.1, 0.1]
    >>> image = fits.PrimaryHDU(np.ones((4, 4), np.float32), wcs.to_header())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     hips = export.write_hips(image, Path(folder) / "hips", properties={"obs_title": "An example"})
    ...     (hips / "properties").exists()
    True
    """
    from reproject import reproject_interp  # noqa: PLC0415 (slow to import)
    from reproject.hips import reproject_to_hips  # noqa: PLC0415 (slow to import)

    folder = Path(folder).expanduser()
    recover_folder(folder)
    if folder.exists() and not (overwrite and (folder / _MARK).is_file()):
        why = "something else is there" if overwrite else "a folder of that name exists"
        raise CscError(f"{folder} was not written", why, "Choose another name.")
    try:
        staging = staging_folder(folder)
        staging.rmdir()  # reproject wants to make it
        try:
            reproject_to_hips(
                (image.data, image.header),
                coord_system_out="equatorial",
                reproject_function=partial(reproject_interp, order="nearest-neighbor"),
                output_directory=str(staging),
                progress_bar=partial(_watched, progress),
                properties=dict(properties),
            )
            place_folder(staging, folder)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise CscError(f"{folder} was not written", error.strerror or str(error), "Check the folder.") from error
    return folder


def _watched(progress: Callable[[float], None], tiles: Iterable[Any]) -> Iterator[Any]:
    listed = list(tiles)
    for number, tile in enumerate(listed):
        progress(number / len(listed))
        yield tile
