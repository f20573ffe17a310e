"""Energies that may come with a unit of their own, and bands of them."""

from __future__ import annotations

from typing import Any

import astropy.units as u
import numpy as np

from cscwidgets.errors import CscError

__all__ = ["energy_band", "kev"]


def kev(energy: float | u.Quantity) -> float:
    """An energy as a plain number in keV.

    Parameters
    ----------
    energy : float or Quantity
        A number without a unit is in keV.

    Raises
    ------
    CscError
        If it has another kind of unit.

    Examples
    --------
    >>> import astropy.units as u
    >>> kev(500 * u.eV), kev(7)
    (0.5, 7.0)
    """
    unit = getattr(energy, "unit", None)
    try:
        return float(energy if unit is None else u.Quantity(energy).to_value(u.keV))
    except (u.UnitConversionError, TypeError, ValueError) as error:
        raise CscError(f"{energy} is no energy", "a number in keV is needed, or a quantity") from error


def energy_band(band: Any) -> tuple[float, float]:
    """A band of energies in keV, from lower to higher.

    Raises
    ------
    CscError
        Unless it is a pair that rises.

    Examples
    --------
    >>> energy_band([0.5, 7])
    (0.5, 7.0)
    """
    ends = [kev(end) for end in band]
    if len(ends) != 2 or not (np.isfinite(ends).all() and ends[0] < ends[1]):
        raise CscError(f"{band} is no band of energies", "it takes a lower and a higher one, keV")
    return ends[0], ends[1]
