"""More than a place: columns are chosen, cut on, counted and searched, and a query is written, all in the panel."""

from __future__ import annotations

import pytest

from .laptop import DESKTOP, FAULTS, LAPTOP


def press(nb, title):
    nb.page.locator(".csc-query .csc-switch").get_by_role("button", name=title, exact=True).click()
    nb.page.wait_for_timeout(300)


def look(nb, name):
    """Keep a screenshot of each page, where nothing is cut or lies over another control."""
    for title in ("Columns", "Cuts", "ADQL", "Rows"):
        press(nb, title)
        nb.screenshot(f"{name}-{title.lower()}")
        assert nb.page.locator(".csc-explorer").first.evaluate(FAULTS) == [], (name, title)


def test_a_column_is_chosen_cut_on_counted_and_searched(workspace):  # noqa: PLR0915 - one journey
    nb = workspace
    page = nb.page
    before = nb.kernel("app.workspace.shape.front")
    page.locator(".csc-bar-top .csc-more").click()
    nb.until("app.workspace.shape.front == 'query' and app.query.state.schema is not None")
    panel = page.locator(".csc-query")
    panel.get_by_label("Find a column by words").fill("photon index power")
    panel.get_by_role("checkbox", name="powlaw_gamma", exact=False).first.check()
    nb.until("app.query.state.columns == ('powlaw_gamma',)")
    press(nb, "Cuts")
    column = panel.get_by_label("Column", exact=True).first
    column.fill("powlaw_gama")
    value = panel.get_by_label("Value", exact=True).first
    value.fill("1.5")
    value.press("Tab")
    nb.until("'Did you mean powlaw_gamma' in app.query.state.problem")
    nb.screenshot("refused")
    assert "'powlaw_gama'" in panel.locator(".csc-problem-line").inner_text()
    column.fill("powlaw_gamma")
    column.press("Tab")
    nb.until("app.query.state.problem == ''")
    panel.get_by_role("button", name="Count").click()
    nb.until("app.query.state.rows is not None")
    counted = nb.kernel("app.query.state.rows")
    page.get_by_text(f"{counted:,} rows", exact=True).wait_for()
    panel.get_by_role("button", name="Search").click()
    nb.until("'powlaw_gamma' in app.table.colnames and len(app._state.applied) == 1")
    nb.quiet()
    assert nb.kernel("float(app.table['powlaw_gamma'].min()) > 1.5 and 0 < len(app.table) == app.query.state.rows")
    page.locator(".csc-area-table .tabulator-col[tabulator-field=powlaw_gamma]").wait_for()
    press(nb, "ADQL")
    area = panel.get_by_label("The query, in ADQL")
    assert "m.powlaw_gamma > 1.5" in area.input_value()
    assert area.input_value() == nb.kernel("app.table.meta['provenance'].query")

    for theme in ("light", "dark"):
        nb.theme(theme)
        page.wait_for_timeout(800)
        look(nb, theme)
    nb.resize(DESKTOP)
    page.wait_for_timeout(800)
    look(nb, "desktop")
    nb.resize(LAPTOP)
    nb.theme("light")

    press(nb, "ADQL")
    area.fill("")
    area.press_sequentially("SELECT name, obsid, theta FROM csc21.master_st")
    page.wait_for_timeout(200)
    area.press("Alt+Enter")  # completes the table's name
    area.press_sequentially(" a, csc21.observation_source o, csc21.stack_observation_assoc b WHERE a.region_id")
    area.press_sequentially(" = b.region_id AND a.detect_stack_id = b.detect_stack_id AND o.obsid = b.obsid")
    area.press_sequentially(" AND o.region_id = b.region_id AND o.obi = b.obi AND o.the")
    page.wait_for_timeout(200)
    area.press("Alt+Enter")
    area.press_sequentially(" < 3")
    nb.until("app.query.state.edited and app.query.state.text.endswith('o.theta < 3')")
    assert "csc21.master_stack_assoc a," in nb.kernel("app.query.state.text")
    assert "'obsid'" in nb.kernel("app.query.state.problem")  # it is in two tables
    nb.screenshot("ambiguous")
    area.fill(nb.kernel("app.query.state.text.replace('obsid, theta', 'o.obsid, o.theta')"))
    nb.until("app.query.state.problem == ''")
    area.press("Control+Enter")
    nb.until("len(app.query.state.result) > 0")
    nb.quiet()
    page.locator(".csc-rows-page .tabulator-row").first.wait_for()
    page.locator(".csc-rows-page .tabulator-row").nth(1).click()
    nb.until("app.focus == app.query.table['name'][1]")
    nb.screenshot("detections")
    assert nb.kernel("float(app.query.table['theta'].max().value) < 3")

    press(nb, "ADQL")  # the service cuts the next answer: the panel offers the rest
    service = "__import__('cscwidgets.service.vo.tap', fromlist=['tap'])"
    nb.kernel(f"setattr({service}, 'DEFAULT_MAXREC', 250)")
    area.fill("SELECT obsid, theta FROM csc21.observation_source")
    nb.until("app.query.state.problem == ''")
    area.press("Control+Enter")
    rest = panel.get_by_role("button", name="Get the rest")
    rest.wait_for()
    nb.quiet()
    assert "since none of its tables has positions" in panel.inner_text()
    for theme in ("dark", "light"):
        nb.theme(theme)
        page.wait_for_timeout(800)
        nb.screenshot(f"cut-{theme}")
        assert page.locator(".csc-explorer").first.evaluate(FAULTS) == []
    rest.click()
    nb.until("app.query.state.rest == '' and app.query.table.meta['provenance'].complete")
    rest.wait_for(state="hidden")
    assert nb.kernel(f"setattr({service}, 'DEFAULT_MAXREC', 1_000_000) or len(app.query.table)") > 250
    nb.screenshot("whole")
    page.locator(".csc-bar-top .csc-more").click()
    nb.until(f"app.workspace.shape.front == {before!r}")


@pytest.mark.long
def test_columns_are_chosen_with_the_keyboard_alone(workspace):
    nb = workspace
    nb.page.locator(".csc-bar-top .csc-more").press("Enter")
    nb.until("app.workspace.shape.front == 'query' and app.query.state.schema is not None")
    find = nb.page.get_by_label("Find a column by words")
    find.fill("nh_gal")
    find.press("Tab")
    nb.page.keyboard.press("Tab")
    nb.page.keyboard.press("Space")
    nb.until("app.query.state.columns == ('nh_gal',)")
