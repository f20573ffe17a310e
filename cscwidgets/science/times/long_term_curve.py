"""A source over the years: one flux an observation, limits told apart, and whether it is constant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import astropy.units as u
import numpy as np
import scipy
from astropy.table import Table
from astropy.time import Time
from astropy.timeseries import TimeSeries
from numpy.typing import NDArray

from cscwidgets.arrays import Flags, Floats, Integers
from cscwidgets.csc.observation import ObservationKey
from cscwidgets.errors import CscError

from ..masked import plain
from ..photometry import Flux, is_upper_limit
from ..variability import constancy, inter_observation_index
from .blocks import Blocks, bayesian_blocks
from .periods import Frequencies, Periodogram, lomb_scargle

__all__ = ["Constancy", "LongTermCurve", "long_term"]


_DAY = 86_400.0
_WITHOUT_WIDTH = 1e-3  # of the flux: errors of 0 by rounding would weigh without bound


@dataclass(frozen=True, slots=True)
class Constancy:
    """Is the flux the same in all observations.

    `mean` and `error` (flux) with `chi2` and `freedom` are of the weighted constant fit to measured fluxes;
    `chi2_probability` is its probability of variability. `probability` is that of a likelihood ratio in which
    errors are asymmetric and upper limits count, as in `science.variability.constancy`; `index` follows from
    it, `spread` is the fluxes' standard deviation. `catalogue` holds the catalogue's own probability, index and sigma.
    NaN (index -1) with fewer than two observations.
    """

    mean: float
    error: float
    chi2: float
    freedom: int
    chi2_probability: float
    probability: float
    index: int
    spread: float
    observations: int
    catalogue: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class LongTermCurve:
    """Fluxes of one source in one band, in the order of time; arrays of shape (observations,).

    Parameters
    ----------
    name, band : str
        The source, and the catalogue's band.
    unit : Unit
        Of the fluxes.
    obsid, obi, region_id : ndarray of int
        Which observation, and the detection in it.
    instrument, detector : ndarray of str
        ACIS or HRC, and its part.
    start, stop : ndarray
        Begin and end of good time, MJD (TT).
    flux : Flux
        With the ends of the 68 % interval; NaN where the band was not measured.
    limit : ndarray of bool
        Upper limits (mode and lower limit both 0): `flux.upper` is the 68 % limit.
    ambiguous : ndarray of bool
        Detections that may belong to another source: shown, but left out of fits.
    detected : ndarray of bool
        False where the source was only looked for (match type n).
    catalogue : tuple of float or None
        The catalogue's own probability, index and spread between observations.
    """

    name: str
    band: str
    unit: u.UnitBase
    obsid: Integers
    obi: Integers
    region_id: Integers
    instrument: NDArray[np.str_]
    detector: NDArray[np.str_]
    start: Floats
    stop: Floats
    flux: Flux
    limit: Flags
    ambiguous: Flags
    detected: Flags
    catalogue: tuple[float, float, float] | None

    def __len__(self) -> int:
        return len(self.obsid)

    @property
    def keys(self) -> list[ObservationKey]:
        """What each observation is known by."""
        numbers = (column.tolist() for column in (self.obsid, self.obi, self.region_id))
        return [ObservationKey(*key) for key in zip(*numbers, strict=True)]

    @property
    def time(self) -> Floats:
        """Middle of each observation, MJD (TT)."""
        return np.asarray((self.start + self.stop) / 2)

    @property
    def measured(self) -> Flags:
        """Where there is a flux or a limit."""
        return np.asarray(np.isfinite(self.flux.value) & np.isfinite(self.flux.upper))

    def constancy(self, *, ambiguous: bool = False) -> Constancy:
        """Fit a constant, and test it; with ambiguous detections only if told so."""
        used = self.measured & (ambiguous | ~self.ambiguous)
        flux = self.flux[np.flatnonzero(used)]
        row = Flux(flux.value[None], flux.lower[None], flux.upper[None])
        probability, spread = (float(x[0]) for x in constancy(row))
        value, error = self._symmetric(self._fluxes(ambiguous))
        mean = fit_error = chi2 = chi2_probability = np.nan
        freedom = max(len(value) - 1, 0)
        if len(value):
            weight = 1 / error**2
            mean, fit_error = float((weight * value).sum() / weight.sum()), float(weight.sum() ** -0.5)
            chi2 = float((weight * (value - mean) ** 2).sum())
        if freedom:
            chi2_probability = float(scipy.special.chdtr(freedom, chi2))
        return Constancy(
            mean=mean,
            error=fit_error,
            chi2=chi2,
            freedom=freedom,
            chi2_probability=chi2_probability,
            probability=probability,
            index=int(inter_observation_index([probability])[0]),
            spread=spread,
            observations=len(flux),
            catalogue=self.catalogue,
        )

    def blocks(self, *, p0: float = 0.05, ambiguous: bool = False) -> Blocks:
        """Bayesian blocks over the measured fluxes (limits left out), edges in MJD; errors made symmetric.

        Raises
        ------
        CscError
            With fewer than two measured fluxes.
        """
        used = self._fluxes(ambiguous)
        return bayesian_blocks(self.time[used], *self._symmetric(used), p0=p0)

    def periodogram(self, shortest: float, longest: float, *, ambiguous: bool = False) -> Periodogram:
        """Lomb-Scargle periodogram of the measured fluxes, for periods between two limits in days.

        Raises
        ------
        CscError
            With fewer than 5 measured fluxes.
        """
        used = self._fluxes(ambiguous)
        span = float(np.ptp(self.time[used])) if used.any() else 0.0
        return lomb_scargle(
            self.time[used], *self._symmetric(used), Frequencies.between(shortest, longest, max(span, longest))
        )

    def table(self) -> TimeSeries:
        """Every observation, with units."""
        series = TimeSeries(time=Time(self.time, format="mjd", scale="tt"))
        for name in ("obsid", "obi", "region_id", "instrument", "detector"):
            series[name] = getattr(self, name)
        for name in ("start", "stop"):
            series[name] = Time(getattr(self, name), format="mjd", scale="tt")
        for name, values in (
            ("flux", self.flux.value),
            ("flux_lolim", self.flux.lower),
            ("flux_hilim", self.flux.upper),
        ):
            series[name] = values * self.unit
        for name in ("limit", "ambiguous", "detected"):
            series[name] = getattr(self, name)
        series.meta.update(name=self.name, band=self.band)
        return series

    def _fluxes(self, ambiguous: bool) -> Flags:
        return np.asarray(self.measured & ~self.limit & (ambiguous | ~self.ambiguous))

    def _symmetric(self, rows: Flags) -> tuple[Floats, Floats]:
        value, half = self.flux.value[rows], (self.flux.upper[rows] - self.flux.lower[rows]) / 2
        return value, np.maximum(half, _WITHOUT_WIDTH * np.abs(value))


def long_term(
    detections: Table, name: str | None = None, *, band: str = "b", quantity: str = "photflux_aper"
) -> LongTermCurve:
    """The long-term curve of one source.

    Parameters
    ----------
    detections : Table
        One row per observation, as `Archive.detections` gives. Rows that repeat an observation and region count once.
    name : str, optional
        The source, where the table holds several.
    band : str
        One of the catalogue's bands; observations with the other instrument have no flux in it.
    quantity : str
        ``photflux_aper`` (photon/s/cm**2) or ``flux_aper`` (erg/s/cm**2), columns with ``_lolim`` and ``_hilim``.

    Returns
    -------
    LongTermCurve
        One flux or limit an observation, in the order of time.

    Raises
    ------
    CscError
        If a column is missing, or the source is not told or not there.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from cscwidgets.science import times
    >>> detections = Table({"name": ["A", "A"], "obsid": [953, 78], "obi": [0, 0], "region_id": [3, 7]})
    >>> detections["gti_mjd_obs"] = [52000.0, 51000.0]
    >>> for end, flux in (("", [4e-6, 1e-6]), ("_lolim", [3e-6, 8e-7]), ("_hilim", [5e-6, 1.2e-6])):
    ...     detections[f"photflux_aper{end}_b"] = flux
    >>> curve = times.long_term(detections)
    >>> [str(key) for key in curve.keys], curve.flux.value
    (['78.0.7', '953.0.3'], array([1.e-06, 4.e-06]))
    """
    rows, name = _of_source(detections, name)
    columns = [f"{quantity}_{band}", f"{quantity}_lolim_{band}", f"{quantity}_hilim_{band}"]
    absent = [
        column for column in ("obsid", "obi", "region_id", "gti_mjd_obs", *columns) if column not in rows.colnames
    ]
    if absent:
        raise CscError("There is no long-term light curve", f"the table has no column {absent[0]}")
    start = _numbers(rows["gti_mjd_obs"], u.d)
    keys = [_numbers(rows[key]).astype(np.int64) for key in ("obsid", "obi", "region_id")]
    _, first = np.unique(np.stack(keys), axis=1, return_index=True)
    order = first[np.argsort(start[first], kind="stable")]
    unit = u.photon / u.s / u.cm**2 if quantity.startswith("phot") else u.erg / u.s / u.cm**2
    flux = Flux.of(*(_numbers(rows[column], unit) for column in columns))[order]
    match = np.char.strip(_words(rows, "match_type", "u"))[order]
    return LongTermCurve(
        name=name,
        band=band,
        unit=unit,
        obsid=keys[0][order],
        obi=keys[1][order],
        region_id=keys[2][order],
        instrument=_words(rows, "instrument")[order],
        detector=_words(rows, "detector")[order],
        start=start[order],
        stop=(start + _duration(rows) / _DAY)[order],
        flux=flux,
        limit=is_upper_limit(flux.value, flux.lower),
        ambiguous=match == "a",
        detected=match != "n",
        catalogue=_catalogue(rows, band),
    )


def _of_source(detections: Table, name: str | None) -> tuple[Table, str]:
    if not len(detections):
        raise CscError("There is no long-term light curve", "the table has no rows")
    names = _words(detections, "name")
    sources = sorted(set(names.tolist()))
    if name is None:
        if len(sources) > 1:
            raise CscError(
                "There is no single long-term light curve",
                f"the table holds {len(sources)} sources",
                "Name one of them.",
            )
        return detections, sources[0]
    if name.strip() not in sources:
        raise CscError(f"There is no long-term light curve of {name}", "the table has no such source")
    return detections[names == name.strip()], name.strip()


def _duration(rows: Table) -> Floats:
    """Time from the first to the last good moment, s; the live time where that is not known."""
    for column in ("gti_elapse", "livetime"):
        if column in rows.colnames:
            return np.nan_to_num(_numbers(rows[column], u.s))
    return np.zeros(len(rows))


def _catalogue(rows: Table, band: str) -> tuple[float, float, float] | None:
    columns = [f"var_inter_{what}_{band}" for what in ("prob", "index", "sigma")]
    if not set(columns) <= set(rows.colnames):
        return None
    probability, index, sigma = (float(_numbers(rows[column])[0]) for column in columns)
    return probability, index, sigma


def _numbers(column: Any, unit: u.UnitBase | None = None) -> Floats:
    """Values of a column, in a unit if it has any."""
    if unit is not None and isinstance(column, u.Quantity):
        column = column.to(unit)
    return plain(getattr(column, "value", column))


def _words(rows: Table, column: str, otherwise: str = "") -> NDArray[np.str_]:
    if column not in rows.colnames:
        return np.full(len(rows), otherwise)
    return np.char.strip(np.ma.filled(np.ma.asarray(rows[column]), otherwise).astype(str))
