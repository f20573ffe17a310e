"""Explorers beside their notebooks, and JupyterLab's list of them."""

import json
import re

import pytest

from .test_hardness import assert_lassoed, drag

MAKE = 'from cscwidgets import Explorer\napp = Explorer("M33", "1 deg", archive="demo")'
WAIT = "app.wait(60)\npanel = app.hardness"
SHOW = 'app.show("beside")'
LAPTOP, DESKTOP = {"width": 1366, "height": 768}, {"width": 1920, "height": 1080}
SIZES = [pytest.param(LAPTOP, id="laptop"), pytest.param(DESKTOP, id="desktop", marks=pytest.mark.long)]
LASSO = [(-0.2, -0.6), (0.4, -0.6), (0.4, 0.1), (0.1, 0.0), (-0.2, 0.1), (-0.2, -0.6)]

TABS = """() => [...jupyterapp.shell.widgets('main')].filter(one => one.id.startsWith('cscwidgets-beside'))
  .map(({title, isVisible}) => [title.label, isVisible])"""
STATE = (
    "[sorted(map(str, app.selected['name'])), app.workspace.shape.front, app.hardness.within.selector.tool,"
    " app._state.focus, [round(x, 6) for x in (app.sky.target.ra.deg, app.sky.target.dec.deg)]]"
)


@pytest.fixture
def open_beside(reused):
    """A notebook of these cells in a window of this size, with so many explorers beside it."""

    def open_(cells, size=LAPTOP, tabs=1):
        nb = reused(cells)
        nb.page.set_viewport_size(size)
        nb.run_all()
        drawn(nb, tabs)
        return nb

    return open_


def tabs_of(nb):
    return nb.page.evaluate(TABS)


def titled(nb, *titles):
    """Wait until the tabs beside the notebook have these titles."""
    nb.page.wait_for_function(
        f"titles => JSON.stringify(({TABS})().map(tab => tab[0])) === JSON.stringify(titles)", arg=list(titles)
    )


def drawn(nb, tabs=1):
    """Wait until so many explorers beside the notebook have their diagrams."""
    nb.page.wait_for_function(
        "n => document.querySelectorAll('.csc-beside .csc-explorer').length === n", arg=tabs, timeout=30_000
    )
    if tabs:
        nb.page.wait_for_selector(".csc-beside .csc-diagram:visible .bqplot .axis:visible")
        nb.page.wait_for_selector(".csc-beside .csc-plot-layer:visible >> nth=0")


def open_list(nb):
    nb.page.get_by_role("tab", name="Chandra explorers").click()
    nb.page.locator("#cscwidgets-explorers").wait_for()


def cards(nb):
    """The lines of each card of the list."""
    return [text.split("\n") for text in nb.page.locator(".csc-card-button").all_inner_texts()]


@pytest.mark.parametrize("size", SIZES)
def test_code_shows_it_beside_and_the_cells_stay(open_beside, size):
    nb = open_beside([MAKE, SHOW], size)
    titled(nb, "app · M33, 1 deg")
    left = nb.page.locator(".jp-NotebookPanel").bounding_box()
    tab = nb.page.locator(".csc-beside").bounding_box()
    assert tab["x"] >= left["x"] + left["width"]
    assert tab["x"] + tab["width"] <= size["width"]
    whole = nb.page.locator(".csc-beside .csc-explorer").bounding_box()
    assert whole["height"] == pytest.approx(tab["height"], abs=1)
    assert nb.page.locator(".jp-OutputArea", has_text="is shown beside the notebook").count() == 1
    assert nb.page.locator(".jp-NotebookPanel .csc-explorer").count() == 0
    assert nb.page.evaluate("jupyterapp.shell.currentWidget === notebook")  # code takes nobody's focus
    nb.screenshot("light")
    nb.theme("dark")
    drawn(nb)
    nb.screenshot("dark")


