"""Light curves, events, regions, fields and sensitivity maps as others read them, to compare what was read with."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import astropy.units as u
import numpy as np
from astropy.io import fits
from astropy.wcs import WCS
from astropy.wcs.utils import pixel_to_skycoord
from regions import PixCoord, Regions

from cscwidgets.science.lightcurve import LightCurve
from cscwidgets.science.maps.field_of_view import FieldOfView
from cscwidgets.science.maps.sensitivity_map import SensitivityMap
from cscwidgets.science.region_file import DetectionRegions
from cscwidgets.science.times.events import EventList

from .fitsbytes import NoJudge, Unit, units_of

__all__ = ["judge_events", "judge_field", "judge_light_curve", "judge_regions", "judge_sensitivity"]

_SECONDS = {"": 1.0, "s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "ks": 1e3, "d": 86400.0}
_RATES = {"": 1.0, "count/s": 1.0, "counts/s": 1.0, "ct/s": 1.0, "cts/s": 1.0}
_EV = {"": 1.0, "eV": 1.0, "keV": 1e3, "MeV": 1e6}
_PIXELS = {"": 1.0, "pixel": 1.0, "pixels": 1.0, "pix": 1.0}
_DEGREES = {"": 1.0, "deg": 1.0, "degree": 1.0, "degrees": 1.0}
_FLUX = u.photon / u.s / u.cm**2


def _same(name: str, ours: Any, theirs: Any, rtol: float = 1e-9, atol: float = 0.0) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol, err_msg=f"another {name}")


def _one(folder: Path) -> list[Unit]:
    return units_of(next(folder.glob("seed*")))


def _named(units: list[Unit], name: str) -> Unit:
    found = [unit for unit in units if unit.is_table and unit.name == name]
    if len(found) != 1:
        raise NoJudge(f"{len(found)} tables {name}")
    return found[0]


def _in(table: Unit, name: str, units: dict[str, float]) -> Any:
    unit = table.unit(name)
    assert unit in units, f"{name} is in {unit!r}, which was not said"
    return np.asarray(table.column(name)) * units[unit]


def judge_light_curve(folder: Path, read: LightCurve) -> None:
    """Times and rates of both curves, as CIAO's data model has them."""
    units = _one(folder)
    source, background = _named(units, "LIGHTCURVE"), _named(units, "BKGLIGHTCURVE")
    scale = source.number("APERTURE") / background.number("APERTURE")
    middle = (0.5 - source.number("TIMEPIXR", 0.5)) * source.number("TIMEDEL")
    _same("time", read.time, _in(source, "TIME", _SECONDS) + source.number("TIMEZERO", 0.0) + middle)
    for table, curve, factor in ((source, read.source, 1.0), (background, read.background, scale)):
        for name, ours in (
            ("COUNT_RATE", curve.rate),
            ("COUNT_RATE_ERR", curve.error),
            ("MINUS_3SIG", curve.low),
            ("PLUS_3SIG", curve.high),
        ):
            _same(name, ours, _in(table, name, _RATES) * factor, atol=1e-300)
    for key, ours in (
        ("TIMEDEL", read.width),
        ("APERTURE", read.aperture),
        ("TOTCTS", read.counts),
        ("LIVETIME", read.livetime),
        ("REGIONID", read.region_id),
        ("OBS_ID", read.header.obsid),
        ("ODDS", read.variability.log_odds),
        ("VARINDEX", read.variability.index),
    ):
        _same(key, ours, source.number(key))


