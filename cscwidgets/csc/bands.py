"""Energy bands of the Chandra Source Catalog.

Limits and effective energies: https://cxc.cfa.harvard.edu/csc/columns/ebands.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import astropy.units as u

__all__ = ["ACIS_BANDS", "BANDS", "BANDS_KEV", "Band"]


@dataclass(frozen=True, slots=True)
class Band:
    """One energy band: its one-letter column suffix, name, detector and limits in keV."""

    suffix: str
    name: str
    detector: str
    low_kev: float
    high_kev: float

    @property
    def limits(self) -> u.Quantity:
        """Lower and upper energy, shape (2,), in keV."""
        return [self.low_kev, self.high_kev] * u.keV

    def __str__(self) -> str:
        # The HRC has no sharp response edges: its limits are approximate.
        about = "~" if self.detector == "HRC" else ""
        return f"{self.detector} {self.name} ({about}{self.low_kev:g}-{self.high_kev:g} keV)"


BANDS: Mapping[str, Band] = MappingProxyType(
    {
        band.suffix: band
        for band in (
            Band("b", "broad", "ACIS", 0.5, 7.0),
            Band("h", "hard", "ACIS", 2.0, 7.0),
            Band("m", "medium", "ACIS", 1.2, 2.0),
            Band("s", "soft", "ACIS", 0.5, 1.2),
            Band("u", "ultrasoft", "ACIS", 0.2, 0.5),
            Band("w", "wide", "HRC", 0.1, 10.0),
        )
    }
)
"""The six bands by suffix, in the order the catalogue's columns use."""

ACIS_BANDS = tuple(suffix for suffix, band in BANDS.items() if band.detector == "ACIS")

BANDS_KEV: Mapping[str, tuple[float, float]] = MappingProxyType(
    {suffix: (BANDS[suffix].low_kev, BANDS[suffix].high_kev) for suffix in ACIS_BANDS}
)
"""Ends of the bands of the ACIS, by which photon energies are integrated; the HRC measures no energies."""
