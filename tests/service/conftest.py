"""A small made-up archive with the five tables and their joins, nulls, flags and odd strings."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
import requests

from cscwidgets.archive.folder import ArchiveInfo, write_folder
from cscwidgets.service.database import Database
from cscwidgets.service.opening import mount

SOURCES = 600


def archive_tables() -> dict[str, pa.Table]:
    rng = np.random.default_rng(20)
    ra = rng.uniform(0, 360, SOURCES)
    dec = np.degrees(np.arcsin(rng.uniform(-1, 1, SOURCES)))
    # A dense patch across RA = 0 and the poles themselves.
    ra[:80], dec[:80] = rng.uniform(-1, 1, 80) % 360, rng.uniform(-1, 1, 80)
    dec[80], dec[81] = 90.0, -90.0
    index = np.arange(SOURCES)
    names = [f"SIM J{i:06d}.0+000000" for i in index]
    names[7] = "SIM J<b>&\"é'"
    flux = 10 ** rng.normal(-14, 1, SOURCES)
    flux[index % 6 == 0] = 0.0
    master = pa.table(
        {
            "name": names,
            "ra": ra,
            "dec": dec,
            "conf_flag": pa.array([None if i % 7 == 0 else bool(i % 2) for i in index]),
            "flux_aper_b": pa.array(flux, mask=index % 5 == 0),
            "significance": np.where(index % 11 == 0, np.nan, rng.uniform(0, 50, SOURCES)),
            "var_intra_index_b": pa.array(index % 11, pa.int32(), mask=index % 3 == 0),
            "likelihood_class": pa.array([None if i % 4 == 0 else "TRUE" for i in index], pa.string()),
        }
    )
    stacks = [f"acisfJ{i // 50:07d}p000000_001" for i in index]
    region = pa.array(index % 50 + 1, pa.int32())
    match = [("u", "a", "n")[i % 3] for i in index]
    twice = np.repeat(index, 2)
    obsid = pa.array([1000 + i // 50 * 2 + n % 2 for n, i in enumerate(twice)], pa.int32())
    obi = pa.array(np.zeros(2 * SOURCES), pa.int32())
    region_twice = pa.array(twice % 50 + 1, pa.int32())
    return {
        "master_source": master,
        "master_stack_assoc": pa.table(
            {"name": names, "detect_stack_id": stacks, "region_id": region, "match_type": match}
        ),
        "stack_source": pa.table(
            {"detect_stack_id": stacks, "region_id": region, "livetime": rng.uniform(1e3, 1e5, SOURCES)}
        ),
        "stack_observation_assoc": pa.table(
            {"detect_stack_id": [stacks[i] for i in twice], "region_id": region_twice, "obsid": obsid, "obi": obi}
        ),
        "observation_source": pa.table(
            {
                "obsid": obsid,
                "obi": obi,
                "region_id": region_twice,
                "sat_src_flag": pa.array([None if n % 9 == 0 else n % 2 == 1 for n in range(2 * SOURCES)]),
                "flux_aper_b": np.repeat(flux, 2) * rng.uniform(0.5, 2, 2 * SOURCES),
            }
        ),
    }


@pytest.fixture(scope="session")
def tables() -> dict[str, pa.Table]:
    return archive_tables()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, tables: dict[str, pa.Table]) -> Path:
    path = tmp_path_factory.mktemp("archive") / "small"
    info = ArchiveInfo("Small <made-up> archive", "csc2.1", "csc21", "Made up for tests", True, "2026-01-01T00:00:00Z")
    write_folder(path, tables, info)
    return path


@pytest.fixture(scope="session")
def database(folder: Path) -> Database:
    return Database(folder)


@pytest.fixture
def line(folder: Path) -> Iterator[SimpleNamespace]:
    """A session with the archive mounted, and its base URL."""
    with requests.Session() as session:
        yield SimpleNamespace(session=session, base=mount(session, folder))
