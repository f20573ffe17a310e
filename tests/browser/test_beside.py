"""Explorers beside their notebooks, and JupyterLab's list of them."""

import pytest

APP = 'from cscwidgets import Explorer\napp = Explorer("M33", "1 deg", archive="demo")\napp.wait(60)'
TAB = ".lm-DockPanel-widget:has(> .csc-beside)"


def test_code_shows_the_explorer_beside(notebook):
    nb = notebook([APP, 'app.show("beside")'])
    nb.page.set_viewport_size({"width": 1366, "height": 768})
    nb.run_all()
    nb.page.wait_for_selector(".csc-beside .csc-explorer", timeout=20000)
    nb.page.wait_for_timeout(5000)
    nb.screenshot("laptop")
    nb.page.set_viewport_size({"width": 1920, "height": 1080})
    nb.page.locator(".jp-SideBar .lm-TabBar-tab[title='Chandra explorers']").click()
    nb.page.wait_for_timeout(2000)
    nb.screenshot("wide")
    print(nb.page.locator(".csc-cards").inner_text())
    print(nb.page.locator(".jp-OutputArea").all_inner_texts())
    print(nb.page.locator(".csc-beside-button button:visible").count())
