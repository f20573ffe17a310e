"""What was done in an explorer is there again after the kernel's end: saved, and opened by a double click."""

from __future__ import annotations

import pytest

from .laptop import LAPTOP, BesideFiles
from .skypage import SkyPage
from .test_hardness import drag

MAKE = ["from cscwidgets import Explorer", "app = Explorer('47 Tuc', radius='3 arcmin', archive='demo')\napp"]
LASSO = [(-0.5, -0.6), (0.5, -0.6), (0.5, 0.5), (-0.5, 0.5), (-0.5, -0.6)]

# All that a reader sees, from the kernel: numbers to their last digit, since repr writes them so.
SEEN = """dict(
    region=repr(app.region), names=sorted(app.table["name"].tolist()), selected=sorted(app.selected["name"].tolist()),
    past=[len(names) for names in app.workspace.desk.selection.past], focus=app.focus,
    front=app.workspace.shape.front, controls=app.panels.keep(),
    states=__import__("json").loads(app._session.document())["states"],
    fit=[app.spectrum.fitting.result.statistic, *app.spectrum.fitting.result.parameters["value"].tolist()],
    matches=[float(p) for p in app.crossmatch.table["p_any"]], area=[float(a) for a in app.coverage.state.curve.area],
)"""
NOTEBOOK = (
    "[...jupyterapp.shell.widgets('main')].find(one => one.context && one.content?.activeCellIndex !== undefined"
    " && !one.context.path.startsWith({own!r}))"
)


@pytest.fixture
def nb(lab, lab_context, request):
    opened = BesideFiles(lab, lab_context, request.node.name, MAKE)
    yield opened
    opened.close()
    assert opened.errors == []


def begun(nb):
    """Run the cells, and look at the explorer once its sources are there."""
    nb.resize(LAPTOP)
    nb.run_all()
    nb.until("len(app._state.table) > 0", 60)
    nb.quiet()
    nb.bring_into_sight()


def worked(nb):
    """Draw, brush, bring into focus, fit, match and cover."""
    begun(nb)
    view = SkyPage(nb)
    width, height = view.size
    view.button("Draw a circle").click()
    view.drag((width / 2, height / 2), (width / 2 + 70, height / 2))
    nb.until("type(app._state.region.shape).__name__ == 'CircleSkyRegion' and app._state.region.radius < 0.049")
    nb.quiet()
    nb.execute("panel = app.hardness")
    drag(nb, LASSO)
    nb.until("app._state.desk.selection.count > 0")
    nb.execute("import numpy as np; app.focus = app.table['name'][np.argmax(app.table['significance'])]")
    nb.quiet()
    nb.page.get_by_role("tab", name="Spectrum").click()
    nb.until("bool(app.spectrum.model.parameters)", 90)
    nb.quiet()
    nb.page.get_by_role("button", name="Fit", exact=True).click()
    nb.until("app.spectrum.fitting.result is not None", 60)
    nb.page.get_by_role("tab", name="Counterparts").click()
    nb.execute("app.workspace.crossmatch.find('sim_infrared')")
    nb.quiet()
    nb.page.get_by_role("button", name="Match", exact=True).click()
    nb.until("app.crossmatch.state.match is not None", 60)
    nb.page.get_by_role("tab", name="Sky coverage").click()
    nb.page.locator(".csc-coverage").get_by_role("button", name="Run").click()
    nb.until("app.coverage.state.coverage is not None", 60)
    nb.quiet()


def opened_beside(nb):
    """Wait for the notebook that a session opens, and go on in it."""
    find = NOTEBOOK.format(own=nb.name)
    nb.page.wait_for_function(f"{find}?.sessionContext?.session?.kernel?.status === 'idle'", timeout=60_000)
    nb.page.evaluate(f"void (window.notebook = {find})")
    nb.until("'app' in globals()", 60)
    nb.page.locator(".csc-beside .csc-explorer").wait_for(timeout=30_000)
    nb.quiet(90)


