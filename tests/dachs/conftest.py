"""The same tables behind DaCHS and behind the embedded service, each asked by the client as a release of the CSC."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import pytest

from cscwidgets import Archive
from cscwidgets.archive import connection
from cscwidgets.archive.folder import read_info
from cscwidgets.archive.tables_on_disk import stored_table
from cscwidgets.csc.releases import RELEASES, Release
from cscwidgets.service.imports.importer import import_tables
from cscwidgets.service.server import make_archive_server

from ..conftest import REAL
from .instance import missing_programs, running

CENTRES = {"csc21": "23.462 30.660", "csc2": "266.417 -29.008"}
"""By schema, where there are sources: M33 of the demo, the real Galactic Centre."""


@dataclass(frozen=True)
class Sky:
    """One catalogue behind both services."""

    schema: str
    centre: str
    dachs: Archive
    embedded: Archive
    columns: Mapping[str, list[str]]

    def both(self, ask: Callable[[Archive], object]) -> tuple[object, object]:
        """What DaCHS, and what the embedded service answers."""
        return ask(self.dachs), ask(self.embedded)


@pytest.fixture(scope="session")
def folders(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Archive folders by schema: the demo and, where the real files are, the Galactic Centre."""
    made = {"csc21": demo_folder}
    if REAL.is_dir():
        made["csc2"] = tmp_path_factory.mktemp("dachs") / "centre"
        files = ("CSC_allmaster_30arcmin_500ks_4512srcs.tsv", "CSC_perobs_30arcmin_500ks_sigh3_hard_noconf_code.tsv")
        import_tables([REAL / "tables" / file for file in files], made["csc2"], title="Sgr A*", release="csc2.0")
    return made


@pytest.fixture(scope="session")
def releases(folders: dict[str, Path]) -> Iterator[Mapping[str, Release]]:
    """Where both services answer, by names for `Archive`: ``dachs csc21``, ``embedded csc21``, ..."""
    if missing := missing_programs():
        pytest.skip(f"not installed: {missing} (make test-dachs)")
    known = dict(RELEASES)
    with ExitStack() as stack:
        dachs = stack.enter_context(running([*folders.values()]))
        for schema, folder in folders.items():
            server = make_archive_server(folder)
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            stack.callback(server.server_close)
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            for name, tap, cone in (
                ("dachs", f"{dachs}/tap", f"{dachs}/{schema}/q/cone/scs.xml"),
                ("embedded", f"{server.base}/tap", f"{server.base}/scs/coneSearch"),
            ):
                template = RELEASES[read_info(folder).release]
                title = f"{name} {schema}"
                known[title] = replace(template, name=title, title=title, tap=tap, cone=cone, csccli="")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(connection, "RELEASES", MappingProxyType(known))
            yield known


@pytest.fixture(params=["csc21", "csc2"], ids=["demo", "galactic centre"])
def sky(request: pytest.FixtureRequest, folders: dict[str, Path], releases: Mapping[str, Release]) -> Sky:
    """Each catalogue in turn."""
    return _sky(request.param, folders)


@pytest.fixture
def demo_sky(folders: dict[str, Path], releases: Mapping[str, Release]) -> Sky:
    """The demo, which has every column of the catalogue."""
    return _sky("csc21", folders)


def _sky(schema: str, folders: dict[str, Path]) -> Sky:
    if schema not in folders:
        pytest.skip("the real CSC files are not beside this checkout (../shared/real)")
    tables = read_info(folders[schema]).tables
    columns = {name: stored_table(folders[schema], name).schema.names for name in tables}
    return Sky(schema, CENTRES[schema], Archive(f"dachs {schema}"), Archive(f"embedded {schema}"), columns)
