"""From young stars to their counterparts in a notebook variable, with the demo's catalogue and with one's own."""

from __future__ import annotations

import astropy.units as u
import numpy as np
import pytest
from astropy.table import Table

from cscwidgets import Archive
from cscwidgets.archive.catalogues.finder import find_catalogue
from cscwidgets.science.crossmatch import crossmatch

from .test_first_path import explorer

__all__ = ["explorer"]

M42 = "'M42', radius='4 arcmin', archive='demo'"


@pytest.fixture
def counterparts(explorer):
    """Open the panel of counterparts over a simulated field."""
    return lambda arguments=M42: opened(explorer, arguments)


def opened(explorer, arguments):
    nb, view = explorer(arguments, size=(1400, 2600))
    nb.execute("import numpy as np")
    nb.page.get_by_role("tab", name="Counterparts").click()
    nb.until("len(app.crossmatch.state.offered) > 2", 60)
    nb.quiet()
    return nb, view


def choose(nb, title):
    nb.page.get_by_label("Match with").select_option(label=title)
    nb.until("app.crossmatch.state.catalogue is not None")


def match(nb):
    nb.page.get_by_role("button", name="Match", exact=True).click()
    nb.until("app.crossmatch.state.match is not None", 60)
    nb.quiet()


def title_of(name):
    return find_catalogue(name, Archive("demo")).title


def settings(nb):
    """Open or fold the settings of the panel in front."""
    nb.page.locator(".csc-page.csc-front:not(.csc-second)").get_by_title("Settings").click()


def view(nb, title):
    nb.page.locator(".csc-page.csc-front:not(.csc-second) .csc-switch:visible").get_by_role(
        "button", name=title
    ).click()


def within(nb, radius):
    settings(nb)
    nb.page.get_by_label("radius / arcsec").fill(str(radius))
    nb.page.get_by_label("radius / arcsec").press("Enter")
    nb.until(f"app.crossmatch.state.radius == {radius}")
    settings(nb)


def diagram(nb, title):
    view(nb, "Diagrams")
    nb.page.get_by_label("Which diagram").select_option(label=title)


def raise_the_cut(nb):
    view(nb, "Quality")
    cut = nb.page.locator(".csc-crossmatch").get_by_label("matched from")
    cut.fill("0.95")
    cut.press("Enter")
    nb.until("app.crossmatch.state.thresholds.matched == 0.95")


def lasso(nb, which, corners):
    """Drag a lasso on one of the three diagrams, corners in its coordinates."""
    layer = nb.page.locator(".csc-crossmatch .csc-plot-layer").nth(2 + which)
    layer.scroll_into_view_if_needed()
    box = layer.bounding_box()
    x_range, y_range, margins = nb.kernel(
        f"[(s := app.crossmatch.diagrams.diagrams[{which}].diagram.selector).x_range, s.y_range, s.margins]"
    )
    width = box["width"] - margins["left"] - margins["right"]
    height = box["height"] - margins["top"] - margins["bottom"]

    def pixel(x, y):
        across, up = ((v - r[0]) / (r[1] - r[0]) for v, r in ((x, x_range), (y, y_range)))
        return box["x"] + margins["left"] + across * width, box["y"] + margins["top"] + (1 - up) * height

    nb.page.mouse.move(*pixel(*corners[0]))
    nb.page.mouse.down()
    for corner in corners[1:]:
        nb.page.mouse.move(*pixel(*corner), steps=10)
    nb.page.mouse.up()


