"""Another program gets the table and selects here; layers are clicked, and files let fall on the sky."""

from __future__ import annotations

from contextlib import nullcontext

from ..samp_hubs import JSAMP, jsamp_hub, jsamp_sends, jsamp_snooper, until
from .laptop import DESKTOP, FAULTS, LAPTOP
from .skypage import SkyPage

# Another program at the same hub, as TOPCAT would be: pyvo's client in a process of its own.
OTHER = r"""
import subprocess, sys
program = '''
import sys, urllib.request
from pyvo.samp import SAMPIntegratedClient, conf
with conf.set_temp("use_internet", False):
    other = SAMPIntegratedClient("other", addr="127.0.0.1")
    other.connect()
def take(private_key, sender_id, msg_id, mtype, params, extra):
    content = urllib.request.urlopen(params["url"]).read()
    other.ereply(msg_id, "samp.ok", result={})
    rows = {"table-id": params["table-id"], "row-list": ["0", "3", "4"]}
    other.enotify(sender_id, "table.select.rowList", **rows)
    print(content.count(b"<TR>"), flush=True)
other.bind_receive_message("table.load.votable", take)
print("ready", flush=True)
sys.stdin.read()
other.disconnect()
'''
other = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
assert other.stdout.readline() == "ready\n"
"""

LAYER = """
import numpy as np, pandas as pd
ra, dec = app.sky.target.ra.deg, app.sky.target.dec.deg
frame = pd.DataFrame({"id": ["HST 1", "HST 2", "HST 3"], "ra": ra + np.array([-0.03, 0.17, 0.03]),
                      "dec": dec + np.array([-0.01, 0.045, 0.005]), "Vmag": [17.5, 18.25, 16.0]})
_ = app.add_layer(frame, "HST stars")
_ = app.add_layer(app.region, "my area")
"""


INSIDE = """
from astropy.coordinates import SkyCoord
apart = SkyCoord(app.table["ra"], app.table["dec"]).separation(SkyCoord(6.02, -72.08, unit="deg"))
inside = int((apart.arcmin <= 1).sum())
"""

WHOLE = """menu => menu.scrollWidth <= menu.clientWidth && menu.scrollHeight <= menu.clientHeight &&
  menu.getBoundingClientRect().bottom <= menu.closest('.csc-explorer').getBoundingClientRect().bottom"""

DROP = """(sky, text) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([text], 'desktop.reg'));
  for (const type of ['dragover', 'drop'])
    sky.dispatchEvent(new DragEvent(type, {dataTransfer, bubbles: true, cancelable: true}));
}"""


def test_a_table_goes_to_other_programs_whose_rows_come_back_selected(workspace, tmp_path, monkeypatch):
    nb = workspace
    page, view = nb.page, SkyPage(workspace)
    monkeypatch.setenv("HOME", str(tmp_path))  # where the lock file of a hub lies
    nb.execute(f"import os; other, home = None, os.environ['HOME']; os.environ['HOME'] = {str(tmp_path)!r}")
    try:
        with jsamp_hub() if JSAMP.exists() else nullcontext():
            page.locator(".csc-menu-export > .csc-menu-button").click()
            menu = page.locator(".csc-neighbours")
            for size, name in ((DESKTOP, "desktop"), (LAPTOP, "laptop")):
                look(nb, size, f"menu-{name}")
            menu.locator("button", has_text="Connect").click()
            nb.until("app.samp.status == 'connected'")
            nb.execute(OTHER)
            nb.until("'other' in [one.name for one in app.samp.clients]")
            menu.get_by_label("Send to").select_option("other")
            menu.locator("button", has_text="Table").click()
            nb.until("len(app.selected) == 3")
            assert nb.kernel("int(other.stdout.readline()) == len(app.table)")
            assert nb.kernel("app.selected['name'].tolist() == app.table['name'][[0, 3, 4]].tolist()")
            menu.get_by_text("rows to other").wait_for()
            view.wait("view.counts().selected === 3")
            if JSAMP.exists():
                told = nb.kernel("app.samp._inbox.tables.latest.identifier")
                with jsamp_snooper() as heard:
                    takes = "app.samp._link.clients('table.select.rowList')"
                    nb.until(f"'Snooper' in [one.name for one in {takes}]")
                    nb.until("'Snooper' in [one.name for one in app.samp.clients]")
                    menu.get_by_label("Send to").select_option("Snooper")
                    menu.locator("button", has_text="Selection").click()
                    until(lambda: told in heard() and all(f'"{row}"' in heard() for row in (0, 3, 4)))
                    assert "samp.ok" in jsamp_sends("table.highlight.row", "cscwidgets", table_id=told, row="6")
                    nb.until("app.focus == app.table['name'][6]")
                    look(nb, LAPTOP, "connected")
            menu.locator("button", has_text="Disconnect").click()
            nb.until("app.samp.status == 'off' and len(app.selected) == 3")
    finally:
        nb.execute("app.samp.close(); other and other.stdin.close(); os.environ['HOME'] = home")


