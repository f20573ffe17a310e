"""Explorers without a mouse, and with a screen reader: axe-core (Deque) judges what the page says of itself."""

from __future__ import annotations

import pytest

from .lab import ROOT
from .laptop import PANELS
from .test_crossmatch import title_of

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

FRONT = ".csc-page.csc-front"

FOUND = """async where => {
  const {violations} = await axe.run(where, {resultTypes: ['violations']});
  return violations.filter(one => ['serious', 'critical'].includes(one.impact))
    .map(({id, nodes}) => [id, nodes.map(node => node.html.slice(0, 160))]);
}"""

FOCUSED = """() => {
  const node = document.activeElement, box = node.getBoundingClientRect();
  const look = () => {
    const {outline, boxShadow, borderColor, backgroundColor} = getComputedStyle(node);
    return [outline, boxShadow, borderColor, backgroundColor].join();
  };
  const focused = look();
  node.blur();
  const plain = look();
  node.focus({preventScroll: true});
  return {seen: box.width > 0 && box.height > 0, marked: focused !== plain};
}"""


def fill(nb):
    """Let every panel show what it has to show."""
    nb.until("len(app.crossmatch.state.offered) > 2", 60)  # since its panel was looked at
    nb.execute(
        "app.crossmatch.state.catalogue = next(one for one in app.crossmatch.state.offered"
        f" if one.title == {title_of('sim_optical')!r})\n"
        "app.crossmatch.state.run()\n"
        "app.coverage.state.run()"
    )
    nb.until("app.crossmatch.state.match is not None and app.coverage.state.coverage is not None", 90)
    nb.quiet()


@pytest.mark.parametrize("theme", [pytest.param("light", marks=pytest.mark.long), "dark"])
def test_axe_finds_nothing_serious_in_any_panel(workspace, theme):
    nb = workspace
    nb.theme(theme)
    nb.page.evaluate(AXE.read_text(encoding="utf-8"))
    found = {}
    for filled in (False, True):
        if filled:
            fill(nb)
        found["explorer", filled] = nb.page.evaluate(FOUND, ".csc-explorer")
        for title in PANELS:
            nb.page.get_by_role("tab", name=title, exact=True).click()
            nb.quiet()
            nb.page.wait_for_timeout(500)
            found[title, filled] = nb.page.evaluate(FOUND, FRONT)
            opened = nb.page.locator(FRONT).get_by_title("Settings")
            if filled and opened.count():
                opened.first.click()
                nb.page.wait_for_timeout(300)
                found[title, "settings"] = nb.page.evaluate(FOUND, FRONT)
                opened.first.click()
    for menu in nb.page.locator(".csc-menu-button:visible").all():
        menu.click()
        found["menu", menu.get_attribute("title")] = nb.page.evaluate(FOUND, menu.locator("xpath=..").element_handle())
        nb.page.keyboard.press("Escape")
    assert {where: what for where, what in found.items() if what} == {}


class Keyboard:
    """Goes from control to control, as somebody without a mouse."""

    def __init__(self, nb):
        self._nb, self._keys = nb, nb.page.keyboard

    def press(self, *keys):
        for key in keys:
            self._keys.press(key)

    def type(self, text):
        self.press("Control+a")
        self._keys.type(text)

    def to(self, locator, key="Tab"):
        """Press Tab until the control has the focus; it must be seen that it has."""
        for _ in range(150):
            if locator.count() and locator.first.evaluate("node => node === document.activeElement"):
                assert self._nb.page.evaluate(FOCUSED) == {"seen": True, "marked": True}, locator
                return
            self.press(key)
        raise AssertionError(f"Tab does not come to {locator}")


def test_search_panel_rows_fit_and_export_by_keyboard_alone(workspace):
    nb, keys = workspace, Keyboard(workspace)
    explorer = nb.page.locator(".csc-explorer")
    nb.page.evaluate("notebook.content.mode = 'command'; notebook.content.activeCell.node.focus()")
    place = explorer.get_by_placeholder("name,")
    keys.to(place)
    keys.type("M33")
    keys.press("Tab")
    keys.type("20 arcmin")
    keys.press("Enter")
    nb.until("app._state.place.startswith('M33')", 60)
    nb.quiet()

    rows = explorer.locator(".csc-area-table .tabulator-row")
    keys.to(rows.nth(0))
    keys.press("Enter", "ArrowDown", "ArrowDown", "Control+Enter")
    nb.until("len(app.selected) == 2")
    assert nb.kernel("sorted(app.selected['name'])") == nb.kernel("sorted(app.table['name'][[0, 2]])")
    nb.until("app.focus != ''")
    nb.quiet()

    keys.to(explorer.get_by_role("tab", selected=True), "Shift+Tab")
    for _ in PANELS:
        if nb.kernel("app.workspace.shape.front") == "spectrum":
            break
        keys.press("ArrowRight")
        nb.page.wait_for_timeout(150)
    nb.until("bool(app.spectrum.model.parameters)", 90)
    nb.quiet()
    keys.to(explorer.locator(".csc-spectrum").get_by_role("button", name="Fit", exact=True))
    keys.press("Enter")
    nb.until("app.spectrum.fitting.result is not None", 60)

    keys.to(explorer.locator(".csc-menu-export .csc-menu-button"), "Shift+Tab")
    keys.press("Enter")
    keys.to(explorer.locator(".csc-menu-export").get_by_label("Export to"))
    keys.type("mine")
    keys.press("Tab")
    keys.to(explorer.locator(".csc-menu-export .csc-menu-content button", has_text="Export"))
    keys.press("Enter")
    nb.until("'mine' in globals()")
    assert nb.kernel("sorted(mine['name'])") == nb.kernel("sorted(app.selected['name'])")
    keys.press("Escape")
    assert not explorer.locator(".csc-menu-export .csc-menu-content").is_visible()
    nb.screenshot("end")
