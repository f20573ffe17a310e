"""The catalogue's light-curve files (lc3): a smoothed curve of one source in one observation and band.

The curve is the posterior mean of the Gregory-Loredo algorithm, corrected for the exposed fraction of the region.
Its points are strongly correlated: to be looked at, not to be tested or fitted.
Source: https://cxc.cfa.harvard.edu/csc/data_products/persrc/obs/lc3.html
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import astropy.units as u
import numpy as np
from astropy.io import fits
from astropy.time import Time
from astropy.timeseries import TimeSeries

from cscwidgets.arrays import Floats
from cscwidgets.io.fits_values import number, numbers, require, whole_number
from cscwidgets.io.reading import Unreadable, reading

from .header import ProductHeader, clock_notes, open_product, single
from .time_system import TimeSystem, shared_system
from .times.blocks import Blocks, bayesian_blocks
from .times.good_time import GoodTime
from .times.smoothed import SMOOTHED

__all__ = ["Blocks", "Curve", "LightCurve", "Variability", "bayesian_blocks", "read"]


_COLUMNS = ("COUNT_RATE", "COUNT_RATE_ERR", "Minus_3Sig", "Plus_3Sig")


@dataclass(frozen=True, slots=True)
class Curve:
    """A smoothed count rate with its error and 3-sigma band from `low`, which may be negative, to `high`; count/s."""

    rate: Floats
    error: Floats
    low: Floats
    high: Floats

    def __mul__(self, factor: float) -> Curve:
        return Curve(self.rate * factor, self.error * factor, self.low * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class Variability:
    """Time tests as the file's header has them.

    `log_odds` is log10 of the Gregory-Loredo odds, `probability` that of variability, `index` the catalogue's index,
    `f3` and `f5` the fractions of the curve within 3 and 5 sigma of its mean. `ks_p_value` and `kuiper_p_value`
    (KS_PROB, KP_PROB) are small for a variable source; None where the file has none.
    """

    log_odds: float
    probability: float
    index: int
    f3: float
    f5: float
    ks_p_value: float | None
    kuiper_p_value: float | None

    @property
    def ks_probability(self) -> float | None:
        """Probability of variability, as the catalogue's ``ks_prob`` columns: the opposite of the header's."""
        return None if self.ks_p_value is None else 1 - self.ks_p_value

    @property
    def kuiper_probability(self) -> float | None:
        """Probability of variability, as the catalogue's ``kp_prob`` columns: the opposite of the header's."""
        return None if self.kuiper_p_value is None else 1 - self.kuiper_p_value


@dataclass(frozen=True, slots=True)
class LightCurve:
    """One light-curve file.

    Attributes
    ----------
    header : ProductHeader
        Which observation it is of.
    stack_id, region_id, band : str, int, str
        Which detection, and the name of the energy band.
    time : ndarray, shape (bins,)
        Bin centres, s of mission time, in the header's time system.
    width : float
        Width of the bins, s.
    source, background : Curve
        The source is not background-subtracted; the background is scaled to the source aperture.
    aperture, background_aperture : float
        Areas, arcsec**2.
    counts : int
        Events of the source region.
    livetime : float
        Good time less dead time, s. The curve's rates are not over it, but over good time: dead time is not taken out
        of them.
    good : float
        Fraction of the covered time that was exposed (INTEGTIM / TELAPSE), NaN where not told.
    variability : Variability
        The tests of the file.
    notes : tuple of str
        What the file says that is not usual, and how it was taken.
    """

    header: ProductHeader
    stack_id: str
    region_id: int
    band: str
    time: Floats
    width: float
    source: Curve
    background: Curve
    aperture: float
    background_aperture: float
    counts: int
    livetime: float
    good: float
    variability: Variability
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.time)

    @property
    def meta(self) -> dict[str, Any]:
        """What a table of the curve carries in its ``meta``."""
        return {
            "obsid": self.header.obsid,
            "obi": self.header.obi,
            "region_id": self.region_id,
            "band": self.band,
            "simulated": self.header.simulated,
            "times": str(self.header.system),
            "notes": self.notes,
            SMOOTHED: "Gregory-Loredo posterior mean: rows are correlated",
        }

    @property
    def times(self) -> Time:
        """Bin centres."""
        return self.header.system.moments(self.time)

    @property
    def gaps(self) -> Floats:
        """Stretches of time without bins, shape (gaps, 2), s; the catalogue's own curves run through bad time."""
        jump = np.flatnonzero(np.diff(self.time) > 1.5 * self.width)
        return np.column_stack([self.time[jump] + self.width / 2, self.time[jump + 1] - self.width / 2])

    def exposed(self, good_time: GoodTime) -> Floats:
        """Exposed fraction of each bin by good-time intervals from an event file, shape (bins,).

        Raises
        ------
        CscError
            If they are of another time system.
        """
        shared_system((self.header.system, good_time.system), "A light curve and good times")
        half = self.width / 2
        return (good_time.elapsed(self.time + half) - good_time.elapsed(self.time - half)) / self.width

    def table(self) -> TimeSeries:
        """The curve as an astropy TimeSeries; its ``meta`` says that the rows are correlated."""
        series = TimeSeries(time=self.times)
        for name, curve in (("rate", self.source), ("background", self.background)):
            series[name] = curve.rate / u.s * u.count
            series[f"{name}_error"] = curve.error / u.s * u.count
            series[f"{name}_minus_3sigma"] = curve.low / u.s * u.count
            series[f"{name}_plus_3sigma"] = curve.high / u.s * u.count
        series.meta.update(self.meta)
        return series


