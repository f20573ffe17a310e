"""Numbers of astropy, numpy, matplotlib and Python itself, for the tests of the front end to compare with.

Run `python tools/make_js_fixtures.py > js/tests/expected.json`.
"""

from __future__ import annotations

import base64
import json
import sys
from typing import Any

import astropy.units as u
import numpy as np
from astropy.coordinates import Angle, Latitude, Longitude, SkyCoord, SphericalRepresentation
from cdshealpix.nested import lonlat_to_healpix
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from cscwidgets.views.theme import PROBABILITY

_STEPS = [(1.0, 1, 0), (1 / 60, 2, 0), (1 / 3600, 3, 0), (0.1 / 3600, 3, 1), (0.001 / 3600, 3, 3)]
_PLACES = [(0.0, 0.0), (83.82208333, -5.39111111), (359.99999999, 89.999999), (23.4621, 30.6599), (187.5, -0.0083333)]
_POLYGON = [(350.0, 80.0), (20.0, 85.0), (100.0, 70.0)]


def sexagesimal() -> list[dict[str, Any]]:
    """Right ascensions and declinations; those of few fields are whole multiples of their step."""
    made = []
    for step, fields, precision in _STEPS:
        for place in _PLACES:
            whole = round(place[0] / 15 / step) * 15 * step, round(place[1] / step) * step
            ra, dec = whole if fields < 3 else place
            texts = (
                Angle(angle % 360 if unit is u.hourangle else angle, u.deg).to_string(
                    unit, sep=marks, precision=precision, pad=True, fields=fields, alwayssign=unit is u.deg
                )
                for angle, unit, marks in ((ra, u.hourangle, "hms"), (dec, u.deg, "°′″"))
            )
            ra_text, dec_text = (text.replace("-", "−").replace("24h", "00h") for text in texts)
            made.append({"step": step, "ra": ra, "dec": dec, "ra_text": ra_text, "dec_text": dec_text})
    return made


def separations() -> list[list[float]]:
    """Both positions and the angle between them, in degrees."""
    ends = [(one, other) for one in _PLACES for other in [*_PLACES, (180.0, 0.0), (23.4622, 30.66)]]
    apart = [SkyCoord(*one, unit="deg").separation(SkyCoord(*other, unit="deg")).deg for one, other in ends]
    return [[*one, *other, float(angle)] for (one, other), angle in zip(ends, apart, strict=True)]


def circles() -> list[dict[str, Any]]:
    """Points around a centre from north through east."""
    made = []
    for centre, radius in (((23.4621, 30.6599), 0.5), ((30.0, 89.8), 1.0), ((0.01, -12.3), 40.0)):
        angles = np.arange(8) * 45 * u.deg
        points = SkyCoord(*centre, unit="deg").directional_offset_by(angles, radius * u.deg)
        made.append({"center": centre, "radius": radius, "ra": points.ra.deg.tolist(), "dec": points.dec.deg.tolist()})
    return made


def polygon() -> dict[str, Any]:
    """Points on the great circles between corners, evenly along the chords."""
    corners = SkyCoord(_POLYGON, unit="deg").cartesian
    chords = [corners[side] * (1 - t) + corners[(side + 1) % 3] * t for side in range(3) for t in (0, 0.25, 0.5, 0.75)]
    points = [chord.represent_as(SphericalRepresentation) for chord in chords]
    ra, dec = ([float(getattr(point, axis).deg) for point in points] for axis in ("lon", "lat"))
    return {"vertices": _POLYGON, "steps": 4, "ra": [angle % 360 for angle in ra], "dec": dec}


def axes() -> list[dict[str, Any]]:
    """Pixels of data in a plot of 400 by 300 pixels with margins, counted from the upper left corner."""
    made = []
    for x_range, y_range, log in (((-1.06, 1.06), (2.0, -3.0), False), ((1e-16, 1e-12), (0.3, 10.0), True)):
        figure = Figure(figsize=(4, 3), dpi=100)
        panel = figure.add_axes((66 / 400, 46 / 300, (400 - 66 - 14) / 400, (300 - 34 - 46) / 300))
        scale = "log" if log else "linear"
        panel.set(xscale=scale, yscale=scale, xlim=x_range, ylim=y_range)
        between = np.geomspace if log else np.linspace
        data = np.column_stack([between(*x_range, 5), between(*y_range, 5)])
        pixels = panel.transData.transform(data)
        pixels[:, 1] = 300 - pixels[:, 1]
        made.append(
            {"x_range": x_range, "y_range": y_range, "log": log, "data": data.tolist(), "pixels": pixels.tolist()}
        )
    return made


def numbers() -> list[list[Any]]:
    """A number, a format, and the text."""
    values = [0.0, 1.0, -0.25, 0.0001, 0.00001234, 123456.7, 9.9996, 99999.0, 1.5e-15, -3.25e17, 51234.123456]
    formats = [".2f", ".4f", ".3g", ".4g", ".0%", ".1%"]
    return [[value, spec, format(value, spec).replace("-", "−")] for value in values for spec in formats]


def binary() -> dict[str, Any]:
    """Arrays and texts as the bytes of a trait."""
    floats, integers, texts = [1.5, -2.25e-15, 3.0, 4.0], [0, 7, 2**32 - 1], ["SIM J1", "π Aqr", ""]
    packed = (np.array(floats).tobytes(), np.array(integers, np.uint32).tobytes(), "\0".join(texts).encode())
    names = ("float64", "uint32", "words")
    return {
        name: {"values": values, "base64": base64.b64encode(raw).decode()}
        for name, values, raw in zip(names, (floats, integers, texts), packed, strict=True)
    }


def healpix() -> list[dict[str, Any]]:
    """Pixels of positions all over the sphere, nested, and their galactic coordinates."""
    rng = np.random.default_rng(3)
    ra = np.concatenate([rng.uniform(0, 360, 200), [0.01, 45.1, 90.1, 359.99999, 10, 10]])
    dec = np.concatenate([np.degrees(np.arcsin(rng.uniform(-1, 1, 200))), [0.013, 41.9, -41.7, 0.001, 90, -89.999999]])
    galactic = SkyCoord(ra, dec, unit="deg").galactic
    orders = (0, 3, 12)
    pixels = [lonlat_to_healpix(Longitude(ra, "deg"), Latitude(dec, "deg"), order) for order in orders]
    return [
        {"ra": a, "dec": d, "l": lon, "b": lat, "pixels": [[o, int(p)] for o, p in zip(orders, row, strict=True)]}
        for a, d, lon, lat, *row in zip(ra, dec, galactic.l.deg, galactic.b.deg, *pixels, strict=True)
    ]


def colours() -> dict[str, Any]:
    """The map of probabilities in 101 steps."""
    ramp = LinearSegmentedColormap.from_list("probability", PROBABILITY, N=101)(np.arange(101), bytes=True)
    return {"stops": PROBABILITY, "rgb": ramp[:, :3].tolist()}


if __name__ == "__main__":
    made = {
        "command": "python tools/make_js_fixtures.py > js/tests/expected.json",
        **{
            part.__name__: part()
            for part in (sexagesimal, separations, circles, polygon, axes, numbers, binary, healpix)
        },
        "colours": colours(),
    }
    json.dump(made, sys.stdout, ensure_ascii=False, separators=(",", ":"))
    sys.stdout.write("\n")
