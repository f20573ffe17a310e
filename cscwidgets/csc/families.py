"""The repeating families of catalogue columns: one quantity over bands, with its limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .bands import BANDS

__all__ = [
    "ERG",
    "NH",
    "PHOTON",
    "RATE",
    "RATIO_WORDS",
    "Column",
    "extent",
    "flag",
    "flux",
    "hardness",
    "over_bands",
    "spectral_fits",
    "triple",
    "whole",
    "with_limits",
]


@dataclass(frozen=True, slots=True)
class Column:
    """One catalogue column.

    ``datatype`` is the VOTable type the services deliver (char, double, int, boolean);
    ``unit`` is a VOUnit string, empty where the quantity has none.
    """

    name: str
    datatype: str = "double"
    unit: str = ""
    ucd: str = ""
    description: str = ""


ERG = "erg.s**-1.cm**-2"
PHOTON = "photon.s**-1.cm**-2"
RATE = "count.s**-1"
NH = "1e+20cm**-2"

_LIMITS = {"lolim": "lower", "hilim": "upper"}
_LIMIT_UCD = {"lolim": "stat.min", "hilim": "stat.max"}


def triple(column: str) -> tuple[str, str, str]:
    """Value, lower-limit and upper-limit names of a measured quantity.

    The catalogue puts the limit word before the band suffix (``flux_aper_lolim_b``)
    but after a ratio's bands (``hard_hm_lolim``) and after spectral parameters.

    >>> triple("flux_aper_b")
    ('flux_aper_b', 'flux_aper_lolim_b', 'flux_aper_hilim_b')
    >>> triple("hard_hm")
    ('hard_hm', 'hard_hm_lolim', 'hard_hm_hilim')
    """
    stem, _, suffix = column.rpartition("_")
    if stem and suffix in BANDS:
        return column, f"{stem}_lolim_{suffix}", f"{stem}_hilim_{suffix}"
    return column, f"{column}_lolim", f"{column}_hilim"


def _limits(column: Column) -> Iterator[Column]:
    for limit, name in zip(_LIMITS, triple(column.name)[1:], strict=True):
        yield replace(
            column,
            name=name,
            ucd=f"{column.ucd};{_LIMIT_UCD[limit]}" if column.ucd else "",
            description=f"{column.description}; {_LIMITS[limit]} 68% confidence limit",
        )


def over_bands(column: Column, bands: str = "bhmsuw", *, limits: bool = False) -> list[Column]:
    """Repeat a family over bands: all values, then all lower, then all upper limits."""
    values = [
        replace(column, name=f"{column.name}_{band}", description=f"{column.description}; {BANDS[band]}")
        for band in bands
    ]
    if not limits:
        return values
    lower, upper = zip(*(_limits(value) for value in values), strict=True)
    return [*values, *lower, *upper]


def with_limits(column: Column) -> list[Column]:
    return [column, *_limits(column)]


def flag(name: str, description: str) -> Column:
    return Column(name, "boolean", ucd="meta.code", description=description)


def whole(name: str, description: str, ucd: str = "meta.code") -> Column:
    return Column(name, "int", ucd=ucd, description=description)


def flux(name: str, description: str, unit: str = ERG) -> list[Column]:
    return over_bands(Column(name, unit=unit, ucd="phot.flux;em.X-ray", description=description), limits=True)


def extent() -> list[Column]:
    size = "1-sigma {} of the deconvolved source extent"
    return [
        *over_bands(
            Column("major_axis", unit="arcsec", ucd="phys.angSize", description=size.format("major radius")),
            limits=True,
        ),
        *over_bands(
            Column("minor_axis", unit="arcsec", ucd="phys.angSize", description=size.format("minor radius")),
            limits=True,
        ),
        *over_bands(
            Column("pos_angle", unit="deg", ucd="pos.posAng", description=size.format("position angle")),
            limits=True,
        ),
    ]


# Model parameter columns of the catalogue's own spectral fits: (name, unit, UCD, words).
_MODELS: dict[str, tuple[str, tuple[tuple[str, str, str, str], ...]]] = {
    "powlaw": (
        "power law",
        (
            ("gamma", "", "spect.index", "photon index"),
            ("nh", NH, "phys.columnDensity", "absorbing column"),
            ("ampl", "", "arith.factor", "amplitude"),
        ),
    ),
    "bb": (
        "black body",
        (
            ("kt", "keV", "phys.temperature", "temperature"),
            ("nh", NH, "phys.columnDensity", "absorbing column"),
            ("ampl", "", "arith.factor", "amplitude"),
        ),
    ),
    "brems": (
        "bremsstrahlung",
        (
            ("kt", "keV", "phys.temperature", "temperature"),
            ("nh", NH, "phys.columnDensity", "absorbing column"),
            ("norm", "", "arith.factor", "normalisation"),
        ),
    ),
    "apec": (
        "APEC plasma",
        (
            ("kt", "keV", "phys.temperature", "temperature"),
            ("abund", "", "phys.abund", "abundance"),
            ("z", "", "src.redshift", "redshift"),
            ("nh", NH, "phys.columnDensity", "absorbing column"),
            ("norm", "", "arith.factor", "normalisation"),
        ),
    ),
}


def spectral_fits() -> Iterator[Column]:
    for model, (words, parameters) in _MODELS.items():
        yield from with_limits(
            Column(f"flux_{model}", unit=ERG, ucd="phot.flux;em.X-ray", description=f"Flux of the fitted {words} model")
        )
        for name, unit, ucd, what in parameters:
            yield from with_limits(Column(f"{model}_{name}", "double", unit, ucd, f"Fitted {words}: {what}"))
            yield Column(
                f"{model}_{name}_rhat", ucd="stat.value", description=f"Fitted {words}: MCMC convergence of the {what}"
            )
        yield Column(f"{model}_stat", ucd="stat.fit.chi2", description=f"Fitted {words}: reduced chi-square")


RATIO_WORDS = {"hm": "hard against medium", "hs": "hard against soft", "ms": "medium against soft"}


def hardness(pair: str) -> list[Column]:
    return with_limits(
        Column(
            f"hard_{pair}",
            ucd="phot.flux;arith.ratio;em.X-ray",
            description=f"Hardness ratio {RATIO_WORDS[pair]}, (harder - softer) / sum of aperture photon fluxes",
        )
    )
