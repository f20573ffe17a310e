"""The readers that are tried with damaged files, and what must hold of whatever they accept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import Table
from astropy.utils.data import get_readable_fileobj
from regions import CircleSkyRegion

from cscwidgets.archive.catalogues.file_catalogue import FileCatalogue
from cscwidgets.archive.files.picture_format import read_picture
from cscwidgets.errors import CscError
from cscwidgets.io.reading import reading
from cscwidgets.science import lightcurve, spectrum
from cscwidgets.science.maps.field_of_view import FieldOfView, read_field_of_view
from cscwidgets.science.maps.sensitivity_map import SensitivityMap, read_sensitivity_map
from cscwidgets.science.region_file import DetectionRegions, read_regions
from cscwidgets.science.times.events import EventList, read_events
from cscwidgets.service.imports.importer import import_tables
from cscwidgets.sky.position_columns import read_position
from cscwidgets.sky.target import read_region

from . import answerreaders
from .answerdamage import damaged_adql, damaged_list, damaged_tar, damaged_votable
from .filedamage import damaged_fits, damaged_parquet, damaged_text
from .productjudges import judge_events, judge_field, judge_light_curve, judge_regions, judge_sensitivity
from .spectrumjudges import judge_spectrum


@dataclass(frozen=True)
class Reader:
    """`read` takes the folder of the seeds and fails over numbers that are none; `victims` are damaged.

    `judge` is given the folder and what was read, and fails where somebody else reads other numbers.
    """

    read: Callable[[Path], Any]
    damage: Callable[[bytes, np.random.Generator], bytes]
    victims: str = "*"
    judge: Callable[[Path, Any], None] | None = None


def _finite(*values: object) -> None:
    for value in values:
        assert np.isfinite(np.asarray(value, dtype=float)).all(), f"accepted a number that is none: {value}"


def _one(folder: Path, pattern: str = "seed*") -> Path:
    return next(folder.glob(pattern))


def _light_curve(folder: Path) -> lightcurve.LightCurve:
    curve = lightcurve.read(_one(folder))
    for part in (curve.source, curve.background):
        _finite(part.rate, part.error, part.low, part.high)
    _finite(curve.time, curve.width, curve.aperture, curve.livetime, curve.counts, curve.variability.log_odds)
    assert (np.diff(curve.time) > 0).all()
    assert curve.width > 0
    curve.table()
    return curve


def _spectrum(folder: Path) -> spectrum.Spectrum:
    from cscwidgets.science.spectra.models import source_model
    from cscwidgets.science.spectra.preview import Preview

    read = spectrum.read(_one(folder, "*pha3*"))
    _finite(read.source.counts, read.scale, read.source.exposure)
    if read.response is None or read.refusal:
        return read
    response = read.response
    _finite(response.area, response.matrix, response.low, response.high, response.channel_low, response.channel_high)
    assert (response.matrix >= 0).all()
    assert (response.area >= 0).all()
    assert (response.high > response.low).all()
    _finite(read.net_counts(0.5, 7.0))
    try:
        (counts,) = Preview([read], source_model("powerlaw")).counts()
    except CscError:
        return read
    _finite(counts)
    return read


def _events(folder: Path) -> EventList:
    events = read_events(_one(folder))
    _finite(events.time, events.x, events.y)
    if events.has_energies and len(events):
        _finite(events.energy)
    for good in events.good_times.values():
        _finite(good.edges, good.total)
    events.clean()
    return events


def _regions(folder: Path) -> DetectionRegions:
    found = read_regions(_one(folder))
    for area in (found.source, found.background):
        for shape in (shape for shapes in area.components for shape in shapes):
            _finite(shape.x, shape.y, shape.size, shape.angle)
            assert (shape.size > 0).all()
    for outline in found.outlines():
        _finite(outline.ra, outline.dec)
    return found


def _field_of_view(folder: Path) -> FieldOfView:
    found = read_field_of_view(_one(folder))
    for polygon in found.polygons:
        _finite(polygon.ra, polygon.dec, polygon.component)
    _finite(found.centre, found.radius)
    found.contains(*found.centre)
    return found


def _sensitivity(folder: Path) -> SensitivityMap:
    found = read_sensitivity_map(_one(folder))
    _finite(found.pixel, found.limit[np.isfinite(found.limit)])
    assert np.nanmin(found.limit) > 0
    assert found.pixel > 0
    return found


def _picture(folder: Path) -> None:
    found = read_picture(_one(folder), "seed")
    _finite(found.ra, found.dec, found.radius)
    assert 0 <= found.ra < 360
    assert abs(found.dec) <= 90
    assert 0 < found.radius <= 180


def _catalogue(folder: Path) -> None:
    path = _one(folder)
    named = {"ra": "ra", "dec": "dec"}
    region = CircleSkyRegion(SkyCoord(10 * u.deg, 20 * u.deg), 5 * u.deg)
    found = FileCatalogue(path, **named).near(region, 1 * u.arcsec)
    ra, dec = read_position(found, "ra", "dec")  # which may be written in hours or degrees, minutes and seconds
    _finite(ra, dec)
    expected = _as_astropy_reads(path)
    if expected is not None:
        ours = np.sort(ra)
        assert len(ours) == len(expected), f"{len(ours)} rows in the region, {len(expected)} as astropy reads them"
        np.testing.assert_allclose(ours, expected, atol=1e-9, err_msg="another position than astropy reads")


_FORMATS = {".fits": "fits", ".csv": "ascii.csv", ".ecsv": "ascii.ecsv", ".parquet": "parquet"}


def _as_astropy_reads(path: Path) -> np.ndarray | None:
    """Right ascensions in the region, sorted, where astropy reads plain degrees."""
    try:
        with get_readable_fileobj(str(path), encoding="binary") as unpacked:
            if path.suffix != ".fits" and unpacked.read().count(b'"') % 2:
                return None  # astropy loses the row in which a quotation does not end
        table = Table.read(path, format=_FORMATS[path.suffix])
        columns = [np.ma.asarray(table[name]) for name in ("ra", "dec")]
        plain = all(column.dtype.kind == "f" and column.ndim == 1 for column in columns)
        if not plain or any(str(table[name].unit or "deg") != "deg" for name in ("ra", "dec")):
            return None
        ra, dec = (np.ma.filled(column, np.nan) for column in columns)
        there = np.isfinite(ra) & np.isfinite(dec) & (np.abs(dec) <= 90)
        apart = SkyCoord(ra[there] * u.deg, dec[there] * u.deg).separation(SkyCoord(10 * u.deg, 20 * u.deg))
    except Exception:  # noqa: BLE001 - what astropy does not read is nothing to compare with
        return None
    return np.sort(ra[there][apart < 5 * u.deg + 1 * u.arcsec])


def _import(folder: Path) -> None:
    import_tables([_one(folder)], folder / "made")


def _ds9(folder: Path) -> None:
    read_region(_one(folder, "seed.reg"))


class Staged:
    """A reader that does, one after the other, what none may do; the first time it reads."""

    def __init__(self) -> None:
        self.times = -1

    def __call__(self, folder: Path) -> None:
        self.times += 1
        match self.times:
            case 1:
                raise KeyError("TFORM1")
            case 2:
                Path("/etc/hostname").read_bytes()
            case 3:
                _finite(np.nan)
            case 4:
                with reading("it cannot be read"):
                    np.zeros(1 << 29)
            case 5:
                while True:
                    pass


STAGED = {"staged failures": Reader(Staged(), damaged_text)}

READERS = {
    "lc3": Reader(_light_curve, damaged_fits, judge=judge_light_curve),
    "pha": Reader(_spectrum, damaged_fits, "*pha3*", judge=judge_spectrum),
    "arf": Reader(_spectrum, damaged_fits, "*arf3*", judge=judge_spectrum),
    "rmf": Reader(_spectrum, damaged_fits, "*rmf3*", judge=judge_spectrum),
    "events": Reader(_events, damaged_fits, judge=judge_events),
    "reg3": Reader(_regions, damaged_fits, judge=judge_regions),
    "fov3": Reader(_field_of_view, damaged_fits, judge=judge_field),
    "sens3": Reader(_sensitivity, damaged_fits, judge=judge_sensitivity),
    "picture": Reader(_picture, damaged_fits),
    "import fits": Reader(_import, damaged_fits),
    "import tsv": Reader(_import, damaged_text),
    "import csv": Reader(_import, damaged_text),
    "catalogue fits": Reader(_catalogue, damaged_fits),
    "catalogue csv": Reader(_catalogue, damaged_text),
    "catalogue ecsv": Reader(_catalogue, damaged_text),
    "catalogue txt": Reader(_catalogue, damaged_text),
    "catalogue parquet": Reader(_catalogue, damaged_parquet),
    "import votable": Reader(_import, damaged_votable),
    "import ecsv": Reader(_import, damaged_text),
    "import parquet": Reader(_import, damaged_parquet),
    "ds9": Reader(_ds9, damaged_text),
    "answer tabledata": Reader(answerreaders.read_votable, damaged_votable),
    "answer binary": Reader(answerreaders.read_votable, damaged_votable),
    "answer binary2": Reader(answerreaders.read_votable, damaged_votable),
    "answer numbers": Reader(answerreaders.read_votable, damaged_votable),
    "tar": Reader(answerreaders.read_tar, damaged_tar, "seed*"),
    "listing": Reader(answerreaders.read_listing, damaged_list),
    "surveys": Reader(answerreaders.read_surveys, damaged_list),
    "sesame": Reader(answerreaders.read_sesame, damaged_text),
    "adql": Reader(answerreaders.read_query, damaged_adql, "seed*"),
}
