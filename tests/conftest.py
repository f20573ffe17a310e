"""Fixtures and settings shared by all tests."""

import csv
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from astropy.table import QTable

from cscwidgets.demo import build

hypothesis.settings.register_profile("fast", max_examples=30, deadline=None)
hypothesis.settings.register_profile("thorough", max_examples=500, deadline=None)
hypothesis.settings.load_profile("fast")

REAL = Path(__file__).resolve().parents[2] / "shared" / "real"


@pytest.fixture(scope="session")
def real() -> Path:
    """The folder of real CSC files, or a skip where it is absent."""
    if not REAL.is_dir():
        pytest.skip("the real CSC files are not beside this checkout (../shared/real)")
    return REAL


@pytest.fixture(scope="session")
def pulsars(real) -> QTable:
    """137 real CSC 2.0 master sources, all their columns of real numbers."""
    with (real / "tables" / "csc20_full_schema_137_pulsars.tsv").open(newline="") as lines:
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter="\t") if row]
    header, *body = [row for row in rows if not row[0].startswith("#")]
    table = QTable()
    for name, cells in zip(header, zip(*body, strict=True), strict=True):
        if name == "name":
            table[name] = np.array(cells)
        elif name.startswith(("hard_", "photflux_", "var_i", "flux_aper")) and not name.endswith("_flag"):
            table[name] = np.array([float(cell) if cell else np.nan for cell in cells])
    return table


@pytest.fixture(scope="session")
def demo_folder() -> Path:
    """The demo archive, kept between runs for as long as the code that makes it stays the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(build.CACHE_VARIABLE, str(Path(__file__).resolve().parents[1] / ".pytest_cache" / "cscwidgets"))
        return build.demo_folder()
