"""One JupyterLab for all browser tests; a new Chromium, page and kernel for each that does not reuse the last one's."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Playwright, sync_playwright

from cscwidgets.demo import build

from .chromium import find_chromium, fresh_browser
from .lab import Lab
from .laptop import LAPTOP, BesideFiles
from .notebook import LabPage, Notebook
from .relay import Relay

Browsing = AbstractContextManager[BrowserContext]

PASSED = pytest.StashKey[bool]()


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
def fresh(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Browsing]:
    """Start a browser that knows nothing of the one before."""
    executable = find_chromium()
    if not executable:
        pytest.fail("no Chromium found; install Debian's chromium or set CHROMIUM to its path")
    profile = tmp_path_factory.mktemp("profile")
    return lambda: fresh_browser(playwright, executable, profile)


@pytest.fixture(scope="session")
def relay(lab: Lab, fresh: Callable[[], Browsing]) -> Iterator[Relay]:
    made = Relay(lab, fresh)
    yield made
    made.end()


@pytest.fixture
def lab_context(fresh: Callable[[], Browsing], relay: Relay) -> Iterator[BrowserContext]:
    """A browser of the test's own, so that no page shares its process for graphics with the one before."""
    relay.end()
    with fresh() as context:
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
def reused(relay: Relay, request: pytest.FixtureRequest) -> Iterator[Callable[..., Notebook]]:
    """Open a notebook of these cells, in the page and kernel of the test before if it was such a one and went well.

    Not for tests that count what a page or kernel has, or change more in them than they leave with their cells.
    """
    taken: list[Notebook] = []

    def open_(cells: list[str], kind: type[Notebook] = Notebook) -> Notebook:
        taken.append(relay.take(kind, request.node.name, cells))
        return taken[-1]

    yield open_
    wrong = [*(url for nb in taken for url in nb.outside), *(error for nb in taken for error in nb.errors)]
    if wrong or not request.node.stash.get(PASSED, False):
        relay.end()
    assert wrong == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[PASSED] = report.passed
    return report


@pytest.fixture
def workspace(reused: Callable[..., BesideFiles]) -> Iterator[BesideFiles]:
    """An explorer of 47 Tuc with a source in focus, beside JupyterLab's files; the page must stay silent."""
    cells = [
        "from cscwidgets import Explorer",
        "app = Explorer('47 Tuc', radius='3 arcmin', archive='demo')\napp",
    ]
    nb = reused(cells, BesideFiles)
    nb.resize(LAPTOP)
    nb.run_all()
    nb.until("len(app._state.table) > 0", 60)
    nb.execute("app.focus = app.table['name'][0]")
    nb.quiet()
    nb.bring_into_sight()
    yield nb
    assert nb.said == []
