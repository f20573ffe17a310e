"""A region as a plain record, which a file keeps to the last digit."""

from __future__ import annotations

from typing import Any

import astropy.units as u
from astropy.coordinates import SkyCoord
from regions import CircleSkyRegion, EllipseSkyRegion, PolygonSkyRegion, RectangleSkyRegion

from cscwidgets.io.json_schema import Schema, listed, number, one_of, record

from .region import Region

__all__ = ["REGION", "region_of_record", "region_record"]

_ALL_SKY = {"shape": "all sky"}
_RA, _DEC = number(-360.0, 360.0), number(-90.0, 90.0)
_SIZE = {"type": "number", "exclusiveMinimum": 0, "maximum": 360}
_MOST_CORNERS = 10_000
_BOXES = {"ellipse": EllipseSkyRegion, "box": RectangleSkyRegion}
_AT = {"ra": _RA, "dec": _DEC}

REGION: Schema = {
    "anyOf": [
        record({"shape": one_of(["circle"]), **_AT, "radius": _SIZE}),
        record({"shape": one_of(list(_BOXES)), **_AT, "width": _SIZE, "height": _SIZE, "angle": number(-360, 360)}),
        record(
            {
                "shape": one_of(["polygon"]),
                "ra": listed(_RA, _MOST_CORNERS, fewest=3),
                "dec": listed(_DEC, _MOST_CORNERS, fewest=3),
            }
        ),
        record({"shape": one_of(["all sky"])}),
    ]
}
"""ICRS, degrees; the angle is from the axis of right ascension to that of the width, as in DS9's text."""


def region_record(region: Region) -> dict[str, Any]:
    """The record of a region.

    Examples
    --------
    >>> region_record(Region.circle(SkyCoord(10.5, 41.2, unit="deg"), 0.1))
    {'shape': 'circle', 'ra': 10.5, 'dec': 41.2, 'radius': 0.1}
    """
    shape = region.shape
    if region.is_all_sky:
        return dict(_ALL_SKY)
    if isinstance(shape, PolygonSkyRegion):
        corners = shape.vertices
        return {"shape": "polygon", "ra": corners.ra.deg.tolist(), "dec": corners.dec.deg.tolist()}
    at = {"ra": float(shape.center.ra.deg), "dec": float(shape.center.dec.deg)}
    if isinstance(shape, CircleSkyRegion):
        return {"shape": "circle", **at, "radius": float(shape.radius.to_value(u.deg))}
    kind = next(name for name, of in _BOXES.items() if isinstance(shape, of))
    sizes = {name: float(getattr(shape, name).to_value(u.deg)) for name in ("width", "height", "angle")}
    return {"shape": kind, **at, **sizes}


def region_of_record(kept: dict[str, Any]) -> Region:
    """The region of a record that is as `REGION` says.

    Raises
    ------
    RegionError
        If it cannot be searched.
    """
    if kept["shape"] == "all sky":
        return Region.all_sky()
    at = SkyCoord(kept["ra"], kept["dec"], unit="deg")
    if kept["shape"] == "polygon":
        return Region.of(PolygonSkyRegion(at))
    if kept["shape"] == "circle":
        return Region.of(CircleSkyRegion(at, kept["radius"] * u.deg))
    width, height, angle = (kept[name] * u.deg for name in ("width", "height", "angle"))
    return Region.of(_BOXES[kept["shape"]](at, width, height, angle))
