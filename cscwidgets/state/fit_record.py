"""What a fit found, as plain values: a session keeps them, and the fit is taken up there again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import astropy.units as u
import numpy as np

from cscwidgets.io.json_schema import listed, nullable, number, record, text
from cscwidgets.io.reading import Unreadable
from cscwidgets.io.units import read_unit

from .keeping import Kept
from .model_choice import CHOICE, PARAMETERS, ModelChoice, Parameter, read_choice, read_parameters

if TYPE_CHECKING:  # Sherpa takes a second to import, and may not be there
    from cscwidgets.science.spectra.confidence import Interval
    from cscwidgets.science.spectra.fit_result import FitResult
    from cscwidgets.science.spectra.fluxes import Estimate
    from cscwidgets.science.spectra.goodness import Goodness

__all__ = ["FITS", "Found", "fit_record", "found_of", "read_fits"]

_MOST, _MOST_PARAMETERS = 1000, 200
_NUMBER = nullable(number())
_ESTIMATE = record({"value": _NUMBER, "lower": _NUMBER, "upper": _NUMBER, "level": _NUMBER, "unit": text(100)})
_INTERVAL = record({"lower": _NUMBER, "upper": _NUMBER, "limit": text(20), "level": _NUMBER})


def _by_name(schema: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": schema, "maxProperties": _MOST_PARAMETERS}


FITS = listed(
    record(
        {
            "source": text(200),
            "observations": listed(text(60), 10_000),
            "model": text(2000),
            "choice": CHOICE,
            "band": listed(number(0, 100), 2, fewest=2),
            "asked": record({"statistic": text(40), "method": text(40), "cross_normalisation": {"type": "boolean"}}),
            "parameters": PARAMETERS,
            "found": _by_name(number()),
            "statistic": record({"name": text(40), "value": number(), "dof": number(), "points": number()}),
            "intervals": _by_name(_INTERVAL),
            "fluxes": _by_name(_ESTIMATE),
            "goodness": nullable(record({"probability": _NUMBER, "method": text()})),
        }
    ),
    _MOST,
)
"""Fits in JSON, one a source: values of all free parameters, and what was asked of them."""


@dataclass(frozen=True)
class Found:
    """A fit, and what it was asked."""

    result: FitResult
    intervals: Mapping[str, Interval]
    fluxes: Mapping[str, Estimate]
    goodness: Goodness | None


def fit_record(
    source: str,
    observations: tuple[str, ...],
    asked: Mapping[str, Any],
    model: tuple[ModelChoice, tuple[Parameter, ...]],
    found: Found,
) -> Kept:
    """The record of a fit and what was asked of it."""
    (choice, parameters), result, goodness = model, found.result, found.goodness
    return {
        "source": source,
        "observations": [str(key) for key in observations],
        "model": result.model.label,
        "choice": asdict(choice),
        "band": list(result.band),
        "asked": dict(asked),
        "parameters": [asdict(parameter) for parameter in parameters],
        "found": {par.fullname: result.value(par.fullname) for par in result.free},
        "statistic": {
            "name": result.statistic_used.name,
            "value": result.statistic,
            "dof": result.dof,
            "points": result.points,
        },
        "intervals": {name: _finite(asdict(interval)) for name, interval in found.intervals.items()},
        "fluxes": {
            name: _finite(
                {
                    **{end: float(getattr(one, end).value) for end in ("value", "lower", "upper")},
                    "level": one.level,
                    "unit": one.value.unit.to_string(),
                }
            )
            for name, one in found.fluxes.items()
        },
        "goodness": None if goodness is None else _finite(asdict(goodness)),
    }


def read_fits(kept: list[Kept]) -> tuple[Kept, ...]:
    """Records that are as the schema says.

    Raises
    ------
    CscError, Unreadable
        If a model, a parameter or a unit is none.
    """
    for one in kept:
        read_choice(one["choice"])
        read_parameters(one["parameters"])
        for name, flux in one["fluxes"].items():
            if flux["unit"] and read_unit(flux["unit"]) is None:
                raise Unreadable(f"{name:.60} has the unit {flux['unit']!r}, which is none")
    return tuple(kept)


def found_of(kept: Kept) -> tuple[dict[str, Interval], dict[str, Estimate], Goodness | None]:
    """Intervals, fluxes and goodness of a record; imports Sherpa."""
    from cscwidgets.science.spectra.confidence import Interval  # noqa: PLC0415
    from cscwidgets.science.spectra.fluxes import Estimate  # noqa: PLC0415
    from cscwidgets.science.spectra.goodness import Goodness  # noqa: PLC0415

    intervals = {name: Interval(**_with_nan(one)) for name, one in kept["intervals"].items()}
    fluxes = {}
    for name, one in kept["fluxes"].items():
        unit = u.Unit(one["unit"])
        ends = {end: value * unit for end, value in _with_nan(one).items() if end in ("value", "lower", "upper")}
        fluxes[name] = Estimate(**ends, level=one["level"])
    goodness = kept["goodness"]
    return intervals, fluxes, None if goodness is None else Goodness(**_with_nan(goodness))


def _finite(values: Mapping[str, Any]) -> Kept:
    return {name: None if isinstance(one, float) and not np.isfinite(one) else one for name, one in values.items()}


def _with_nan(kept: Mapping[str, Any]) -> Kept:
    return {name: np.nan if one is None else one for name, one in kept.items()}