def test_every_way_leads_to_the_same_tab(notebook):
    nb = notebook([MAKE + "\napp"])
    nb.page.set_viewport_size(LAPTOP)
    nb.page.get_by_role("button", name="Show the explorer beside the notebook").click()
    nb.page.get_by_text("There is no explorer in this notebook").wait_for()
    assert tabs_of(nb) == []
    nb.screenshot("none")
    nb.page.keyboard.press("Escape")
    nb.run_all()

    def close():
        nb.page.locator(".lm-TabBar-tab", has_text="app · M33").locator(".lm-TabBar-tabCloseIcon").click()
        drawn(nb, 0)

    button = nb.page.locator(".jp-NotebookPanel .csc-explorer").get_by_role("button", name="Show beside the notebook")
    button.wait_for()
    assert min(button.bounding_box()[side] for side in ("width", "height")) >= 24
    nb.screenshot("button")
    for _ in range(2):
        button.click()
        drawn(nb)
        assert len(tabs_of(nb)) == 1
    assert nb.page.locator(".jp-NotebookPanel .csc-explorer").count() == 1  # the output stays
    close()

    nb.page.get_by_role("button", name="Show the explorer beside the notebook").click()
    drawn(nb)
    close()

    nb.page.evaluate("jupyterapp.shell.activateById(notebook.id)")
    nb.command("apputils:activate-command-palette")
    nb.page.locator(".lm-CommandPalette-input").fill("Show Explorer beside")
    nb.page.locator(".lm-CommandPalette-item", has_text="Show Explorer beside the Notebook").click()
    drawn(nb)
    titled(nb, "app · M33, 1 deg")


@pytest.mark.parametrize("size", SIZES)
def test_brush_move_close_and_reopen(open_beside, size):
    nb = open_beside([MAKE, SHOW, WAIT], size)
    border = nb.page.locator(".lm-DockPanel-handle[data-orientation='horizontal']:visible").bounding_box()
    before = nb.page.locator(".csc-beside").bounding_box()["width"]
    nb.page.mouse.move(border["x"] + 2, border["y"] + 200)
    nb.page.mouse.down()
    nb.page.mouse.move(border["x"] - 90, border["y"] + 200, steps=8)
    nb.page.mouse.up()
    nb.page.wait_for_function(
        "width => document.querySelector('.csc-beside').clientWidth > width + 70", arg=before, timeout=5000
    )
    drag(nb, LASSO)
    nb.until("app._state.desk.selection.count > 0")
    nb.page.evaluate(
        """code => { notebook.content.activeCellIndex = 2;
                     notebook.content.activeCell.model.sharedModel.setSource(code);
                     return jupyterapp.commands.execute('notebook:run-cell'); }""",
        "names = sorted(map(str, app.selected['name']))",
    )
    names = set(nb.until("names"))
    assert_lassoed(nb, LASSO, names)
    nb.screenshot("brushed")

    nb.page.locator(".csc-beside").get_by_role("tab", name="Light curves", exact=True).click()
    nb.until("app.workspace.shape.front == 'lightcurve'")
    nb.page.wait_for_timeout(500)  # what the views still say of themselves
    state = nb.kernel(STATE)
    tab = "[...jupyterapp.shell.widgets('main')].find(one => one.id.startsWith('cscwidgets-beside'))"
    nb.page.evaluate(f"jupyterapp.shell.add({tab}, 'main', {{mode: 'split-bottom', ref: notebook.id}})")
    nb.page.wait_for_timeout(1000)
    nb.screenshot("moved")
    nb.page.evaluate(f"{tab}.close()")
    drawn(nb, 0)
    assert nb.kernel(STATE) == state
    nb.execute(SHOW)
    nb.page.wait_for_selector(".csc-beside .csc-explorer")
    nb.page.wait_for_timeout(1500)
    assert nb.kernel(STATE) == state
    front = nb.page.locator(".csc-beside [role=tab][aria-selected=true]")
    assert front.first.inner_text() == "Light curves"
    assert f"{len(names)} selected" in nb.page.locator(".csc-beside").inner_text()
    nb.screenshot("reopened")


