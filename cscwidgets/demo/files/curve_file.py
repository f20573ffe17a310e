"""The simulated light-curve file (lc3) of a region and band, from the same test as the tables' columns."""

from __future__ import annotations

import math

from cscwidgets.csc.bands import BANDS
from cscwidgets.science.variability import deviations, ks_probability, kuiper_probability, smoothed_alike

from ..sky.fields import SEED
from ..sky.source_spectra import BAND
from ..tables.measurements import smoothed
from .keywords import Column, Keywords, fits_bytes, observation_keywords, table_hdu
from .region_events import RegionRow

__all__ = ["curve_file"]


def curve_file(row: RegionRow, band: str) -> bytes:
    """A gzipped lc3 file; the row must be bright enough in the band."""
    observation = row.observation
    start, stop = observation.start, observation.stop
    arrivals = row.arrivals(BAND[band])
    background = row.background_arrivals(BAND[band])
    curve = smoothed(arrivals, start, stop)
    above, below = deviations(arrivals, start, stop)
    other, other_error = smoothed_alike(background, start, stop, curve)
    area = math.pi * row.radius**2
    keywords = observation_keywords(row.stack, observation)
    common: Keywords = {
        **keywords,
        "CONTENT": ("LIGHTCURVE", "OGIP Lightcurve file"),
        "HDUCLASS": ("OGIP", "format conforms to OGIP/GSFC standards"),
        "HDUCLAS1": ("LIGHTCURVE", "Extension contains a lightcurve"),
        "HDUCLAS2": ("TOTAL", "Total counts"),
        "HDUCLAS3": ("RATE", ""),
        "TIMEDEL": ((stop - start) / len(curve.time), "[s] integration time"),
        "TELAPSE": (stop - start, "[s] Time range"),
        "INTEGTIM": (stop - start, "[s] Total integration time"),
        "FRAC": (1.0, "Random subsample fraction"),
        "SEED": (float(SEED), "Seed of the simulation"),
        "ODDS": (curve.log_odds, "Odds for variable signal 10Log"),
        "PROB": (curve.probability, "Probability of variable signal"),
        "MMIN": (int(curve.bins[0]), "M minimum value"),
        "MMAX": (int(curve.bins[-1]), "M maximum value"),
        "APERUNIT": ("arcsec**2", "Aperture units"),
        "REGIONID": (f"{row.region_id:04d}", "Region id"),
        "STACK_ID": (row.stack.stack_id, "Stack id"),
        "BAND": (BANDS[band].name, "Energy band"),
    }
    # P-values, small for variable sources: the opposite of the columns ks_prob and kp_prob.
    tests: Keywords = {
        "FRAC3SIG": (curve.f3, "Frac of lc within 3 sigma of avg rate"),
        "FRAC5SIG": (curve.f5, "Frac of lc within 5 sigma of avg rate"),
        "VARINDEX": (curve.index, "Variability index"),
        "KS_PROB": (float(1 - ks_probability(above, below, len(arrivals))), "Kolmogorov-Smirnov p-value, 2 sided"),
        "KP_PROB": (float(1 - kuiper_probability(above, below, len(arrivals))), "p-value of the Kuiper variant"),
    }
    tables = []
    for name, events, times, rate, error, own in (
        ("LIGHTCURVE", arrivals, 1.0, curve.rate, curve.error, tests),
        ("BKGLIGHTCURVE", background, row.ratio, other, other_error, {}),
    ):
        counted: Keywords = {
            "TOTCTS": (len(events), "Total number of single events"),
            "EVENTS": (len(events), "Number of events on input"),
            "APERTURE": (area * times, "[arcsec**2] Aperture size"),
            "BACKSCAL": (row.backscal * times, "Ratio of area to field"),
        }
        columns: list[Column] = [
            ("Time", "1D", "s", curve.time),
            ("COUNT_RATE", "1D", "count/s", rate),
            ("COUNT_RATE_ERR", "1D", "count/s", error),
            ("Minus_3Sig", "1D", "count/s", rate - 3 * error),
            ("Plus_3Sig", "1D", "count/s", rate + 3 * error),
        ]
        tables.append(table_hdu(name, columns, common, counted, own))
    return fits_bytes(tables, keywords)