def test_restart_and_reopen(nb, lab):
    worked(nb)
    name = nb.name.replace(".ipynb", ".csc.json")
    nb.said.clear()  # of the work itself other tests judge
    nb.execute(f"app.save({name!r})")
    before = nb.kernel(SEEN)
    nb.page.wait_for_function(
        "name => notebook.content.widgets[1].model.outputs.toJSON()[0].data['application/vnd.cscwidgets.explorer+json']"
        ".session === name",
        arg=name,
        timeout=20_000,
    )
    nb.command("docmanager:save")
    nb.page.evaluate("notebook.sessionContext.shutdown()")

    # The saved notebook has a still, and one way back.
    nb._open()
    back = nb.page.get_by_role("button", name="Open the saved session")
    back.wait_for()
    nb.screenshot("still")
    back.click()
    nb.page.locator(".csc-explorer .csc-diagram .bqplot .axis").first.wait_for(state="attached", timeout=60_000)
    nb.quiet()
    assert nb.kernel("app.focus") == before["focus"]
    nb.command("docmanager:save")
    nb.page.evaluate("notebook.sessionContext.shutdown()")

    # A double click opens a notebook with the explorer beside it, as it was.
    item = nb.page.locator(".jp-DirListing-item", has_text=name)
    item.dblclick()
    opened_beside(nb)
    after = nb.kernel(SEEN)
    for what, value in before["states"].items():
        assert after["states"][what] == value, what
    assert after == before
    assert nb.kernel("app.messages") == []
    nb.page.locator(".csc-beside .csc-coverage").wait_for()
    nb.screenshot("opened")
    assert nb.said == []


@pytest.mark.long  # without a browser in tests/state/test_session.py
def test_what_was_not_fetched_is_fetched_by_a_button(reused, tmp_path):
    path = str(tmp_path / "late.csc.json")
    find = "made.workspace.crossmatch.find('sim_infrared')\nsettle()\nmade.workspace.crossmatch.run()\nsettle()"
    make = (
        f"made = Explorer('47 Tuc', radius='1 arcmin', archive='demo')\nsettle = made._state.desk.tasks.settle\n{find}"
    )
    cells = [
        "from cscwidgets import Explorer",
        f"{make}\n_ = made.save({path!r})\napp = Explorer.open({path!r}, fetch=False)\napp",
    ]
    nb = reused(cells, BesideFiles)
    begun(nb)
    assert not nb.kernel("app.workspace.crossmatch.matched")
    nb.page.locator(".csc-menu-messages .csc-menu-button").click()
    button = nb.page.get_by_role("button", name="Fetch it")
    button.wait_for()
    for theme in ("light", "dark"):
        nb.theme(theme)
        nb.screenshot(f"not-fetched-{theme}")
    nb.theme("light")
    button.click()
    nb.until("app.workspace.crossmatch.matched == made.workspace.crossmatch.matched > 0", 60)
    button.wait_for(state="hidden")
    assert nb.kernel("app.messages") == []
    assert nb.said == []


@pytest.mark.long  # a double click is in the journey above
def test_a_session_is_let_fall_on_an_explorer(nb, lab):
    begun(nb)
    name = nb.name.replace(".ipynb", ".csc.json")
    nb.execute(f"_ = app.save({name!r})")
    nb.command("filebrowser:refresh")
    sky = SkyPage(nb).field.bounding_box()
    nb.page.locator(".jp-DirListing-item", has_text=name).hover()
    nb.page.mouse.down()
    for step in (0.3, 0.4, 0.5):
        nb.page.mouse.move(sky["x"] + step * sky["width"], sky["y"] + step * sky["height"])
    nb.page.mouse.up()
    before = nb.kernel("app.table['name'].tolist()")
    opened_beside(nb)
    assert nb.kernel("app.table['name'].tolist()") == before
    assert nb.kernel("app.messages") == []
    nb.screenshot("let-fall")
    assert nb.said == []
