"""The flux that a source with few counts can have at most."""

from __future__ import annotations

from collections.abc import Sequence

import astropy.units as u
import numpy as np
import scipy

from cscwidgets.errors import CscError

from ..energies import energy_band
from ..photometry import Aperture
from ..spectrum import Spectrum
from .fluxes import model_flux
from .models import SourceModel, source_model
from .sherpa_data import pha, together
from .sherpa_gate import sherpa

__all__ = ["counts_limit", "flux_limit"]


def counts_limit(spectra: Sequence[Spectrum], band: tuple[float, float], level: float = 0.90) -> float:
    """Net counts that all spectra together exceed with a probability of 1 - level, for a flat prior.

    The posterior is that of aperture photometry, the background's uncertainty included.

    Parameters
    ----------
    spectra : sequence of Spectrum
        Observations that are taken together.
    band : tuple of float
        Energies, keV.
    level : float
        Probability that the net counts are below the limit.

    Returns
    -------
    float
        Counts.

    Examples
    --------
    >>> from cscwidgets.science import spectra, spectrum
    >>> source = spectrum.read("pha3.fits")
    >>> spectra.counts_limit([source], (0.5, 7.0)) > source.net_counts(0.5, 7.0)
    True
    """
    counts = background = expected = 0.0
    for one in spectra:
        chosen = one.within(*band)
        counts += float(one.source.counts[chosen].sum())
        if one.background is not None:
            background += float(one.background.counts[chosen].sum())
            expected += float((one.background.counts * one.scale)[chosen].sum())
    if not any(one.background is not None for one in spectra):
        grid = np.linspace(0, counts + 10 * np.sqrt(counts + 1) + 10, 20_001)
        cumulative = scipy.special.gammainc(counts + 1, grid)
    else:
        scale = expected / background if background else float(np.mean([np.mean(one.scale) for one in spectra]))
        aperture = Aperture.of([counts], [background], [1 / scale], [1.0])
        grid = np.linspace(0, float(aperture.scale[0]) + 9 * float(aperture.spread[0]) + 10, 20_001)
        cumulative = np.cumsum(aperture.density(grid[None, :])[0])
        cumulative /= cumulative[-1]
    return float(np.interp(level, cumulative, grid))


def flux_limit(
    spectra: Spectrum | Sequence[Spectrum],
    model: str | SourceModel = "tbabs*powerlaw",
    *,
    band: tuple[float, float] = (0.5, 7.0),
    level: float = 0.90,
    absorbed: bool = True,
) -> u.Quantity:
    """Upper limit of the energy flux for a model of fixed shape, whose amplitude alone is unknown.

    Parameters
    ----------
    spectra : Spectrum or sequence of Spectrum
        Observations that are taken together.
    model : str or SourceModel
        With the parameters that are wanted; a `SourceModel` is left as it is.
    band : tuple of float
        Energies at which counts are looked at and the flux is given, keV.
    level : float
        Probability that the flux is below the limit.
    absorbed : bool
        As observed, or without absorption.

    Returns
    -------
    Quantity
        Erg/s/cm**2.

    Raises
    ------
    CscError
        If a spectrum has no energies, or the model no counts in the band.

    Examples
    --------
    >>> from cscwidgets.science import spectra, spectrum
    >>> limit = spectra.flux_limit(spectrum.read("pha3.fits"), "powerlaw")
    >>> limit.unit.to_string()
    'erg / (s cm2)'
    """
    several, band = together(spectra), energy_band(band)
    chosen = model if isinstance(model, SourceModel) else source_model(model)
    data = [pha(one, band) for one in several]
    fold = sherpa.astro.instrument.Response1D
    expected = sum(float(np.sum(one.eval_model_to_fit(fold(one)(chosen.absorbed)))) for one in data)
    if not expected > 0:
        raise CscError("No flux limit", f"{chosen.label} has no counts in {band[0]:g}-{band[1]:g} keV")
    flux = model_flux(chosen.source(absorbed=absorbed), data[0], *band)
    return flux * counts_limit(several, band, level) / expected * u.erg / u.s / u.cm**2
