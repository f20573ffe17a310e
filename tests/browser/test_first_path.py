"""The main path from the first click to the exported variable, in a real JupyterLab."""

from __future__ import annotations

import astropy.units as u
import numpy as np
import pyarrow.parquet as pq
import pytest
from astropy.coordinates import SkyCoord

from cscwidgets.service.imports.importer import import_tables

from .notebook import KernelError
from .skypage import SkyPage
from .test_hardness import assert_lassoed, drag

IMPORT = "from cscwidgets import Explorer"


@pytest.fixture
def explorer(reused):
    """Open an explorer in a notebook and wait for its first answer."""

    def open_(arguments: str, size=(1400, 1400)):
        nb = reused([IMPORT, f"app = Explorer({arguments}); sky = app.sky\napp"])
        nb.page.set_viewport_size({"width": size[0], "height": size[1]})
        nb.run_all()
        nb.until("len(app._state.table) > 0 and not app._state.desk.tasks.running", 60)
        return nb, SkyPage(nb)

    return open_


def positions(folder):
    table = pq.read_table(folder / "master_source.parquet", columns=["name", "ra", "dec"])
    ra, dec = (table[name].to_numpy() for name in ("ra", "dec"))
    return np.array(table["name"].to_pylist()), SkyCoord(ra, dec, unit="deg")


def names_in(nb, table="app._state.table"):
    return set(nb.kernel(f"[str(name) for name in {table}['name']]"))


def test_draw_see_brush_export(explorer, demo_folder):
    nb, view = explorer("'M33', radius='1 deg', archive='demo'")
    assert nb.page.locator(".csc-explorer .csc-simulated").first.is_visible()
    first = names_in(nb)
    assert all(name.startswith("SIM J") for name in first)

    # Draw a circle: the region is what was drawn, the table an independent cone cut of the archive.
    width, height = view.size
    start, end = (width / 2, height / 2), (width / 2 + 45, height / 2)
    drawn_at, drawn_radius = view.sky(start), view.sky(start).separation(view.sky(end))
    view.button("Draw a circle").click()
    view.drag(start, end)
    nb.until("type(app._state.region.shape).__name__ == 'CircleSkyRegion' and app._state.region.radius < 0.9")
    nb.until("not app._state.desk.tasks.running")
    at, radius = nb.kernel("[[app.region.center.ra.deg, app.region.center.dec.deg], app.region.radius.to_value('deg')]")
    assert radius == pytest.approx(drawn_radius.deg, rel=0.01)
    assert SkyCoord(*at, unit="deg").separation(drawn_at) < 0.01 * drawn_radius
    names, sky = positions(demo_folder)
    cone = set(names[sky.separation(SkyCoord(*at, unit="deg")).deg <= radius])
    assert names_in(nb, "app.table") == cone
    assert 0 < len(cone) < len(first)

    # Brush in the hardness diagram: one selection everywhere.
    nb.execute("state, panel = app._state, app.hardness")
    corners = [(-0.1, -0.4), (0.5, -0.4), (0.5, 0.3), (-0.1, 0.3), (-0.1, -0.4)]
    drag(nb, corners)
    nb.until("app._state.desk.selection.count > 0")
    selected = names_in(nb, "app.selected")
    assert_lassoed(nb, corners, selected)
    assert nb.page.get_by_text(f"{len(selected)} selected").first.is_visible()
    nb.screenshot("brushed")

    # Select on the sky with Alt: taken away; undo brings it back.
    view.button("Draw a box").click()
    nb.page.get_by_role("button", name="Select", exact=True).first.click()
    view.drag((5, 5), (width - 5, height / 2), "Alt")
    nb.until(f"app._state.desk.selection.count < {len(selected)}")
    rest = names_in(nb, "app.selected")
    assert rest < selected
    nb.page.locator("button[title^='Undo']").click()
    nb.until(f"app._state.desk.selection.count == {len(selected)}")
    nb.page.locator("button[title='Redo']").click()
    nb.until(f"app._state.desk.selection.count == {len(rest)}")

    # Export: a variable of the chosen name, and never over another unasked.
    nb.page.locator(".csc-menu-export .csc-menu-button").click()
    field = nb.page.get_by_label("Export to")
    field.fill("binaries")
    field.press("Tab")
    nb.page.locator(".csc-menu-export .csc-menu-content button", has_text="Export").click()
    nb.until("'binaries' in globals()")
    assert nb.kernel("type(binaries).__name__") == "QTable"
    assert names_in(nb, "binaries") == rest
    nb.execute("binaries = 'precious'")
    nb.page.locator(".csc-menu-export .csc-menu-content button", has_text="Export").click()
    nb.page.locator(".csc-message", has_text="binaries already holds a str").wait_for()
    assert nb.kernel("binaries") == "precious"
    nb.theme("dark")
    nb.screenshot("dark")


