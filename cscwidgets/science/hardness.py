"""Hardness ratios of the Chandra Source Catalog: values, and which of them are limits.

In CSC 2 the ratio of a harder band x and a softer band y is H = (F_x - F_y) / (F_x + F_y) of aperture
*photon* fluxes, so a hard source is positive in all three ratios (hm, hs, ms). CSC 1 divided by the broad
flux and is not comparable. Source: https://cxc.cfa.harvard.edu/csc/columns/spectral_properties.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from cscwidgets.arrays import Floats

from .credible import LEVEL
from .masked import plain
from .photometry import Aperture, Flux

__all__ = ["CELLS", "SATURATED", "STEP", "Hardness", "Kind", "classify", "hardness_posterior", "hardness_ratio"]

CELLS = 1601
"""Cells of the catalogue's grid over [-1, 1]; a value is a cell's centre, so none exceeds 0.9994."""

STEP = 2 / CELLS

SATURATED = 0.98
"""Ratios at least this far from 0 say only which band was seen; the CSC notebooks leave them out."""

_END = 0.999  # an interval's end lies on a cell edge: the last but one, 0.99875, is printed as 0.9988
_FLAT = 1.35  # the 68 % interval of a flat posterior is 2 x 0.68 = 1.36

_EDGES = np.linspace(-1, 1, CELLS + 1)
_CENTRES = (_EDGES[1:] + _EDGES[:-1]) / 2
with np.errstate(divide="ignore"):
    _LOG_RATIOS = 2 * np.arctanh(_EDGES)  # H = tanh(ln(F_x / F_y) / 2)

# Fluxes are tabulated over e^-8 to e^2.24 of their scale, in steps that suit the better known band.
_FINEST = 0.0025
_COARSENING = 6
_BELOW, _ABOVE = 3200, 896  # in finest steps
_TABLE = 1 << 16  # numbers in one table: what a processor keeps at hand


class Kind(StrEnum):
    """What a hardness ratio and its 68 % interval amount to."""

    MEASURED = "measured"
    LOWER_LIMIT = "lower_limit"
    UPPER_LIMIT = "upper_limit"
    UNDETERMINED = "undetermined"


def hardness_ratio(hard: ArrayLike, soft: ArrayLike) -> Floats:
    """Hardness ratio of two photon fluxes.

    Parameters
    ----------
    hard, soft : array_like
        Photon fluxes in the harder and the softer band, in one unit; masked or NaN where missing.

    Returns
    -------
    ndarray
        (hard - soft) / (hard + soft); NaN where a flux is missing or both are zero.

    Examples
    --------
    >>> from cscwidgets.science import hardness
    >>> hardness.hardness_ratio([3e-6, 0.0, 1e-6], [1e-6, 0.0, 1e-6])
    array([0.5, nan, 0. ])
    """
    x, y = plain(hard), plain(soft)
    total = x + y
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(total > 0, (x - y) / total, np.nan)


def classify(value: ArrayLike, lolim: ArrayLike, hilim: ArrayLike) -> NDArray[np.str_]:
    """Tell measured hardness ratios from limits and from ratios that say nothing.

    With L and U the ends of the smallest 68 % interval of H, the first rule that holds decides:

    ==============  =====================================================================
    undetermined    H, L or U is missing, or U - L >= 1.35: a flat posterior has 1.36
    lower_limit     H >= 0.98 or U is +1: the softer band is not seen; H lies above L
    upper_limit     H <= -0.98 or L is -1: the harder band is not seen; H lies below U
    measured        everything else
    ==============  =====================================================================

    0.98 is where the CSC notebooks cut their hardness diagrams: beyond it a ratio is saturated even
    when its formal interval is narrow, for one part in a hundred of a band is the background's to give.
    An interval that ends at -1 or +1 is one-sided whatever its mode, and is never made symmetric.

    Parameters
    ----------
    value, lolim, hilim : array_like
        Mode and ends of the 68 % interval; masked or NaN where missing.

    Returns
    -------
    ndarray of str
        `Kind` values, comparable with the members of `Kind`.

    Examples
    --------
    >>> from cscwidgets.science import hardness
    >>> hardness.classify([0.2, 1.0, -0.5], [0.1, 0.6, -1.0], [0.3, 1.0, -0.1]).tolist()
    ['measured', 'lower_limit', 'upper_limit']
    """
    h, low, high = (plain(column) for column in (value, lolim, hilim))
    measured = np.isfinite(h) & np.isfinite(low) & np.isfinite(high)
    with np.errstate(invalid="ignore"):
        kinds = np.select(
            [
                ~measured | (high - low >= _FLAT),
                (h >= SATURATED) | (high > _END),
                (h <= -SATURATED) | (low < -_END),
            ],
            [np.str_(kind) for kind in (Kind.UNDETERMINED, Kind.LOWER_LIMIT, Kind.UPPER_LIMIT)],
            np.str_(Kind.MEASURED),
        )
    return kinds.astype(np.str_)


@dataclass(frozen=True, slots=True)
class Hardness:
    """Posterior hardness ratios.

    Attributes
    ----------
    mode : ndarray, shape (sources,)
        The most probable ratio.
    lower, upper : ndarray, shape (sources,)
        Ends of the smallest 68 % interval.
    """

    mode: Floats
    lower: Floats
    upper: Floats

    @property
    def kind(self) -> NDArray[np.str_]:
        """`classify` of each ratio."""
        return classify(self.mode, self.lower, self.upper)


def hardness_posterior(hard: Aperture | Flux, soft: Aperture | Flux) -> Hardness:
    """Posterior of the hardness ratio from the two bands' flux posteriors.

    The catalogue's definition, P(H) dH = integral of P_x((1+H)F/2) P_y((1-H)F/2) F/2 dF. With
    H = tanh(ln(F_x/F_y)/2) it is the distribution of a difference of logarithms, so the integral is a
    correlation and one Fourier transform does it for all H.

    Parameters
    ----------
    hard, soft : Aperture or Flux
        Photon flux in the harder and the softer band: counts in apertures, whose `response` counts
        per unit photon flux, or catalogue triples. One entry a source, in one unit.

    Returns
    -------
    Hardness
        On the catalogue's grid: modes are cell centres, ends are cell edges; NaN where a band is missing.

    Examples
    --------
    >>> from cscwidgets.science import hardness, photometry
    >>> hard = photometry.Aperture.of(counts=30, background=[10], ratio=10, response=1)
    >>> soft = photometry.Aperture.of(counts=10, background=[10], ratio=10, response=1)
    >>> posterior = hardness.hardness_posterior(hard, soft)
    >>> posterior.mode.round(2), posterior.lower.round(2), posterior.upper.round(2)
    (array([0.53]), array([0.38]), array([0.66]))
    """
    result = np.full((3, len(hard)), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        sharpness = np.minimum(_relative_spread(hard), _relative_spread(soft))
        usable = np.isfinite(sharpness) & (hard.scale > 0) & (soft.scale > 0)
        coarsening = np.clip(np.log2(sharpness / (6 * _FINEST)), 0, _COARSENING - 1)
    for power in range(_COARSENING):
        rows = np.flatnonzero(usable & (np.where(usable, coarsening, -1).astype(int) == power))
        points = max((_BELOW + _ABOVE) >> power, CELLS)
        for part in np.array_split(rows, max(1, -(-len(rows) * points // _TABLE))):
            result[:, part] = _combine(hard[part], soft[part], power)
    return Hardness(*result)


def _relative_spread(flux: Aperture | Flux) -> Floats:
    if isinstance(flux, Aperture):
        return flux.spread / (flux.scale * flux.response)
    return flux.spread / flux.scale


def _combine(hard: Aperture | Flux, soft: Aperture | Flux, power: int) -> Floats:
    """Mode and interval, shape (3, sources), from flux tables of steps 2**power times the finest."""
    step = _FINEST * 2**power
    log_flux = step * np.arange(-(_BELOW >> power), _ABOVE >> power)
    points = len(log_flux)
    length = scipy.fft.next_fast_len(2 * points, real=True)
    spectra = []
    for band in (hard, soft):
        flux = band.scale[:, None] * np.exp(log_flux)
        mass = band.density(flux) * flux
        mass[:, 0] /= step  # and all below the table, where the density is constant
        spectra.append(scipy.fft.rfft(mass / mass.sum(axis=1, keepdims=True), length, axis=1))
    ratio = scipy.fft.irfft(spectra[0] * np.conj(spectra[1]), length, axis=1)
    lags = np.concatenate([ratio[:, length - points :], ratio[:, :points]], axis=1)
    cumulative = np.cumsum(lags, axis=1)
    # The distribution function is known half a step above each lag.
    origin = np.log(hard.scale / soft.scale) + step * (0.5 - points)
    return _summarise(np.diff(_cubic(cumulative, (_LOG_RATIOS - origin[:, None]) / step), axis=1))


def _cubic(rows: Floats, index: Floats) -> Floats:
    """Each row at fractional indices by the cubic through the four nearest points; constant outside."""
    last = rows.shape[1] - 1
    index = np.clip(index, 1, last - 2)
    base = index.astype(np.intp)
    t = index - base
    base += np.arange(len(rows))[:, None] * rows.shape[1]
    a, b, c, d = (rows.take(base + shift) for shift in (-1, 0, 1, 2))
    return b + t * ((c - a / 3 - b / 2 - d / 6) + t * ((a + c) / 2 - b + t * ((b - c) / 2 + (d - a) / 6)))


def _summarise(mass: Floats) -> Floats:
    """Mode, lower and upper end from each row's cell masses: the densest cells that hold 68 %."""
    mass /= mass.sum(axis=1, keepdims=True)
    densest = np.sort(mass, axis=1)[:, ::-1]
    needed = (np.cumsum(densest, axis=1) < LEVEL).sum(axis=1)
    inside = mass >= np.take_along_axis(densest, needed[:, None], axis=1)
    first = inside.argmax(axis=1)
    last = CELLS - inside[:, ::-1].argmax(axis=1)
    return np.stack([_CENTRES[mass.argmax(axis=1)], _EDGES[first], _EDGES[last]])
