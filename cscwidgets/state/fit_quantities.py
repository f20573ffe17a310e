"""What is derived from a fit: fluxes, luminosities and hardness ratios, by their names in words."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import astropy.units as u

from cscwidgets.export.script import literal

if TYPE_CHECKING:  # Sherpa takes a second to import, and may not be there
    from cscwidgets.science.spectra.fit_result import FitResult

__all__ = ["HARDNESS", "hardness_words", "quantities", "quantity_code"]

HARDNESS = ("hm", "hs", "ms")
"""Pairs of bands, as the catalogue's columns name them."""


def quantities(
    fit: FitResult, low: float, high: float, distance: u.Quantity | None, redshift: float | None
) -> dict[str, partial[Any]]:
    """What is derived from a fit, by its name in words."""
    band = f"{low:g}–{high:g} keV"
    wanted: dict[str, partial[Any]] = {
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


def quantity_code(quantity: partial[Any], level: float) -> str:
    """How it is asked of the fit, as Python."""
    arguments = [*map(literal, quantity.args)]
    arguments += [f"{name}={literal(value)}" for name, value in quantity.keywords.items() if value is not None]
    return f"result.{quantity.func.__name__}({', '.join([*arguments, f'level={level!r}'])})"


def hardness_words(pair: str) -> str:
    """What the hardness ratio of a pair of bands is called."""
    return f"hardness ratio hard_{pair} of the model"
