"""The product files of one source, in the catalogue's forms, for the examples in docstrings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.io import fits

from .sensitivity_fields import Fields, write_map
from .spectrum_files import write_spectrum

__all__ = ["write_source_files"]

_START, _SPAN = 1e8, 10_000.0  # s
_HEADER = {
    "MJDREF": 50814.0, "TIMESYS": "TT", "TSTART": _START, "TSTOP": _START + _SPAN, "OBS_ID": "78", "OBI_NUM": 0,
    "INSTRUME": "ACIS", "OBJECT": "47 Tuc",
}  # fmt: skip


def write_source_files(folder: Path) -> None:
    """Write a light curve, events with a period of 500 s, regions, a field of view, a spectrum, maps of two stacks."""
    _write_events(folder / "regevt3.fits")
    _write_regions(folder / "reg3.fits")
    _write_light_curve(folder / "lc3.fits")
    _write_field_of_view(folder / "fov3.fits")
    write_spectrum(folder).rename(folder / "pha3.fits")
    for number, one in enumerate(Fields.simulate(2).maps(64), 1):
        write_map(folder / f"stack{number}_sens3.fits", one)


def _write(path: Path, *tables: tuple[str, dict[str, tuple[str, object]], dict[str, object]]) -> None:
    hdus = fits.HDUList([fits.PrimaryHDU()])
    for name, columns, cards in tables:
        made = [fits.Column(key, form, array=np.array(values)) for key, (form, values) in columns.items()]
        hdu = fits.BinTableHDU.from_columns(made, name=name)
        hdu.header.update(_HEADER | cards)
        hdus.append(hdu)
    hdus.writeto(path)


def _write_events(path: Path) -> None:
    rng = np.random.default_rng(1)
    phase = rng.random(400) * _SPAN / 500
    time = _START + 500 * (np.floor(phase) + (phase % 1) ** 2)
    place = 4096 + rng.normal(0, 2, (2, 400))
    events = {
        "time": ("D", time),
        "x": ("D", place[0]),
        "y": ("D", place[1]),
        "energy": ("D", rng.uniform(500, 7000, 400)),
    }
    good = {"START": ("D", [_START]), "STOP": ("D", [_START + _SPAN])}
    _write(path, ("EVENTS", events, _sky_pixels(2, 3)), ("GTI", good, {}))


def _sky_pixels(x: int, y: int) -> dict[str, object]:
    """Where the pixels of these columns lie: around 6.0 -72.08."""
    cards: dict[str, object] = {}
    for column, kind, value, step in ((x, "RA---TAN", 6.0, -0.492 / 3600), (y, "DEC--TAN", -72.08, 0.492 / 3600)):
        cards |= {
            f"TCTYP{column}": kind, f"TCRVL{column}": value, f"TCRPX{column}": 4096.5, f"TCDLT{column}": step,
        }  # fmt: skip
    return cards


def _write_regions(path: Path) -> None:
    tables = []
    for name, radius, x in (("SRCREG", 10.0, 4096.0), ("BKGREG", 30.0, 4196.0)):
        shape = {
            "SHAPE": ("16A", ["circle"]), "X": ("D", [x]), "Y": ("D", [4096.0]), "R": ("2D", [[radius, 0.0]]),
            "ROTANG": ("D", [0.0]), "COMPONENT": ("J", [1]),
        }  # fmt: skip
        tables.append((name, shape, {}))
    _write(path, *tables)


def _write_light_curve(path: Path) -> None:
    rate = np.full(100, 0.04)
    columns = {
        "Time": ("D", _START + 100 * np.arange(100) + 50), "COUNT_RATE": ("D", rate),
        "COUNT_RATE_ERR": ("D", rate / 20), "Minus_3Sig": ("D", rate * 0.85), "Plus_3Sig": ("D", rate * 1.15),
    }  # fmt: skip
    cards = {
        "TIMEDEL": 100.0, "REGIONID": "0007", "STACK_ID": "acisfJ0024004m720458_001", "BAND": "broad", "TOTCTS": 400,
        "LIVETIME": _SPAN, "INTEGTIM": _SPAN, "TELAPSE": _SPAN, "ODDS": -1.0, "PROB": 0.09, "VARINDEX": 0,
        "FRAC3SIG": 1.0, "FRAC5SIG": 1.0,
    }  # fmt: skip
    _write(
        path,
        ("LIGHTCURVE", columns, cards | {"APERTURE": 10.0}),
        ("BKGLIGHTCURVE", columns, cards | {"APERTURE": 200.0}),
    )


def _write_field_of_view(path: Path) -> None:
    """Chips 6 and 7 side by side around 6.0 -72.08: closed polygons, padded with NaN as CIAO does."""
    rows = {chip: 4096 + 0.5 + 1024 * np.array(corners) for chip, corners in ((6, [-1, 0]), (7, [0, 1]))}
    x = [[left, right, right, left, left, np.nan] for left, right in rows.values()]
    y = [[3584.0, 3584.0, 4608.0, 4608.0, 3584.0, np.nan]] * len(rows)
    columns = {
        "SHAPE": ("16A", ["Polygon"] * 2), "X": ("6D", x), "Y": ("6D", y), "R": ("2D", np.full((2, 2), np.nan)),
        "ROTANG": ("D", [0.0, 0.0]), "COMPONENT": ("J", [1, 2]), "CCD_ID": ("I", [*rows]),
    }  # fmt: skip
    _write(path, ("FOV", columns, {"DETNAM": "ACIS-67", **_sky_pixels(2, 3)}))