def judge_events(folder: Path, read: EventList) -> None:
    """Times, energies, places and chips of all events in the order of time, and the good time of each chip."""
    units = _one(folder)
    table = _named(units, "EVENTS")
    names = table.names
    time = _in(table, "TIME", _SECONDS) + table.number("TIMEZERO", 0.0)
    order = np.argsort(time, kind="stable")
    _same("time", read.time, time[order])
    if "ENERGY" in names:
        _same("energy", read.energy, _in(table, "ENERGY", _EV)[order] / 1e3)
    for name, ours in (("X", read.x), ("Y", read.y)):
        _same(name, ours, _in(table, name, _PIXELS)[order])
    if "CCD_ID" in names:
        _same("chip", read.chip, np.asarray(table.column("CCD_ID"))[order])
    good = [unit for unit in units if unit.is_table and {"START", "STOP"} <= set(unit.names)]
    if len(good) == 1 and ("GTI" in good[0].name or good[0].text("HDUCLAS1").upper() == "GTI"):
        zero = good[0].number("TIMEZERO", table.number("TIMEZERO", 0.0))
        spans = np.column_stack([_in(good[0], name, _SECONDS) + zero for name in ("START", "STOP")])
        moments = _between(spans)
        inside = ((spans[:, 0] <= moments[:, None]) & (moments[:, None] < spans[:, 1])).any(axis=1)
        for one in read.good_times.values():
            ours = ((one.intervals[:, 0] <= moments[:, None]) & (moments[:, None] < one.intervals[:, 1])).any(axis=1)
            np.testing.assert_array_equal(ours, inside, "another good time")
    if read.wcs is not None:
        _same_sky(_column_sky(table), lambda x, y: read.wcs.wcs_pix2world(x, y, 1))


def _between(spans: np.ndarray) -> np.ndarray:
    edges = np.unique(spans)
    return (edges[1:] + edges[:-1]) / 2


def _column_sky(table: Unit) -> WCS:
    """World coordinates of the columns X and Y, as wcslib has them of a pixel list (FITS 4.0, table 22)."""
    columns = [table.names.index(name) + 1 for name in ("X", "Y")]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sky = WCS(fits.Header.fromstring(table.header), keysel=["pixel"], colsel=columns)
    except Exception as error:
        raise NoJudge(str(error)) from error
    if not sky.has_celestial:
        raise NoJudge("no coordinates")
    return sky


def _same_sky(theirs: WCS, ours: Any, shape: tuple[int, int] = (8192, 8192), origin: int = 1) -> None:
    """Where pixels lie, in ICRS, by astropy's own conversion of frames."""
    x, y = (axis.ravel() for axis in np.meshgrid(*(np.linspace(origin, size, 5) for size in shape)))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = pixel_to_skycoord(x, y, theirs, origin=origin).icrs
    except Exception as error:
        raise NoJudge(str(error)) from error
    ra, dec = ours(x, y)
    there = np.isfinite(expected.ra.deg) & np.isfinite(expected.dec.deg)
    apart = np.hypot((ra - expected.ra.deg + 180) % 360 - 180, dec - expected.dec.deg)[there]
    # FK5 and ICRS differ by some 0.02 arcsec.
    assert not len(apart) or apart.max() < 1e-4, f"up to {apart.max():g} deg from where astropy has it"


_NUMBERED = 2000


def judge_regions(folder: Path, read: DetectionRegions) -> None:
    """The shapes to the package ``regions``: which of many points are inside."""
    units = _one(folder)
    for name, area in (("SRCREG", read.source), ("BKGREG", read.background)):
        table = _named(units, name)
        for column in ("X", "Y", "R"):
            _in(table, column, _PIXELS)
        if "ROTANG" in table.names:
            _in(table, "ROTANG", _DEGREES)
        shapes = _shapes(table)
        bounds = np.array([shape.bounds for part in area.components for shape in part if not shape.excluded])
        left, bottom = bounds[:, [0, 2]].min(axis=0)
        right, top = bounds[:, [1, 3]].max(axis=0)
        rng = np.random.default_rng(1)
        x, y = rng.uniform(left, right, _NUMBERED), rng.uniform(bottom, top, _NUMBERED)
        theirs = np.zeros(_NUMBERED, bool)
        for component in dict.fromkeys(number for number, _, _ in shapes):
            inside = np.ones(_NUMBERED, bool)
            for number, included, shape in shapes:
                if number == component:
                    inside &= shape.contains(PixCoord(x, y)) == included
            theirs |= inside
        different = (area.contains(x, y) != theirs).mean()
        assert different < 2e-3, f"{different:.1%} of the points are elsewhere to `regions`"
    if read.wcs is not None:
        _same_sky(_column_sky(_named(units, "SRCREG")), lambda x, y: read.wcs.wcs_pix2world(x, y, 1))


