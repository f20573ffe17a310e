"""A notebook that was saved with an explorer in it, where no kernel is behind it any more."""

from __future__ import annotations

import base64
import io
import json

import numpy as np
from PIL import Image

OUTPUT = "notebook.content.widgets[1].model.outputs.toJSON()[0].data"

# JupyterLab may just have put the cell aside: then it is drawn anew.
WHOLE_IN_WIDTH = """() => {
  const still = document.querySelector('.csc-still img');
  if (!still) return false;
  still.scrollIntoView();
  const [box, room] = [still, still.closest('.jp-WindowedPanel-outer')].map(node => node.getBoundingClientRect());
  return box.width > 0 && box.right <= room.right;
}"""


def test_a_saved_notebook_shows_a_still_and_follows_what_is_seen(workspace, lab):
    nb = workspace
    has_picture = f"() => 'image/png' in {OUTPUT}"
    nb.page.wait_for_function(has_picture, timeout=20_000)
    nb.page.locator(".csc-explorer").evaluate("node => node.dataset.kept = 'yes'")
    before = nb.page.evaluate(f"{OUTPUT}['image/png']")
    nb.execute("app.select(app.table['name'][:7])")
    nb.page.wait_for_function(f"old => {OUTPUT}['image/png'] !== old", arg=before, timeout=20_000)
    assert "319 sources, complete, 7 selected" in nb.page.evaluate(f"{OUTPUT}['text/plain']")
    explorer = nb.page.locator(".csc-explorer")
    assert explorer.count() == 1
    assert explorer.get_attribute("data-kept") == "yes"  # the widget was not drawn anew

    png = nb.page.evaluate(f"{OUTPUT}['image/png']")
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB"), int)
    red, green, blue = np.moveaxis(picture, 2, 0)
    assert ((red > 180) & (green < 100) & (blue > 60) & (blue < 170)).sum() > 100  # rings around the selected ones

    nb.command("docmanager:save")
    saved = json.loads((lab.root / nb.name).read_text())
    from nbconvert import HTMLExporter

    html, _ = HTMLExporter().from_filename(str(lab.root / nb.name))
    assert "data:image/png;base64," in html
    assert png[:200] in html.replace("\n", "")
    assert "Error displaying widget" not in html
    assert "application/vnd.cscwidgets.explorer+json" in saved["cells"][1]["outputs"][0]["data"]

    nb.page.evaluate("notebook.sessionContext.shutdown()")
    nb._open()
    nb.said.clear()
    still = nb.page.locator(".csc-still img")
    still.wait_for()
    assert nb.page.get_by_text("Run the cell to explore").is_visible()
    assert "7 selected" in still.get_attribute("alt")
    assert still.evaluate("node => node.naturalWidth") > 800
    nb.page.wait_for_function(WHOLE_IN_WIDTH)
    assert nb.page.get_by_text("Error displaying widget").count() == 0
    nb.screenshot("still")
    nb.run_all()  # and is an explorer again
    nb.page.locator(".csc-explorer .csc-diagram:visible .bqplot .axis").first.wait_for()
    assert nb.page.locator(".csc-still img").count() == 0
