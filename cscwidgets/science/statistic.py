"""Which statistic a fit minimises, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cscwidgets.errors import CscError

from .sherpa_gate import sherpa
from .spectrum import Spectrum

__all__ = ["STATISTICS", "Statistic", "choose"]

_CLASSES = {
    "cstat": "CStat",
    "wstat": "WStat",
    "chi2gehrels": "Chi2Gehrels",
    "chi2datavar": "Chi2DataVar",
    "chi2modvar": "Chi2ModVar",
    "chi2xspecvar": "Chi2XspecVar",
}
STATISTICS = tuple(_CLASSES)

_MANY = 20  # counts in a bin from which its Poisson distribution is near enough to a normal one


@dataclass(frozen=True, slots=True)
class Statistic:
    """A statistic by Sherpa's name, in words why it is right, and what it does with groups and background."""

    name: str
    reason: str
    grouped: bool
    subtracted: bool

    @property
    def poisson(self) -> bool:
        """Whether it is a likelihood of counts, not chi-squared."""
        return not self.name.startswith("chi2")

    def sherpa(self) -> Any:
        """Sherpa's object."""
        return getattr(sherpa.stats, _CLASSES[self.name])()


def choose(
    spectra: Sequence[Spectrum],
    band: tuple[float, float],
    name: str = "auto",
    *,
    grouped: bool | None = None,
    subtracted: bool | None = None,
) -> Statistic:
    """Pick the statistic of a fit.

    Parameters
    ----------
    spectra : sequence of Spectrum
        What is fitted together.
    band : tuple of float
        keV.
    name : str
        One of `STATISTICS`, or ``auto``: wstat with a background, cstat without.
    grouped, subtracted : bool, optional
        By default as the statistic needs: chi-squared with the file's groups where all have such, and subtracted.

    Raises
    ------
    CscError
        If the statistic is not known, or does not go with what is asked or with the data.
    """
    with_background = [spectrum.background is not None for spectrum in spectra]
    if name == "auto":
        name = "wstat" if all(with_background) else "cstat"
    if name not in STATISTICS:
        raise CscError(f"No statistic {name}", f"there are {', '.join(STATISTICS)}")
    if not name.startswith("chi2"):
        if subtracted:
            raise CscError(
                f"{name} cannot be used after subtraction",
                "differences of counts do not follow a Poisson distribution",
                "Take a chi2 statistic, or do not subtract: wstat accounts for the background.",
            )
        if name == "wstat" and not all(with_background):
            raise CscError("wstat needs a background in every spectrum", "", "Take cstat.")
        return Statistic(name, _poisson_reason(name, spectra, band), bool(grouped), subtracted=False)
    groups = all(spectrum.grouping is not None for spectrum in spectra) if grouped is None else grouped
    subtract = all(with_background) if subtracted is None else subtracted
    return Statistic(name, _chi2_reason(name, spectra, band, groups), groups, subtract)


def _poisson_reason(name: str, spectra: Sequence[Spectrum], band: tuple[float, float]) -> str:
    counts = sum(float(spectrum.source.counts[spectrum.within(*band)].sum()) for spectrum in spectra)
    told = f"{counts:.0f} counts in {band[0]:g}-{band[1]:g} keV are fitted as what they are, Poisson distributed"
    if name == "cstat":
        behind = any(spectrum.background is not None for spectrum in spectra)
        return f"{told} (cstat)" + ("; the background is not accounted for." if behind else "; there is no background.")
    bins = np.concatenate([s.background.counts[s.within(*band)] for s in spectra if s.background is not None])
    empty = float(np.mean(bins == 0))
    warning = f"; {empty:.0%} of the background's channels are empty, which biases it slightly" if empty > 0.5 else ""
    return (
        f"{told}, and so is the measured background, whose true rate is eliminated channel by channel (wstat){warning}."
    )


def _chi2_reason(name: str, spectra: Sequence[Spectrum], band: tuple[float, float], grouped: bool) -> str:
    fewest = min(_fewest(spectrum, band, grouped) for spectrum in spectra)
    if fewest >= _MANY:
        return f"Every bin has at least {fewest:.0f} counts, enough for chi-squared ({name})."
    return (
        f"{name} as asked; but a bin has only {fewest:.0f} counts, where chi-squared is biased:"
        " wstat or cstat would not be."
    )


def _fewest(spectrum: Spectrum, band: tuple[float, float], grouped: bool) -> float:
    counts, chosen = spectrum.source.counts, spectrum.within(*band)
    if not grouped or spectrum.grouping is None:
        return float(counts[chosen].min())
    starts = np.flatnonzero(spectrum.grouping >= 0)
    sums = np.add.reduceat(counts, starts)
    return float(sums[chosen[starts]].min())
