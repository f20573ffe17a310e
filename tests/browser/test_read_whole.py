"""What a reader looks for first is read whole on a laptop: the card, counts, names, and what a message lies over."""

from __future__ import annotations

import pytest

from .laptop import DESKTOP, FAULTS, LAPTOP

# How much of a text fits where it stands, in px: less than nothing is cut.
ROOM = """([node, part]) => {
  const range = document.createRange(), text = node.firstChild;
  range.setStart(text, 0);
  range.setEnd(text, part.length);
  return node.getBoundingClientRect().right - range.getBoundingClientRect().right;
}"""

# Lines of the card that its lower edge goes through.
CUT_LINES = """panel => {
  const card = panel.querySelector('.csc-scrolled'), edge = card.getBoundingClientRect().bottom;
  return [...card.querySelectorAll('dt, td')].filter(node => {
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    return box.height && box.top < edge - 2 && box.bottom > edge + 2;
  }).map(node => [node.textContent, edge - node.getBoundingClientRect().top]);
}"""

CUT_NAMES = """() => [...document.querySelectorAll('.csc-area-table .tabulator-row .tabulator-frozen')]
  .filter(cell => cell.scrollWidth > cell.clientWidth).map(cell => cell.textContent)"""

LEFT_ENDS = """() => ['.tabulator-col', '.tabulator-row:first-child .tabulator-cell'].map(kind => Object.fromEntries(
  [...document.querySelectorAll(`.csc-area-table ${kind}[tabulator-field]`)]
    .map(node => [node.getAttribute('tabulator-field'), node.getBoundingClientRect().left])))"""


def go_to(nb, place):
    field = nb.page.locator(".csc-explorer").get_by_placeholder("name,")
    field.fill(place)
    field.press("Enter")
    return field


@pytest.mark.parametrize("window", [LAPTOP, DESKTOP], ids=["laptop", "desktop"])
def test_the_card_is_above_the_pictures(workspace, window):
    nb = workspace
    nb.resize(window)
    nb.page.get_by_role("tab", name="Source", exact=True).click()
    panel = nb.page.locator(".csc-source")
    panel.locator(".csc-strip figure").first.wait_for()  # over files that are here they come by themselves
    nb.quiet()
    nb.page.wait_for_timeout(500)
    nb.screenshot("source-light")
    nb.theme("dark")
    nb.page.wait_for_timeout(500)
    nb.screenshot("source-dark")
    card, strip = (panel.locator(one).first.bounding_box() for one in (".csc-card", ".csc-strip"))
    seen = panel.locator(".csc-scrolled").first.bounding_box()
    assert seen["height"] >= 90
    assert card["y"] == pytest.approx(seen["y"], abs=6)
    assert strip["y"] >= seen["y"] + seen["height"]
    assert strip["y"] + strip["height"] <= panel.bounding_box()["y"] + panel.bounding_box()["height"]
    controls = [one.bounding_box()["y"] for one in panel.locator(".csc-row").first.locator("> *").all()]
    assert max(controls) - min(controls) < 8  # one line
    hardness = panel.locator("dt", has_text="Hardness").locator("xpath=following-sibling::dd[1]")
    assert hardness.bounding_box()["height"] < (20 if window == LAPTOP else 40)
    flux = panel.locator(".csc-card td", has_text="×").first
    assert flux.evaluate("node => node.clientHeight") < 30
    assert window != LAPTOP or panel.evaluate(CUT_LINES) == []
    heads = panel.locator(".tabulator-col .csc-title").first.bounding_box()
    shown = panel.locator(".csc-down").first.bounding_box()
    assert heads["y"] + heads["height"] <= shown["y"] + shown["height"]  # that there are detections is seen
    rows = panel.locator(".tabulator-row").first
    rows.scroll_into_view_if_needed()
    assert rows.bounding_box()["y"] < panel.bounding_box()["y"] + panel.bounding_box()["height"]
    assert panel.evaluate(FAULTS) == []


def test_counts_and_names_of_the_table_are_whole(workspace):
    nb = workspace
    nb.execute("app.select(app.table['name'][:244])")
    count = nb.page.locator(".csc-area-table .csc-count")
    nb.page.wait_for_function("document.querySelector('.csc-area-table .csc-count').textContent.startsWith('244')")
    assert nb.page.evaluate(ROOM, [count.element_handle(), "244 selected"]) >= 0
    assert count.get_attribute("title") == "244 selected · 319 sources"
    nb.screenshot("count")
    for place in ("M33", "47 Tuc", "M33"):
        go_to(nb, place)
        nb.until(f"app._state.place.startswith({place!r})", 60)
        nb.quiet()
        nb.page.wait_for_timeout(500)
        assert nb.page.evaluate(CUT_NAMES) == []
    credit = nb.page.locator(".csc-credits")
    assert credit.bounding_box() is None or credit.bounding_box()["width"] > 40
    nb.theme("dark")
    cell = nb.page.locator(".csc-area-table .tabulator-row .tabulator-frozen").first
    border, theme = cell.evaluate(
        "node => [getComputedStyle(node).borderRight, getComputedStyle(node).getPropertyValue('--jp-border-color1')]"
    )
    red, green, blue = (int(theme[i : i + 2], 16) for i in (1, 3, 5))
    assert border == f"1px solid rgb({red}, {green}, {blue})"


