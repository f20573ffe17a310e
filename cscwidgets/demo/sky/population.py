"""The sources of the simulated sky: who they are, where, how bright, of what spectrum and how variable.

Every field has the active galaxies behind it, drawn from measured number counts, and its own
population: X-ray binaries and remnants (M33), a globular cluster's binaries (47 Tuc), young stars (M42).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import IntEnum
from functools import cache

import numpy as np

from cscwidgets.arrays import Flags, Floats, Integers

from .fields import FIELDS, SEED, SkyField
from .source_spectra import ENERGY, ERG_PER_KEV, STEP, absorption, powerlaw

__all__ = ["TRANSIENT", "Population", "SourceClass", "number_counts", "population"]


TRANSIENT = (6.01784, -72.08276)
"""Position (ICRS, deg) of a strongly variable source in 47 Tuc, seen in many observations."""

_SOFT = (ENERGY > 0.5) & (ENERGY < 2.0)
_BROAD = (ENERGY > 0.5) & (ENERGY < 7.0)


class SourceClass(IntEnum):
    """Physical class of a source; it decides how the source varies."""

    GALAXY = 0
    BINARY = 1
    REMNANT = 2
    STAR = 3
    DIFFUSE = 4


@dataclass(frozen=True, slots=True)
class Population:
    """True properties of all sources, detected or not; arrays of one shape.

    `flux` is the mean observed energy flux at 0.5-7 keV (erg s**-1 cm**-2), `shape` a photon index or,
    where `thermal`, a temperature in keV, `nh` the whole absorbing column (1e22 cm**-2), `extent` a
    Gaussian sigma in arcsec. `wander` is the spread of ln flux between observations, `flares` the mean
    number of flares in 50 ks, `period` (s, 0 for none) and `depth` those of regular eclipses.
    """

    field: Integers
    kind: Integers
    ra: Floats
    dec: Floats
    flux: Floats
    thermal: Flags
    shape: Floats
    nh: Floats
    extent: Floats
    wander: Floats
    flares: Floats
    period: Floats
    depth: Floats

    def __len__(self) -> int:
        return len(self.ra)


def number_counts(flux: Floats) -> Floats:
    """Active galaxies per square degree brighter than a 0.5-2 keV flux.

    The double power law of Lehmer et al. (2012, ApJ 752, 46), integrated.
    """
    norm, faint, bright, knee = 169.56, 1.49, 2.48, 0.6  # fluxes in 1e-14 erg s**-1 cm**-2
    s = np.asarray(flux, dtype=float) / 1e-14
    above = norm * knee ** (bright - faint) * np.maximum(s, knee) ** (1 - bright) / (bright - 1)
    below = norm * (np.minimum(s, knee) ** (1 - faint) - knee ** (1 - faint)) / (faint - 1)
    return np.asarray(above + below)


@cache
def population() -> Population:
    """All sources of the four fields, the same in every process."""
    makers: tuple[Callable[[np.random.Generator, int], list[Population]], ...] = (_m33, _47_tuc, _m42, _lockman)
    parts = [part for field, make in enumerate(makers) for part in make(np.random.default_rng([SEED, 1, field]), field)]
    return Population(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Population)))


def _m33(rng: np.random.Generator, field: int) -> list[Population]:
    galaxies = _galaxies(rng, field, radius=36, faintest=1.3e-16, gas=lambda r: 0.28 * np.exp(-r / 11))

    def disc(number: int, scale: float) -> tuple[Floats, Floats]:
        radius, angle = scale * rng.gamma(2, size=number), rng.uniform(0, 2 * np.pi, number)
        along, across = radius * np.cos(angle), 0.6 * radius * np.sin(angle)
        tilt = np.radians(23)
        return along * np.sin(tilt) + across * np.cos(tilt), along * np.cos(tilt) - across * np.sin(tilt)

    binaries = _members(
        rng, field, SourceClass.BINARY, *disc(400, 5.5),
        flux=_power_law(rng, 400, 2.6e-16, 3e-12, 0.62), shape=rng.normal(1.75, 0.35, 400),
        nh=0.05 + _spread(rng, 400, 0.22, 0.35), wander=rng.gamma(2.0, 0.3, 400), flares=0.1, eclipsing=0.03,
    )  # fmt: skip
    remnants = _members(
        rng, field, SourceClass.REMNANT, *disc(90, 6.0),
        flux=_power_law(rng, 90, 2e-16, 2e-13, 0.7), thermal=True, shape=_spread(rng, 90, 0.45, 0.16),
        nh=0.05 + _spread(rng, 90, 0.06, 0.25), extent=np.where(rng.random(90) < 0.35, rng.uniform(1.5, 5, 90), 0),
    )  # fmt: skip
    stars = _members(
        rng, field, SourceClass.STAR, *_uniform(rng, 110, 34),
        flux=_power_law(rng, 110, 2e-16, 1e-13, 0.9), thermal=True, shape=_spread(rng, 110, 0.8, 0.15),
        nh=_spread(rng, 110, 0.02, 0.3), wander=np.full(110, 0.25), flares=np.full(110, 0.12),
    )  # fmt: skip
    nucleus = _members(
        rng, field, SourceClass.BINARY, np.zeros(1), np.zeros(1), flux=np.array([1.4e-11]), shape=np.array([2.0]),
        nh=np.array([0.19]), wander=np.array([0.06]),
    )  # fmt: skip
    # Bright enough to pile up, and each in the field of few pointings.
    outer = _members(
        rng, field, SourceClass.BINARY, np.array([0.6, 9.2, -9.6]), np.array([14.6, -8.4, -8.0]),
        flux=np.array([2.7e-12, 2.1e-12, 1.3e-12]), shape=np.array([1.7, 2.1, 1.5]), nh=np.array([0.15, 0.1, 0.25]),
        wander=np.array([0.2, 0.3, 0.1]),
    )  # fmt: skip
    nebula = _diffuse(rng, field, [(9.5, 8.6, 9e-14, 0.5, 14.0), (-2.4, -7.5, 4e-14, 0.35, 22.0)])
    return [galaxies, binaries, remnants, stars, nucleus, outer, nebula]


def _47_tuc(rng: np.random.Generator, field: int) -> list[Population]:
    galaxies = _galaxies(rng, field, radius=22, faintest=2.5e-16)
    number = 365
    cool = rng.random(number) < 0.4
    cluster = _members(
        rng, field, SourceClass.BINARY, *_king(rng, number, core=0.38, index=1.55, limit=7),
        flux=_spread(rng, number, 1.7e-15, 0.62), thermal=True,
        shape=np.where(cool, _spread(rng, number, 0.45, 0.15), _spread(rng, number, 4.5, 0.2)),
        nh=0.035 + np.where(cool, 0, _spread(rng, number, 0.04, 0.6)),
        wander=rng.gamma(1.6, 0.25, number), flares=np.where(cool, 0, 0.1), eclipsing=0.04,
    )  # fmt: skip
    target = FIELDS[field]
    east = (TRANSIENT[0] - target.ra) * 60 * np.cos(np.radians(TRANSIENT[1]))
    transient = _members(
        rng, field, SourceClass.BINARY, np.array([east]), np.array([(TRANSIENT[1] - target.dec) * 60]),
        flux=np.array([6e-13]), thermal=True, shape=np.array([6.0]), nh=np.array([0.08]),
        wander=np.array([1.1]), flares=np.array([1.5]),
    )  # fmt: skip
    return [galaxies, cluster, transient, _diffuse(rng, field, [(-1.2, 5.8, 7e-14, 1.1, 30.0)])]


def _m42(rng: np.random.Generator, field: int) -> list[Population]:
    galaxies = _galaxies(rng, field, radius=20, faintest=4e-16, gas=lambda r: 1.6 * np.exp(-r / 15))
    number = 2020
    embedded = rng.random(number) < 0.2
    stars = _members(
        rng, field, SourceClass.STAR, *_king(rng, number, core=2.25, index=1.15, limit=19),
        flux=_spread(rng, number, 7.5e-15, 0.72), thermal=True,
        shape=_spread(rng, number, 2.0, 0.16),
        nh=np.where(embedded, _spread(rng, number, 2.0, 0.4), _spread(rng, number, 0.28, 0.3)),
        wander=rng.gamma(2.2, 0.18, number), flares=rng.gamma(0.6, 0.35, number),
    )  # fmt: skip
    trapezium = _members(
        rng, field, SourceClass.STAR, np.array([-0.02, 0.13, -0.19, 0.05]), np.array([0.06, 0.0, 0.11, 0.25]),
        flux=np.array([9e-12, 1.6e-12, 8e-13, 5e-13]), thermal=True, shape=np.array([1.4, 0.9, 1.6, 0.8]),
        nh=np.full(4, 0.3), wander=np.array([0.08, 0.15, 0.4, 0.1]), flares=np.array([0, 0.1, 0.5, 0]),
    )  # fmt: skip
    return [galaxies, stars, trapezium, _diffuse(rng, field, [(2.7, -3.9, 1.5e-13, 0.6, 28.0)])]


def _lockman(rng: np.random.Generator, field: int) -> list[Population]:
    galaxies = _galaxies(rng, field, radius=38, faintest=5e-16)
    stars = _members(
        rng, field, SourceClass.STAR, *_uniform(rng, 60, 36), flux=_power_law(rng, 60, 1e-15, 1e-13, 0.9), thermal=True,
        shape=_spread(rng, 60, 0.7, 0.15), nh=_spread(rng, 60, 0.005, 0.2), wander=np.full(60, 0.25),
        flares=np.full(60, 0.15),
    )  # fmt: skip
    # A quasar that saturates its only pointing, and what its readout streak leaves behind there.
    quasar = _members(
        rng, field, SourceClass.GALAXY, np.array([-15.6]), np.array([16.1]), flux=np.array([2.2e-11]),
        shape=np.array([1.9]), nh=np.array([0.02]), wander=np.array([0.2]),
    )  # fmt: skip
    along, roll = np.array([1.9, 2.8, 4.1, 5.2]), np.radians(240)
    streak = _members(
        rng, field, SourceClass.GALAXY, -15.6 + along * np.sin(roll), 16.1 + along * np.cos(roll),
        flux=np.array([9e-14, 6e-14, 8e-14, 5e-14]), shape=np.full(4, 1.9), nh=np.full(4, 0.02),
    )  # fmt: skip
    clusters = _diffuse(rng, field, [(-9.0, 6.5, 8e-14, 2.5, 24.0), (13.5, -11.0, 5e-14, 2.0, 18.0)])
    return [galaxies, stars, quasar, streak, clusters]


def _galaxies(
    rng: np.random.Generator,
    field: int,
    radius: float,
    faintest: float,
    gas: Callable[[Floats], Floats] = np.zeros_like,
) -> Population:
    """Active galaxies within a radius (arcmin) down to a 0.5-2 keV flux, behind the gas of the field's target."""
    grid = np.geomspace(faintest, 3e-12, 4000)
    counts = number_counts(grid)
    number = rng.poisson(counts[0] * np.pi * (radius / 60) ** 2)
    soft = np.exp(np.interp(rng.uniform(0, counts[0], number), counts[::-1], np.log(grid[::-1])))
    gamma = rng.normal(1.8, 0.22, number)
    hidden = rng.random(number) < 0.35
    own = np.where(hidden, _spread(rng, number, 0.35, 0.4), _spread(rng, number, 0.03, 0.4))
    x, y = _uniform(rng, number, radius)
    front = FIELDS[field].nh + gas(np.hypot(x, y)) * _spread(rng, number, 1.0, 0.2)
    # The number counts hold outside the target's and our own Galaxy's gas.
    spectrum = powerlaw(gamma) * absorption(own) * ENERGY * STEP * ERG_PER_KEV
    broad = (spectrum * absorption(front))[:, _BROAD].sum(axis=1) / spectrum[:, _SOFT].sum(axis=1)
    wander = rng.gamma(2.0, 0.12, number)
    return _members(rng, field, SourceClass.GALAXY, x, y, flux=soft * broad, shape=gamma, nh=own + front, wander=wander)


