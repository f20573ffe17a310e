"""A model as the observations would see it, quick enough to follow a slider."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cscwidgets.arrays import Floats

from ..spectrum import Spectrum
from .models import SourceModel
from .sherpa_data import pha
from .sherpa_gate import quiet, sherpa

__all__ = ["Preview"]


_EVERYTHING = (1e-3, 1e3)  # keV


class Preview:
    """A model folded through the responses of some observations.

    Parameters
    ----------
    spectra : sequence of Spectrum
        That can be fitted.
    model : SourceModel
        Its parameters may be changed at any time.
    """

    def __init__(self, spectra: Sequence[Spectrum], model: SourceModel) -> None:
        self.spectra = list(spectra)
        self.model = model
        self._data = [pha(one, _EVERYTHING) for one in spectra]
        self._folded = [sherpa.astro.instrument.Response1D(one)(model.absorbed) for one in self._data]

    def counts(self) -> list[Floats]:
        """Counts of the model in every channel of every observation, shape (channels,) each."""
        with quiet(), np.errstate(all="ignore"):
            return [
                np.asarray(data.eval_model(folded), dtype=float)
                for data, folded in zip(self._data, self._folded, strict=True)
            ]

    def photons(self, low: Floats, high: Floats) -> Floats:
        """Photons cm**-2 s**-1 of the model between energies in keV, shape (bins,)."""
        with quiet(), np.errstate(all="ignore"):
            return np.asarray(self.model.absorbed(np.asarray(low, float), np.asarray(high, float)), dtype=float)

    def scale_to_data(self, low: float, high: float) -> None:
        """Give the model as many counts in a band, keV, as all spectra have, the same number to each component."""
        norms = self.model.norms
        observed = max(sum(one.net_counts(low, high) for one in self.spectra), 1.0)
        alone = []
        for norm in norms:
            values = [other.val for other in norms]
            for other in norms:
                if other is not norm:
                    other.val = other.min
            alone.append(self._within(low, high))
            for other, value in zip(norms, values, strict=True):
                other.val = value
        for norm, expected in zip(norms, alone, strict=True):
            if expected > 0:
                norm.val = np.clip(norm.val * observed / len(norms) / expected, norm.min, norm.max)

    def _within(self, low: float, high: float) -> float:
        """Counts of the model in a band of all spectra."""
        pairs = zip(self.counts(), self.spectra, strict=True)
        return sum(float(counts[one.within(low, high)].sum()) for counts, one in pairs)
