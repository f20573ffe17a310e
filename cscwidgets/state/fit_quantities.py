"""What is derived from a fit: fluxes, luminosities and hardness ratios, by their names in words."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import astropy.units as u

if TYPE_CHECKING:  # Sherpa takes a second to import, and may not be there
    from cscwidgets.science.spectra.fit_result import FitResult

__all__ = ["HARDNESS", "hardness_words", "quantities"]

HARDNESS = ("hm", "hs", "ms")
"""Pairs of bands, as the catalogue's columns name them."""


def quantities(
    fit: FitResult, low: float, high: float, distance: u.Quantity | None, redshift: float | None
) -> dict[str, Callable[..., Any]]:
    """What is derived from a fit, by its name in words."""
    band = f"{low:g}–{high:g} keV"
    wanted: dict[str, Callable[..., Any]] = {
        f"energy flux {band}, as observed": partial(fit.flux, low, high),
        f"photon flux {band}, as observed": partial(fit.flux, low, high, photons=True),
    }
    if fit.model.unabsorbed is not None:
        wanted[f"energy flux {band}, without absorption"] = partial(fit.flux, low, high, absorbed=False)
        if distance is not None or redshift is not None:
            frame = "as emitted" if redshift is not None else "as observed"
            wanted[f"luminosity {band} {frame}, without absorption"] = partial(
                fit.luminosity, low, high, distance=distance, redshift=redshift
            )
    return wanted | {hardness_words(pair): partial(fit.hardness, *pair) for pair in HARDNESS}


def hardness_words(pair: str) -> str:
    """What the hardness ratio of a pair of bands is called."""
    return f"hardness ratio hard_{pair} of the model"
