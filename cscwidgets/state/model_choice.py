"""What is fitted, as it is chosen: what shines, and the gas in front of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from cscwidgets.io.json_schema import listed, number, one_of, record, text
from cscwidgets.io.reading import Unreadable

__all__ = [
    "ABSORPTIONS",
    "CATALOGUE_RECIPES",
    "CHOICE",
    "PARAMETERS",
    "ModelChoice",
    "Parameter",
    "read_choice",
    "read_parameters",
]

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


CHOICE = record(
    {
        "emission": text(2000),
        "absorption": one_of(ABSORPTIONS),
        "absorber": one_of(("tbabs", "phabs", "wabs")),
        "abundances": one_of(("wilm", "angr")),
    }
)
"""A choice of a model in JSON."""

PARAMETERS = listed(
    record(
        {
            "name": text(100),
            **dict.fromkeys(("value", "low", "high"), number()),
            "unit": text(100),
            "fixed": {"type": "boolean"},
            "tied_to": text(100),
        }
    ),
    200,
)
"""Parameters in JSON."""


def read_choice(kept: Mapping[str, Any]) -> ModelChoice:
    """The choice of a record that is as the schema says."""
    return ModelChoice(**kept)


def read_parameters(kept: Sequence[Mapping[str, Any]]) -> tuple[Parameter, ...]:
    """The parameters of records that are as the schema says.

    Raises
    ------
    Unreadable
        If a value lies outside its bounds, or follows a parameter that is not there.
    """
    parameters = tuple(Parameter(**one) for one in kept)
    names = {parameter.name for parameter in parameters}
    for one in parameters:
        if not one.low <= one.value <= one.high:
            raise Unreadable(f"the parameter {one.name:.60} lies outside its bounds")
        if one.tied_to and one.tied_to not in names:
            raise Unreadable(f"the parameter {one.name:.60} follows {one.tied_to:.60}, which is not there")
    return parameters
