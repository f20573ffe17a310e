"""Stars and galaxies of the simulated sky as other telescopes see them: counterparts of X-ray sources, and others.

Magnitudes are of the Vega system: G as Gaia's, J, H and K as 2MASS's. Relations between X-ray flux and magnitude follow
Maccacaro et al. (1988, ApJ 326, 680) for galaxies and coronae, and the Orion survey of Getman et al. (2005, ApJS 160,
319) for young stars; extinction, Predehl & Schmitt (1995, A&A 293, 889).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cache

import numpy as np

from cscwidgets.arrays import Flags, Floats, Integers

from .fields import FIELDS, SEED
from .population import SourceClass, population

__all__ = ["EPOCH", "Objects", "distance_to_centre", "objects"]


EPOCH = 2008.0
"""Julian year of the population's positions."""

_AV_PER_NH = 5.59  # mag per 1e22 cm**-2
_AG, _EBPRP, _AJ, _AH, _AK = 0.79, 0.42, 0.282, 0.175, 0.112  # of A_V
_RADII = (37.0, 23.0, 21.0, 39.0)  # arcmin: as far as X-ray sources are
_DEEPEST = 23.0  # G


@dataclass(frozen=True, slots=True)
class Objects:
    """True properties; arrays of one shape.

    Position (ICRS, deg) at `EPOCH`, proper motion in mas/yr (``pmra`` with cos dec), magnitudes as observed (NaN for
    none worth seeing), and the number of the source in the population, -1 for objects without X-rays.
    """

    field: Integers
    source: Integers
    ra: Floats
    dec: Floats
    pmra: Floats
    pmdec: Floats
    g: Floats
    bp_rp: Floats
    j: Floats
    h: Floats
    k: Floats

    def __len__(self) -> int:
        return len(self.ra)

    def taken(self, rows: Flags | Integers) -> Objects:
        """Some of them."""
        return Objects(*(getattr(self, f.name)[rows] for f in fields(self)))

    def moved(self, epoch: Floats | float) -> Objects:
        """Where they are in another Julian year."""
        years = np.asarray(epoch) - EPOCH
        dec = self.dec + self.pmdec * years / 3.6e6
        return replace(self, ra=self.ra + self.pmra * years / 3.6e6 / np.cos(np.radians(dec)), dec=dec)


def distance_to_centre(objects: Objects) -> Floats:
    """Distance to the centre of the field, arcmin."""
    ra, dec = (np.array([getattr(field, axis) for field in FIELDS])[objects.field] for axis in ("ra", "dec"))
    east = (objects.ra - ra) * np.cos(np.radians(dec))
    return np.asarray(60 * np.hypot(east, objects.dec - dec))


@cache
def objects() -> Objects:
    """All objects of the four fields, the same in every process."""
    makers: tuple[Callable[[np.random.Generator], list[Objects]], ...] = (_m33, _47_tuc, _m42, _lockman)
    counterparts = _counterparts(np.random.default_rng([SEED, 20]))
    parts = [counterparts, _companions(np.random.default_rng([SEED, 24]), counterparts)]
    for field, make in enumerate(makers):
        parts += make(np.random.default_rng([SEED, 21, field]))
    return Objects(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Objects)))


