"""The launcher card and the palette command of the JupyterLab extension."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from .lab import ROOT


def test_jupyterlab_takes_it_and_the_extensions_of_its_widgets_for_compatible(tmp_path):
    (tmp_path / "labextensions").mkdir()
    (tmp_path / "labextensions" / "cscwidgets").symlink_to(ROOT / "cscwidgets" / "labextension")
    environment = {**os.environ, "JUPYTER_PATH": str(tmp_path), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "jupyter", "labextension", "list"]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stderr
    listed = dict(re.findall(r"^\s*(\S+) v\S+ .*?(OK|X)", said, re.MULTILINE))
    for name in ("cscwidgets", "anywidget", "bqplot", "@jupyter-widgets/jupyterlab-manager"):
        assert listed[name] == "OK", said


def first_cell_of(archive):
    make = f'app = Explorer("M33", radius="1 deg", archive="{archive}")'
    return f'from cscwidgets import Explorer\n{make}\napp.show("beside")'


CARD = '.jp-LauncherCard[title="Chandra Source Catalog"]'


@pytest.fixture
def lab_page(open_page):
    page = open_page()
    page.goto("lab?reset")
    return page


NOTEBOOK = "[...jupyterapp.shell.widgets('main')].find(one => one.context)"


def first_cell(page):
    page.page.wait_for_function(f"{NOTEBOOK}?.context.isReady && {NOTEBOOK}.content.widgets.length")
    path = page.page.evaluate(f"{NOTEBOOK}.context.path")
    return path, page.page.evaluate(f"{NOTEBOOK}.content.widgets.map(cell => cell.model.sharedModel.getSource())")


def close(page, path):
    """Close what the card opened, with its kernel."""
    page.page.evaluate(
        f"{NOTEBOOK}.sessionContext.shutdown().then(() => {{ const one = {NOTEBOOK};"
        " one.context.model.dirty = false; one.close(); })"
    )
    page.page.wait_for_function(f"!{NOTEBOOK}")
    (page.lab.root / path).unlink()


@pytest.mark.parametrize(
    "size",
    [pytest.param((1366, 768), id="laptop"), pytest.param((1920, 1080), id="desktop", marks=pytest.mark.long)],
)
def test_card_is_seen_at_once_and_opens_notebook_and_explorer_side_by_side(lab_page, size):
    lab_page.page.set_viewport_size({"width": size[0], "height": size[1]})
    card = lab_page.page.locator(CARD)
    card.wait_for()
    section = lab_page.page.locator(".jp-Launcher-section", has=card)
    assert section.locator(".jp-Launcher-sectionTitle").inner_text() == "Notebook"
    assert card.inner_text().strip() == "Chandra Source Catalog"
    assert card.locator("img").evaluate("image => image.complete && image.naturalWidth > 0")
    box = card.bounding_box()
    assert box["y"] + box["height"] < size[1]
    lab_page.screenshot("launcher")
    lab_page.theme("dark")
    lab_page.screenshot("launcher-dark")
    lab_page.theme("light")
    card.click()
    path, cells = first_cell(lab_page)
    assert cells == [first_cell_of("demo")]
    saved = json.loads((lab_page.lab.root / path).read_text())
    assert saved["metadata"]["kernelspec"]["name"] == "python3"
    lab_page.page.wait_for_selector(".csc-beside .csc-explorer", timeout=60_000)
    lab_page.page.get_by_role("tab", name="app · M33, 1 deg").wait_for()
    assert lab_page.page.locator(".jp-Launcher").count() == 0  # the notebook took its place
    notebook, tab = (lab_page.page.locator(one).bounding_box() for one in (".jp-NotebookPanel", ".csc-beside"))
    assert tab["x"] >= notebook["x"] + notebook["width"]
    lab_page.page.wait_for_selector(".csc-beside .csc-diagram .bqplot .axis")
    lab_page.screenshot("side-by-side")
    close(lab_page, path)


def palette(page, words, label):
    page.command("apputils:activate-command-palette")
    page.page.locator(".lm-CommandPalette-input").fill(words)
    page.page.locator(".lm-CommandPalette-item", has_text=label).click()


@pytest.mark.long  # the card is in the other tests
def test_palette_commands_use_the_folder_in_the_browser_and_the_card_what_was_used_last(lab_page):
    lab_page.allowed.add("https://alasky")  # the image below the catalogue's sources
    folder = lab_page.lab.root / "work"
    folder.mkdir(exist_ok=True)
    lab_page.command("filebrowser:go-to-path", path="work")
    palette(lab_page, "Explore the Chandra", "Explore the Chandra Source Catalog")
    path, cells = first_cell(lab_page)
    assert path.startswith("work/")
    assert cells == [first_cell_of("csc2.1")]
    lab_page.page.wait_for_selector(".csc-beside .csc-explorer", timeout=60_000)
    close(lab_page, path)

    lab_page.page.locator(CARD).click()
    path, cells = first_cell(lab_page)
    assert cells == [first_cell_of("csc2.1")]
    lab_page.page.wait_for_selector(".csc-beside .csc-explorer", timeout=60_000)
    close(lab_page, path)

    lab_page.command("cscwidgets:explore-other", archive="demo")
    path, cells = first_cell(lab_page)
    assert cells == [first_cell_of("demo")]
    lab_page.page.wait_for_selector(".csc-beside .csc-explorer", timeout=60_000)
    close(lab_page, path)