def look(nb, size, name):
    """Screenshots in both themes, of what is whole."""
    nb.resize(size)
    nb.bring_into_sight()
    for theme in ("light", "dark"):
        nb.theme(theme)
        nb.page.wait_for_timeout(400)
        nb.screenshot(f"{name}-{theme}")
        assert nb.page.locator(".csc-explorer").first.evaluate(FAULTS) == [], (name, theme)
    menu = nb.page.locator(".csc-exporting")
    if menu.is_visible():
        assert menu.evaluate(WHOLE), name
    nb.theme("light")


def test_a_layer_is_clicked_and_files_are_let_fall_on_the_sky(workspace):
    nb = workspace
    page, view = nb.page, SkyPage(workspace)
    nb.execute(LAYER)
    view.wait("!view.layers.own.legend.hidden")
    place = nb.kernel("[frame['ra'].tolist()[1], frame['dec'].tolist()[1]]")
    x, y = view.js("view.toPixel(...argument)", place)
    box = view.field.bounding_box()
    page.mouse.move(box["x"] + x, box["y"] + y)
    page.locator(".csc-tooltip").get_by_text("HST 2").wait_for()
    page.mouse.click(box["x"] + x, box["y"] + y)
    nb.until("app.layers['HST stars'].row == 1")
    card = page.locator(".csc-row-card")
    card.get_by_text("18.25").wait_for()
    for size, name in ((DESKTOP, "desktop"), (LAPTOP, "laptop")):
        look(nb, size, f"layer-{name}")
    card.get_by_role("button", name="Close").click()
    card.wait_for(state="hidden")
    assert nb.kernel("app.layers['HST stars'].row == -1 and app.layers['HST stars'].chosen.tolist() == [1]")

    # Dragged from JupyterLab's file browser, and from the desktop.
    (nb.lab.root / "dragged.csv").write_text(f"id,ra,dec\nX,{place[0]},{place[1]}\n")
    nb.command("filebrowser:refresh")
    page.locator(".jp-DirListing-item", has_text="dragged.csv").hover()
    page.mouse.down()
    field = view.field.bounding_box()
    for step in (0.3, 0.4, 0.5):
        page.mouse.move(field["x"] + step * field["width"], field["y"] + step * field["height"])
    page.mouse.up()
    nb.until("'dragged' in app.layers.names")
    view.field.evaluate(DROP, 'icrs; circle(6.02, -72.08, 60")')
    nb.until("'desktop' in app.layers.names")
    view.wait("view.layers.own.list.children.length === 4")
    (nb.lab.root / "dragged.csv").unlink()
    look(nb, LAPTOP, "dropped")

    # The legend selects what lies there, and takes it off.
    page.get_by_role("button", name="Select the sources at desktop").click()
    nb.execute(INSIDE)
    nb.until("len(app.selected) == inside > 10")
    page.get_by_role("button", name="Take HST stars off the sky").click()
    nb.until("app.layers.names == ['dragged', 'my area', 'desktop']")
    page.get_by_text("3 layers of your own").click()
    page.get_by_role("button", name="Take dragged off the sky").wait_for(state="hidden")
    nb.screenshot("folded")
    page.locator(".csc-menu-export > .csc-menu-button").click()
    page.get_by_label("A table or regions").fill("frame")
    page.locator(".csc-neighbours button", has_text="Add").click()
    nb.until("'frame' in app.layers.names and len(app.layers['frame'].ra) == 3")
