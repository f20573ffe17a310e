"""Headers of the simulated product files: the catalogue's keywords, and plain words that nothing was observed."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from astropy.io import fits
from astropy.time import Time
from numpy.typing import NDArray

from ..code_version import code_version
from ..sky.fields import FIELDS, SEED, SkyField

if TYPE_CHECKING:
    from ..telescope.observations import SimulatedObservation, SimulatedStack

__all__ = [
    "FAST",
    "Column",
    "Keywords",
    "fits_bytes",
    "good_times",
    "observation_keywords",
    "simulation_keywords",
    "stack_keywords",
    "table_hdu",
    "zipped",
]

FAST = 1
"""The level of gzip for numbers that hardly repeat: higher ones do not make them much smaller."""

Keywords = Mapping[str, tuple[str | float | int | bool, str]]
Column = tuple[str, str, str, NDArray[np.generic]]
"""Name, FITS format, unit and values."""


_CLOCK: Keywords = {
    "TIMESYS": ("TT", "Time system"),
    "MJDREF": (50814.0, "[d] MJD zero point for times"),
    "DATEREF": ("1998-01-01", "The same as a date"),
    "TIMEZERO": (0.0, "[s] Clock correction"),
    "TIMEUNIT": ("s", "Time unit"),
    "TIMEREF": ("LOCAL", "Time reference (barycenter/local)"),
    "TIMEPIXR": (0.5, ""),
    "CLOCKAPP": (True, ""),
}


@lru_cache(maxsize=64)
def observation_keywords(stack: SimulatedStack, observation: SimulatedObservation) -> Keywords:
    """Keywords of every table of an observation's products, with their comments."""
    start, stop = (Time(moment, format="cxcsec").tt for moment in (observation.start, observation.stop))
    elapsed = observation.stop - observation.start
    detector = f"ACIS-{observation.detector[5:]}" if observation.instrument == "ACIS" else observation.detector
    return {
        **_of_stack(stack),
        "DETNAM": (detector, "Detector"),
        "GRATING": (observation.grating, "Grating"),
        "OBS_ID": (str(observation.obsid), "Observation id"),
        "OBI_NUM": (observation.obi, "Obi number"),
        "CYCLE": ("P", "events from which exps? Prim/Second/Both"),
        "DATE-OBS": (start.isot[:19], "Observation start date"),
        "DATE-END": (stop.isot[:19], "Observation end date"),
        "MJD_OBS": (float(start.mjd), "Modified Julian date of observation"),
        **_CLOCK,
        "TSTART": (observation.start, "[s] Observation start time (MET)"),
        "TSTOP": (observation.stop, "[s] Observation end time (MET)"),
        "ONTIME": (elapsed, "[s] Sum of GTIs"),
        "LIVETIME": (observation.exposure, "[s] Livetime"),
        "EXPOSURE": (observation.exposure, "[s] Exposure time"),
        "DTCOR": (observation.exposure / elapsed, "Dead time correction"),
        "RADESYS": ("ICRS", ""),
        "RA_PNT": (observation.ra, "[deg] Pointing RA"),
        "DEC_PNT": (observation.dec, "[deg] Pointing Dec"),
        "ROLL_PNT": (observation.roll, "[deg] Pointing Roll"),
        "RA_NOM": (observation.ra, "[deg] Nominal RA"),
        "DEC_NOM": (observation.dec, "[deg] Nominal Dec"),
        "ROLL_NOM": (observation.roll, "[deg] Nominal Roll"),
    }


@lru_cache(maxsize=8)
def stack_keywords(stack: SimulatedStack) -> Keywords:
    """Keywords of a stack's products, with their comments."""
    return {
        **_of_stack(stack),
        "STACK_ID": (stack.stack_id, "Stack id"),
        "NUM_OBI": (len(stack.observations), "Number of observations"),
        **_CLOCK,
        "TSTART": (min(one.start for one in stack.observations), "[s] Start of the first observation (MET)"),
        "TSTOP": (max(one.stop for one in stack.observations), "[s] End of the last observation (MET)"),
        "LIVETIME": (
            sum(observation.exposure for observation in stack.observations),
            "[s] Livetime of all observations",
        ),
        "RADESYS": ("ICRS", ""),
        "RA_NOM": (stack.ra, "[deg] Nominal RA"),
        "DEC_NOM": (stack.dec, "[deg] Nominal Dec"),
    }


