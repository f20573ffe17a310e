"""Twelve lines are pasted: what each is, where it lies on the sky, and what the panels make of it."""

from __future__ import annotations

from .laptop import DESKTOP, FAULTS, LAPTOP


def test_twelve_lines_are_pasted_and_a_found_one_is_clicked(workspace):
    nb = workspace
    page = nb.page
    names = nb.kernel("[str(name) for name in app.table['name'][:4]]")
    places = nb.kernel("[f'{ra.value:.6f} {dec.value:+.6f}' for ra, dec in app.table['ra', 'dec'][4:6].iterrows()]")
    lines = [*names, *places, names[0], "23.60 30.60", "01:33:20.0 +30:50:00", "l=300 b=-60", "200.1, -60.2", "what?!"]
    assert len(lines) == 12
    page.locator(".csc-bar-top .csc-more").click()
    nb.until("app.workspace.shape.front == 'query'")
    panel = page.locator(".csc-query")
    panel.locator(".csc-switch").get_by_role("button", name="List", exact=True).click()
    area = panel.get_by_label("Positions or names, one a line", exact=False)
    nb.screenshot("empty")
    area.fill("\n".join(lines))
    panel.get_by_role("button", name="Find sources").click()
    nb.until("len(app.workspace.listed.answer) == 12")
    nb.quiet()
    words = panel.locator(".csc-list-words")
    words.get_by_text("7 found, 2 observed, 2 not observed, 1 not understood").wait_for()
    panel.get_by_role("button", name="Add limits").click()
    nb.until("'limit' in app.workspace.listed.answer.colnames")
    nb.quiet()
    page.locator(".csc-list-page .tabulator-row").nth(1).click()
    nb.until(f"app.focus == {names[1]!r}")
    nb.quiet()
    for theme in ("light", "dark"):
        nb.theme(theme)
        page.wait_for_timeout(800)
        nb.screenshot(theme)
        assert page.locator(".csc-explorer").first.evaluate(FAULTS) == [], theme
    nb.resize(DESKTOP)
    page.wait_for_timeout(800)
    nb.screenshot("desktop-dark")
    nb.theme("light")
    page.wait_for_timeout(500)
    nb.screenshot("desktop")
    assert page.locator(".csc-explorer").first.evaluate(FAULTS) == []
    nb.resize(LAPTOP)
    assert nb.kernel(
        "app.listed['status'].tolist() == ['found'] * 7 + ['observed'] * 2 + ['not observed'] * 2 + ['not understood']"
        f" and app.listed['name'][6] == {names[0]!r} and app.listed['repeats'][6] == 1 and len(app.table) == 6"
        f" and app.focus == {names[1]!r} and all(app.listed['limit'][7:9].value > 0)"
    )