def test_box_and_polygon_drawn_at_the_pole_ask_for_what_they_hold(explorer, tmp_path):
    import pyarrow as pa

    from cscwidgets.archive.folder import ArchiveInfo, write_folder

    rng = np.random.default_rng(3)
    n = 3000
    folder = tmp_path / "polar"
    ra, dec = rng.uniform(0, 360, n), 90 - np.abs(rng.normal(0, 1, n))
    table = pa.table({"name": [f"SIM J{row:05d}" for row in range(n)], "ra": ra, "dec": dec})
    info = ArchiveInfo("Polar cap", "csc2.1", "csc21", "made for a test", True, "2026-01-01T00:00:00Z")
    write_folder(folder, {"master_source": table}, info)
    nb, view = explorer(f"'0 90', radius='2 deg', archive={str(folder)!r}")
    names, sky = positions(folder)
    width, height = view.size
    x, y = width / 2, height / 2
    shapes = {
        "Draw a box": [(x - 60, y - 40), (x + 80, y + 90)],
        "Draw a polygon": [(x - 70, y - 60), (x + 90, y - 30), (x, y + 80)],
    }
    for tool, points in shapes.items():
        corners = points
        if tool == "Draw a box":
            (x0, y0), (x1, y1) = points
            corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
        vertices = view.sky(*corners)
        view.button(tool).click()
        if tool == "Draw a box":
            view.drag(*points)
        else:
            view.polygon(points)
        nb.until(
            "type(app._state.region.shape).__name__ == 'PolygonSkyRegion'"
            f" and len(app._state.region.shape.vertices) == {len(corners)}"
        )
        nb.until("not app._state.desk.tasks.running")
        back = nb.kernel("[app.region.vertices.ra.deg.tolist(), app.region.vertices.dec.deg.tolist()]")
        assert SkyCoord(*back, unit="deg").separation(vertices).max() < 0.02 * u.deg
        assert names_in(nb, "app.table") == inside_spherical(names, sky, SkyCoord(*back, unit="deg"))
        nb.execute("app.region = 'icrs; circle(0, 90, 2)'")
        nb.until("type(app._state.region.shape).__name__ == 'CircleSkyRegion' and not app._state.desk.tasks.running")
        nb.page.wait_for_timeout(400)
    assert nb.kernel("app.messages") == []


def inside_spherical(names, sky, vertices):
    """Names inside a convex polygon, by the regions package's spherical polygon."""
    from regions import PolygonSphericalSkyRegion

    middle = SkyCoord(vertices.cartesian.mean(), frame="icrs").spherical
    middle = SkyCoord(middle.lon, middle.lat)
    region = PolygonSphericalSkyRegion(vertices)
    if not region.contains(middle):
        region = PolygonSphericalSkyRegion(vertices[::-1])
    return set(names[region.contains(sky)])


@pytest.mark.real
def test_real_m4(explorer, real, tmp_path):
    from astropy.io.votable import parse

    folder = tmp_path / "m4"
    import_tables([real / "tables" / "search_csc_NGC6121_M4.tsv.gz"], folder, title="M4", release="csc2.0")
    nb, _ = explorer(f"'M4', radius='0.5 deg', archive={str(folder)!r}")
    recorded = parse(real / "scs" / "m4_ra245.89675_dec-26.52575_sr0.5_verb2.xml").get_first_table().to_table()
    assert names_in(nb, "app.table") == {str(name).strip() for name in recorded["name"]}
    assert nb.page.locator(".csc-simulated:visible").count() == 0
    nb.screenshot("m4")


@pytest.mark.real
def test_real_galactic_centre(explorer, real, tmp_path):
    folder = tmp_path / "gc"
    import_tables(
        [real / "tables" / "CSC_allmaster_30arcmin_500ks_4512srcs.tsv"], folder, title="Sgr A*", release="csc2.0"
    )
    nb, view = explorer(f"'Sgr A*', radius='0.6 deg', archive={str(folder)!r}")
    assert nb.kernel("len(app.table)") == 4512
    assert nb.page.get_by_text("the archive has no hard_ms").is_visible()
    nb.page.get_by_role("button", name="Select", exact=True).first.click()
    width, height = view.size
    view.button("Draw a circle").click()
    start, end = (width / 2, height / 2), (width / 2 + 40, height / 2)
    at, radius = view.sky(start), view.sky(start).separation(view.sky(end))
    view.drag(start, end)
    nb.until("app._state.desk.selection.count > 0")
    names, sky = positions(folder)
    distance = sky.separation(at)
    selected = names_in(nb, "app.selected")
    # The mouse is true to a pixel.
    assert set(names[distance < 0.98 * radius]) <= selected <= set(names[distance < 1.02 * radius])
    nb.screenshot("galactic-centre")