def read(path: str | os.PathLike[str]) -> LightCurve:
    """Read a light-curve file (lc3), compressed or not.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    LightCurve
        Of the source and of its background, with the catalogue's tests of it.

    Raises
    ------
    CscError
        If the file cannot be read as FITS, is not an lc3, or lacks what one has: also a number that is none, with
        its column and row.

    Examples
    --------
    >>> from cscwidgets.science import lightcurve
    >>> curve = lightcurve.read("lc3.fits")
    >>> len(curve), curve.band, curve.variability.index
    (100, 'broad', 0)
    """
    hdus = open_product(path, "light curve (lc3)", ("LIGHTCURVE", "BKGLIGHTCURVE"))
    with reading(f"{os.fspath(path)} is no usable light curve", "Fetch it again."):
        of_source, of_background = (single(hdus, name) for name in ("LIGHTCURVE", "BKGLIGHTCURVE"))
        head, background_head = of_source.header, of_background.header
        time, source = _curve(of_source)
        background_time, background = _curve(of_background)
        header = ProductHeader.of(head)
        if TimeSystem.of(background_head, header.system) is not header.system:
            raise Unreadable("source and background curve are of different time systems (TIMESYS)")
        width, background_width = (number(one, "TIMEDEL", above=0) for one in (head, background_head))
        if not np.array_equal(time, background_time) or width != background_width:
            raise Unreadable("source and background curve have different bins")
        aperture, background_aperture = (number(one, "APERTURE", above=0) for one in (head, background_head))
        notes = _notes(head)
        of_background_alone = [f"of its background: {one}" for one in _notes(background_head) if one not in notes]
        return LightCurve(
            header=header,
            stack_id=str(head["STACK_ID"]),
            region_id=whole_number(head, "REGIONID"),
            band=str(head["BAND"]).strip().lower(),
            time=time,
            width=width,
            source=source,
            background=background * (aperture / background_aperture),
            aperture=aperture,
            background_aperture=background_aperture,
            counts=whole_number(head, "TOTCTS", least=0),
            livetime=number(head, "LIVETIME", least=0),
            good=_good(head),
            variability=_variability(head),
            notes=(*notes, *of_background_alone),
        )


def _curve(hdu: Any) -> tuple[Floats, Curve]:
    zero = number(hdu.header, "TIMEZERO", 0.0)
    # Where in its bin a time lies; the catalogue's lie in the middle.
    place = number(hdu.header, "TIMEPIXR", 0.5, least=0)
    time = numbers(hdu, "Time", u.s) + zero + (0.5 - place) * number(hdu.header, "TIMEDEL", above=0)
    require(np.diff(time, prepend=-np.inf) > 0, "Time", time, "not after the row before")
    rate, error, low, high = (numbers(hdu, name, u.ct / u.s) for name in _COLUMNS)
    require(error >= 0, "COUNT_RATE_ERR", error)
    return time, Curve(rate, error, low, high)


def _good(head: fits.Header) -> float:
    """The exposed fraction of the covered time."""
    if "INTEGTIM" not in head or "TELAPSE" not in head:
        return np.nan
    return number(head, "INTEGTIM", least=0) / number(head, "TELAPSE", above=0)


def _notes(head: fits.Header) -> tuple[str, ...]:
    """What the header says that is not the catalogue's usual."""
    notes = []
    if str(head.get("HDUCLAS2", "TOTAL")).strip().upper() not in {"TOTAL", ""}:
        notes.append(f"its rates are {head['HDUCLAS2']} (HDUCLAS2), not of source and background together")
    if number(head, "FRAC", 1.0) != 1:
        notes.append(f"it is of a random part of the events only, {number(head, 'FRAC'):.0%} (FRAC)")
    return (*notes, *clock_notes(head))


def _variability(head: fits.Header) -> Variability:
    def optional(key: str) -> float | None:
        return number(head, key) if key in head else None

    return Variability(
        log_odds=number(head, "ODDS"),
        probability=number(head, "PROB"),
        index=whole_number(head, "VARINDEX"),
        f3=number(head, "FRAC3SIG"),
        f5=number(head, "FRAC5SIG"),
        ks_p_value=optional("KS_PROB"),
        kuiper_p_value=optional("KP_PROB"),
    )
