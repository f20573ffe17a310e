"""What nbconvert makes of a saved notebook, drawn by Jupyter's HTML manager: no kernel is behind it."""

from __future__ import annotations

import re
import sysconfig
from pathlib import Path

import pytest

from .lab import ROOT
from .notebook import RESULTS

CELLS = [
    "from cscwidgets import Explorer\napp = Explorer('47 Tuc', radius='2 arcmin', archive='demo')\napp",
    "app.wait(60)",
]

# What the page takes from the network, and where the same lies on this machine.
NBEXTENSIONS = Path(sysconfig.get_path("data"), "share", "jupyter", "nbextensions")
SOURCES = {
    r".*/require(\.min)?\.js": ROOT / "node_modules" / "requirejs" / "require.js",
    r".*/html-manager@[^/]*/dist/(?P<rest>.*)": ROOT / "node_modules" / "@jupyter-widgets" / "html-manager" / "dist",
    r".*/(?P<rest>anywidget|bqplot|bqscales)@[^/]*/dist/index(\.js)?": NBEXTENSIONS,
}


def _serve(route):
    for pattern, place in SOURCES.items():
        if found := re.fullmatch(pattern, route.request.url):
            rest = found.groupdict().get("rest", "")
            path = place / rest / "index.js" if place == NBEXTENSIONS else place / rest
            return route.fulfill(path=path)
    return route.abort()


@pytest.fixture(scope="module")
def saved_page(demo_folder, tmp_path_factory):
    """The page of a notebook that was run and saved with the state of its widgets."""
    import nbformat
    from nbclient import NotebookClient
    from nbconvert import HTMLExporter

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CSCWIDGETS_CACHE", str(demo_folder.parent))
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
        NotebookClient(book, timeout=120, kernel_name="python3").execute()
    html, _ = HTMLExporter().from_notebook_node(book)
    path = tmp_path_factory.mktemp("saved") / "page.html"
    path.write_text(html, encoding="utf-8")
    return path


def test_sky_and_table_say_at_once_that_the_page_is_a_saved_one(saved_page, lab_context):
    page = lab_context.new_page()
    page.route(re.compile("^https?://"), _serve)
    page.goto(saved_page.as_uri())
    page.locator(".csc-explorer").wait_for(timeout=60_000)
    failures = page.locator(".csc-failure")
    failures.nth(1).wait_for(timeout=10_000)  # not the 60 s that a kernel is given
    said = failures.all_inner_texts()
    page.screenshot(path=RESULTS / "test_saved_page.png", full_page=True)
    assert sorted(re.split(r"\.\s*", text)[0] for text in said) == [
        "The sky cannot be drawn here",
        "The table cannot be drawn here",
    ]
    assert all("This is a saved page. Run its notebook to explore." in text for text in said)
    page.close()
