"""Fixtures and settings shared by all tests."""

import csv
import hashlib
import os
from pathlib import Path

import astropy.units as u
import hypothesis
import numpy as np
import pyarrow.parquet as pq
import pytest
from astropy.coordinates import SkyCoord
from astropy.io.votable import tree
from astropy.table import QTable

from cscwidgets import Archive
from cscwidgets.archive.catalogues.finder import find_catalogue
from cscwidgets.archive.files.cache import Cache
from cscwidgets.demo import build
from cscwidgets.demo.sky.population import TRANSIENT, population
from cscwidgets.state.choice_file import CONFIG_VARIABLE
from cscwidgets.state.crossmatch import CrossmatchState
from cscwidgets.state.explorer import ExplorerState
from cscwidgets.state.lightcurve import LightCurveState
from cscwidgets.state.spectrum import SpectrumState
from cscwidgets.state.workspace import Workspace

hypothesis.settings.register_profile("fast", max_examples=30, deadline=None)
hypothesis.settings.register_profile("thorough", max_examples=500, deadline=None)
hypothesis.settings.register_profile("brief", max_examples=5, deadline=None)  # what a library's version changes shows
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))

# astropy's C writes behind its buffer (see `cscwidgets.io.votable_writer`): the tests' own tables are written without.
tree._has_c_tabledata_writer = False

REAL = Path(__file__).resolve().parents[2] / "shared" / "real"


def pytest_addoption(parser):
    parser.addoption(
        "--one-each",
        action="store_true",
        help="run one case of each parametrised test: enough to see that versions of libraries go together",
    )
    parser.addoption("--renew-figures", action="store_true", help="make the pictures of tests/baselines anew")


def pytest_collection_modifyitems(config, items):
    """Begin with the browser's tests, which take longest: first those that hand their page on, by its kind."""
    items.sort(key=_page)
    if config.getoption("--one-each"):
        first = set({item.nodeid.partition("[")[0]: item for item in reversed(items)}.values())
        config.hook.pytest_deselected(items=[item for item in items if item not in first])
        items[:] = [item for item in items if item in first]


def _page(item):
    """The place of a test among those with other pages; one that needs its own ends the one that is handed on."""
    if "tests/browser/" not in item.nodeid:
        return 3
    if "lab_context" in item.fixturenames:
        return 2
    return 1 if "workspace" in item.fixturenames else 0


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give two processes a half of the browser tests each, which share a server; files to whoever is free.

    A browser waits as much as it computes: two of them beside a third process keep two cores busy.
    """
    from xdist.scheduler import LoadScopeScheduling

    class TwoBrowsers(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            folder, _, name = file.rpartition("/")
            if folder == "tests/dachs":  # one DaCHS is enough
                return folder
            if folder != "tests/browser":
                return file
            return "browser, first half" if name < "test_p" else "browser, second half"

    return TwoBrowsers(config, log)


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


@pytest.fixture(autouse=True)
def own_choices(tmp_path_factory, monkeypatch, request):
    """Keep what is chosen in a folder of each test's own: never in the user's."""
    folder = tmp_path_factory.getbasetemp() / "choices" / hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:16]
    monkeypatch.setenv(CONFIG_VARIABLE, str(folder))


@pytest.fixture
def demo(demo_folder, tmp_path, monkeypatch) -> Archive:
    """The demo with its products, and a cache of its own."""
    monkeypatch.setenv(build.CACHE_VARIABLE, str(demo_folder.parent))
    return Archive("demo", cache=Cache(tmp_path / "cache"))


@pytest.fixture(scope="session")
def eclipser(demo_folder) -> tuple[str, float]:
    """The brightest eclipsing source of the simulated 47 Tuc: its name and true period in s."""
    everyone = population()
    tucanae = (
        everyone.field == everyone.field[np.argmin(np.hypot(everyone.ra - TRANSIENT[0], everyone.dec - TRANSIENT[1]))]
    )
    row = np.argmax(np.where(tucanae & (everyone.period > 0), everyone.flux, 0))
    place = SkyCoord(everyone.ra[row], everyone.dec[row], unit="deg")
    (name,) = Archive(demo_folder).search(place, radius="2 arcsec")["name"]
    return str(name), float(everyone.period[row])


@pytest.fixture
def workspace(demo) -> Workspace:
    """All states of an explorer over the demo; nothing is asked yet."""
    return Workspace(ExplorerState(demo))


@pytest.fixture
def curves(workspace) -> LightCurveState:
    """The light curves' state of it."""
    return workspace.lightcurve


