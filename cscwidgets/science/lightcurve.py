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
from numpy.typing import NDArray

from cscwidgets.errors import CscError

from .header import ProductHeader, open_product
from .times.blocks import Blocks, bayesian_blocks
from .times.goodtime import GoodTime
from .times.smoothed import SMOOTHED

__all__ = ["Blocks", "Curve", "LightCurve", "Variability", "bayesian_blocks", "read"]

Floats = NDArray[np.float64]

_COLUMNS = ("Time", "COUNT_RATE", "COUNT_RATE_ERR", "Minus_3Sig", "Plus_3Sig")


@dataclass(frozen=True, slots=True)
class Curve:
    """A smoothed count rate with its error and 3-sigma band, count/s; `low` may be negative."""

    rate: Floats
    error: Floats
    low: Floats
    high: Floats

    def __mul__(self, factor: float) -> Curve:
        return Curve(self.rate * factor, self.error * factor, self.low * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class Variability:
    """Time tests as the file's header has them.

    `log_odds` is log10 of the Gregory-Loredo odds, `probability` that of variability, `f3` and `f5` the fractions of
    the curve within 3 and 5 sigma of its mean. `ks_p_value` and `kuiper_p_value` (KS_PROB, KP_PROB) are small
    for a variable source; None where the file has none.
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

    `time` holds bin centres in s of mission time (TT, not barycentred), `width` the bins' width in s. `source` is
    not background-subtracted; `background` is scaled to the source aperture (both apertures in arcsec**2).
    `good` is the fraction of the covered time that was exposed (INTEGTIM / TELAPSE), NaN where not told.
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
            SMOOTHED: "Gregory-Loredo posterior mean: rows are correlated",
        }

    @property
    def times(self) -> Time:
        """Bin centres; TT, not barycentred."""
        return Time(self.time, format="cxcsec")

    @property
    def gaps(self) -> Floats:
        """Stretches of time without bins, shape (gaps, 2), s; the catalogue's own curves run through bad time."""
        jump = np.flatnonzero(np.diff(self.time) > 1.5 * self.width)
        return np.column_stack([self.time[jump] + self.width / 2, self.time[jump + 1] - self.width / 2])

    def exposed(self, good_time: GoodTime) -> Floats:
        """Exposed fraction of each bin by good-time intervals from an event file, shape (bins,)."""
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

    Raises
    ------
    CscError
        If the file cannot be read as FITS, is not an lc3, or lacks what one has.
    """
    hdus = open_product(path, "light curve (lc3)", ("LIGHTCURVE", "BKGLIGHTCURVE"))
    head = hdus["LIGHTCURVE"].header
    try:
        time, source = _curve(hdus["LIGHTCURVE"])
        behind, background = _curve(hdus["BKGLIGHTCURVE"])
        aperture, background_aperture = float(head["APERTURE"]), float(hdus["BKGLIGHTCURVE"].header["APERTURE"])
        result = LightCurve(
            header=ProductHeader.of(head),
            stack_id=str(head["STACK_ID"]),
            region_id=int(head["REGIONID"]),
            band=str(head["BAND"]).strip().lower(),
            time=time,
            width=float(head["TIMEDEL"]),
            source=source,
            background=background * (aperture / background_aperture),
            aperture=aperture,
            background_aperture=background_aperture,
            counts=int(head["TOTCTS"]),
            livetime=float(head["LIVETIME"]),
            good=float(head.get("INTEGTIM", np.nan)) / float(head.get("TELAPSE", np.nan)),
            variability=_variability(head),
        )
    except (KeyError, ValueError, ZeroDivisionError) as error:
        raise CscError(
            f"{os.fspath(path)} is no complete light curve", str(error).strip("\"'"), "Fetch it again."
        ) from error
    if not np.array_equal(time, behind):
        raise CscError(
            f"{os.fspath(path)} is no usable light curve",
            "source and background curve have different bins",
            "Fetch it again.",
        )
    return result


def _curve(hdu: Any) -> tuple[Floats, Curve]:
    absent = [name for name in _COLUMNS if name not in hdu.columns.names]
    if absent:
        raise ValueError(f"the {hdu.name} table has no column {absent[0]}")
    zero = float(hdu.header.get("TIMEZERO", 0.0))
    time, *rest = (np.asarray(hdu.data[name], dtype=np.float64) for name in _COLUMNS)
    return time + zero, Curve(*rest)


def _variability(head: fits.Header) -> Variability:
    def optional(key: str) -> float | None:
        return float(head[key]) if key in head else None

    return Variability(
        log_odds=float(head["ODDS"]),
        probability=float(head["PROB"]),
        index=int(head["VARINDEX"]),
        f3=float(head["FRAC3SIG"]),
        f5=float(head["FRAC5SIG"]),
        ks_p_value=optional("KS_PROB"),
        kuiper_p_value=optional("KP_PROB"),
    )
