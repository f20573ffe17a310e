"""Measured positions and the names made of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from astropy.coordinates import SkyCoord

from cscwidgets.arrays import Flags, Floats, Integers

from ..sky.fields import SEED
from ..sky.population import TRANSIENT, SourceClass, population
from ..sky.source_spectra import BAND
from ..telescope.instrument import error_radius
from ..telescope.region_counts import RegionCounts

__all__ = ["Positions", "measured_positions", "source_names"]


_SIGMA_95 = 2.4477  # of a two-dimensional normal distribution


@dataclass(frozen=True, slots=True)
class Positions:
    """Positions (ICRS, deg) with 95% error ellipses (arcsec, deg from north), of regions and of master sources."""

    region_ra: Floats
    region_dec: Floats
    ra: Floats
    dec: Floats
    major: Floats
    minor: Floats
    angle: Floats


def measured_positions(records: RegionCounts, net_counts: Floats) -> Positions:
    """Scatter each detection as its error ellipse says; a master source takes its best detection's position.

    Where a source was only looked for, its region lies at the master position. `net_counts`, of shape (regions, bands),
    are those of the stacks.
    """
    truth, masters = population(), records.masters
    counts = np.nan_to_num(net_counts)
    net = np.maximum(counts[:, BAND["b"]], counts[:, BAND["w"]])
    extent = truth.extent[records.source]
    major, minor = error_radius(records.region_theta, net)
    blur = _SIGMA_95 * extent / np.sqrt(np.maximum(net, 3))
    major, minor = np.hypot(major, blur), np.hypot(minor, blur)
    rng = np.random.default_rng([SEED, 3])
    angle = rng.uniform(0, 180, len(major))
    along, across = rng.standard_normal((2, len(major))) * np.stack([major, minor]) / _SIGMA_95
    # The sources that stand for published ones, or that the tour shows, keep their positions, and so their names.
    along[_landmarks(records.source)], across[_landmarks(records.source)] = 0.0, 0.0
    east = along * np.sin(np.radians(angle)) + across * np.cos(np.radians(angle))
    north = along * np.cos(np.radians(angle)) - across * np.sin(np.radians(angle))
    dec = truth.dec[records.source] + north / 3600
    ra = truth.ra[records.source] + east / 3600 / np.cos(np.radians(dec))

    own = masters[records.match_master] == records.source[records.match_region]
    usable = np.flatnonzero(own & records.detected[records.match_region])
    # Smallest error last: it is the one that stays.
    usable = usable[np.argsort(-major[records.match_region[usable]], kind="stable")]
    best = np.empty(len(masters), dtype=np.int64)
    best[records.match_master[usable]] = records.match_region[usable]
    missed = ~records.detected
    master_of = np.searchsorted(masters, records.source[missed])
    ra[missed], dec[missed] = ra[best[master_of]], dec[best[master_of]]
    return Positions(ra, dec, ra[best], dec[best], major[best], minor[best], angle[best])


def _landmarks(source: Integers) -> Flags:
    truth = population()
    transient = np.hypot(truth.ra - TRANSIENT[0], truth.dec - TRANSIENT[1]).argmin()
    eclipsing = (truth.field == truth.field[transient]) & (truth.period > 0)
    return np.isin(source, [transient, np.where(eclipsing, truth.flux, 0).argmax()])


def source_names(ra: Floats, dec: Floats, kind: Integers) -> list[str]:
    """``SIM Jhhmmss.s{+|-}ddmmss`` of truncated coordinates; X for large extended sources, A, B ... for namesakes."""
    position = SkyCoord(ra, dec, unit="deg")
    hours = position.ra.to_string("hour", sep="", precision=3, pad=True)
    degrees = position.dec.to_string("deg", sep="", precision=2, pad=True, alwayssign=True)
    bare = [f"SIM J{h[:-2]}{d[:-3]}" for h, d in zip(hours, degrees, strict=True)]
    shared, repeats, names = Counter(bare), Counter[str](), []
    for name, cls in zip(bare, kind, strict=True):
        suffix = "X" if cls == SourceClass.DIFFUSE else chr(ord("A") + repeats[name]) if shared[name] > 1 else ""
        repeats[name] += 1
        names.append(name + suffix)
    return names
