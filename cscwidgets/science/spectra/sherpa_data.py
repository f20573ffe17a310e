"""Spectra as Sherpa's data objects: filtered to a band, grouped and background-subtracted as a fit wants them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cscwidgets.arrays import Integers
from cscwidgets.errors import CscError

from ..response import Response
from ..spectrum import Counts, Spectrum
from .sherpa_gate import quiet, sherpa

__all__ = ["pha", "require_fittable", "together"]


def pha(
    spectrum: Spectrum,
    band: tuple[float, float],
    *,
    groups: Integers | None = None,
    subtracted: bool = False,
) -> Any:
    """Sherpa's DataPHA of a spectrum.

    Parameters
    ----------
    spectrum : Spectrum
        With its response.
    band : tuple of float
        Energies to keep, keV.
    groups : ndarray of int, shape (channels,), optional
        Where groups of channels begin (1) and go on (-1).
    subtracted : bool
        Whether to subtract the background.

    Raises
    ------
    CscError
        If it cannot be fitted, or has no channels there, or no background to subtract.
    """
    response = _responses(require_fittable(spectrum))
    if subtracted and spectrum.background is None:
        raise CscError(f"No background to subtract from {spectrum.path}", "it has none", "Fit without subtraction.")
    data = _counts(spectrum, spectrum.source, groups)
    data.set_response(*response)
    if spectrum.background is not None:
        background = _counts(spectrum, spectrum.background, groups)
        background.set_response(*response)
        data.set_background(background)
    with quiet():
        if subtracted:
            data.subtract()
        data.units = "energy"
        _notice(data, band, spectrum)
        empty = not data.mask if isinstance(data.mask, bool) else not data.mask.any()
    if empty:
        raise CscError(f"{spectrum.path} has no channels at {band[0]:g}-{band[1]:g} keV", "", "Choose another band.")
    return data


def together(spectra: Spectrum | Sequence[Spectrum]) -> list[Spectrum]:
    """One spectrum or several as a list.

    Raises
    ------
    CscError
        If one is none, as the path of its file.
    """
    several = [spectra] if isinstance(spectra, Spectrum) else list(spectra)
    strange = next((one for one in several if not isinstance(one, Spectrum)), None)
    if strange is not None:
        raise CscError(
            f"A {type(strange).__name__} is no spectrum", "spectra are fitted", "Read it: spectrum.read(path)."
        )
    return several


def require_fittable(spectrum: Spectrum) -> Response:
    """The response of a spectrum that can be fitted.

    Raises
    ------
    CscError
        If it cannot, with the reason.
    """
    if spectrum.response is None or spectrum.refusal:
        hrc = spectrum.instrument == "HRC"
        hint = "Choose another observation, with ACIS." if hrc else "Take the spectrum with its background in it."
        raise CscError(f"{spectrum.path} cannot be fitted", spectrum.refusal, hint)
    return spectrum.response


def _notice(data: Any, band: tuple[float, float], spectrum: Spectrum) -> None:
    """Keep the good channels of a band."""
    if spectrum.good.all():
        data.notice(*band)
        return
    data.quality = np.where(spectrum.good, 0, 1)
    # In the other order Sherpa forgets the first filter.
    if data.grouped:
        data.ignore_bad()
        data.notice(*band)
    else:
        data.notice(*band)
        data.ignore_bad()


def _counts(spectrum: Spectrum, counts: Counts, groups: Integers | None) -> Any:
    return sherpa.astro.data.DataPHA(
        Path(spectrum.path).name,
        spectrum.channel,
        counts.counts,
        exposure=counts.exposure,
        backscal=counts.backscal,
        areascal=counts.areascal,
        grouping=groups,
    )


def _responses(response: Response) -> tuple[Any, Any]:
    arf = sherpa.astro.data.DataARF(response.arf, response.low, response.high, response.area)
    rmf = sherpa.astro.data.DataRMF(
        response.rmf,
        len(response.channel_low),
        response.low,
        response.high,
        response.groups,
        response.first,
        response.length,
        response.matrix,
        offset=response.first_channel,
        e_min=response.channel_low,
        e_max=response.channel_high,
    )
    return arf, rmf
