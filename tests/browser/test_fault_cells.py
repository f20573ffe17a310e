"""Cells of the fault matrix as a reader meets them: words, nothing broken, and at the next try all is well."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from cscwidgets.demo.files.picture_store import demo_pictures
from cscwidgets.demo.files.product_store import demo_store
from cscwidgets.service.app import application

from ..trust.faults import FAULTS
from ..trust.faulty_server import faulty

ROOT = str(Path(__file__).resolve().parents[2])


@dataclass(frozen=True)
class Step:
    """What a reader asks a panel, the path of the requests for it, and what is so in the kernel when it went well."""

    panel: str
    path: str
    done: str

    def take(self, nb, row) -> None:
        """Do it; of a source, for that in a row of the table."""
        if self.panel == "Hardness":
            nb.page.get_by_title("Search: ask the archive").click()
        elif self.panel == "Sky coverage":
            nb.page.locator(".csc-coverage").get_by_role("button", name="Run").click()
        else:
            nb.page.locator(".csc-area-table .tabulator-row").nth(row).locator(".tabulator-cell").first.click()

    def words(self, nb) -> str:
        """What the reader is told, by the explorer and by the panel."""
        alerts = nb.page.get_by_role("alert").all_inner_texts()
        return " ".join([*alerts, *nb.page.locator(".csc-page.csc-front").all_inner_texts()])


SEARCH = Step("Hardness", "/tap", "app._state.tries > before")
SOURCE = Step("Source", "/tap", "app.source.state.name == app.focus != '' and len(app.source.state.detections) > 5")
HERE = "bool({0}) and not any(getattr(one, 'passing', False) for one in {0}.values())"  # or known to be none
CURVES = Step("Light curves", "/csccli", HERE.format("app.lightcurve.state.curves"))
SPECTRUM = Step("Spectrum", "/csccli", HERE.format("app.spectrum.state.spectra"))
COVERAGE = Step("Sky coverage", "/csccli", "app.coverage.state.coverage is not None")

CELLS = [
    (SEARCH, "500", "The database is being restored"),
    (SEARCH, "page", "a web page"),
    (SEARCH, "garbage", "could not be understood"),
    (SOURCE, "cut", "broke off"),
    (SOURCE, "other columns", "no column name"),
    (CURVES, "404", "HTTP status 404"),
    (CURVES, "damaged gzip", "damaged"),
    (SPECTRUM, "reset midway", "connection"),
    (SPECTRUM, "error in 200", "restored"),
    (COVERAGE, "503 for an hour", "503"),
]


@pytest.fixture
def server(demo_folder):
    with faulty(application(demo_folder, demo_store(), demo_pictures())) as running:
        yield running


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param([CELLS[one] for one in (0, 3, 5, 8, 9)], id="one a panel"),
        pytest.param(CELLS, id="ten", marks=pytest.mark.long),
    ],
)
def test_cells(notebook, server, tmp_path, cells):
    nb = notebook(
        [
            f"import sys; sys.path.insert(0, {ROOT!r})\nfrom tests.archive_at import archive_at",
            f"archive = archive_at({server.base!r}, {str(tmp_path)!r}, read_timeout=20)",
            "from cscwidgets import Explorer",
            "app = Explorer('6.0223 -72.0814', radius='2 arcmin', archive=archive, survey='')\napp",
        ]
    )
    nb.page.set_viewport_size({"width": 1366, "height": 768})
    nb.run_all()
    nb.until("len(app._state.table) > 10 and not app._state.desk.tasks.running", 120)  # the demo is simulated meanwhile
    failed = []
    for row, (step, name, said) in enumerate(cells):
        nb.execute("app._state.desk.messages.clear(); before = app._state.tries")
        nb.page.locator(".csc-answer").click()  # which closes the messages
        nb.page.get_by_role("tab", name=step.panel, exact=True).click()
        server.order(
            FAULTS[name].act,
            lambda request, path=step.path: path in request.path,
            once=False,
            elsewhere="",
            prepare=len,
        )
        step.take(nb, row)
        nb.page.wait_for_timeout(300)
        nb.until("not app._state.desk.tasks.running", 60)
        words = step.words(nb)
        if said not in words or "Traceback" in words or nb.kernel(step.done):
            failed.append((step.panel, name, words))
            nb.screenshot(f"{step.panel} {name}")
        server.behave()
        step.take(nb, row)
        nb.until(step.done, 60)
        nb.quiet()
    assert failed == []
    assert nb.said == []
