"""A small archive folder whose sources sit at the awkward places: the poles and RA = 0."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from cscwidgets.archive.folder import ArchiveInfo, write_folder

N = 6000


def _positions():
    rng = np.random.default_rng(20)
    z = rng.uniform(-1, 1, N)
    ra, dec = rng.uniform(0, 360, N), np.degrees(np.arcsin(z))
    third = N // 3
    dec[:third] = np.where(rng.random(third) < 0.5, 1, -1) * (90 - np.abs(rng.normal(0, 2, third)))
    ra[third : 2 * third] = rng.normal(0, 2, third) % 360
    dec[third : 2 * third] = rng.normal(0, 2, third)
    ra[0], dec[0] = 0.0, 90.0
    ra[1], dec[1] = 0.0, 0.0
    return ra, dec


@pytest.fixture(scope="session")
def awkward_sky(tmp_path_factory):
    """Folder and the arrays it was made of."""
    ra, dec = _positions()
    rng = np.random.default_rng(21)
    flux = 10 ** rng.uniform(-16, -12, N)
    missing = rng.random(N) < 0.1
    names = np.array([f"SIM J{row:06d}" for row in range(N)])
    stack = np.array([f"acisfJ{row // 10:07d}p000000_001" for row in range(N)])
    stacks = np.array([_stack_name(a, d) for a, d in zip(ra[::10], dec[::10], strict=True)])[np.arange(N) // 10]
    region = np.arange(N) % 10 + 1
    obsid = 90000 + np.arange(N) // 10
    folder = tmp_path_factory.mktemp("archives") / "awkward"
    del stack
    tables = {
        "master_source": pa.table(
            {
                "name": names,
                "ra": ra,
                "dec": dec,
                "flux_aper_b": pa.array(flux, mask=missing),
                "flux_aper_lolim_b": pa.array(flux * 0.8, mask=missing),
                "flux_aper_hilim_b": pa.array(flux * 1.3, mask=missing),
                "var_flag": pa.array(rng.random(N) < 0.2, mask=rng.random(N) < 0.05),
                "acis_num": pa.array(np.ones(N, np.int32)),
                "likelihood_class": ["TRUE"] * N,
            }
        ),
        "master_stack_assoc": pa.table(
            {"name": names, "detect_stack_id": stacks, "region_id": region, "match_type": ["u"] * N}
        ),
        "stack_source": pa.table({"detect_stack_id": stacks, "region_id": region, "flux_aper_b": flux}),
        "stack_observation_assoc": pa.table(
            {
                "detect_stack_id": np.repeat(stacks, 2),
                "region_id": np.repeat(region, 2),
                "obsid": np.column_stack([obsid, obsid + 5000]).ravel(),
                "obi": np.zeros(2 * N, np.int32),
            }
        ),
        "observation_source": pa.table(
            {
                "obsid": np.column_stack([obsid, obsid + 5000]).ravel(),
                "obi": np.zeros(2 * N, np.int32),
                "region_id": np.repeat(region, 2),
                "flux_aper_b": np.repeat(flux, 2) * rng.uniform(0.5, 2, 2 * N),
                "gti_mjd_obs": np.tile([52000.25, 56000.75], N),
                "instrument": ["ACIS"] * 2 * N,
            }
        ),
        "detect_stack": pa.table(
            {
                "detect_stack_id": np.append(np.repeat(np.unique(stacks), 2), "acisfJ1200000p300000_001"),
                "obsid": np.append(np.repeat(np.arange(len(np.unique(stacks))), 2) + 90000, 99999),
                "obi": np.zeros(2 * len(np.unique(stacks)) + 1, np.int32),
            }
        ),
    }
    write_folder(
        folder,
        tables,
        ArchiveInfo(
            title="Awkward sky",
            release="csc2.1",
            schema="csc21",
            origin="made for a test",
            simulated=True,
            created=datetime.now(UTC).isoformat(),
        ),
    )
    return folder, {"name": names, "ra": ra, "dec": dec, "flux": np.where(missing, np.nan, flux)}


def _stack_name(ra, dec):
    tenths = round(ra / 15 * 36000) % 864000
    arcsec = round(abs(dec) * 3600)
    return (
        f"acisfJ{tenths // 36000:02d}{tenths // 600 % 60:02d}{tenths // 10 % 60:02d}{tenths % 10}"
        f"{'p' if dec >= 0 else 'm'}{arcsec // 3600:02d}{arcsec // 60 % 60:02d}{arcsec % 60:02d}_001"
    )


@pytest.fixture(params=["a file is in its place", "nobody may write there"])
def unwritable(request, tmp_path):
    """A folder that cannot be: also root cannot make one there."""
    if request.param == "nobody may write there":
        return Path("/proc/cscwidgets-cache")
    (tmp_path / "cache").write_text("not a folder")
    return tmp_path / "cache" / "products"
