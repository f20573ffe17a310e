"""Spectra in bins, as they are drawn: grouping for the eye, which no fit is made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cscwidgets.arrays import Flags, Floats, Integers
from cscwidgets.errors import CscError

from ..energies import kev
from ..intervals import poisson_interval
from ..spectrum import Spectrum

__all__ = ["HC", "SpectralBins", "spectral_bins"]


HC = 12.398419843320026
"""Planck's constant times the speed of light, keV angstrom (exact in the SI): wavelength is `HC` / energy."""


@dataclass(frozen=True, slots=True)
class SpectralBins:
    """A spectrum in bins of neighbouring channels; all arrays have the shape (bins,).

    Attributes
    ----------
    low, high : ndarray
        Ends of the bins, keV.
    counts : ndarray
        In the source region.
    background : ndarray
        Counts to expect of the background in the source region.
    lower, upper : ndarray
        Ends of the 1-sigma interval of `net`: exact Poisson intervals of the source's counts (Gehrels 1986), the
        background's error added in quadrature.
    exposure : float
        s.
    starts : ndarray of int
        First channel, counted from 0, of every bin.
    stop : int
        The channel after the last bin.
    good : ndarray of bool, shape (channels,)
        Those that are counted: not flagged bad.
    """

    low: Floats
    high: Floats
    counts: Floats
    background: Floats
    lower: Floats
    upper: Floats
    exposure: float
    starts: Integers
    stop: int
    good: Flags

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def net(self) -> Floats:
        """Counts without the background's."""
        return self.counts - self.background

    def summed(self, values: Floats) -> Floats:
        """Sums over the bins' good channels of a number for each channel, shape (channels,)."""
        return np.asarray(np.add.reduceat(np.where(self.good, values, 0)[: self.stop], self.starts))

    def sigma(self, model: Floats) -> Floats:
        """Residuals in standard deviations: net counts minus a model's in the bins, over the error on that side."""
        difference = self.net - model
        error = np.where(difference > 0, self.net - self.lower, self.upper - self.net)
        return np.asarray(difference / np.where(error > 0, error, np.nan))

    def ratio(self, model: Floats) -> tuple[Floats, Floats, Floats]:
        """Net counts over a model's in the bins, and the ends of its 1-sigma interval; NaN where the model has none."""
        share = np.where(model > 0, model, np.nan)
        return self.net / share, self.lower / share, self.upper / share


def spectral_bins(
    spectrum: Spectrum, low: float, high: float, *, least: int = 1, edges: tuple[float, ...] = (), own: bool = False
) -> SpectralBins:
    """Bins of at least so many counts.

    Parameters
    ----------
    spectrum : Spectrum
        With energies.
    low, high : float
        What is to be seen, keV.
    least : int
        Counts of the source region in each bin; what is left at an end joins its neighbour.
    edges : tuple of float
        Energies at which a bin has to end, keV: bins on both sides of a fit's limits would mislead.
    own : bool
        The file's own groups instead.

    Returns
    -------
    SpectralBins
        Their energies, counts and background.

    Raises
    ------
    CscError
        If the spectrum has no energies, or no channels there, or no groups of its own.

    Examples
    --------
    >>> from cscwidgets.science import spectra, spectrum
    >>> bins = spectra.spectral_bins(spectrum.read("pha3.fits"), 0.5, 7.0, least=100)
    >>> bool(bins.counts.min() >= 100)
    True
    """
    response = spectrum.response
    low, high = kev(low), kev(high)
    inside = np.flatnonzero(spectrum.within(low, high))
    if response is None or not len(inside):
        raise CscError(f"{spectrum.label} has no channels at {low:g}-{high:g} keV")
    first, stop = int(inside[0]), int(inside[-1]) + 1
    # Channels of dispersed spectra, as XMM's RGS has them, go with wavelength: their energies fall.
    way = -1 if response.channel_low[0] > response.channel_low[-1] else 1
    middle = way * (response.channel_low + response.channel_high)[first:stop] / 2
    walls = {first, *(first + int(np.searchsorted(middle, way * edge)) for edge in edges if low < edge < high)}
    counts = np.where(spectrum.good, spectrum.source.counts, 0)[first:stop]
    if own:
        if spectrum.grouping is None:
            raise CscError(f"{spectrum.label} has no groups of its own", "its file has no GROUPING column")
        starts = first + np.flatnonzero(spectrum.grouping[first:stop] >= 0)
        starts = np.unique([first, *starts])
    else:
        starts = first + _starts(counts, max(1, least), {wall - first for wall in walls})
    background_counts = np.zeros(len(spectrum)) if spectrum.background is None else spectrum.background.counts
    scale = np.broadcast_to(np.asarray(spectrum.scale, dtype=float), background_counts.shape)

    def summed(values: Floats) -> Floats:
        return np.asarray(np.add.reduceat(np.where(spectrum.good, values, 0)[:stop], starts), dtype=float)

    source, background, variance = (
        summed(spectrum.source.counts),
        summed(background_counts * scale),
        summed(background_counts * scale**2),
    )
    ends = np.append(starts[1:], stop) - 1
    least_mean, most_mean = poisson_interval(source)
    net = source - background
    return SpectralBins(
        low=np.minimum(response.channel_low[starts], response.channel_low[ends]),
        high=np.maximum(response.channel_high[starts], response.channel_high[ends]),
        counts=source,
        background=background,
        lower=net - np.hypot(source - least_mean, np.sqrt(variance)),
        upper=net + np.hypot(most_mean - source, np.sqrt(variance)),
        exposure=spectrum.source.exposure,
        starts=starts,
        stop=stop,
        good=spectrum.good,
    )


def _starts(counts: Floats, least: int, walls: set[int]) -> Integers:
    """Where bins start; walls start one in any case, and a bin that a wall leaves short joins the one before."""
    starts: list[int] = []
    sections = sorted({wall for wall in walls if wall < len(counts)})
    for begin, end in zip(sections, [*sections[1:], len(counts)], strict=True):
        mine, total = [begin], 0.0
        for channel in range(begin, end):
            if total >= least:
                mine.append(channel)
                total = 0.0
            total += counts[channel]
        if total < least and len(mine) > 1:
            mine.pop()
        starts += mine
    return np.array(starts, dtype=np.int64)
