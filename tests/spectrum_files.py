"""A small spectrum with its background and responses, made with astropy: a power law of photon index 1.3."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from astropy.io import fits

__all__ = ["CHANNELS", "write_spectrum"]

CHANNELS, ENERGIES, SPREAD = 160, 200, 5
EXPOSURE, AREA, INDEX, AMPLITUDE = 50_000.0, 400.0, 1.3, 1e-4

Change = Callable[[Mapping[str, np.ndarray]], None]


def write_spectrum(
    folder: Path,
    *,
    counts: Mapping[str, object] | None = None,
    cards: Mapping[str, Mapping[str, object]] | None = None,
    seed: int = 1,
    **changes: Change,
) -> Path:
    """Write ``s.pha``, ``b.pha``, ``a.arf`` and ``m.rmf``, and return the first.

    Parameters
    ----------
    folder : path
    counts : mapping, optional
        Further columns of the spectrum, by name.
    cards : mapping, optional
        Keywords to set, by what they are of: ``pha``, ``background``, ``arf``, ``matrix``, ``ebounds``.
    changes : callable
        By the same names: called with the columns before they are written, to spoil them.
    """
    rng = np.random.default_rng(seed)
    edges, bounds = np.linspace(0.3, 10, ENERGIES + 1), np.linspace(0.3, 10, CHANNELS + 1)
    middle = np.clip(np.searchsorted(bounds, (edges[1:] + edges[:-1]) / 2) - 1, 0, CHANNELS - 1)
    first = np.clip(middle - SPREAD, 0, CHANNELS - 1 - 2 * SPREAD)
    offset = np.arange(2 * SPREAD + 1) + (first - middle)[:, None]
    matrix = np.exp(-((offset / 2.0) ** 2))
    matrix /= matrix.sum(axis=1, keepdims=True)
    photons = AMPLITUDE * (edges[1:] ** (1 - INDEX) - edges[:-1] ** (1 - INDEX)) / (1 - INDEX)
    expected = np.zeros(CHANNELS)
    np.add.at(expected, middle[:, None] + offset, matrix * (photons * AREA * EXPOSURE)[:, None])
    channel = np.arange(1, CHANNELS + 1)
    tables = {
        "pha": ("SPECTRUM", {"CHANNEL": channel, "COUNTS": rng.poisson(expected + 0.2).astype(float)} | (counts or {})),
        "background": ("SPECTRUM", {"CHANNEL": channel, "COUNTS": rng.poisson(2.0, CHANNELS).astype(float)}),
        "arf": ("SPECRESP", {"ENERG_LO": edges[:-1], "ENERG_HI": edges[1:], "SPECRESP": np.full(ENERGIES, AREA)}),
        "matrix": (
            "MATRIX",
            {
                "ENERG_LO": edges[:-1], "ENERG_HI": edges[1:], "N_GRP": np.ones(ENERGIES, int), "F_CHAN": first + 1,
                "N_CHAN": np.full(ENERGIES, 2 * SPREAD + 1), "MATRIX": matrix,
            },
        ),
        "ebounds": ("EBOUNDS", {"CHANNEL": channel, "E_MIN": bounds[:-1], "E_MAX": bounds[1:]}),
    }  # fmt: skip
    own = {"INSTRUME": "ACIS", "EXPOSURE": EXPOSURE, "AREASCAL": 1.0, "OBS_ID": "78"}
    named = {"ANCRFILE": "a.arf", "RESPFILE": "m.rmf", "BACKFILE": "b.pha"}
    headers = {
        "pha": own | named | ({} if "BACKSCAL" in (counts or {}) else {"BACKSCAL": 0.01}),
        "background": own | {"BACKSCAL": 0.1},
        "matrix": {"TLMIN4": 1, "DETCHANS": CHANNELS},
    }
    made = {}
    for name, (extension, given) in tables.items():
        columns = {key: np.array(values) for key, values in given.items()}
        if name in changes:
            changes[name](columns)
        made[name] = fits.BinTableHDU.from_columns([_column(key, values) for key, values in columns.items()])
        made[name].name = extension
        made[name].header.update(headers.get(name, {}) | dict((cards or {}).get(name, {})))
    files = {"s.pha": ["pha"], "b.pha": ["background"], "a.arf": ["arf"], "m.rmf": ["matrix", "ebounds"]}
    for file, parts in files.items():
        hdus = fits.HDUList([fits.PrimaryHDU(), *(made[part] for part in parts)])
        hdus.writeto(folder / file, overwrite=True)
    return folder / "s.pha"


def _column(name: str, values: np.ndarray) -> fits.Column:
    letter = "J" if values.dtype.kind == "i" else "D"
    return fits.Column(name, f"{values.shape[1]}{letter}" if values.ndim > 1 else letter, array=values)
