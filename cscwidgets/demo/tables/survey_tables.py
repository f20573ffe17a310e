"""What an optical and an infrared survey make of the simulated sky: tables with errors, gaps, and known truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.spatial import KDTree

from cscwidgets.archive.arrow import arrow_array, arrow_table
from cscwidgets.arrays import Flags, Floats, Integers

from ..sky.fields import SEED
from ..sky.objects import Objects, distance_to_centre, objects

__all__ = ["survey_tables"]


_OPTICAL_EPOCH = 2016.0
_OPTICAL_LIMIT, _OPTICAL_BEAM = 20.7, 0.4  # mag; arcsec within which the brighter object hides the fainter
_INFRARED_LIMIT = {"j": 16.6, "h": 15.8, "k": 15.1}
_INFRARED_BEAM = 1.3
# How many magnitudes crowding and nebulae cost at the centre of each field, and over what distance (arcmin).
_OPTICAL_LOSS = ((0.0, 1.0), (3.5, 1.2), (2.0, 3.0), (0.0, 1.0))
_INFRARED_LOSS = ((0.0, 1.0), (3.0, 1.5), (0.8, 3.0), (0.0, 1.0))

_OPTICAL = {
    "source_id": ("", "meta.id;meta.main", "SIMULATED: number of the object"),
    "ra": ("deg", "pos.eq.ra;meta.main", "Right ascension (ICRS) at ref_epoch"),
    "ra_error": ("mas", "stat.error;pos.eq.ra", "Standard error of ra times cos dec"),
    "dec": ("deg", "pos.eq.dec;meta.main", "Declination (ICRS) at ref_epoch"),
    "dec_error": ("mas", "stat.error;pos.eq.dec", "Standard error of dec"),
    "ra_dec_corr": ("", "stat.correlation;pos.eq.ra;pos.eq.dec", "Correlation of the errors of ra and dec"),
    "ref_epoch": ("yr", "meta.ref;time.epoch", "Julian year of the position"),
    "pmra": ("mas.yr-1", "pos.pm;pos.eq.ra", "Proper motion in right ascension times cos dec"),
    "pmra_error": ("mas.yr-1", "stat.error;pos.pm;pos.eq.ra", "Standard error of pmra"),
    "pmdec": ("mas.yr-1", "pos.pm;pos.eq.dec", "Proper motion in declination"),
    "pmdec_error": ("mas.yr-1", "stat.error;pos.pm;pos.eq.dec", "Standard error of pmdec"),
    "phot_g_mean_mag": ("mag", "phot.mag;em.opt", "G magnitude"),
    "bp_rp": ("mag", "phot.color;em.opt.B;em.opt.R", "BP - RP colour"),
}
_INFRARED = {
    "designation": ("", "meta.id;meta.main", "SIMULATED: name of the object"),
    "RAJ2000": ("deg", "pos.eq.ra;meta.main", "Right ascension (ICRS) at epoch"),
    "DEJ2000": ("deg", "pos.eq.dec;meta.main", "Declination (ICRS) at epoch"),
    "errMaj": ("arcsec", "phys.angSize.smajAxis;pos.errorEllipse", "Semi-major axis of the 1 sigma error ellipse"),
    "errMin": ("arcsec", "phys.angSize.sminAxis;pos.errorEllipse", "Semi-minor axis of the 1 sigma error ellipse"),
    "errPA": ("deg", "pos.posAng;pos.errorEllipse", "Position angle of its major axis, east of north"),
    "epoch": ("yr", "time.epoch", "Julian year of the observation"),
    "Jmag": ("mag", "phot.mag;em.IR.J", "J magnitude"),
    "e_Jmag": ("mag", "stat.error;phot.mag;em.IR.J", "Error of Jmag"),
    "Hmag": ("mag", "phot.mag;em.IR.H", "H magnitude"),
    "e_Hmag": ("mag", "stat.error;phot.mag;em.IR.H", "Error of Hmag"),
    "Kmag": ("mag", "phot.mag;em.IR.K", "K magnitude"),
    "e_Kmag": ("mag", "stat.error;phot.mag;em.IR.K", "Error of Kmag"),
}
_TRUTH = {
    "name": ("", "meta.id", "Source name"),
    "optical_id": ("", "meta.id.cross", "source_id of its true counterpart in sim_optical, null where it has none"),
    "infrared_id": ("", "meta.id.cross", "designation of its true counterpart in sim_infrared, null where it has none"),
}


def survey_tables(names: list[str], masters: Integers) -> dict[str, pa.Table]:
    """``sim_optical`` like Gaia's, ``sim_infrared`` like 2MASS's, and which of their objects each X-ray source is.

    Parameters
    ----------
    names : list of str
        Of the master sources.
    masters : ndarray
        Their numbers in the population.
    """
    optical, source_id, optical_source = _optical(np.random.default_rng([SEED, 22]))
    infrared, designation, infrared_source = _infrared(np.random.default_rng([SEED, 23]))
    truth = {
        "name": names,
        "optical_id": _of_sources(masters, optical_source, source_id.tolist()),
        "infrared_id": _of_sources(masters, infrared_source, designation),
    }
    return {
        "sim_optical": _table(optical, _OPTICAL, "SIMULATED optical catalogue, in the manner of Gaia's"),
        "sim_infrared": _table(infrared, _INFRARED, "SIMULATED infrared catalogue, in the manner of 2MASS"),
        "sim_truth": _table(truth, _TRUTH, "SIMULATED: which optical and infrared objects the X-ray sources truly are"),
    }


def _optical(rng: np.random.Generator) -> tuple[dict[str, Any], Integers, Integers]:
    everything = objects()
    entries = everything.taken(everything.g < _OPTICAL_LIMIT - _loss(everything, _OPTICAL_LOSS)).moved(_OPTICAL_EPOCH)
    entries = entries.taken(_resolved(entries, entries.g, _OPTICAL_BEAM))
    number = len(entries)
    faint = entries.g > 20
    two_parameters = rng.random(number) < np.where(faint, 0.15, 0.03)
    size = (0.02 + 0.5 * 10 ** (0.3 * (entries.g - 20))) * np.where(two_parameters, 3, 1)
    ra_error, dec_error = size * rng.uniform(0.8, 1.2, (2, number))
    correlation = rng.uniform(-0.4, 0.4, number)
    east, north = rng.standard_normal((2, number))
    north = correlation * east + np.sqrt(1 - correlation**2) * north
    dec = entries.dec + north * dec_error / 3.6e6
    pmra, pmdec = (
        np.where(two_parameters, np.nan, true + rng.standard_normal(number) * size)
        for true in (entries.pmra, entries.pmdec)
    )
    pm_error = np.where(two_parameters, np.nan, size)
    source_id = 4_000_000_000_000 + np.cumsum(rng.integers(1, 1000, number))
    columns = {
        "source_id": source_id,
        "ra": entries.ra + east * ra_error / 3.6e6 / np.cos(np.radians(dec)),
        "ra_error": ra_error,
        "dec": dec,
        "dec_error": dec_error,
        "ra_dec_corr": correlation,
        "ref_epoch": np.full(number, _OPTICAL_EPOCH),
        "pmra": pmra,
        "pmra_error": pm_error,
        "pmdec": pmdec,
        "pmdec_error": pm_error,
        "phot_g_mean_mag": entries.g + rng.normal(0, 0.003, number),
        "bp_rp": np.where(
            rng.random(number) < np.where(faint, 0.15, 0.01), np.nan,
            entries.bp_rp + rng.standard_normal(number) * (0.005 + 0.15 * 10 ** (0.4 * (entries.g - 20))),
        ),
    }  # fmt: skip
    return columns, source_id, entries.source


def _infrared(rng: np.random.Generator) -> tuple[dict[str, Any], list[str], Integers]:
    everything = objects()
    loss = _loss(everything, _INFRARED_LOSS)
    bands = {band: np.nan_to_num(getattr(everything, band), nan=99.0) for band in "jhk"}
    bright = {band: bands[band] < limit - loss for band, limit in _INFRARED_LIMIT.items()}
    detected = bright["k"] | (bright["j"] & bright["h"])
    epoch = rng.uniform(1997.6, 2001.1, len(everything))
    entries = everything.taken(detected).moved(epoch[detected])
    resolved = _resolved(entries, entries.k, _INFRARED_BEAM)
    entries, epoch = entries.taken(resolved), epoch[detected][resolved]
    detected_in = {band: bright[band][detected][resolved] for band in bright}
    number = len(entries)
    major = np.hypot(0.06, 0.12 * 10 ** (0.25 * (entries.k - 15))) * rng.uniform(0.9, 1.3, number)
    minor = major * rng.uniform(0.7, 1, number)
    angle = rng.uniform(0, 180, number)
    along, across = rng.standard_normal((2, number)) * [major, minor]
    radians = np.radians(angle)
    dec = entries.dec + (along * np.cos(radians) - across * np.sin(radians)) / 3600
    ra = entries.ra + (along * np.sin(radians) + across * np.cos(radians)) / 3600 / np.cos(np.radians(dec))
    columns: dict[str, Any] = {
        "designation": _designations(ra, dec),
        "RAJ2000": ra,
        "DEJ2000": dec,
        "errMaj": major,
        "errMin": minor,
        "errPA": angle,
        "epoch": epoch,
    }
    for band, limit in _INFRARED_LIMIT.items():
        true = getattr(entries, band)
        error = 0.02 + 0.12 * 10 ** (0.4 * (np.minimum(true, limit) - limit))
        columns[f"{band.upper()}mag"] = np.where(detected_in[band], true + rng.standard_normal(number) * error, np.nan)
        columns[f"e_{band.upper()}mag"] = np.where(detected_in[band], error, np.nan)
    return columns, columns["designation"], entries.source


def _loss(objects: Objects, of_fields: tuple[tuple[float, float], ...]) -> Floats:
    magnitudes, scale = np.array(of_fields)[objects.field].T
    return np.asarray(magnitudes * np.exp(-distance_to_centre(objects) / scale))


def _resolved(objects: Objects, magnitude: Floats, beam: float) -> Flags:
    """Objects without a brighter one within a beam (arcsec)."""
    ra, dec = np.radians(objects.ra), np.radians(objects.dec)
    directions = np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], axis=1)
    pairs = KDTree(directions).query_pairs(np.radians(beam / 3600), output_type="ndarray")
    fainter = np.where(magnitude[pairs[:, 0]] > magnitude[pairs[:, 1]], pairs[:, 0], pairs[:, 1])
    resolved = np.ones(len(objects), bool)
    resolved[fainter] = False
    return resolved


def _designations(ra: Floats, dec: Floats) -> list[str]:
    """``SIM hhmmssss+ddmmsss`` of truncated coordinates, as 2MASS does it."""
    hundredths = np.floor(ra / 15 * 360_000).astype(int)
    tenths = np.floor(np.abs(dec) * 36_000).astype(int)
    return [
        f"SIM {h // 360_000:02d}{h // 6000 % 60:02d}{h % 6000:04d}"
        f"{'-' if south else '+'}{t // 36_000:02d}{t // 600 % 60:02d}{t % 600:03d}"
        for h, t, south in zip(hundredths.tolist(), tenths.tolist(), (dec < 0).tolist(), strict=True)
    ]


def _of_sources(masters: Integers, source: Integers, identifiers: list[Any]) -> list[Any]:
    """The identifier of each source's object, or None."""
    row_of = {int(number): row for row, number in enumerate(source) if number >= 0}
    return [identifiers[row_of[int(number)]] if int(number) in row_of else None for number in masters]


def _table(columns: Mapping[str, Any], described: Mapping[str, tuple[str, str, str]], summary: str) -> pa.Table:
    return arrow_table(
        (
            (name, arrow_array(columns[name]), {"unit": unit, "ucd": ucd, "description": description})
            for name, (unit, ucd, description) in described.items()
        ),
        summary,
    )
