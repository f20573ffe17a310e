"""Spectra of several observations as one, for the eye: what is fitted stays each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cscwidgets.arrays import Floats, Integers
from cscwidgets.errors import CscError

from ..response import Response
from ..spectrum import Counts, Spectrum

__all__ = ["summed_counts", "summed_spectrum"]


def summed_counts(spectra: Sequence[Spectrum], values: Sequence[Floats]) -> Floats:
    """Numbers for the channels of several spectra, added in the channels of the first.

    Parameters
    ----------
    spectra : sequence of Spectrum
        With energies.
    values : sequence of ndarray
        Of each of them, shape (channels,).

    Returns
    -------
    ndarray, shape (channels,)
        What is in a channel of another grid goes where the middle of that channel lies; what lies outside, and what is
        in channels that are flagged bad, is left out.
    """
    grid = _response(spectra[0])
    # Energies of a grid may fall from channel to channel.
    order = np.argsort(grid.channel_low, kind="stable")
    edges = np.append(grid.channel_low[order], grid.channel_high[order[-1]])
    total = np.zeros(len(order))
    for spectrum, numbers in zip(spectra, values, strict=True):
        places = _places(_response(spectrum), edges)
        inside = (places >= 0) & (places < len(total)) & spectrum.good
        total += np.bincount(order[places[inside]], np.asarray(numbers, float)[inside], len(total))
    return total


def summed_spectrum(spectra: Sequence[Spectrum]) -> Spectrum:
    """Counts, backgrounds and exposures of several observations added, to be drawn.

    Backgrounds of different scales are one whose counts and scale give the mean and the variance of their sum. The
    channels have the energies of the first; the sum has no response, so that nothing can be fitted to it.

    Parameters
    ----------
    spectra : sequence of Spectrum
        With energies.

    Returns
    -------
    Spectrum
        Without groups of its own.
    """
    first = spectra[0]
    exposure = sum(one.source.exposure for one in spectra)
    behind = [np.zeros(len(one)) if one.background is None else one.background.counts for one in spectra]
    mean = summed_counts(spectra, [counts * one.scale for counts, one in zip(behind, spectra, strict=True)])
    variance = summed_counts(
        spectra, [counts * np.square(one.scale) for counts, one in zip(behind, spectra, strict=True)]
    )
    some = mean > 0
    scale = np.divide(variance, mean, out=np.ones_like(mean), where=some)
    return replace(
        first,
        path="sum",
        obsid=None,
        obi=None,
        region=None,
        source=Counts(summed_counts(spectra, [one.source.counts for one in spectra]), exposure, 1.0, 1.0),
        background=Counts(mean / scale, exposure, 1 / scale, 1.0) if some.any() else None,
        background_path=None,
        grouping=None,
        quality=None,
        response=replace(_response(first), arf="", rmf="", low=_NONE, high=_NONE, area=_NONE, matrix=_NONE),
    )


_NONE = np.empty(0)


def _response(spectrum: Spectrum) -> Response:
    if spectrum.response is None:
        raise CscError(f"{spectrum.path} has no energies", spectrum.refusal)
    return spectrum.response


def _places(response: Response, edges: Floats) -> Integers:
    """In which channels of a grid those of a response lie."""
    middle = (response.channel_low + response.channel_high) / 2
    return np.asarray(np.searchsorted(edges, middle, side="right") - 1, dtype=np.int64)