def _diffuse(
    rng: np.random.Generator, field: int, clouds: list[tuple[float, float, float, float, float]]
) -> Population:
    """Large extended sources: (east, north) in arcmin, flux, kT in keV, sigma in arcsec."""
    east, north, flux, kt, extent = np.array(clouds).T
    nh = np.full(len(clouds), FIELDS[field].nh)
    return _members(
        rng, field, SourceClass.DIFFUSE, east, north, flux=flux, thermal=True, shape=kt, nh=nh, extent=extent
    )


def _members(
    rng: np.random.Generator,
    field: int,
    kind: SourceClass,
    east: Floats,
    north: Floats,
    *,
    flux: Floats,
    shape: Floats,
    nh: Floats,
    thermal: bool = False,
    extent: Floats | float = 0.0,
    wander: Floats | float = 0.0,
    flares: Floats | float = 0.0,
    eclipsing: float = 0.0,
) -> Population:
    number = len(east)
    target: SkyField = FIELDS[field]
    dec = target.dec + north / 60
    period = np.where(rng.random(number) < eclipsing, rng.uniform(9e3, 3.2e4, number), 0.0)
    filled = (
        np.broadcast_to(np.asarray(x, dtype=float), number).copy() for x in (flux, shape, nh, extent, wander, flares)
    )
    flux, shape, nh, extent, wander, flares = filled
    return Population(
        field=np.full(number, field),
        kind=np.full(number, int(kind)),
        ra=target.ra + east / 60 / np.cos(np.radians(dec)),
        dec=dec,
        flux=flux,
        thermal=np.full(number, thermal),
        shape=np.clip(shape, 0.1, 10),
        nh=nh,
        extent=extent,
        wander=wander,
        flares=flares,
        period=period,
        depth=np.where(period > 0, rng.uniform(0.7, 1.0, number), 0.0),
    )