@pytest.mark.long  # three explorers share nothing in test_first_path
def test_two_beside_at_once_share_nothing(open_beside):
    other = 'other = Explorer("47 Tuc", "3 arcmin", archive="demo")\nother.show("beside")'
    nb = open_beside([MAKE, SHOW, other, WAIT + "\nother.wait(60)"], DESKTOP, tabs=2)
    titled(nb, "app · M33, 1 deg", "other · 47 Tuc, 3 arcmin")
    nb.execute("app, other = other, app")  # the second is in front
    front = nb.page.locator(".csc-beside:visible")
    assert front.count() == 1
    names = nb.kernel("sorted(map(str, app.table['name']))")
    front.get_by_role("button", name="Select all").click()
    nb.until("app._state.desk.selection.count > 0")
    assert nb.kernel("sorted(map(str, app.selected['name']))") == names
    assert nb.kernel("len(other.selected)") == 0
    open_list(nb)
    nb.screenshot("list")
    by_place = {lines[0]: lines for lines in cards(nb)}
    assert any(f"{len(names)} selected" in line for line in by_place["app · 47 Tuc, 3 arcmin"])
    assert not any("selected" in line for line in by_place["other · M33, 1 deg"])


def test_the_list_tells_what_the_kernel_knows(open_beside):
    nb = open_beside([MAKE, WAIT, SHOW])
    nb.quiet()
    open_list(nb)
    assert cards(nb) == [["app · M33, 1 deg", "demo", "SIMULATED", f"{nb.kernel('len(app.table)')} sources", nb.name]]
    nb.execute("app.select(app.table['name'][:143])")
    nb.page.locator(".csc-card-button", has_text="143 selected").wait_for()
    counts = cards(nb)[0][3]
    assert [int(number) for number in re.findall(r"\d+", counts)] == nb.kernel("[len(app.table), len(app.selected)]")

    nb.execute(
        "import threading\nstop = threading.Event()\n"
        "def work(task):\n    task.report('3 of 5', 0.6); stop.wait(30); raise ValueError('no more')\n"
        "app._state.desk.tasks.run('Light curves', work, print)"
    )
    task = nb.page.locator(".csc-card-tasks")
    task.get_by_text("Light curves: 3 of 5").wait_for()
    assert task.get_by_role("progressbar", name="Light curves").evaluate("bar => bar.value") == pytest.approx(0.6)
    nb.screenshot("task")
    nb.theme("dark")
    nb.screenshot("task-dark")
    nb.execute("stop.set()")
    nb.page.get_by_text("1 error", exact=True).wait_for()
    assert task.inner_text() == ""
    nb.screenshot("error-dark")
    nb.execute("renamed = app; del app")
    nb.page.locator(".csc-card-button", has_text="renamed · M33").wait_for()
    titled(nb, "renamed · M33, 1 deg")


def test_the_list_brings_an_explorer_to_the_front(notebook):
    nb = notebook([MAKE, *["print('\\n' * 60)"] * 3, "app", WAIT])
    nb.page.set_viewport_size(LAPTOP)
    nb.run_all()
    open_list(nb)
    nb.page.evaluate("() => { notebook.content.activeCellIndex = 0; return notebook.content.scrollToItem(0); }")
    card = nb.page.locator(".csc-card-button")
    card.focus()
    nb.page.keyboard.press("Enter")  # one output shows it
    nb.page.wait_for_function("notebook.content.activeCellIndex === 4")
    output = nb.page.locator(".jp-NotebookPanel .csc-explorer")
    nb.page.wait_for_function(
        "([top, bottom]) => { const {y} = document.querySelector('.csc-explorer').getBoundingClientRect();"
        " return y > top && y < bottom; }",
        arg=[0, 500],
    )
    assert output.count() == 1
    assert tabs_of(nb) == []
    nb.page.evaluate(
        "notebook.content.widgets[4].model.clearExecution?.() ?? notebook.content.widgets[4].model.outputs.clear()"
    )
    card.click()  # none does
    nb.page.wait_for_selector(".csc-beside .csc-explorer")
    nb.page.evaluate("jupyterapp.shell.activateById(notebook.id)")
    card.click()  # its tab does
    nb.page.wait_for_function("jupyterapp.shell.currentWidget.id.startsWith('cscwidgets-beside')")
    assert len(tabs_of(nb)) == 1