@pytest.fixture
def focused(curves, eclipser) -> LightCurveState:
    """The same with the eclipsing source in focus."""
    curves.source.open(eclipser[0])
    curves.desk.tasks.settle(timeout=30)
    return curves


@pytest.fixture(scope="session")
def warm_demo(demo_folder, tmp_path_factory) -> Archive:
    """The demo for tests that only read: what one has fetched the next one finds in the cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(build.CACHE_VARIABLE, str(demo_folder.parent))
        archive = Archive("demo", cache=Cache(tmp_path_factory.mktemp("warm")))
        archive.open()
    return archive


@pytest.fixture
def warm_workspace(warm_demo) -> Workspace:
    """All states of an explorer over the demo with its cache; nothing is asked yet."""
    return Workspace(ExplorerState(warm_demo))


@pytest.fixture
def spectra(warm_workspace, eclipser) -> SpectrumState:
    """The spectra's state of it, with the eclipsing source in focus; nobody looks yet."""
    spectra = warm_workspace.spectrum
    spectra.source.open(eclipser[0])
    spectra.desk.tasks.wait(30)
    return spectra


def _matched(archive: Archive, target: str, catalogue: str, radius: float) -> CrossmatchState:
    """What the panel of counterparts does: search, fetch, match."""
    state = CrossmatchState(ExplorerState(archive))
    state.explorer.search(target, "3 arcmin")
    state.explorer.desk.tasks.wait(30)
    state.catalogue, state.radius = find_catalogue(catalogue, archive), radius
    state.run()
    state.explorer.desk.tasks.wait(30)
    assert state.explorer.desk.messages.entries == ()
    return state


@pytest.fixture(scope="session")
def orion_match(warm_demo) -> CrossmatchState:
    """The young stars of the simulated Orion and the infrared; for tests that only read."""
    return _matched(warm_demo, "M42", "sim_infrared", 2.0)


@pytest.fixture(scope="session")
def tucanae_match(warm_demo) -> CrossmatchState:
    """The simulated 47 Tuc, crowded, and the optical, which moves; for tests that only read."""
    return _matched(warm_demo, "47 Tuc", "sim_optical", 3.0)


def _like(other: CrossmatchState) -> CrossmatchState:
    """A state of its own with the tables and the match of another."""
    explorer = ExplorerState(other.explorer.desk.archive)
    explorer.archive_title = other.explorer.archive_title
    explorer.desk.selection.set_universe(set(map(str, other.explorer.table["name"])))
    explorer.region = other.explorer.region
    explorer.table = other.explorer.table
    state = CrossmatchState(explorer)
    state.catalogue, state.radius = other.catalogue, other.radius
    with state.hold_trait_notifications():
        state.objects, state.match = other.objects, other.match
    return state


@pytest.fixture
def orion(orion_match) -> CrossmatchState:
    """The same to change at will."""
    return _like(orion_match)


@pytest.fixture
def tucanae(tucanae_match) -> CrossmatchState:
    """The same to change at will."""
    return _like(tucanae_match)


@pytest.fixture(scope="session")
def counterparts_truth(demo_folder) -> dict[str, dict[str, str | int | None]]:
    """By source name, the identifiers of the objects it truly is in the simulated surveys."""
    return {row["name"]: row for row in pq.read_table(demo_folder / "sim_truth.parquet").to_pylist()}


@pytest.fixture(scope="session")
def smc_rows(real) -> list[dict[str, str]]:
    """All detections of the real 2CXO J010337.5-720133 in the Small Magellanic Cloud, as they were downloaded."""
    with (real / "tables" / "per_observation_2CXO_J010337.5-720133.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="session")
def smc_table(smc_rows) -> QTable:
    """The same with units, as the archive's client gives them."""
    made = QTable()
    for name in smc_rows[0]:
        cells = [row[name].strip() for row in smc_rows]
        if name in {"name", "instrument", "detector", "match_type", "gti_obs"}:
            made[name] = cells
        elif name.startswith(
            ("photflux", "flux_aper", "var_inter", "gti", "obsid", "obi", "region_id", "livetime")
        ) and (name != "gti_end"):
            made[name] = [float(cell) if cell else np.nan for cell in cells]
    for name in made.colnames:
        if name.startswith("photflux"):
            made[name].unit = u.photon / u.s / u.cm**2
    made["gti_mjd_obs"].unit = u.d
    return QTable(made)