def test_from_a_catalogue_to_a_variable(counterparts):
    nb, _ = counterparts()
    choose(nb, title_of("sim_infrared"))
    within(nb, 2)
    match(nb)
    nb.screenshot("matched")

    # The same by code of our own: what the panel shows is what the science says.
    archive = Archive("demo")
    sources = archive.search("M42", radius="4 arcmin")
    region = nb.kernel("app.crossmatch.state.match.objects.meta['provenance'].simulated")
    assert region is True
    objects = Table(archive.query(f"SELECT * FROM {archive.open().schema}.sim_infrared"))
    expected = crossmatch(sources, objects, 2 * u.arcsec)
    found = nb.kernel(
        "[[str(row['name']), str(row['catalogue_name']), float(row['p_any'])]"
        " for row in app.crossmatch.state.match.found.sources]"
    )
    mine = {str(row["name"]): (str(row["catalogue_name"]), float(row["p_any"])) for row in expected.sources}
    assert {name for name, _, _ in found} == set(mine)
    for name, best, p_any in found:
        # The density close to the border knows fewer objects where only the region is asked for.
        assert best == mine[name][0]
        assert p_any == pytest.approx(mine[name][1], abs=0.03)

    # A lasso in the colour-hardness diagram is the one selection.
    formulas = nb.kernel("[list(d.formulas) for d in app.crossmatch.diagrams.diagrams]")
    assert formulas == [["Jmag - Kmag", "hard_hs"], ["Jmag", "flux_aper_b"], ["Jmag - Kmag", "Kmag"]]
    diagram(nb, "Flux and magnitude")
    fluxes = nb.page.locator(".csc-crossmatch .csc-diagram").nth(3)  # after the plots of separations and p_any
    fluxes.get_by_text("10⁻¹⁴", exact=True).wait_for()
    diagram(nb, "Colour and hardness")
    corners = [(1.0, -0.6), (2.5, -0.6), (2.5, 0.3), (1.0, 0.3), (1.0, -0.6)]
    lasso(nb, 0, corners)
    nb.until("app._state.desk.selection.count > 0")
    selected = set(nb.kernel("sorted(app._state.desk.selection.names)"))
    nb.execute(
        "def numbers(column):\n"
        "    filled = column.filled(np.nan) if hasattr(column, 'filled') else column\n"
        "    return np.asarray(getattr(filled, 'value', filled), float).tolist()"
    )
    j, k, h = nb.kernel("[numbers(app.crossmatch.table[name]) for name in ('Jmag', 'Kmag', 'hard_hs')]")
    names, verdict = nb.kernel("[[str(x) for x in app.crossmatch.table[name]] for name in ('name', 'verdict')]")
    colour, hardness = np.array(j, float) - np.array(k, float), np.array(h, float)
    inside = (colour > 1.0) & (colour < 2.5) & (hardness > -0.6) & (hardness < 0.3) & (np.array(verdict) == "matched")
    assert len(selected ^ set(np.array(names)[inside])) <= max(2, 0.02 * len(selected))
    nb.screenshot("lasso", ".csc-crossmatch")

    # A stricter cut matches fewer; the exported table says which cut.
    before = nb.kernel("len(app.crossmatch.matched)")
    raise_the_cut(nb)
    cut = nb.kernel("app.crossmatch.state.thresholds.matched")
    settings(nb)
    nb.page.locator(".csc-crossmatch").get_by_role("button", name="Export").click()
    nb.until("'matched' in globals()")
    rows, said, least = nb.kernel(
        "[len(matched), matched.meta['crossmatch']['matched_from'], float(np.min(matched['p_match']))]"
    )
    assert said == cut
    assert least >= cut
    assert 0 < rows < before
    nb.theme("dark")
    nb.page.wait_for_timeout(800)
    nb.screenshot("dark")
    assert nb.kernel("app.messages") == []


def test_review_one_source_after_another(counterparts):
    nb, _ = counterparts("'47 Tuc', radius='3 arcmin', archive='demo'")
    choose(nb, title_of("sim_optical"))
    match(nb)
    panel = nb.page.locator(".csc-crossmatch")
    waiting = nb.kernel(
        "[str(n) for n in app.crossmatch.table['name'][app.crossmatch.table['verdict'] == 'to review']]"
    )
    assert len(waiting) > 2
    view(nb, "Review")
    panel.get_by_role("button", name="Next").click()
    nb.until(f"app.focus == {waiting[0]!r}")
    nb.until("app.sky.fov.deg < 0.02")
    nb.page.wait_for_timeout(1500)
    nb.screenshot("review")
    drawn = nb.kernel("[len(app.sky._candidates['outlines']), len(app.crossmatch.state.candidates(app.focus))]")
    assert drawn[0] == drawn[1] + 1  # the source's ellipse, and one for each candidate
    panel.get_by_role("button", name="Take this one").click()
    nb.until("len(app.crossmatch.state.decisions) == 1")
    assert (
        nb.kernel(f"str(app.crossmatch.table['verdict'][app.crossmatch.table['name'] == {waiting[0]!r}][0])")
        == "matched"
    )
    panel.get_by_role("button", name="Next").click()
    nb.until(f"app.focus == {waiting[1]!r}")
    panel.get_by_role("button", name="No counterpart").click()
    nb.until("len(app.crossmatch.state.decisions) == 2")
    panel.get_by_role("button", name="Previous").click()
    nb.until(f"app.focus == {waiting[-1]!r}")  # round the end: those before are decided
    assert nb.kernel("app.crossmatch.table.meta['crossmatch']['reviewed']") == 2
    assert nb.kernel("app.messages") == []


def test_a_table_of_the_notebook(counterparts):
    nb, _ = counterparts()
    nb.execute(
        "import astropy.units as u\nfrom astropy.table import Table\n"
        "mine = Table({'id': ['x%d' % i for i in range(60)], 'ra': app.table['ra'][:60] + 0.2 * u.arcsec,"
        " 'dec': app.table['dec'][:60], 'pos_err': [0.3] * 60 * u.arcsec})"
    )
    nb.page.get_by_label("Match with").select_option(label="A table of this notebook ...")
    nb.until("app.crossmatch.state.catalogue is not None and app.crossmatch.state.catalogue.title == 'mine'")
    match(nb)
    pairs = nb.kernel("[[str(r['name']), str(r['id'])] for r in app.crossmatch.table[:60] if r['candidates']]")
    assert len(pairs) > 50
    assert sum(name == str(nb.kernel(f"str(app.table['name'][{int(id_[1:])}])")) for name, id_ in pairs[:10]) == 10
    nb.screenshot("own table", ".csc-crossmatch")
    # A table without positions is refused in words, and the last good match stays.
    nb.execute("mine = Table({'a': [1, 2]})")
    nb.page.get_by_title("Look for tables in the notebook").click()
    nb.page.get_by_role("button", name="Match", exact=True).click()
    nb.until("bool(app.messages)")
    assert "right ascension" in nb.kernel("app.messages")[-1]
