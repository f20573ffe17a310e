"""Areas of one's own on the sky: the regions of a DS9 or CASA file, or a coverage map (MOC)."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import astropy.units as u
import numpy as np
from astropy.coordinates import Latitude, Longitude
from numpy.typing import ArrayLike
from regions import SkyRegion

from cscwidgets.arrays import Flags
from cscwidgets.errors import CscError
from cscwidgets.io.files import read_file
from cscwidgets.io.fits_headers import FITS
from cscwidgets.io.reading import Unreadable, reading
from cscwidgets.sky.region import Region
from cscwidgets.sky.region_text import read_region_list

if TYPE_CHECKING:
    from mocpy import MOC

__all__ = ["AreaLayer", "area_of_content", "is_area", "is_area_content", "read_area"]

_LARGEST = 100_000_000  # bytes of a file
_ENDS_AS_AREA = re.compile(r"\.(reg|ds9|crtf|rgn|moc|json)(\.gz)?$", re.IGNORECASE)
_IS_MOC = re.compile(rb"(MOCVERS |MOCORDER|MOCORD_S|ORDERING= 'NUNIQ|ORDERING= 'RANGE)")
_FORMATS = "Region files of DS9 or CASA, and MOC as FITS, JSON or text are read."
_HEADERS = 100_000  # bytes of a FITS file in which a coverage map says that it is one


@dataclass(frozen=True, eq=False)
class AreaLayer:
    """What is marked on the sky.

    Attributes
    ----------
    name, colour : str
    regions : tuple of Region
        All of them together are the area; none for a coverage map.
    moc : MOC or None
    notes : tuple of str
        What is to be said of how it was read.
    file : str
        Path of the file that it was read from; empty for others.
    """

    name: str
    colour: str = ""
    regions: tuple[Region, ...] = ()
    moc: MOC | None = None
    notes: tuple[str, ...] = ()
    file: str = ""

    def contains(self, ra: ArrayLike, dec: ArrayLike) -> Flags:
        """Which positions (ICRS degrees, shape (n,)) lie in it."""
        ra, dec = np.asarray(ra, float), np.asarray(dec, float)
        inside = np.zeros(ra.shape, bool)
        for region in self.regions:
            inside |= region.contains(ra, dec)
        if self.moc is not None:
            known = np.isfinite(ra) & np.isfinite(dec)
            inside[known] |= self.moc.contains_lonlat(Longitude(ra[known] * u.deg), Latitude(dec[known] * u.deg))
        return inside

    @property
    def words(self) -> str:
        """Its size in words."""
        if self.moc is not None:
            return f"MOC, {self.moc.sky_fraction:.3g} of the sky"
        return f"{len(self.regions):,} region{'s' if len(self.regions) > 1 else ''}"


def is_area(thing: object) -> bool:
    """Whether something is an area rather than a table: regions, a coverage map, or a file of these.

    Examples
    --------
    >>> is_area("mine.reg"), is_area("mine.csv")
    (True, False)
    """
    if isinstance(thing, SkyRegion | Region):
        return True
    if isinstance(thing, str | os.PathLike):
        path = os.fspath(thing)
        return bool(_ENDS_AS_AREA.search(path)) or _is_moc_file(Path(path).expanduser())
    several = isinstance(thing, list | tuple) or type(thing).__name__ == "Regions"
    return _is_moc(thing) or (several and len(thing) > 0 and all(isinstance(one, SkyRegion) for one in thing))  # type: ignore[arg-type, attr-defined]


def is_area_content(content: bytes, file: str) -> bool:
    """The same of the content of a file and its name."""
    return bool(_ENDS_AS_AREA.search(file)) or _begins_a_moc(content)


def read_area(thing: Any, name: str = "") -> AreaLayer:
    """Regions, a coverage map, or a file of these, as a layer without a colour.

    Raises
    ------
    CscError
        If it is none of these, or cannot be read.
    """
    if _is_moc(thing):
        return AreaLayer(name or "MOC", moc=thing)
    if isinstance(thing, str | os.PathLike):
        return _of_file(Path(thing).expanduser(), name)
    given: Sequence[Any] = [thing] if isinstance(thing, SkyRegion | Region) else list(thing)
    regions = tuple(one if isinstance(one, Region) else Region.of(one) for one in given)
    if not regions:
        raise CscError("The area was not added", "there is no region")
    return AreaLayer(name or "regions", regions=regions)


def _of_file(file: Path, name: str) -> AreaLayer:
    with reading(f"{file.name} was not read", _FORMATS):
        return replace(area_of_content(read_file(file, _LARGEST), file.name, name), file=str(file.resolve()))


def area_of_content(content: bytes, file: str, name: str = "") -> AreaLayer:
    """The same of the content of a file, unpacked."""
    name = name or file.split(".", maxsplit=1)[0]
    with reading(f"{file} was not read", _FORMATS):
        if content.startswith(FITS) or re.match(rb"\s*(\{|\d+/)", content):
            return AreaLayer(name, moc=_read_moc(content))
        found, left_out = read_region_list(content)
        usable, notes = [], [f"{len(left_out):,} left out: {left_out[0]}"] if left_out else []
        for one in found:
            try:
                usable.append(Region.of(one))
            except CscError as error:
                notes.append(error.why or error.what)
        if not usable:
            raise Unreadable(notes[0])
    return AreaLayer(name, regions=tuple(usable), notes=tuple(notes[:3]))


def _read_moc(content: bytes) -> MOC:
    from mocpy import MOC  # noqa: PLC0415 (slow to import)

    try:
        if not content.startswith(FITS):
            kind = "json" if content.lstrip().startswith(b"{") else "ascii"
            return MOC.from_string(content.decode("ascii"), format=kind)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "moc.fits"
            path.write_bytes(content)
            return MOC.load(str(path), format="fits")
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # of mocpy's Rust, which is no Exception
            raise Unreadable("it is damaged") from error
        raise


def _is_moc(thing: object) -> bool:
    kind = type(thing)
    return kind.__name__ == "MOC" and kind.__module__.startswith("mocpy")


def _is_moc_file(file: Path) -> bool:
    if not file.is_file():
        return False
    with file.open("rb") as stream:
        return _begins_a_moc(stream.read(_HEADERS))


def _begins_a_moc(content: bytes) -> bool:
    return content.startswith(FITS) and _IS_MOC.search(content[:_HEADERS]) is not None
