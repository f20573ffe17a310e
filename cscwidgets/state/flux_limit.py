"""What stands in place of a fit where too few counts were seen."""

from __future__ import annotations

from dataclasses import dataclass

import astropy.units as u

__all__ = ["FluxLimit"]


@dataclass(frozen=True, slots=True)
class FluxLimit:
    """The most that a source can shine of which too few counts were seen to fit anything.

    `flux` is the upper limit of the flux as observed in a band in keV, for the model with the parameters at hand.
    """

    counts: int
    flux: u.Quantity
    level: float
    band: tuple[float, float]
    model: str
