"""What the catalogue's master table says of what a fit finds."""

from __future__ import annotations

import numpy as np
from astropy.table import Row

from cscwidgets.errors import CscError
from cscwidgets.science.spectra.catalogue_fit import catalogue_fits

from .fit_quantities import HARDNESS, hardness_words

__all__ = ["catalogue_hardness", "catalogue_parameters"]


def catalogue_hardness(row: Row | None) -> dict[str, str]:
    """A source's hardness ratios with their intervals, by the words of `fit_quantities.hardness_words`."""
    values = {}
    for pair in HARDNESS:
        name = f"hard_{pair}"
        if row is not None and name in row.colnames and not np.ma.is_masked(row[name]):
            ends = [float(row[f"{name}_{end}"]) for end in ("lolim", "hilim")]
            values[hardness_words(pair)] = f"{float(row[name]):.3f} ({ends[0]:.3f} to {ends[1]:.3f}, 68%)"
    return values


def catalogue_parameters(row: Row | None, expression: str) -> dict[str, tuple[float, float, float]]:
    """The catalogue's own fits of a source: value and 68% interval by the names that parameters of a model have."""
    if row is None:
        return {}
    try:
        fits = catalogue_fits(row)
    except CscError:  # a table of somebody's own has no such columns
        return {}
    return {
        str(fitted["name"]): (float(fitted["value"]), float(fitted["lower"]), float(fitted["upper"]))
        for fitted in fits
        # A column belongs to the model it was fitted with, all else to the component.
        if fitted["expression"] == expression or not str(fitted["name"]).endswith(".nH")
    }
