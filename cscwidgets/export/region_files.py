"""Write regions to files that DS9, CASA and others read, and as coverage maps (MOC)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import astropy.units as u
import numpy as np
from astropy.coordinates import Latitude, Longitude, SkyCoord
from astropy.table import QTable
from regions import CircleSkyRegion, EllipseSkyRegion, RegionMeta, Regions, SkyRegion

from cscwidgets.errors import CscError
from cscwidgets.io.atomic import write_whole
from cscwidgets.io.reading import reading
from cscwidgets.science.masked import plain
from cscwidgets.sky.region import Region

from .sky_files import write_moc

if TYPE_CHECKING:
    from mocpy import MOC

__all__ = ["source_regions", "write_regions"]

# Nine digits of a degree are some micro-arcseconds.
_DS9: dict[str, Any] = {"format": "ds9", "precision": 9}
_TEXTS = {".reg": _DS9, ".ds9": _DS9, ".crtf": {"format": "crtf", "coordsys": "icrs", "fmt": ".9f", "radunit": "deg"}}
_CORNERS = 720  # of an outline
_CIRCLE = 1.0  # arcsec, where a position has no error
_ELLIPSE = ("err_ellipse_r0", "err_ellipse_r1", "err_ellipse_ang")


def write_regions(
    regions: Sequence[SkyRegion], path: str | os.PathLike[str], *, order: int = 14, overwrite: bool = False
) -> Path:
    """Write regions to a file, whole or not at all.

    Parameters
    ----------
    regions : sequence of SkyRegion
        In any frame.
    path : path
        The ending chooses: .reg or .ds9 for DS9's text, .crtf for CASA's, .fits for the coverage map (MOC) of all.
    order : int
        HEALPix order of the cells of a coverage map; 14 are 13 arcsec wide.
    overwrite : bool
        Replace an existing file.

    Returns
    -------
    Path
        Where the file is.

    Raises
    ------
    CscError
        If the ending is none of these, there is no region, or the file exists or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from cscwidgets import export, sky
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = export.write_regions([sky.read_region("10 41", "30 arcmin")], Path(folder) / "mine.reg")
    ...     print(path.read_text().splitlines()[-1])
    circle(10.000000000,41.000000000,0.500000000)
    """
    file = Path(path)
    ending = file.suffix.lower()
    if not regions:
        raise CscError(f"{file.name} was not written", "there is no region")
    if ending == ".fits":
        with reading(f"{file.name} was not written", "Use a lower order."):
            return write_moc(_moc(regions, order), file, overwrite=overwrite)
    if ending not in _TEXTS:
        endings = ", ".join([*_TEXTS, ".fits"])
        raise CscError(f"{file.name} was not written", f"no format belongs to {ending!r}", f"End it in {endings}.")
    with reading(f"{file.name} was not written"):
        text = Regions(list(regions)).serialize(**_TEXTS[ending])
    return write_whole(file, lambda temporary: temporary.write_text(text, encoding="utf-8"), overwrite=overwrite)


def source_regions(table: QTable) -> list[SkyRegion]:
    """The sources of a table as regions with their names: error ellipses (95 %), or circles of 1 arcsec without one.

    Parameters
    ----------
    table : QTable
        With ``name``, ``ra`` and ``dec``.

    Returns
    -------
    list of SkyRegion
        Of the rows that have a position.

    Examples
    --------
    >>> import astropy.units as u
    >>> from astropy.table import QTable
    >>> from cscwidgets import export
    >>> export.source_regions(QTable({"name": ["A"], "ra": [10] * u.deg, "dec": [41] * u.deg}))[0].radius
    <Quantity 1. arcsec>
    """
    ra, dec = plain(table["ra"]), plain(table["dec"])
    missing = np.full(len(table), np.nan)
    major, minor, angle = (plain(table[name]) if name in table.colnames else missing for name in _ELLIPSE)
    made: list[SkyRegion] = []
    for row in np.flatnonzero(np.isfinite(ra) & np.isfinite(dec)):
        centre, meta = SkyCoord(ra[row], dec[row], unit="deg"), RegionMeta({"text": str(table["name"][row])})
        if min(major[row], minor[row]) > 0 and np.isfinite(angle[row]):
            # The catalogue counts from north to east, `regions` from west to north, where the width lies.
            axes = (2 * major[row] * u.arcsec, 2 * minor[row] * u.arcsec, (angle[row] + 90) % 360 * u.deg)
            made.append(EllipseSkyRegion(centre, *axes, meta=meta))
        else:
            made.append(CircleSkyRegion(centre, _CIRCLE * u.arcsec, meta=meta))
    return made


def _moc(regions: Sequence[SkyRegion], order: int) -> MOC:
    from mocpy import MOC  # noqa: PLC0415 (slow to import)

    return reduce(MOC.union, (_cells(Region.of(region), order) for region in regions))


def _cells(region: Region, order: int) -> MOC:
    """The cells that a region touches: of its outline in our geometry, since mocpy has no ellipse with equal axes."""
    from mocpy import MOC  # noqa: PLC0415 (slow to import)

    if isinstance(region.shape, CircleSkyRegion):
        ra, dec = (angle * u.deg for angle in region.centre)
        return MOC.from_cone(Longitude(ra), Latitude(dec), radius=region.shape.radius, max_depth=order)
    return MOC.from_polygon_skycoord(SkyCoord(*region.boundary(_CORNERS), unit="deg"), max_depth=order)