def _counterparts(rng: np.random.Generator) -> Objects:
    """What shines in X-rays, at other wavelengths: remnants and clusters of galaxies do not."""
    truth = population()
    number = len(truth)
    log_flux = np.log10(truth.flux)
    normal = rng.standard_normal((6, number))
    front_field = np.array([field.nh for field in FIELDS])[truth.field]
    properties = {name: np.full(number, np.nan) for name in ("g", "bp_rp", "jk", "hk", "k", "av")}
    motion = np.zeros((2, number))

    def put(rows: Flags, **values: Floats) -> None:
        for name, value in values.items():
            properties[name][rows] = value[rows]

    galaxy = truth.kind == SourceClass.GALAXY
    front = np.maximum(front_field, truth.nh - 0.4)
    hidden = truth.nh - front > 0.15
    red = 2.5 * (0.5 * normal[0] - 5.5 - log_flux)
    put(
        galaxy,
        g=red + 0.2,
        bp_rp=np.where(hidden, 1.5, 0.6) + 0.25 * normal[1],
        k=red - np.where(hidden, 3.2, 2.6) + 0.5 * normal[2],
        jk=1.6 + 0.2 * normal[3],
        hk=0.75 + 0.1 * normal[4],
        av=_AV_PER_NH * front,
    )

    young = (truth.kind == SourceClass.STAR) & (truth.field == 2)
    k0 = np.clip(11.2 - 1.2 * (log_flux + 14) + 0.8 * normal[0], 3, None)
    disc = rng.random(number) < 0.5
    excess = np.where(disc, rng.exponential(0.3, number), 0)
    put(
        young,
        g=k0 + np.clip(2.6 + 0.25 * (k0 - 10), 0.3, 5) + 0.3 * normal[1],
        bp_rp=np.clip(1.9 + 0.2 * (k0 - 10), 0.0, 4) + 0.2 * normal[2],
        k=k0,
        jk=np.clip(0.85 + 0.02 * (k0 - 10), 0.0, 1.1) + 0.08 * normal[3] + excess,
        hk=np.clip(0.22 + 0.01 * (k0 - 10), 0.0, 0.4) + 0.04 * normal[4] + 0.55 * excess,
        av=_AV_PER_NH * truth.nh,
    )

    coronal = (truth.kind == SourceClass.STAR) & (truth.field != 2)
    ratio = -1.8 + 0.8 * normal[0]
    colour = np.clip(1.9 + 0.5 * (ratio + 1.8) + 0.3 * normal[1], 0.4, 4.2)
    put(coronal, g=2.5 * (ratio - 5.37 - log_flux), bp_rp=colour, av=np.zeros(number))

    massive = (truth.kind == SourceClass.BINARY) & (truth.field == 0) & (rng.random(number) < 0.3)
    put(massive, g=20.3 + 0.8 * normal[0], bp_rp=0.05 + 0.2 * normal[1], av=_AV_PER_NH * front_field)
    nucleus = (truth.kind == SourceClass.BINARY) & (truth.field == 0) & (truth.flux > 1e-11)
    put(nucleus, g=np.full(number, 14.5), bp_rp=np.full(number, 1.2), av=np.zeros(number))
    cluster = (truth.kind == SourceClass.BINARY) & (truth.field == 1) & (rng.random(number) < 0.55)
    put(cluster, g=19.5 + 1.5 * normal[0], bp_rp=1.0 + 0.3 * normal[1], av=np.full(number, 0.12))

    stellar = coronal | massive | nucleus | cluster
    put(stellar, **_infrared_of_stars(properties["g"], properties["bp_rp"]))
    motion[:, coronal] = _motions(rng, number, (0, 0), 20)[:, coronal]
    motion[:, young] = _motions(rng, number, (1.3, 0.2), 1.1)[:, young]
    motion[:, cluster] = _motions(rng, number, (5.25, -2.53), 0.6)[:, cluster]
    visible = np.flatnonzero(np.isfinite(properties["g"]))
    position = (truth.field, np.arange(number), truth.ra, truth.dec)
    return _observed(position, motion, **properties).taken(visible)


def _companions(rng: np.random.Generator, objects: Objects) -> Objects:
    """Stars beside the young ones of M42 that do not shine in X-rays: the doubtful cases of a match."""
    chosen = np.flatnonzero((objects.field == 2) & (objects.k < 14) & (rng.random(len(objects)) < 0.08))
    number = len(chosen)
    beside = objects.taken(chosen)
    distance, angle, fainter = (
        rng.uniform(1.4, 3.2, number),
        rng.uniform(0, 2 * np.pi, number),
        rng.exponential(1, number),
    )
    dec = beside.dec + distance * np.cos(angle) / 3600
    return replace(
        beside,
        source=np.full(number, -1),
        ra=beside.ra + distance * np.sin(angle) / 3600 / np.cos(np.radians(dec)),
        dec=dec,
        **{band: getattr(beside, band) + fainter for band in ("g", "j", "h", "k")},
    )


def _observed(
    position: tuple[Integers, Integers, Floats, Floats],
    motion: Floats,
    *,
    g: Floats,
    bp_rp: Floats,
    jk: Floats,
    hk: Floats,
    k: Floats,
    av: Floats | float,
) -> Objects:
    """From intrinsic magnitudes and colours, and extinction, to magnitudes as observed."""
    j, h = k + jk + _AJ * av, k + hk + _AH * av
    pmra, pmdec = motion
    return Objects(*position, pmra, pmdec, g=g + _AG * av, bp_rp=bp_rp + _EBPRP * av, j=j, h=h, k=k + _AK * av)


def _infrared_of_stars(g: Floats, bp_rp: Floats) -> dict[str, Floats]:
    """A main sequence's infrared colours."""
    return {"k": g - 0.15 - 1.75 * bp_rp, "jk": 0.2 + 0.27 * bp_rp, "hk": 0.05 + 0.06 * bp_rp}


def _m33(rng: np.random.Generator) -> list[Objects]:
    number = 9000
    radius, angle = 4.5 * rng.gamma(2, size=number), rng.uniform(0, 2 * np.pi, number)
    along, across, tilt = radius * np.cos(angle), 0.6 * radius * np.sin(angle), np.radians(23)
    offset = along * np.sin(tilt) + across * np.cos(tilt), along * np.cos(tilt) - across * np.sin(tilt)
    disc = _stars(
        0,
        offset,
        g=_magnitudes(rng, number, 17.5, 21.5, 0.55),
        bp_rp=np.where(rng.random(number) < 0.5, rng.normal(0.1, 0.3, number), rng.normal(1.8, 0.4, number)),
        motion=np.zeros((2, number)),
        av=0.2,
    )
    return [_foreground(rng, 0, per_square_degree=3000), disc]