def test_an_empty_list_offers_an_explorer(open_page):
    page = open_page()
    page.page.set_viewport_size(LAPTOP)
    page.goto("lab?reset")
    page.page.get_by_role("tab", name="Chandra explorers").click()
    page.page.get_by_text("has an explorer yet").wait_for()
    page.screenshot("light")
    page.theme("dark")
    page.screenshot("dark")
    page.page.get_by_role("button", name="Open an explorer").click()
    page.page.wait_for_selector(".csc-beside .csc-explorer", timeout=60_000)
    page.page.locator(".csc-card-button", has_text="app · M33").wait_for()
    path = page.page.evaluate("[...jupyterapp.shell.widgets('main')].find(one => one.context).context.path")
    page.page.evaluate("[...jupyterapp.shell.widgets('main')].find(one => one.context).sessionContext.shutdown()")
    (page.lab.root / path).unlink()


def test_a_restarted_kernel_is_told_and_the_next_explorer_takes_the_place(open_beside):
    nb = open_beside([MAKE, SHOW, WAIT])
    open_list(nb)
    nb.page.evaluate("notebook.sessionContext.session.kernel.restart()")
    nb.page.get_by_text("The kernel was restarted, and this explorer is gone").wait_for()
    assert nb.page.locator(".csc-card-button").count() == 0
    nb.screenshot("restarted")
    nb.page.wait_for_function("notebook.sessionContext.session.kernel.status === 'idle'")
    nb.run_all()
    drawn(nb)
    titled(nb, "app · M33, 1 deg")
    assert len(cards(nb)) == 1


def test_it_goes_with_the_explorer_and_with_the_notebook(open_beside):
    nb = open_beside([MAKE, SHOW, WAIT])
    nb.execute("app.close()")
    drawn(nb, 0)
    assert tabs_of(nb) == []
    nb.run_all()
    drawn(nb)
    nb.run_all()  # the same cell makes another: the one before makes way
    nb.page.wait_for_function(f"({TABS})().length === 1")
    drawn(nb)
    nb.command("docmanager:save")
    nb.page.evaluate("window.session = notebook.sessionContext.session.id; notebook.context.model.dirty = false")
    nb.page.evaluate("notebook.close()")
    drawn(nb, 0)
    assert tabs_of(nb) == []
    nb.page.evaluate("jupyterapp.serviceManager.sessions.shutdown(session)")
    nb.page.evaluate("delete window.notebook")


def test_after_a_reload_the_explorers_are_there_again(open_beside):
    nb = open_beside([MAKE, SHOW, WAIT])
    nb.execute("app.select(app.table['name'][:7])")
    nb.reload()
    open_list(nb)
    nb.page.get_by_text("7 selected").wait_for()
    assert tabs_of(nb) == []  # nothing opens by itself
    nb.page.locator(".csc-card-button").click()
    drawn(nb)
    assert "7 selected" in nb.page.locator(".csc-beside").inner_text()
    assert nb.page.locator(".jp-NotebookPanel:visible").count() == 1


@pytest.fixture
def without_extension(lab):
    """JupyterLab as if the extension were not installed."""
    config = lab._folder / "config" / "labconfig" / "page_config.json"
    config.write_text(json.dumps({"disabledExtensions": {"cscwidgets": True}}))
    yield
    config.unlink()


def test_without_the_extension_it_is_below_the_cell(without_extension, notebook):
    nb = notebook([MAKE, SHOW, WAIT])
    nb.page.set_viewport_size(LAPTOP)
    nb.run_all()
    nb.page.wait_for_selector(".jp-NotebookPanel .csc-explorer", timeout=20_000)
    nb.page.wait_for_selector(".csc-diagram .bqplot .axis")
    assert nb.page.get_by_text("The explorer is shown here, because this page has no JupyterLab").count() == 1
    assert nb.page.get_by_role("button", name="Show beside the notebook").count() == 0
    nb.screenshot("below")
    drag(nb, LASSO)
    nb.until("app._state.desk.selection.count > 0")