def _shapes(table: Unit) -> list[tuple[int, bool, Any]]:
    """Component, whether it is included, and the shape."""
    from astropy.table import Table

    words = table.column("SHAPE")
    columns = {name: np.asarray(table.column(name)) for name in ("X", "Y", "R", "ROTANG") if name in table.names}
    # Without the column, which is optional, a shape that is included begins one.
    alone = np.cumsum([not word.strip().startswith("!") for word in words])
    components = table.column("COMPONENT") if "COMPONENT" in table.names else alone
    found = []
    for row, (word, component) in enumerate(zip(words, components, strict=True)):
        plain = word.strip().lower().lstrip("!")
        cells = {name: [values[row]] for name, values in columns.items()}
        if plain == "polygon":
            there = np.isfinite(cells["X"][0]) & np.isfinite(cells["Y"][0])
            cells["X"], cells["Y"] = [cells["X"][0][there]], [cells["Y"][0][there]]
        elif plain == "ellipse" and "ROTANG" not in cells:
            cells["ROTANG"] = [0.0]
        try:
            (shape,) = Regions.parse(Table({"SHAPE": [plain], **cells}), format="fits")
        except Exception as error:
            raise NoJudge(str(error)) from error
        found.append((int(component), not word.strip().startswith("!"), shape))
    return found


def judge_field(folder: Path, read: FieldOfView) -> None:
    """The corners of each polygon on the sky."""
    table = next(unit for unit in _one(folder) if "SHAPE" in unit.names)
    if not {"X", "Y"} <= set(table.names):
        raise NoJudge("corners in degrees")
    x, y = (_in(table, name, _PIXELS) for name in ("X", "Y"))
    sky = _column_sky(table)
    assert len(read.polygons) == len(x), f"{len(read.polygons)} polygons of {len(x)}"
    for row, polygon in enumerate(read.polygons):
        many = len(polygon.ra)
        corners = x[row][:many], y[row][:many]
        if np.isfinite(corners).all():
            try:
                expected = pixel_to_skycoord(*corners, sky, origin=1).icrs
            except Exception as error:
                raise NoJudge(str(error)) from error
            apart = np.hypot((polygon.ra - expected.ra.deg + 180) % 360 - 180, polygon.dec - expected.dec.deg)
            assert apart.max() < 1e-4, f"corners up to {apart.max():g} deg from where astropy has them"


def judge_sensitivity(folder: Path, read: SensitivityMap) -> None:
    """The limits in the second image's pixels, and where they lie."""
    images = [unit for unit in _one(folder) if not unit.is_table and unit.cards.get("NAXIS") == 2]
    if len(images) != 2:
        raise NoJudge(f"{len(images)} images")
    true = images[1]
    theirs = true.image() * _flux(true.text("BUNIT"))
    with np.errstate(invalid="ignore"):
        theirs[~((theirs > 1e-20) & (theirs < 1))] = np.nan
    np.testing.assert_allclose(read.limit, theirs, rtol=1e-6, err_msg="another limit")
    header = fits.Header.fromstring(true.header)
    rows, columns = read.limit.shape
    _same_sky(
        _image_sky(header),
        lambda x, y: _icrs_of(read.wcs, x, y),
        (columns - 1, rows - 1),
        0,
    )


def _flux(told: str) -> float:
    """From a unit to photon/s/cm**2, as astropy reads it."""
    if not told:
        return 1.0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of slashes
            return float(u.Unit(told).to(_FLUX))
    except (ValueError, TypeError):
        raise AssertionError(f"limits in {told!r}") from None


def _image_sky(header: fits.Header) -> WCS:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return WCS(header).celestial
    except Exception as error:
        raise NoJudge(str(error)) from error


def _icrs_of(wcs: WCS, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As all that uses a map does: the frame of its coordinates is astropy's of them."""
    there = pixel_to_skycoord(x, y, wcs, origin=0).icrs
    return there.ra.deg, there.dec.deg
