"""The source table in a real JupyterLab."""

from __future__ import annotations

import pytest

from cscwidgets.views.table_columns import NULL

SETUP = """
import numpy as np, astropy.units as u
from astropy.table import QTable, MaskedColumn
from cscwidgets.views.table import SourceTable

def catalogue(n, seed=1):
    rng = np.random.default_rng(seed)
    table = QTable()
    table["name"] = [f"SIM J{i:06d}" for i in rng.permutation(n)]
    table["ra"] = rng.uniform(0, 360, n) * u.deg
    table["dec"] = rng.uniform(-90, 90, n) * u.deg
    table["flux_aper_b"] = MaskedColumn(10 ** rng.normal(-14, 1, n), mask=rng.random(n) < 0.2, unit="erg s-1 cm-2",
                                        description="Aperture-corrected net energy flux, 0.5-7 keV")
    table["hard_hm"] = MaskedColumn(rng.uniform(-1, 1, n), mask=rng.random(n) < 0.3)
    table["var_flag"] = rng.random(n) < 0.1
    table["acis_num"] = rng.integers(1, 9, n)
    for i in range(30):
        table[f"extra_{i}"] = rng.normal(size=n)
    return table
"""

RECORD = "\npicked = []\ntable.on_select(lambda names, mode: picked.append((names, mode)))\ntable"
USUAL = "columns=['name', 'ra', 'dec', 'flux_aper_b', 'hard_hm', 'var_flag', 'acis_num']"


class TablePage:
    """The table number ``index`` of a notebook."""

    def __init__(self, notebook, index=0):
        self.nb = notebook
        self.page = notebook.page
        self.root = self.page.locator(".csc-table").nth(index)
        self.root.locator(".tabulator-row").first.wait_for()

    def column(self, name):
        cells = self.root.locator(f'.tabulator-row .tabulator-cell[tabulator-field="{name}"]')
        return [text.strip() for text in cells.all_inner_texts()]

    def names(self):
        return self.root.evaluate(
            "el => [...el.querySelectorAll('.tabulator-cell:first-child')].map(cell => cell.textContent)"
        )

    def title(self, name):
        return self.root.locator(f'button[aria-label^="{name},"]')

    def filter(self, name, text):
        box = self.root.locator(f'input[aria-label="Filter {name}"]')
        box.fill(text)
        box.press("Enter")

    def row(self, position):
        return self.root.locator(".tabulator-row").nth(position)

    @property
    def count(self):
        return self.root.locator(".csc-count").inner_text()

    def wait_count(self, text):
        self.page.wait_for_function("t => document.querySelector('.csc-count').textContent.includes(t)", arg=text)


@pytest.fixture
def shown(reused):
    nb = reused([SETUP, f"table = SourceTable(); data = catalogue(450); table.show(data, {USUAL})" + RECORD])
    nb.run_all()
    return nb, TablePage(nb)


def test_sort_filter_and_turn_pages(shown):
    nb, table = shown
    assert table.count == "0 selected · 450 sources"
    assert table.root.locator(".csc-place").inner_text() == "page 1 of 5"
    nb.execute("column = data['flux_aper_b']; flux, missing = np.array(column.unmasked.value), np.array(column.mask)")
    table.title("flux_aper_b").click()
    nb.until("table._sort == ['flux_aper_b', 'asc']")
    nb.execute("order = np.argsort(np.where(missing, np.nan, flux), kind='stable')")
    expected = nb.kernel("[data['name'][i] for i in order]")
    assert nb.kernel("table.view_names()") == expected
    table.page.wait_for_function(
        "n => document.querySelector('.tabulator-row .tabulator-cell').textContent === n", arg=expected[0]
    )
    assert table.names()[:20] == expected[:20]
    table.root.locator('button[aria-label="Last page"]').click()
    table.root.locator(".csc-place", has_text="page 5 of 5").wait_for()
    table.page.wait_for_function(
        "n => document.querySelector('.tabulator-row .tabulator-cell').textContent === n", arg=expected[400]
    )
    assert set(table.column("flux_aper_b")) == {NULL}
    table.filter("flux_aper_b", ">1e-14")
    table.filter("name", "J0000")
    nb.until("len(table._filters) == 2")
    nb.execute("low_names = np.array(['J0000' in name for name in data['name']])")
    kept = nb.kernel("int(((flux > 1e-14) & ~missing & low_names).sum())")
    table.wait_count(f"0 selected · {kept} after filter · 450 sources")
    table.filter("flux_aper_b", "bright")
    problem = table.root.locator(".csc-problem")
    problem.wait_for()
    assert "flux_aper_b: 'bright': write >1e-14" in problem.inner_text()
    assert table.root.locator('input[aria-label="Filter flux_aper_b"]').get_attribute("aria-invalid") == "true"
    nb.screenshot("filter-error")


def test_rows_are_picked_by_click_with_keys_and_keyboard(shown):
    nb, table = shown
    names = table.names()
    table.row(1).click()
    table.row(3).click(modifiers=["Shift"])
    table.row(5).click(modifiers=["Control"])
    nb.execute(f"table.highlight({names[:6]})")
    table.wait_count("6 selected")
    table.row(5).click(modifiers=["Control"])
    table.row(2).click(modifiers=["Alt"])
    table.row(2).focus()
    table.page.keyboard.press("ArrowDown")
    table.page.keyboard.press("Enter")
    table.row(5).click(modifiers=["Shift", "Alt"])
    table.row(6).click(modifiers=["Control", "Alt"])
    nb.until("len(picked) == 8")
    assert nb.kernel("picked") == [
        [[names[1]], None],
        [names[1:4], None],
        [[names[5]], "add"],
        [[names[5]], "remove"],
        [[names[2]], "remove"],
        [[names[3]], None],
        [names[3:6], "remove"],
        [[names[6]], "intersect"],
    ]
    assert [row.get_attribute("aria-selected") for row in table.root.locator(".tabulator-row").all()[:7]] == [
        "true"
    ] * 6 + ["false"]
    table.root.get_by_role("button", name="Selected only").click()
    table.wait_count("6 after filter")
    assert sorted(nb.kernel("table.view_names()")) == sorted(names[:6])
    table.root.get_by_role("button", name="Select all").click()
    nb.until("len(picked) == 9")
    assert sorted(nb.kernel("picked[-1][0]")) == sorted(names[:6])
    nb.screenshot("selected-only")


