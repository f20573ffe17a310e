"""What is shown is handed on: its script into the clipboard and a new cell that runs, its figure into a file."""

from .laptop import DESKTOP, LAPTOP

CELLS = "notebook.content.model.sharedModel.cells.map(cell => cell.source)"
INSIDE = """menu => {
  const room = menu.closest('.csc-explorer').getBoundingClientRect(), box = menu.getBoundingClientRect();
  const parts = [...menu.querySelectorAll('button, select, input')].filter(node => node.checkVisibility());
  return [
    box.left >= room.left && box.right <= room.right + 1 && box.bottom <= room.bottom + 1,
    parts.filter(node => node.getBoundingClientRect().right > box.right || node.scrollWidth > node.clientWidth + 1)
      .map(node => node.outerHTML),
    menu.scrollHeight <= menu.clientHeight + 1 && menu.scrollWidth <= menu.clientWidth + 1,
  ];
}"""


def cells(nb):
    return nb.page.evaluate(CELLS)


def new_cell(nb, press):
    """The source of the cell that something puts into the notebook."""
    before = cells(nb)
    press()
    nb.page.wait_for_function(f"{CELLS}.length === {len(before) + 1}")
    (new,) = [source for source in cells(nb) if source not in before]
    assert "\n".join(source for source in cells(nb) if source != new) == "\n".join(before)
    return new


def opened(nb):
    """The open menu Export."""
    nb.bring_into_sight()
    menu = nb.page.locator(".csc-menu-export .csc-menu-content")
    if not menu.is_visible():
        nb.page.locator(".csc-menu-export .csc-menu-button").click()
    return menu


def look_at(nb):
    """Nothing of the menu is cut, on either screen, in either theme."""
    for size in (LAPTOP, DESKTOP):
        nb.resize(size)
        for theme in ("light", "dark"):
            nb.theme(theme)
            menu = opened(nb)
            nb.page.wait_for_timeout(500)
            nb.screenshot(f"menu-{size[0]}-{theme}")
            assert menu.evaluate(INSIDE) == [True, [], True]
    nb.theme("light")
    nb.resize(LAPTOP)


def copy_and_run(nb):
    """The script of the panel in front is copied, and run in a cell: its table is the panel's."""
    menu, script = opened(nb), nb.kernel("app.hardness.script()")
    assert menu.get_by_label("Code of").input_value() == "Hardness"
    menu.get_by_role("button", name="Copy code").click()
    menu.get_by_role("button", name="Copied").wait_for()
    assert nb.page.evaluate("navigator.clipboard.readText()") == script
    place = nb.page.locator(".csc-explorer").first.bounding_box()
    assert new_cell(nb, menu.get_by_role("button", name="New cell").click) == script
    assert nb.page.locator(".csc-explorer").first.bounding_box() == place  # nothing moved
    nb.execute("import numpy as np; panel = app.hardness.table")
    nb.page.evaluate(f"notebook.content.activeCellIndex = {cells(nb).index(script)}")
    nb.command("notebook:run-cell")
    nb.until("'diagram' in globals() and len(table) == len(panel) > 100")
    same = "np.array_equal(table[n], panel[n], equal_nan=table[n].dtype.kind == 'f')"
    assert nb.kernel(f"all({same} for n in panel.colnames)")


def write_figure(nb):
    menu = opened(nb)
    menu.get_by_label("Width of the figure").select_option("A&A page")
    assert menu.get_by_label("Name of the figure's file").input_value() == "hardness"
    menu.get_by_role("button", name="Write").first.click()  # the other writes regions
    menu.get_by_text("written to hardness.pdf").wait_for()
    nb.screenshot("written")
    nb.execute("import re; box = re.search(rb'/MediaBox \\[ 0 0 (\\S+) ', open('hardness.pdf', 'rb').read())[1]")
    assert abs(nb.kernel("float(box) * 25.4 / 72") - 180) < 0.1
    nb.page.keyboard.press("Escape")


def copy_votable(nb):
    """The selected rows as another program pastes them; they are pasted here as a list too."""
    menu = opened(nb)
    menu.get_by_role("button", name="Copy as VOTable").click()
    menu.get_by_role("button", name="Copied").wait_for()
    text = nb.page.evaluate("navigator.clipboard.readText()")
    nb.execute(f"from cscwidgets.archive.lists.reading import read_list; pasted = read_list({text!r})")
    assert nb.kernel("pasted.ra.tolist() == app.selected['ra'].value.tolist()")
    nb.page.keyboard.press("Escape")


def from_the_menu(nb, entry):
    """Choose an entry of JupyterLab's menu Chandra, which has all commands of the palette."""
    nb.page.locator(".lm-MenuBar-item", has_text="Chandra").click()
    menu = nb.page.locator(".lm-Menu:visible")
    menu.get_by_role("menuitem", name=entry).wait_for()
    assert menu.locator(".lm-Menu-item:not(.lm-mod-hidden) .lm-Menu-itemLabel:not(:empty)").all_inner_texts() == [
        "Explore the Chandra Source Catalog",
        "Explore the Simulated Chandra Source Catalog (Works Offline)",
        "Open the Session of an Explorer…",
        "Show Explorer beside the Notebook",
        "Send Selection to a New Cell as Code",
        "Insert the Query in a New Cell",
        "Export Selection to a Variable",
    ]
    nb.screenshot("main-menu")
    menu.get_by_role("menuitem", name=entry).click()


def test_a_script_goes_into_a_cell_and_a_figure_into_a_file(workspace):
    nb = workspace
    nb.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    nb.execute("app.select(app.table['name'][:3])")
    look_at(nb)
    copy_and_run(nb)
    write_figure(nb)
    copy_votable(nb)

    code = new_cell(nb, lambda: nb.command("cscwidgets:query-code"))
    assert nb.kernel("app.table.meta['provenance'].query") in code
    nb.page.locator(".csc-bar-top").first.click(button="right", position={"x": 4, "y": 4})
    item = nb.page.get_by_role("menuitem", name="Send Selection to a New Cell as Code")
    item.wait_for()
    nb.screenshot("context-menu")
    code = new_cell(nb, item.click)
    assert code == nb.kernel("app.script()")
    assert all(name in code for name in nb.kernel("app.selected['name'].tolist()"))

    # The script that was run has a variable of the usual name.
    code = new_cell(nb, lambda: from_the_menu(nb, "Export Selection to a Variable"))
    assert code == "sources_2  # 3 selected rows"
    assert nb.kernel("sources_2['name'].tolist() == app.selected['name'].tolist()")