def test_a_name_is_text_never_markup(explorer, tmp_path):
    import pyarrow as pa

    from cscwidgets.archive.folder import ArchiveInfo, write_folder

    folder = tmp_path / "evil"
    evil = '<img src=x onerror="window.pwned=1">'
    columns = {"name": [evil, "SIM J2"], "ra": [10.0, 10.01], "dec": [20.0, 20.01]}
    for pair in ("hm", "hs", "ms"):
        columns |= {f"hard_{pair}": [0.1, 0.2], f"hard_{pair}_lolim": [0.0, 0.1], f"hard_{pair}_hilim": [0.2, 0.3]}
    info = ArchiveInfo(f"Evil {evil}", "csc2.1", "csc21", evil, True, "2026-01-01T00:00:00Z")
    write_folder(folder, {"master_source": pa.table(columns)}, info)
    nb, _ = explorer(f"'10 20', radius='0.1 deg', archive={str(folder)!r}")
    nb.execute("app.focus = app.table['name'][0]; app.select(app.table['name'])")
    nb.execute("app._state.desk.messages.note(app.table['name'][0], app.table['name'][0])")
    nb.page.locator(".csc-plot-layer").first.hover(position={"x": 200, "y": 150})
    nb.page.wait_for_timeout(1000)
    assert nb.page.evaluate("window.pwned") is None
    assert nb.page.locator("img[src='x']").count() == 0


def test_two_explorers_share_nothing(notebook):
    targets = {"a": "M33", "b": "M42", "c": "47 Tuc"}
    explorers = [
        f"{name} = Explorer({at!r}, radius='6 arcmin', archive='demo')\n{name}" for name, at in targets.items()
    ]
    cells = [IMPORT, *explorers]
    nb = notebook(cells)
    nb.run_all()
    nb.until("all(len(app._state.table) > 0 for app in (a, b, c))", 60)
    nb.execute("a.select(a.table['name'][:5])")
    assert nb.kernel("[len(app.selected) for app in (a, b, c)]") == [5, 0, 0]
    tables = [names_in(nb, f"{name}.table") for name in "abc"]
    assert not tables[0] & tables[1] | tables[1] & tables[2]
    nb.execute("b.region = 'icrs; circle(83.82, -5.39, 60\")'")
    nb.until("not b._state.desk.tasks.running")
    assert names_in(nb, "a.table") == tables[0]
    SkyPage(nb, 2)
    libraries = [url for url in nb.requests if "aladin.js" in url]
    assert len(libraries) == 1


COUNTS = """
import gc
from ipywidgets.widgets.widget import _instances

def change(times):
    names = [str(name) for name in app.table["name"]]
    for i in range(times):
        app._state.desk.selection.publish("code", names[i % 40 : i % 40 + 25], "new")

def counts():
    gc.collect()
    listeners = sum(
        len(callbacks)
        for owner in (app._state, app._state.desk.selection, app.sky)
        for kinds in owner._trait_notifiers.values()
        for callbacks in kinds.values()
    )
    return {"comms": len(_instances), "listeners": listeners}
"""


@pytest.mark.long  # repeats what other tests do once
def test_five_hundred_selections_leave_no_trace(explorer):
    nb, view = explorer("'M33', radius='10 arcmin', archive='demo'")
    nb.execute(COUNTS)

    def counts():
        nb.page.wait_for_timeout(2000)
        page = {what: number for what, number in view.js("view.counts()").items() if what != "frames"}
        return nb.kernel("counts()") | page

    nb.execute("change(20)")
    before = counts()
    nb.execute("change(500)")
    assert counts() == before
    assert before["comms"] > 50
    assert before["listeners"] > 10


def test_without_a_network_the_csc_fails_in_words_and_the_kernel_stays_free(notebook):
    nb = notebook([IMPORT, "app = Explorer('M33', archive='csc2.1')\napp", "6 * 7"])
    nb.allowed.add("https://alasky")  # the image that lies below the catalogue's sources, and its mirror
    nb.run_all()
    assert nb.kernel("6 * 7") == 42  # at once: the search runs elsewhere
    nb.until("len(app.messages) == 2", 30)
    survey, message = sorted(nb.kernel("app.messages"), key=lambda words: "DSS2" not in words)
    assert "DSS2 colour is not shown. alasky.cds.unistra.fr could not be reached" in survey
    assert "could not be reached" in message
    assert "demo" in message
    nb.page.locator(".csc-message", has_text="Chandra Source Catalog 2.1 could not").wait_for()
    assert len([url for url in nb.requests if "alasky" in url]) == 2
    nb.screenshot("offline")
    with pytest.raises(KernelError, match=r"ServiceUnreachable: .* could not be reached"):
        nb.kernel("len(app.table)")
