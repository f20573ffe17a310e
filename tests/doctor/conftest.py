"""A small piece of the demo, examined as the catalogue itself: every table, every column, counts that are known."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from cscwidgets import doctor
from cscwidgets.archive.folder import read_info, write_folder
from cscwidgets.archive.tables_on_disk import stored_table
from cscwidgets.csc.releases import RELEASES
from cscwidgets.demo.files.product_store import demo_store
from cscwidgets.service.app import ArchiveApp
from cscwidgets.sky.sphere import separation

CENTRE, RADIUS = (23.2834, 30.7578), 0.1
COUNTED = {
    "sources": "SELECT COUNT(*) AS n FROM {schema}.master_source",
    "stacks": "SELECT COUNT(DISTINCT detect_stack_id) AS n FROM {schema}.detect_stack",
}

Tables = Mapping[str, pa.Table]


def _among(table: pa.Table, keys: pa.Table, names: list[str]) -> pa.Table:
    held = set(zip(*(keys[name].to_pylist() for name in names), strict=True))
    return table.filter(
        pa.array([key in held for key in zip(*(table[name].to_pylist() for name in names), strict=True)])
    )


@pytest.fixture(scope="session")
def small_tables(demo_folder: Path) -> Tables:
    """The simulated sources near one place, with all that belongs to them."""
    held = {name: stored_table(demo_folder, name).read() for name in read_info(demo_folder).tables}
    master = held["master_source"]
    near = separation(np.asarray(master["ra"]), np.asarray(master["dec"]), *CENTRE) < 1.5 * RADIUS
    master = master.filter(pa.array(near))
    members = _among(held["master_stack_assoc"], master, ["name"])
    stacks = _among(held["stack_source"], members, ["detect_stack_id", "region_id"])
    parts = _among(held["stack_observation_assoc"], members, ["detect_stack_id", "region_id"])
    return {
        "master_source": master,
        "master_stack_assoc": members,
        "stack_source": stacks,
        "stack_observation_assoc": parts,
        "observation_source": _among(held["observation_source"], parts, ["obsid", "obi", "region_id"]),
        "detect_stack": held["detect_stack"],
    }


@pytest.fixture(scope="session")
def application(small_tables: Tables, demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> ArchiveApp:
    """The service over them as they are."""
    return made(small_tables, demo_folder, tmp_path_factory.mktemp("doctor") / "small")


def made(tables: Tables, demo_folder: Path, folder: Path) -> ArchiveApp:
    """The service over some tables, with the demo's files."""
    write_folder(folder, tables, replace(read_info(demo_folder), details={}))
    return ArchiveApp(folder, demo_store())


def reference(tables: Tables) -> doctor.Reference:
    """What the piece should be like."""
    numbers = {
        "sources": tables["master_source"].num_rows,
        "stacks": pc.count_distinct(tables["detect_stack"]["detect_stack_id"]).as_py(),
    }
    counts = [doctor.Published(what, adql, numbers[what], {"the older release": 12}) for what, adql in COUNTED.items()]
    return doctor.Reference(complete=True, counts=tuple(counts), most_rows=1_000_000, centre=CENTRE, radius=RADIUS)


@pytest.fixture(scope="session")
def examined(small_tables: Tables) -> Callable[..., doctor.Examination]:
    """Examine what answers at an address as if it were the catalogue."""

    def examine(base: str, steps=None, pace=None, tell=lambda question: None) -> doctor.Examination:
        release = replace(
            RELEASES["csc2.1"],
            name="small",
            title="The small catalogue",
            tap=f"{base}/tap",
            cone=f"{base}/scs/coneSearch",
            csccli=f"{base}/csccli",
        )
        subject = doctor.Subject(release, reference(small_tables))
        return doctor.examine(subject, steps, pace=pace or doctor.Pace(pause=0.0), tell=tell)

    return examine