def _uniform(rng: np.random.Generator, number: int, radius: float) -> tuple[Floats, Floats]:
    r, angle = radius * np.sqrt(rng.random(number)), rng.uniform(0, 2 * np.pi, number)
    return r * np.cos(angle), r * np.sin(angle)


def _king(rng: np.random.Generator, number: int, core: float, index: float, limit: float) -> tuple[Floats, Floats]:
    """Positions of a surface density (1 + (r/core)^2)^-index, cut at a limit; arcmin."""
    grid = np.linspace(0, limit, 2000)
    inside = np.cumsum(grid * (1 + (grid / core) ** 2) ** -index)
    r = np.interp(rng.random(number), inside / inside[-1], grid)
    angle = rng.uniform(0, 2 * np.pi, number)
    return r * np.cos(angle), r * np.sin(angle)


def _power_law(rng: np.random.Generator, number: int, low: float, high: float, slope: float) -> Floats:
    """Fluxes with N(>S) proportional to S**-slope."""
    u = rng.random(number)
    return np.asarray((low**-slope - u * (low**-slope - high**-slope)) ** (-1 / slope))


def _spread(rng: np.random.Generator, number: int, median: float, dex: float) -> Floats:
    return np.asarray(median * 10 ** rng.normal(0, dex, number))
