"""A whole catalogue: a folder opens on all of the sky, counts become sources where there is room, a brush is exact."""

from __future__ import annotations

import numpy as np

from cscwidgets.sky.sphere import separation

from ..whole_catalogue import whole_catalogue, write_whole_catalogue
from .skypage import SkyPage

N = 60_000


def test_a_whole_catalogue_opens_zooms_and_is_brushed(notebook, tmp_path):
    folder = write_whole_catalogue(tmp_path / "csc21", N)
    nb = notebook(["from cscwidgets import Explorer", f"app = Explorer(archive={str(folder)!r}); sky = app.sky\napp"])
    nb.page.set_viewport_size({"width": 1366, "height": 768})
    nb.run_all()
    view = SkyPage(nb)
    view.wait("view.counts().cells > 500", 60)
    nb.until("len(app._state.table) > 0 and not app._state.desk.tasks.running", 60)
    nb.page.get_by_text(f"{N:,} sources here, up to").wait_for()
    nb.page.wait_for_timeout(1500)
    nb.screenshot("all-sky-light")
    box = nb.page.locator(".csc-sky-layers").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    nb.execute("sky.draw('circle', 'select')")
    nb.page.wait_for_timeout(500)
    nb.page.mouse.move(*middle)
    nb.page.mouse.down()
    nb.page.mouse.move(middle[0] + 60, middle[1], steps=5)
    nb.page.mouse.up()
    nb.until("app._state.desk.selection.count > 0", 20)
    ra, dec = (whole_catalogue(N)[name].to_numpy() for name in ("ra", "dec"))
    selected = set(nb.kernel("sorted(app._state.desk.selection.names)"))
    names = np.array(whole_catalogue(N)["name"].to_pylist())
    distance = separation(ra, dec, *nb.kernel("[float(app.sky.target.ra.deg), float(app.sky.target.dec.deg)]"))
    reach = distance[np.isin(names, sorted(selected))].max()
    assert selected == set(names[distance <= reach])
    assert len(selected) > 500
    nb.page.wait_for_timeout(1000)
    nb.screenshot("all-sky-selected")
    nb.theme("dark")
    nb.page.set_viewport_size({"width": 1920, "height": 1080})
    nb.page.wait_for_timeout(1500)
    nb.screenshot("all-sky-dark")
    # To one crowded field: its sources, one by one.
    squares = (ra * 2).astype(int) * 1000 + (dec * 2 + 180).astype(int)
    number, count = np.unique(squares, return_counts=True)
    there = squares == number[np.argmax(count)]
    place = float(ra[there].mean()), float(dec[there].mean())
    nb.execute(f"sky.target = '{place[0]} {place[1]}'; sky.fov = 1")
    view.wait("view.counts().cells === 0 && view.counts().sources > 20", 30)
    near = int((separation(ra, dec, *place) <= 0.4).sum())
    assert nb.kernel("len(app.sky._sources['positions']) // 16") >= near > 0
    nb.page.wait_for_timeout(1000)
    nb.screenshot("zoomed-dark")
    assert nb.kernel("app.messages") == []
