"""What a catalogue, a marker or a layer says is shown as text, wherever Aladin Lite would write it as HTML."""

from __future__ import annotations

import pytest

from .skypage import SETUP, SkyPage

HOSTILE = "x<img src=x onerror=\"document.title='broken'\">"

TABLE = f"""
from astropy.table import Table
from ipyaladin import CircleError, Marker
bad = {HOSTILE!r}
table = Table({{"ra": [23.4], "dec": [30.7], "cell": [bad], bad: ["column"], "size": [30.0]}})
table["access_url"] = ["https://x/ onmouseover=" + bad]
table["cell"].description = bad
table["size"].unit = "arcsec"
"""

WAYS = {
    "add_table": "sky.add_table(table, name=bad, source_size=20)",
    "error circles": "sky.add_table(table, shape=CircleError('size'), name=bad)",
    "a popup asked for": "sky.add_table(table, on_click='showPopup', source_size=20)",
    "add_markers": "sky.add_markers([Marker(SkyCoord(23.4, 30.7, unit='deg'), title=bad, description=bad)], name=bad)",
    "add_catalog_from_URL": """
table.write("cat.xml", format="votable", overwrite=True)
sky.add_catalog_from_URL(files + "/cat.xml", dict(name=bad, on_click="showPopup", source_size=20))
""",
}


@pytest.mark.parametrize("way", WAYS)
def test_text_stays_text(reused, lab, way):
    nb = reused(
        [SETUP + TABLE + f"files = '{lab.url}/files'", "sky = Sky('M33', fov=1.0, show_layers_control=True)\nsky"]
    )
    nb.run_all()
    view = SkyPage(nb)
    before = view.js("view.counts().aladinLayers")
    nb.execute(WAYS[way])
    view.wait(f"view.counts().aladinLayers > {before}")
    title = view.page.title()
    view.page.wait_for_timeout(300)
    view.click(view.pixel(23.4, 30.7 + (30 / 3600 if way == "error circles" else 0)))  # a circle is clicked on its rim
    shown = view.page.locator(".csc-measurements, .aladin-popup")
    shown.get_by_text(HOSTILE, exact=True).first.wait_for(timeout=5000)
    nb.screenshot(way.replace(" ", "-"))
    assert view.page.locator(".csc-aladin img[src='x'], .csc-aladin [onmouseover], .csc-aladin [onerror]").count() == 0
    view.page.wait_for_timeout(300)
    assert view.page.title() == title != "broken"
