"""Write what lies on the sky: images with coordinates, and coverage maps (MOC)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from astropy.io import fits

from cscwidgets.io.atomic import write_whole

if TYPE_CHECKING:
    from mocpy import MOC

__all__ = ["write_image", "write_moc"]


def write_image(hdus: fits.HDUList, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Write FITS images, whole or not at all.

    Parameters
    ----------
    hdus : HDUList
        The images.
    path : path
        Where to.
    overwrite : bool
        Replace an existing file.

    Returns
    -------
    Path
        Where the file is.

    Raises
    ------
    CscError
        If the file exists and may not be overwritten, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from astropy.io import fits
    >>> from cscwidgets import export
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export.write_image(fits.HDUList([fits.PrimaryHDU([[1, 2]])]), Path(folder) / "image.fits").name
    'image.fits'
    """
    return write_whole(
        path, lambda temporary: hdus.writeto(temporary, overwrite=True, checksum=True), overwrite=overwrite
    )


def write_moc(moc: MOC, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Write a MOC (IVOA standard, as FITS), whole or not at all.

    Parameters
    ----------
    moc : MOC
        Of mocpy.
    path : path
        Where to.
    overwrite : bool
        Replace an existing file.

    Returns
    -------
    Path
        Where the file is.

    Raises
    ------
    CscError
        If the file exists and may not be overwritten, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from mocpy import MOC
    >>> from cscwidgets import export
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export.write_moc(MOC.from_string("3/3 10"), Path(folder) / "covered.fits").name
    'covered.fits'
    """
    return write_whole(
        path, lambda temporary: moc.save(str(temporary), format="fits", overwrite=True), overwrite=overwrite
    )
