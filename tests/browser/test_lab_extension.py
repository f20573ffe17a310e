"""The launcher card and the palette command of the JupyterLab extension."""

from __future__ import annotations

import json

import pytest

FIRST_CELL = 'from cscwidgets import Explorer\napp = Explorer("M33", radius="1 deg", archive="demo")\napp'


@pytest.fixture
def lab_page(open_page):
    page = open_page()
    page.goto("lab?reset")
    return page


def first_cell(page):
    page.page.wait_for_function(
        "jupyterapp.shell.currentWidget?.context?.isReady && jupyterapp.shell.currentWidget.content?.widgets?.length"
    )
    path = page.page.evaluate("jupyterapp.shell.currentWidget.context.path")
    return path, page.page.evaluate(
        "jupyterapp.shell.currentWidget.content.widgets.map(cell => cell.model.sharedModel.getSource())"
    )


def close(page, path):
    page.page.evaluate("jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    (page.lab.root / path).unlink()


def test_card_opens_a_notebook_with_an_explorer(lab_page):
    card = lab_page.page.locator('.jp-LauncherCard[title="Open a notebook that explores the Chandra Source Catalog"]')
    card.wait_for()
    section = lab_page.page.locator(".jp-Launcher-section", has=card)
    assert section.locator(".jp-Launcher-sectionTitle").inner_text() == "Astronomy"
    assert card.inner_text().strip() == "Chandra Source Catalog"
    assert card.locator("svg path").count() > 0
    lab_page.screenshot("launcher")
    card.click()
    path, cells = first_cell(lab_page)
    assert cells == [FIRST_CELL]
    saved = json.loads((lab_page.lab.root / path).read_text())
    assert saved["metadata"]["kernelspec"]["name"] == "python3"
    lab_page.screenshot("notebook")
    close(lab_page, path)


def test_palette_command_uses_the_folder_in_the_browser(lab_page):
    folder = lab_page.lab.root / "work"
    folder.mkdir(exist_ok=True)
    lab_page.command("filebrowser:go-to-path", path="work")
    lab_page.command("apputils:activate-command-palette")
    lab_page.page.locator(".lm-CommandPalette-input").fill("Explore the Chandra")
    lab_page.page.locator(".lm-CommandPalette-item", has_text="Explore the Chandra Source Catalog").click()
    path, cells = first_cell(lab_page)
    assert path.startswith("work/")
    assert cells == [FIRST_CELL]
    close(lab_page, path)
