"""Which statistic a fit minimises, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cscwidgets.arrays import Integers
from cscwidgets.errors import CscError

from ..spectrum import Counts, Spectrum
from .sherpa_gate import sherpa

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
_SAFE = 10  # times the background's scale: net counts per channel from which wstat needs no groups
_NEGLIGIBLE = 0.1  # standard deviations of the counts


@dataclass(frozen=True, slots=True)
class Statistic:
    """A statistic, and what it does with groups and background.

    Attributes
    ----------
    name : str
        Sherpa's.
    reason : str
        Why it is right, in words.
    groups : tuple
        For each spectrum the OGIP grouping of its channels (1 starts a group, -1 goes on), or None.
    subtracted : bool
        Whether the background is subtracted.
    """

    name: str
    reason: str
    groups: tuple[Integers | None, ...]
    subtracted: bool = False

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

    Left to itself it is wstat, which eliminates the background's true rate channel by channel. Where hardly any
    channel has counts that takes the source's for background, down to no source at all; then channels are grouped
    to hold a background count each, or, where the background is negligible, cstat is taken.

    Parameters
    ----------
    spectra : sequence of Spectrum
        What is fitted together.
    band : tuple of float
        keV.
    name : str
        One of `STATISTICS`, or ``auto``: never chi-squared.
    grouped, subtracted : bool, optional
        Whether to use the files' groups and to subtract. By default only chi-squared does, where the files allow.

    Raises
    ------
    CscError
        If the statistic is not known, or does not go with what is asked or with the data.
    """
    if name != "auto" and name not in STATISTICS:
        raise CscError(f"No statistic {name}", f"there are {', '.join(STATISTICS)}")
    with_background = all(spectrum.background is not None for spectrum in spectra)
    chi2 = name.startswith("chi2")
    if subtracted and not chi2:
        raise CscError(
            f"{name} cannot be used after subtraction",
            "differences of counts do not follow a Poisson distribution",
            "Take a chi2 statistic, or do not subtract: wstat accounts for the background.",
        )
    if name == "wstat" and not with_background:
        raise CscError("wstat needs a background in every spectrum", "one has none", "Take cstat.")
    use = chi2 and all(one.grouping is not None for one in spectra) if grouped is None else grouped
    groups = _files_groups(spectra) if use else (None,) * len(spectra)
    if chi2:
        reason = _chi2_reason(name, min(_fewest(*pair, band) for pair in zip(spectra, groups, strict=True)))
        return Statistic(name, reason, groups, with_background if subtracted is None else subtracted)
    counts = sum(_within(one, one.source, band) for one in spectra)
    told = f"{counts:.0f} counts in {band[0]:g}-{band[1]:g} keV are fitted as what they are, Poisson distributed"
    background = sum(_expected(one, band) for one in spectra)
    sparse = any(_is_sparse(one, band) for one in spectra)
    if name == "cstat" or not with_background:
        note = (
            f"about {background:.1f} of them, the background's, are not accounted for"
            if background
            else "no background"
        )
        return Statistic("cstat", f"{told}; {note} (cstat).", groups)
    if name == "auto" and sparse and background < _NEGLIGIBLE * np.sqrt(counts):
        return Statistic(
            "cstat", f"{told}; the background, about {background:.2g} of them, is negligible (cstat).", groups
        )
    told += ", and so is the measured background, whose true rate is eliminated channel by channel (wstat)"
    if name == "auto" and sparse and grouped is None:
        groups = tuple(_background_groups(one, band) for one in spectra)
        return Statistic("wstat", f"{told}; as counts are few, channels are grouped by background counts.", groups)
    note = "; counts are few: without groups that can take the source for background" if sparse and not use else ""
    return Statistic("wstat", f"{told}{note}.", groups)


def _files_groups(spectra: Sequence[Spectrum]) -> tuple[Integers, ...]:
    groups = [one.grouping for one in spectra if one.grouping is not None]
    if len(groups) < len(spectra):
        lacking = next(one.path for one in spectra if one.grouping is None)
        raise CscError(f"{lacking} cannot be grouped", "it has no GROUPING column", "Fit it ungrouped.")
    return tuple(groups)


def _within(spectrum: Spectrum, counts: Counts, band: tuple[float, float]) -> float:
    return float(counts.counts[spectrum.within(*band)].sum())


def _expected(spectrum: Spectrum, band: tuple[float, float]) -> float:
    """Background counts to expect in the source region, never 0 where a background was measured."""
    if spectrum.background is None:
        return 0.0
    return (_within(spectrum, spectrum.background, band) + 1) * float(np.mean(spectrum.scale))


def _is_sparse(spectrum: Spectrum, band: tuple[float, float]) -> bool:
    """Whether the model would have so few counts in a channel that wstat takes them for background."""
    least = _SAFE * float(np.mean(spectrum.scale)) * float(spectrum.within(*band).sum())
    return spectrum.net_counts(*band) < least


def _background_groups(spectrum: Spectrum, band: tuple[float, float]) -> Integers:
    """Groups of the band's channels with at least one background count each; other channels stay alone."""
    groups = np.ones(len(spectrum), dtype=np.int64)
    inside = np.flatnonzero(spectrum.within(*band))
    counts = np.zeros(len(spectrum)) if spectrum.background is None else spectrum.background.counts
    filled = counts[inside] > 0
    before: Integers = np.cumsum(filled) - filled  # channels with counts below each
    groups[inside[1:]] = np.where(np.diff(before) > 0, 1, -1)
    if before[-1] > 0 and not filled[before == before[-1]].any():
        groups[inside[np.flatnonzero(np.diff(before) > 0)[-1] + 1]] = -1  # the last has none: it joins its neighbour
    return groups


def _chi2_reason(name: str, fewest: float) -> str:
    if fewest >= _MANY:
        return f"Every bin has at least {fewest:.0f} counts, enough for chi-squared ({name})."
    return (
        f"{name} as asked; but a bin has only {fewest:.0f} counts, where chi-squared is biased:"
        " wstat or cstat would not be."
    )


def _fewest(spectrum: Spectrum, groups: Integers | None, band: tuple[float, float]) -> float:
    counts, chosen = np.where(spectrum.good, spectrum.source.counts, 0), spectrum.within(*band)
    if groups is None:
        return float(counts[chosen].min())
    starts = np.flatnonzero(groups >= 0)
    return float(np.add.reduceat(counts, starts)[chosen[starts]].min())
