"""Columns of measured quantities, by the catalogue's names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from cscwidgets.arrays import Flags, Floats, Integers
from cscwidgets.csc.families import triple
from cscwidgets.science.hardness import Hardness
from cscwidgets.science.photometry import Flux

from ..sky.source_spectra import BAND

__all__ = [
    "HARDNESS_CHANGE",
    "VARIABLE",
    "Columns",
    "columns_of",
    "hardness_columns_of",
    "per_band",
    "variable",
    "widest",
]

Columns = dict[str, Any]

HARDNESS_CHANGE = 0.9
"""Probability from which ``var_inter_hard_flag`` is raised."""

VARIABLE = 6
"""Variability index from which a source is definitely variable."""


def columns_of(quantity: str, values: Flux) -> Iterator[tuple[str, Floats]]:
    """Columns of a quantity in all bands with its limits, as (name, values)."""
    for suffix, band in BAND.items():
        for name, column in zip(
            triple(f"{quantity}_{suffix}"), (values.value, values.lower, values.upper), strict=True
        ):
            yield name, column[:, band]


def hardness_columns_of(ratios: dict[str, Hardness]) -> Iterator[tuple[str, Floats]]:
    """Columns of hardness ratios with their limits."""
    for pair, ratio in ratios.items():
        yield from zip(triple(f"hard_{pair}"), (ratio.mode, ratio.lower, ratio.upper), strict=True)


def per_band(quantity: str, values: Floats) -> Columns:
    """One column of a quantity for each band."""
    return {f"{quantity}_{suffix}": values[:, band] for suffix, band in BAND.items()}


def variable(index: Floats) -> Flags:
    """Whether a source is definitely variable in any band."""
    return np.asarray(np.nan_to_num(index).max(axis=1) >= VARIABLE)


def widest(values: Floats, group: Integers, number: int) -> Floats:
    """Largest value of each group's rows, NaN where there is none; negative groups are left out."""
    result = np.full((number, *values.shape[1:]), -np.inf)
    keep = group >= 0
    np.maximum.at(result, group[keep], np.where(np.isnan(values[keep]), -np.inf, values[keep]))
    return np.where(np.isfinite(result), result, np.nan)
