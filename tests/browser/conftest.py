"""One JupyterLab and one Chromium for all browser tests; a new page, and a new kernel, for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Playwright, sync_playwright

from cscwidgets.demo import build

from .chromium import find_chromium, fresh_browser
from .lab import Lab
from .laptop import LAPTOP, BesideFiles
from .notebook import LabPage, Notebook


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory, demo_folder: Path) -> Iterator[Lab]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(build.CACHE_VARIABLE, str(demo_folder.parent))  # kernels find the demo ready
        with Lab(tmp_path_factory.mktemp("lab")).running() as server:
            yield server


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("profile")


@pytest.fixture
def lab_context(playwright: Playwright, profile: Path) -> Iterator[BrowserContext]:
    """A browser of the test's own, so that no page shares its process for graphics with the one before."""
    executable = find_chromium()
    if not executable:
        pytest.fail("no Chromium found; install Debian's chromium or set CHROMIUM to its path")
    with fresh_browser(playwright, executable, profile) as context:
        yield context


@pytest.fixture
def open_page(
    lab: Lab, lab_context: BrowserContext, request: pytest.FixtureRequest
) -> Iterator[Callable[..., LabPage]]:
    """Open a LabPage, or a Notebook with the given cells; the test fails if it leaves the machine or errs."""
    pages: list[LabPage] = []

    def open_(cells: list[str] | None = None) -> LabPage:
        name = request.node.name
        pages.append(LabPage(lab, lab_context, name) if cells is None else Notebook(lab, lab_context, name, cells))
        return pages[-1]

    yield open_
    for page in pages:
        page.close()
    assert [url for page in pages for url in page.outside] == []
    assert [error for page in pages for error in page.errors] == []


@pytest.fixture
def notebook(open_page: Callable[..., Notebook]) -> Callable[[list[str]], Notebook]:
    """Open a notebook of these cells in JupyterLab."""
    return open_page


@pytest.fixture
def workspace(lab: Lab, lab_context: BrowserContext, request: pytest.FixtureRequest) -> Iterator[BesideFiles]:
    """An explorer of 47 Tuc with a source in focus, beside JupyterLab's files; the page must stay silent."""
    cells = [
        "from cscwidgets import Explorer",
        "app = Explorer('47 Tuc', radius='3 arcmin', archive='demo')\napp",
    ]
    nb = BesideFiles(lab, lab_context, request.node.name, cells)
    nb.resize(LAPTOP)
    nb.run_all()
    nb.until("len(app.state.table) > 0", 60)
    nb.execute("app.focus = app.table['name'][0]")
    nb.quiet()
    nb.bring_into_sight()
    yield nb
    nb.close()
    assert nb.said == []
    assert nb.outside == []
    assert nb.errors == []
