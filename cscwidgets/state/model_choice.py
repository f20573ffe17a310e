"""What is fitted, as it is chosen: what shines, and the gas in front of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["ABSORPTIONS", "CATALOGUE_RECIPES", "ModelChoice", "Parameter"]

ABSORPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "free": "one column, free",
        "galactic": "the Galactic column, fixed",
        "both": "Galactic (fixed) and intrinsic (free)",
        "none": "as written",
    }
)
"""The gas in front of what shines."""

_ABSORBER = re.compile(r"\b(xs)?z?(tbabs|phabs|wabs)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model in the making.

    `emission` is an expression such as ``powerlaw+bbody``; one that has an absorber of its own is taken as written.
    """

    emission: str = "powerlaw"
    absorption: str = "free"
    absorber: str = "tbabs"
    abundances: str = "wilm"

    @property
    def expression(self) -> str:
        """The whole model, as `cscwidgets.science.spectra.models.source_model` reads it."""
        factors = {"free": [self.absorber], "galactic": [self.absorber], "both": [self.absorber, f"z{self.absorber}"]}
        if self.is_whole or self.absorption not in factors:
            return self.emission
        emission = self.emission if self.emission.isidentifier() else f"({self.emission})"
        return "*".join([*factors[self.absorption], emission])

    @property
    def is_whole(self) -> bool:
        """Whether the emission as written has an absorber."""
        return _ABSORBER.search(self.emission) is not None

    @property
    def absorbs(self) -> bool:
        """Whether there is gas in front."""
        return self.is_whole or self.absorption != "none"

    @property
    def galactic(self) -> str:
        """Name of the parameter that holds the Galactic column; empty without."""
        return f"{self.absorber}.nH" if not self.is_whole and self.absorption in {"galactic", "both"} else ""


CATALOGUE_RECIPES: Mapping[str, ModelChoice] = MappingProxyType(
    {
        f"the catalogue's {words}": ModelChoice(emission, "free", "phabs", "angr")
        for emission, words in (
            ("powerlaw", "power law"),
            ("bbody", "black body"),
            ("bremss", "bremsstrahlung"),
            ("apec", "APEC"),
        )
    }
)
"""What the catalogue fits to its brighter detections, at 0.5-7 keV; XSPEC's default abundances are angr."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a model: its value between its bounds, whether a fit leaves it, and what it follows."""

    name: str
    value: float
    low: float
    high: float
    unit: str = ""
    fixed: bool = False
    tied_to: str = ""

    @property
    def is_norm(self) -> bool:
        """Whether it is an amplitude, which spans powers of ten."""
        return self.name.rsplit(".", 1)[-1] in {"ampl", "norm"}