def _47_tuc(rng: np.random.Generator) -> list[Objects]:
    number = 25_000
    grid = np.linspace(0, 21, 4000)
    inside = np.cumsum(grid * (1 + (grid / 0.5) ** 2) ** -1.1)
    radius = np.interp(rng.random(number), inside / inside[-1], grid)
    angle = rng.uniform(0, 2 * np.pi, number)
    g = _magnitudes(rng, number, 11.5, 21.5, 0.22)
    below = g - 17.3  # the turn-off
    members = _stars(
        1,
        (radius * np.cos(angle), radius * np.sin(angle)),
        g=g,
        bp_rp=0.75 + np.where(below < 0, -0.11, 0.22) * below + rng.normal(0, 0.04, number),
        motion=_motions(rng, number, (5.25, -2.53), 0.6),
        av=0.12,
    )
    background_stars = 5000
    smc = _stars(
        1,
        _disc(rng, background_stars, _RADII[1]),
        g=_magnitudes(rng, background_stars, 17, 21.5, 0.4),
        bp_rp=rng.normal(0.7, 0.35, background_stars),
        motion=_motions(rng, background_stars, (0.8, -1.2), 0.3),
        av=0.15,
    )
    return [_foreground(rng, 1, per_square_degree=3500), members, smc]


def _m42(rng: np.random.Generator) -> list[Objects]:
    number = 2200  # of too little mass to be seen in X-rays
    radius, angle = 21 * rng.random(number) ** 1.2, rng.uniform(0, 2 * np.pi, number)
    quiet = _stars(
        2,
        (radius * np.cos(angle), radius * np.sin(angle)),
        g=rng.normal(18.3, 1.4, number),
        bp_rp=rng.normal(2.9, 0.5, number),
        motion=_motions(rng, number, (1.3, 0.2), 1.1),
        av=rng.exponential(3, number),
    )
    background_stars = 4000
    giants = _stars(
        2,
        _disc(rng, background_stars, _RADII[2]),
        g=_magnitudes(rng, background_stars, 11, 18, 0.3),
        bp_rp=rng.normal(1.3, 0.15, background_stars),
        motion=_motions(rng, background_stars, (0, 0), 2),
        av=rng.gamma(2.5, 5, background_stars),
    )
    return [_foreground(rng, 2, per_square_degree=1500), quiet, giants]


def _lockman(rng: np.random.Generator) -> list[Objects]:
    return [_foreground(rng, 3, per_square_degree=1900)]


def _foreground(rng: np.random.Generator, field: int, per_square_degree: float) -> Objects:
    """Stars of our Galaxy, so many per square degree to G = 20.7, and more fainter ones that are bright in K."""
    slope = 0.2
    area = np.pi * (_RADII[field] / 60) ** 2
    number = rng.poisson(per_square_degree * 10 ** (slope * (_DEEPEST - 20.7)) * area)
    g = _magnitudes(rng, number, 7, _DEEPEST, slope)
    return _stars(
        field,
        _disc(rng, number, _RADII[field]),
        g=g,
        bp_rp=np.clip(0.75 + 0.14 * (g - 14) + rng.normal(0, 0.4, number), 0.2, 4),
        motion=_motions(rng, number, (0, -0.1), 1) * 40 * 10 ** (-0.08 * (g - 12)),
        av=rng.uniform(0, 0.3, number),
    )


def _stars(
    field: int, offset: tuple[Floats, Floats], *, g: Floats, bp_rp: Floats, motion: Floats, av: Floats | float
) -> Objects:
    """Stars at offsets (east, north) in arcmin from the centre of a field."""
    east, north = offset
    number = len(east)
    dec = FIELDS[field].dec + north / 60
    ra = FIELDS[field].ra + east / 60 / np.cos(np.radians(dec))
    position = (np.full(number, field), np.full(number, -1), ra, dec)
    return _observed(position, motion, g=g, bp_rp=bp_rp, av=av, **_infrared_of_stars(g, bp_rp))


def _motions(rng: np.random.Generator, number: int, mean: tuple[float, float], spread: float) -> Floats:
    return np.asarray(rng.normal(0, spread, (2, number)) + np.array(mean)[:, None])


def _magnitudes(rng: np.random.Generator, number: int, bright: float, faint: float, slope: float) -> Floats:
    """Magnitudes whose logarithmic number counts have a slope."""
    low, high = 10 ** (slope * bright), 10 ** (slope * faint)
    return np.asarray(np.log10(low + rng.random(number) * (high - low)) / slope)


def _disc(rng: np.random.Generator, number: int, radius: float) -> tuple[Floats, Floats]:
    r, angle = radius * np.sqrt(rng.random(number)), rng.uniform(0, 2 * np.pi, number)
    return r * np.cos(angle), r * np.sin(angle)
