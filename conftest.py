"""What the doctests of the package need: files of a source to read, and their optional engines."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.source_files import write_source_files

collect_ignore_glob = [] if find_spec("lsdb") else ["cscwidgets/science/*hats*.py"]


@pytest.fixture(scope="session")
def source_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the product files of one source."""
    folder = tmp_path_factory.mktemp("source_files")
    write_source_files(folder)
    return folder


@pytest.fixture(autouse=True)
def _beside_the_files(request: pytest.FixtureRequest) -> None:
    """Examples in docstrings of `science` read files of the folder they are in, those of `doctor` write one there."""
    room = request.node.path.as_posix()
    if isinstance(request.node, pytest.DoctestItem) and ("/science/" in room or "/doctor/" in room):
        request.getfixturevalue("monkeypatch").chdir(request.getfixturevalue("source_files"))
