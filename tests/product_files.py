"""Small product files for tests, made with astropy in the archive's forms."""

import gzip
import io

import numpy as np
import pyarrow as pa
from astropy.io import fits

from cscwidgets.archive.folder import ArchiveInfo, write_folder
from cscwidgets.csc.filenames import ProductName
from cscwidgets.csc.products import KINDS, Observation, Source, Stack

NAMES = ["SIM J001000.0+010000", "SIM J001001.0+010000"]
ACIS, HRC = "acisfJ0010000p010000_001", "hrcfJ0010000p010000_001"


def fits_bytes(seed: int = 1, rows: int = 40) -> bytes:
    """A light curve's structure: an empty primary and two tables, different for every seed."""
    rng = np.random.default_rng(seed)
    names = ("Time", "COUNT_RATE", "COUNT_RATE_ERR", "Minus_3Sig", "Plus_3Sig")
    hdus = fits.HDUList([fits.PrimaryHDU()])
    for extension in ("LIGHTCURVE", "BKGLIGHTCURVE"):
        columns = [fits.Column(name, "D", array=rng.normal(size=rows)) for name in names]
        hdus.append(fits.BinTableHDU.from_columns(columns, name=extension))
    buffer = io.BytesIO()
    hdus.writeto(buffer)
    return buffer.getvalue()


def product_bytes(seed: int = 1, rows: int = 40) -> bytes:
    """The same, zipped as csccli sends it."""
    return gzip.compress(fits_bytes(seed, rows), 4, mtime=0)


def _write(folder, owner, kind, version, band="", seed=0, instrument="acis"):
    name = ProductName(
        owner, KINDS[kind], version, band, instrument=instrument if isinstance(owner, Observation) else ""
    )
    path = folder / "products" / f"{name}.gz"
    path.write_bytes(product_bytes(seed))


def write_two_sources(place):
    """An archive of two sources in an ACIS stack, one detection being of either; the second is in an HRC stack too."""
    members = [(ACIS, 1, 501, 0), (ACIS, 1, 502, 1), (ACIS, 2, 501, 0), (HRC, 1, 601, 0)]
    integers = pa.int32()
    tables = {
        "master_source": pa.table({"name": NAMES, "ra": [2.5, 2.504], "dec": [1.0, 1.0]}),
        "master_stack_assoc": pa.table(
            {
                "name": [NAMES[0], NAMES[1], NAMES[1], NAMES[1]],
                "detect_stack_id": [ACIS, ACIS, ACIS, HRC],
                "region_id": pa.array([1, 1, 2, 1], integers),
                "match_type": ["u", "a", "u", "u"],
            }
        ),
        "stack_source": pa.table({"detect_stack_id": [ACIS, ACIS, HRC], "region_id": pa.array([1, 2, 1], integers)}),
        "stack_observation_assoc": pa.table(
            {
                "detect_stack_id": [member[0] for member in members],
                **{
                    name: pa.array([member[at] for member in members], integers)
                    for at, name in ((1, "region_id"), (2, "obsid"), (3, "obi"))
                },
            }
        ),
        "observation_source": pa.table(
            {
                name: pa.array([member[at] for member in members], integers)
                for at, name in ((1, "region_id"), (2, "obsid"), (3, "obi"))
            }
        ),
        "detect_stack": pa.table(
            {
                "detect_stack_id": [ACIS, ACIS, HRC],
                "obsid": pa.array([501, 502, 601], integers),
                "obi": pa.array([0, 1, 0], integers),
            }
        ),
    }
    write_folder(place, tables, ArchiveInfo("Two sources", "csc2.1", "csc21", "made for a test", True, "2026-01-01"))
    _write(place, Observation(501, 0, 1), "lc", 20, "b", 1)
    _write(place, Observation(501, 0, 1), "lc", 21, "b", 2)
    _write(place, Observation(501, 0, 1), "lc", 21, "h", 3)
    _write(place, Observation(502, 1, 1), "lc", 21, "b", 4)
    _write(place, Observation(501, 0, 2), "lc", 21, "b", 5)
    _write(place, Observation(601, 0, 1), "lc", 21, "w", 6, "hrc")
    for number, kind in enumerate(("pha", "arf", "rmf")):
        _write(place, Observation(501, 0, 1), kind, 20 + number, "", 10 + number)
    _write(place, Observation(501, 0), "evt", 21, "", 20)
    _write(place, Stack(ACIS), "sensity", 22, "b", 21)
    _write(place, Stack(ACIS, 1), "stkregevt", 22, "", 22)
    for number, name in enumerate(NAMES):
        _write(place, Source(name), "bayesblks", 20, "", 30 + number)
    return place