def simulation_keywords(field: SkyField) -> Keywords:
    """Keywords of every file: that it is simulated, by what, and of which field."""
    return {
        "ORIGIN": ("cscwidgets-sim", "SIMULATED: no telescope saw this"),
        "CREATOR": ("cscwidgets", "what made this file"),
        "CODEVERS": (code_version(), "version of the simulation's code"),
        "SIMSEED": (SEED, "seed of the simulation"),
        "OBJECT": ("SIMULATED", "simulated target"),
        "TITLE": (f"Simulated field around {field.name}", ""),
        "MISSION": ("AXAF", "Mission"),
        "TELESCOP": ("CHANDRA", "Telescope"),
    }


def _of_stack(stack: SimulatedStack) -> Keywords:
    return {**simulation_keywords(FIELDS[stack.field]), "INSTRUME": (stack.instrument, "Instrument")}


def table_hdu(name: str, columns: Iterable[Column], *keywords: Keywords, version: int = 1) -> fits.BinTableHDU:
    """A table extension; in HDUNAME its version follows the name, as the archive's tools write it."""
    hdu = fits.BinTableHDU.from_columns(
        [fits.Column(label, form, unit or None, array=values) for label, form, unit, values in columns], name=name
    )
    if version != 1:
        hdu.ver = version
    cards = [(key, *value) for group in keywords for key, value in group.items()]
    hdu.header.extend([("HDUNAME", f"{name}{'' if version == 1 else version}", "block name"), *cards])
    return hdu


def add_sky_coordinates(header: fits.Header, observation: SimulatedObservation, x_column: int) -> None:
    """World coordinates of the columns x and y (tangent plane), and their ranges."""
    middle = observation.middle_pixel
    size = observation.pixel_size / 3600
    for number, kind, value, step in (
        (x_column, "RA---TAN", observation.ra, -size),
        (x_column + 1, "DEC--TAN", observation.dec, size),
    ):
        header[f"TLMIN{number}"], header[f"TLMAX{number}"] = 0.5, 2 * middle - 0.5
        header[f"TCTYP{number}"], header[f"TCUNI{number}"] = kind, "deg"
        header[f"TCRVL{number}"], header[f"TCRPX{number}"], header[f"TCDLT{number}"] = value, middle, step


def good_times(observations: Sequence[SimulatedObservation], chip: int, keywords: Keywords) -> fits.BinTableHDU:
    """The good times of a chip: all of the observations."""
    columns: list[Column] = [
        ("START", "1D", "s", np.array([observation.start for observation in observations])),
        ("STOP", "1D", "s", np.array([observation.stop for observation in observations])),
    ]
    numbered: Keywords = {"CCD_ID": (chip, "CCD for this table")} if observations[0].instrument == "ACIS" else {}
    return table_hdu("GTI", columns, keywords, numbered, version=chip)


def fits_bytes(tables: Iterable[fits.BinTableHDU], keywords: Keywords, level: int = 6) -> bytes:
    """A gzipped FITS file, the same bytes for the same content."""
    primary = fits.PrimaryHDU()
    primary.header.extend([("HDUNAME", "PRIMARY", ""), *((key, *value) for key, value in keywords.items())])
    return zipped([primary, *tables], level)


def zipped(hdus: Iterable[fits.PrimaryHDU | fits.ImageHDU | fits.BinTableHDU], level: int = 6) -> bytes:
    """A gzipped FITS file of some units, the same bytes for the same content."""
    content = io.BytesIO()
    fits.HDUList([*hdus]).writeto(content)
    return gzip.compress(content.getvalue(), level, mtime=0)
