"""The catalogue's energy bands of the ACIS, by which photon energies are integrated."""

from __future__ import annotations

__all__ = ["BANDS_KEV"]

BANDS_KEV = {"b": (0.5, 7.0), "h": (2.0, 7.0), "m": (1.2, 2.0), "s": (0.5, 1.2), "u": (0.2, 0.5)}
"""Their ends, https://cxc.cfa.harvard.edu/csc/columns/ebands.html. The HRC's band has none: it measures no energies."""
