"""Aperture photometry: the posterior of a source's flux from counts in two regions.

The Chandra Source Catalog quotes the mode and the smallest 68 % interval of the flux posterior, and
an upper limit where both the mode and the lower limit are 0: then the upper one is the 68 % limit.
Source: https://cxc.cfa.harvard.edu/csc/why/ap_vals_errs.html
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cscwidgets.arrays import Flags, Floats

from .credible import smallest_interval
from .masked import plain

__all__ = ["Aperture", "Flux", "aperture_flux", "is_upper_limit"]

_NODES, _FEW_NODES = 8, 3  # exact to the grid's accuracy: more change nothing
_POINTS = 160
_CHUNK = 4096  # rows at a time: bounds the memory


@dataclass(frozen=True, slots=True)
class Aperture:
    """Counts of sources in one band; arrays of one shape (sources,).

    Parameters
    ----------
    counts : ndarray
        Counts in the source region.
    background : ndarray
        Counts in the background region.
    ratio : ndarray
        Area (times exposure) of the background region over that of the source region.
    response : ndarray
        Counts in the source region for unit flux: PSF fraction x effective area x live time.
        1 gives net counts in the region, the PSF fraction alone aperture-corrected net counts.
    """

    counts: Floats
    background: Floats
    ratio: Floats
    response: Floats

    def __len__(self) -> int:
        return len(self.counts)

    def __getitem__(self, rows: NDArray[np.intp] | Flags | slice) -> Aperture:
        return Aperture(self.counts[rows], self.background[rows], self.ratio[rows], self.response[rows])

    @classmethod
    def of(cls, counts: ArrayLike, background: ArrayLike, ratio: ArrayLike, response: ArrayLike) -> Aperture:
        """Broadcast whatever is given to one float array each."""
        return cls(*(np.array(x, dtype=float) for x in np.broadcast_arrays(counts, background, ratio, response)))

    @property
    def spread(self) -> Floats:
        """About one standard deviation of the net counts, never below 1."""
        return np.sqrt(self.counts + 1 + (self.background + 1) / self.ratio**2)

    @property
    def scale(self) -> Floats:
        """A flux near the upper end of the interval."""
        net = np.maximum(self.counts - (self.background + 1) / (self.ratio + 1), 0)
        return np.asarray((net + self.spread) / self.response)

    def density(self, flux: Floats) -> Floats:
        """Posterior density of the flux, relative to each row's maximum.

        With flat priors for source and background, and the background integrated over its gamma
        distribution by Gauss-Laguerre quadrature: the same posterior as the mixture of gammas of
        Loredo (1992), "The promise of Bayesian inference for astrophysics", at a fixed cost.

        Parameters
        ----------
        flux : ndarray, shape (sources, points)

        Returns
        -------
        ndarray, shape (sources, points)
        """
        # A background known much better than the counts needs few nodes.
        sure = (self.background + 1) / self.ratio**2 < 0.1 * (self.counts + 1)
        density = np.empty(flux.shape)
        for rows, nodes in ((np.flatnonzero(sure), _FEW_NODES), (np.flatnonzero(~sure), _NODES)):
            if len(rows):
                density[rows] = _density(self[rows], flux[rows], nodes)
        return density


@dataclass(frozen=True, slots=True)
class Flux:
    """Fluxes with their intervals, arrays of one shape, in the unit of the flux.

    What a catalogue row says of a flux. Where the posterior itself is wanted, it is taken as a normal
    distribution of different widths below and above the mode, cut at 0: against the exact posterior a
    hardness ratio's interval then moves by 0.06 at 3 counts and by less than 0.01 above 10.

    Parameters
    ----------
    value : ndarray
        Mode.
    lower, upper : ndarray
        Ends of the smallest 68 % interval.
    """

    value: Floats
    lower: Floats
    upper: Floats

    @classmethod
    def of(cls, value: ArrayLike, lolim: ArrayLike, hilim: ArrayLike) -> Flux:
        """From catalogue columns; masked values become NaN."""
        return cls(*(plain(column) for column in np.broadcast_arrays(value, lolim, hilim, subok=True)))

    def __len__(self) -> int:
        return len(self.value)

    def __getitem__(self, rows: NDArray[np.intp] | Flags | slice) -> Flux:
        return Flux(self.value[rows], self.lower[rows], self.upper[rows])

    @property
    def scale(self) -> Floats:
        """A flux near the upper end of the interval."""
        return self.upper

    def density(self, flux: Floats) -> Floats:
        """Posterior density, relative to its maximum; shapes as `Aperture.density`."""
        away = flux - self.value[:, None]
        tiny = 1e-6 * self.upper[:, None]
        below = np.maximum(self.value - self.lower, 0)[:, None] + tiny
        above = np.maximum(self.upper - self.value, 0)[:, None] + tiny
        return np.where(flux >= 0, np.exp(-0.5 * (away / np.where(away < 0, below, above)) ** 2), 0.0)

    def __mul__(self, factor: Floats | float) -> Flux:
        return Flux(self.value * factor, self.lower * factor, self.upper * factor)

    @property
    def spread(self) -> Floats:
        """Half of the interval: the nearest thing to one standard deviation."""
        return (self.upper - self.lower) / 2


def aperture_flux(aperture: Aperture) -> Flux:
    """Flux (or net counts) of each source: mode and smallest 68 % interval.

    Parameters
    ----------
    aperture : Aperture
        Counts in the source and background regions; rows with a missing number give NaN.

    Returns
    -------
    Flux
        Non-negative. Mode and lower end are exactly 0 where the data give only an upper limit.

    References
    ----------
    Loredo, T. J. 1992, in Statistical Challenges in Modern Astronomy, 275.

    Examples
    --------
    >>> from cscwidgets.science import photometry
    >>> aperture = photometry.Aperture.of(counts=[100, 0], background=[50, 50], ratio=10, response=1)
    >>> flux = photometry.aperture_flux(aperture)
    >>> flux.value.round(), flux.upper.round(1)
    (array([95.,  0.]), array([105.2,   1.1]))
    """
    # Small counts repeat: each combination is solved once, for unit response.
    table = np.column_stack([aperture.counts, aperture.background, aperture.ratio])
    good = np.isfinite(table).all(axis=1) & (aperture.response > 0)
    unique, which = np.unique(table[good], axis=0, return_inverse=True)
    unit = Aperture.of(unique[:, 0], unique[:, 1], unique[:, 2], 1.0)
    solved = np.empty((3, len(unique)))
    for first in range(0, len(unique), _CHUNK):
        rows = slice(first, first + _CHUNK)
        solved[:, rows] = _solve(unit[rows])
    result = np.full((3, len(aperture)), np.nan)
    result[:, good] = solved[:, which] / aperture.response[good]
    return Flux(*result)


def is_upper_limit(value: ArrayLike, lolim: ArrayLike) -> Flags:
    """Where the catalogue's value is an upper limit: mode and lower limit are both 0.

    Parameters
    ----------
    value, lolim : array_like
        Mode and lower limit; masked or NaN where missing.

    Returns
    -------
    ndarray of bool
        False where a value is missing.

    Examples
    --------
    >>> from cscwidgets.science import photometry
    >>> photometry.is_upper_limit([0.0, 2e-15], [0.0, 1e-15])
    array([ True, False])
    """
    return np.asarray((plain(value) == 0) & (plain(lolim) == 0))


def _solve(unit: Aperture) -> tuple[Floats, Floats, Floats]:
    net = np.maximum(unit.counts - (unit.background + 1) / (1 + unit.ratio), 0)
    low = np.maximum(net - 6 * unit.spread, 0)
    grid = low[:, None] + ((net + 5 * unit.spread + 7) - low)[:, None] * np.linspace(0, 1, _POINTS)
    mode, lower, upper = smallest_interval(grid, unit.density(grid))
    step = grid[:, 1]
    # Within half a cell of 0 the parabola has no left neighbour: ask the density itself.
    near = np.flatnonzero((low == 0) & (mode < 1.5 * step))
    if len(near):
        fine = grid[near, 2, None] * np.linspace(0, 1, 65)
        peak = np.take_along_axis(fine, unit[near].density(fine).argmax(axis=1)[:, None], axis=1)[:, 0]
        mode[near] = peak
    lower = np.where((low == 0) & (mode == 0), 0.0, lower)
    return mode, lower, upper


def _density(aperture: Aperture, flux: Floats, number: int) -> Floats:
    """`Aperture.density` with a quadrature of so many nodes."""
    kinds, which = np.unique(aperture.background, return_inverse=True)
    nodes, weights = _laguerre(kinds, number)
    # The rule's weight takes as much of exp(-background) as leaves the rest flat where it matters.
    tilt = np.clip(1 - aperture.counts * aperture.ratio / (aperture.background + 1), 0, 1)
    background = nodes[which] / (tilt + aperture.ratio)[:, None]
    offset = weights[which] - (1 - tilt)[:, None] * background
    counts = aperture.counts[:, None]
    source = np.maximum(flux, 0) * aperture.response[:, None]
    terms = np.empty((number, *flux.shape))
    for node in range(number):
        terms[node] = counts * np.log(np.maximum(source + background[:, node, None], 1e-300))
        terms[node] += offset[:, node, None]
    terms -= source
    terms -= terms.max(axis=(0, 2), keepdims=True)
    return np.where(flux >= 0, np.exp(terms, out=terms).sum(axis=0), 0.0)


def _laguerre(background: Floats, number: int) -> tuple[Floats, Floats]:
    """Nodes and log weights of the generalised Gauss-Laguerre rule of each order.

    The nodes are the eigenvalues of the Jacobi matrix, the weights the squared first components of
    its eigenvectors (Golub & Welsch 1969), which stays finite for any order.
    """
    k = np.arange(number)
    matrix = np.zeros((len(background), number, number))
    matrix[:, k, k] = 2 * k + 1 + background[:, None]
    matrix[:, k[1:], k[:-1]] = np.sqrt(k[1:] * (k[1:] + background[:, None]))
    nodes, vectors = np.linalg.eigh(matrix)
    return np.maximum(nodes, 0), np.log(np.maximum(vectors[:, 0, :] ** 2, 1e-300))