def test_columns_are_chosen_from_all(shown):
    nb, table = shown
    table.root.locator("summary").click()
    table.root.get_by_label("Find a column").fill("extra_2")
    assert table.root.locator(".csc-choices label").count() == 11
    nb.screenshot("columns")
    table.root.locator(".csc-choices label").first.click()
    nb.until("table._shown[-1] == 'extra_2'")
    table.title("extra_2").wait_for()
    table.root.get_by_label("Find a column").fill("hard")
    table.root.locator(".csc-choices label").first.click()
    nb.until("'hard_hm' not in table._shown")
    table.page.keyboard.press("Escape")
    assert table.root.locator(".csc-panel").is_hidden()
    title = table.title("flux_aper_b")
    assert title.get_attribute("title").startswith("flux_aper_b [erg / (s cm2)]\nAperture-corrected net energy flux")
    assert table.root.locator('.tabulator-col[tabulator-field="flux_aper_b"] small').inner_text() == "erg / (s cm2)"


def test_names_are_text(reused):
    evil = "<img src=x onerror=\"document.title='broken'\">"
    nb = reused(
        [
            SETUP,
            f"""
table = SourceTable()
table.show(QTable({{"name": [{evil!r}, "b"], "<b>bold</b>": ["<i>x</i>", "y"]}}))
table""",
        ]
    )
    nb.run_all()
    table = TablePage(nb)
    assert table.names() == [evil, "b"]
    assert table.column("<b>bold</b>")[0] == "<i>x</i>"
    assert table.root.locator("img, b, i").count() == 0
    assert "broken" not in nb.page.title()


@pytest.mark.long  # the sky's runs always, and goes the same way
def test_second_view_late_display_and_reload_show_the_same(notebook):
    nb = notebook(
        [
            SETUP,
            f"""
table = SourceTable()
table.show(catalogue(450), {USUAL})
table.highlight(table.view_names()[:3])
table._sort = ["ra", "desc"]
table._filters = {{"dec": ">0"}}
table._page = 1
table""",
            "table",
        ]
    )
    nb.run_all()
    views = TablePage(nb, 0), TablePage(nb, 1)
    names = nb.kernel("table._content['names']")
    assert views[0].names()[:15] == views[1].names()[:15] == names[:15]
    assert views[0].root.locator('input[aria-label="Filter dec"]').input_value() == ">0"
    assert "page 2 of" in views[1].root.locator(".csc-place").inner_text()
    nb.reload()
    again = TablePage(nb, 0)
    assert again.names()[:15] == names[:15]
    assert again.root.locator('button[aria-label="ra, sorted descending"]').count() == 1
    nb.execute("table.show(catalogue(20, seed=2))")
    again.wait_count("20 sources")


def test_hundred_thousand_rows_are_sorted_in_the_kernel(reused):
    nb = reused([SETUP, f"table = SourceTable(); table.show(catalogue(100_000), {USUAL})" + RECORD])
    nb.run_all()
    table = TablePage(nb)
    for name in ("flux_aper_b", "name"):
        before = nb.kernel("table.view_names()[:5]")
        nb.page.locator(f'.csc-table button[aria-label^="{name},"]').click()
        nb.until(f"table.view_names()[:5] != {before!r}")
        first = nb.kernel("table.view_names()[0]")
        nb.page.locator(".csc-table .tabulator-row .tabulator-cell").first.get_by_text(first).wait_for()
    assert table.count == "0 selected · 100,000 sources"
    assert table.root.locator(".csc-place").inner_text() == "page 1 of 1,000"


def test_appearance(reused):
    nb = reused(
        [
            SETUP,
            f"""
table = SourceTable(height=420)
data = catalogue(4512)
limits = lambda column, row: "< 2.1e-16" if column == "flux_aper_b" and row % 4 == 0 else None
table.show(data, {USUAL}, format_cell=limits)
table.highlight(list(data["name"][2:5]) + list(data["name"][300:309]))
table""",
        ]
    )
    nb.run_all()
    table = TablePage(nb)
    table.wait_count("12 selected")
    nb.page.locator(".csc-table").scroll_into_view_if_needed()
    nb.screenshot("light", ".csc-table")
    nb.theme("dark")
    nb.page.wait_for_timeout(300)
    nb.screenshot("dark", ".csc-table")
    nb.theme("light")
    assert "< 2.1e-16" in table.column("flux_aper_b")
    nb.page.set_viewport_size({"width": 620, "height": 900})
    nb.page.wait_for_timeout(400)
    nb.screenshot("narrow", ".csc-table")
    box, bar = table.root.bounding_box(), table.root.locator(".csc-bar").bounding_box()
    for node in table.root.locator(".csc-bar button, .csc-bar summary").all():
        inner = node.bounding_box()
        assert inner["x"] >= box["x"]
        assert inner["x"] + inner["width"] <= box["x"] + box["width"] + 1
        assert inner["y"] + inner["height"] <= bar["y"] + bar["height"] + 1