def test_numbers_stay_below_their_heads_for_the_keyboard(workspace):
    nb = workspace
    nb.page.locator(".csc-area-table").get_by_label("Filter significance").focus()
    last = nb.page.locator(".csc-area-table").get_by_label("Filter dec", exact=True)
    for _ in range(40):
        nb.page.keyboard.press("Tab")
        if last.evaluate("node => node === document.activeElement"):
            break
    nb.page.wait_for_timeout(300)
    nb.screenshot("far")
    heads, cells = nb.page.evaluate(LEFT_ENDS)
    assert heads["dec"] < LAPTOP[0]  # in sight
    assert cells == pytest.approx(heads, abs=1)


def test_what_is_drawn_and_what_is_not_ends_in_dots(workspace):
    nb = workspace
    nb.page.get_by_role("tab", name="Diagrams", exact=True).click()
    nb.quiet()
    words = nb.page.locator(".csc-diagrams .csc-drawn .csc-panel-note").first
    words.wait_for()
    panel = nb.page.locator(".csc-diagrams").bounding_box()
    box = words.bounding_box()
    assert box["x"] + box["width"] <= panel["x"] + panel["width"]
    assert words.evaluate("node => getComputedStyle(node).textOverflow") == "ellipsis"
    assert "drawn" in words.locator("[title]").get_attribute("title")


def test_escape_puts_a_message_away_that_lies_over_the_tabs(workspace):
    nb = workspace
    nb.execute("app.select(app.table['name'][:3])")
    field = go_to(nb, "12:34 not a place")
    message = nb.page.locator(".csc-menu-messages .csc-menu-content")
    message.wait_for()
    nb.screenshot("message")
    nb.page.keyboard.press("Escape")
    message.wait_for(state="hidden")
    assert field.evaluate("node => node === document.activeElement")
    assert nb.kernel("app._state.desk.selection.count") == 3  # it was the message's key
    nb.execute("app._state.desk.messages.clear()")


def test_names_of_axes_are_whole_in_low_plots(workspace):
    nb = workspace
    nb.resize((911, 512))  # 1366 × 768 at 150 %
    nb.execute("app.show('light curves')")
    nb.until("len(app.lightcurve.state.curves) > 0", 60)
    nb.execute("app.lightcurve.state.chosen = tuple(app.lightcurve.state.longterm.keys[:4])")
    panel = nb.page.locator(".csc-lightcurve")
    panel.get_by_role("button", name="Within").click()
    for layout in ("overlaid", "stacked", "overlaid", "stacked"):
        nb.execute(f"app.lightcurve._arrangement.value = {layout!r}")
        nb.quiet()
        nb.page.wait_for_timeout(900)
        nb.screenshot(layout)
        assert panel.evaluate(FAULTS) == []
    plots = panel.locator(".csc-within > :not(.csc-behind) > .csc-diagram")
    assert plots.count() > 2
    for plot in plots.all():
        plot.scroll_into_view_if_needed()
        box, name = plot.bounding_box(), plot.get_by_text("time since").bounding_box()
        assert box["height"] >= 150
        assert name["y"] + name["height"] <= box["y"] + box["height"]
        assert box["y"] + box["height"] <= panel.bounding_box()["y"] + panel.bounding_box()["height"]
    nb.screenshot("last")
    nb.theme("dark")
    nb.page.wait_for_timeout(500)
    nb.screenshot("last-dark")


def test_the_card_of_a_source_is_not_cut_in_a_narrow_pane(workspace):
    nb = workspace
    nb.resize((911, 512))
    nb.execute("app.show('source')")
    nb.quiet()
    nb.page.wait_for_timeout(700)
    nb.screenshot("card")
    card = nb.page.locator(".csc-source .csc-scrolled").first
    assert card.evaluate("node => node.scrollWidth <= node.clientWidth")


def test_a_wrong_filter_moves_no_row(workspace):
    nb = workspace
    table = nb.page.locator(".csc-area-table")
    top = table.locator(".tabulator-row").first.bounding_box()["y"]
    for theme in ("light", "dark"):
        nb.theme(theme)
        table.get_by_label("Filter significance").fill("bright")
        problem = table.get_by_role("alert").filter(has_text="significance: 'bright': write >1e-14")
        problem.wait_for()
        nb.page.wait_for_timeout(500)
        nb.screenshot(theme)
        assert table.locator(".tabulator-row").first.bounding_box()["y"] == top
        box, room = problem.bounding_box(), table.bounding_box()
        assert box["y"] + box["height"] <= room["y"] + room["height"]
        assert problem.evaluate(
            "node => { const box = node.getBoundingClientRect();"
            " return document.elementFromPoint(box.left + 20, box.top + box.height / 2) === node; }"
        )
        table.get_by_label("Filter significance").fill("")
        problem.wait_for(state="detached")


def test_an_empty_region_has_no_empty_axes(workspace):
    nb = workspace
    go_to(nb, "10 10")
    nb.until("len(app._state.table) == 0", 60)
    nb.quiet()
    for title in ("Hardness", "Diagrams"):
        nb.page.get_by_role("tab", name=title, exact=True).click()
        panel = nb.page.locator(f".csc-{title.lower()}")
        panel.get_by_text("Search for sources").wait_for()
        assert panel.locator(".bqplot:visible").count() == 0
        nb.screenshot(title.lower())
