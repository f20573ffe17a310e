"""From one click on a source to the numbers of a fit in Python; and the right words where nothing can be fitted."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pytest

from cscwidgets import Archive
from cscwidgets.science import spectrum
from cscwidgets.science.fit import fit

from .test_first_path import IMPORT, explorer
from .test_lightcurve import ECLIPSING, one_source

__all__ = ["explorer", "one_source"]

FEW, UNSEEN, HRC_ONLY = "SIM J002401.9-720505", "SIM J002405.5-720418", "SIM J002037.4-720536"


def open_spectra(nb):
    nb.page.get_by_role("tab", name="Spectrum").click()
    nb.until("bool(app.spectrum.state.spectra) and bool(app.spectrum.model.parameters)", 90)
    nb.quiet()


def page(nb, title):
    nb.page.locator(".csc-spectrum").get_by_role("button", name=title, exact=True).click()


@contextmanager
def settings(nb, panel=".csc-spectrum"):
    """The panel's settings, shown meanwhile."""
    button = nb.page.locator(f'{panel} button[title^="Settings"]').first
    button.click()
    yield
    button.click()


def brush(nb, low, high):
    """Drag from one energy to another over the data."""
    layer = nb.page.locator(".csc-spectrum .csc-plot-layer").first
    layer.scroll_into_view_if_needed()
    box = layer.bounding_box()
    (left, right), margins = nb.kernel(
        "[app.spectrum.plot.data.selector.x_range, app.spectrum.plot.data.selector.margins]"
    )
    width = box["width"] - margins["left"] - margins["right"]

    def pixel(energy):
        return box["x"] + margins["left"] + width * np.log(energy / left) / np.log(right / left)

    middle = box["y"] + box["height"] / 2
    nb.page.mouse.move(pixel(low), middle)
    nb.page.mouse.down()
    nb.page.mouse.move(pixel((low + high) / 2), middle + 20, steps=4)
    nb.page.mouse.move(pixel(high), middle - 10, steps=4)
    nb.page.mouse.up()


def copied_script(nb, folder):
    """What the fit's script prints, copied by the button and run by Sherpa alone."""
    page(nb, "Script")
    nb.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    nb.page.get_by_role("button", name="Copy as Sherpa script").click()
    nb.page.get_by_role("button", name="Copied").wait_for()
    script = folder / "fit.py"
    script.write_text(nb.page.evaluate("navigator.clipboard.readText()"))
    run = subprocess.run([sys.executable, "-I", str(script)], capture_output=True, text=True, check=True, cwd=folder)
    return dict(line.rsplit(" ", 1) for line in run.stdout.splitlines() if line.count(" ") == 1)


def ask_for_fluxes_and_contours(nb):
    page(nb, "Fluxes")
    nb.page.get_by_label("distance / kpc").fill("4.5")
    nb.page.get_by_label("distance / kpc").press("Enter")
    nb.page.get_by_role("button", name="Find fluxes").click()
    nb.until("len(app.spectrum.fitting.fluxes) == 7", 120)
    nb.quiet()
    nb.screenshot("fluxes", ".csc-spectrum")
    page(nb, "Contours")
    nb.page.get_by_role("button", name="Find contours").click()
    nb.until("app.spectrum.fitting.contour is not None", 120)
    nb.quiet()
    nb.page.wait_for_timeout(500)
    nb.screenshot("contours", ".csc-spectrum")


def test_model_band_fit_errors_and_script(one_source, tmp_path):
    nb, _ = one_source
    open_spectra(nb)
    assert nb.kernel("len(app.spectrum.state.fittable)") == 5
    nb.screenshot("data", ".csc-spectrum")

    emission = nb.page.get_by_label("Emission")
    emission.fill("bremss")
    emission.press("Enter")
    nb.until("'bremss.kT' in [p.name for p in app.spectrum.model.parameters]", 30)
    nb.quiet()
    brush(nb, 0.6, 6.0)
    nb.until("app.spectrum.model.band != (0.5, 7.0)")
    low, high = nb.kernel("list(app.spectrum.model.band)")
    assert low == pytest.approx(0.6, rel=0.03)
    assert high == pytest.approx(6.0, rel=0.03)

    with settings(nb):
        nb.page.get_by_label("free factor for each").check()
    nb.page.get_by_role("button", name="Fit", exact=True).click()
    nb.until("app.spectrum.result is not None", 60)
    nb.page.get_by_role("button", name="Errors", exact=True).click()
    nb.until("bool(app.spectrum.fitting.intervals)", 120)
    nb.quiet()
    nb.screenshot("fitted", ".csc-spectrum")

    # The same by code of our own, from the same files: what the panel shows is what the fit says.
    archive = Archive("demo")
    rows = archive.detections(ECLIPSING)
    chosen = nb.kernel("list(app.spectrum.state.chosen)")
    keys = [f"{row['obsid']}.{row['obi']}.{row['region_id']}" for row in rows]
    mine = rows[[keys.index(key) for key in chosen]]
    products = archive.products(mine, ("pha", "arf", "rmf"))
    paths = archive.fetch(products)
    spectra = [spectrum.read(path) for path in paths if "_pha3" in path.name]
    expected = fit(spectra, "tbabs*bremss", band=(low, high), cross_normalisation=True)
    statistic, value = nb.kernel("[app.spectrum.result.statistic, app.spectrum.result.value('bremss.kT')]")
    assert statistic == pytest.approx(expected.statistic, abs=0.02)
    assert value == pytest.approx(expected.value("bremss.kT"), rel=0.03)
    interval = expected.confidence(names=["bremss.kT"])["bremss.kT"]
    found = nb.kernel("[app.spectrum.fitting.intervals['bremss.kT'].lower, app.spectrum.table['upper'][1]]")
    assert found == pytest.approx([interval.lower, interval.upper], rel=0.05)

    printed = copied_script(nb, tmp_path)
    assert float(printed["statistic"]) == pytest.approx(statistic, abs=0.02)
    assert float(printed["bremss.kT"]) == pytest.approx(value, rel=0.03)
    nb.screenshot("script", ".csc-spectrum")

    ask_for_fluxes_and_contours(nb)
    nb.theme("dark")
    nb.page.wait_for_timeout(800)
    nb.screenshot("dark")
    assert nb.kernel("app.messages") == []


@pytest.mark.long  # the kernel's share of a drag is tested with the plots
def test_a_dragged_parameter_is_redrawn_ten_times_a_second(one_source):
    nb, _ = one_source
    open_spectra(nb)
    nb.execute(
        """
import time
drawn = []
original = app.spectrum.plot.show
def show(*args, **options):
    answer = original(*args, **options)
    drawn.append(time.monotonic())
    return answer
app.spectrum.plot.show = show
"""
    )
    nb.page.set_viewport_size({"width": 1400, "height": 1000})  # a screen: every frame paints all of it
    nb.page.wait_for_timeout(500)
    handle = nb.page.locator(".csc-parameters .noUi-handle").nth(1)
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    gamma = nb.kernel("app.spectrum.model.parameters[1].value")
    nb.page.mouse.move(x, y)
    nb.page.mouse.down()
    for step in range(60):
        nb.page.mouse.move(x + step, y)  # returns when the page has taken it in
    nb.page.mouse.up()
    nb.quiet()
    times = np.array(nb.kernel("drawn"))
    rate = (len(times) - 1) / (times[-1] - times[0])
    print(f"{rate:.1f} redraws a second")
    assert nb.kernel("app.spectrum.model.parameters[1].value") > gamma
    assert len(times) > 5
    assert nb.kernel("app.messages") == []


def focus(nb, name):
    nb.page.get_by_role("tab", name="Source").click()
    field = nb.page.locator(".csc-source input").first
    field.fill(name)
    field.press("Enter")
    nb.page.get_by_role("tab", name="Spectrum").click()
    nb.until(f"app.source.state.name == {name!r}", 60)
    nb.until("bool(app.spectrum.state.observations)", 60)
    nb.quiet()


def choose(nb, observation):
    """Pick one observation in the list of the panel."""
    with settings(nb):
        listed = nb.page.locator(".csc-spectrum select[multiple]")
        option = listed.locator("option", has_text=observation).first
        option.wait_for(state="attached")
        listed.select_option(label=option.evaluate("option => option.label"))


def test_what_cannot_be_fitted_is_said(explorer, demo_folder):
    nb, _ = explorer("'47 Tuc', radius='1.5 arcmin', archive='demo'", size=(1400, 2300))
    nb.page.get_by_role("tab", name="Spectrum").click()
    panel = nb.page.locator(".csc-spectrum")
    panel.get_by_text("Bring a source into focus").wait_for()

    focus(nb, FEW)
    choose(nb, "ObsID 90508")
    nb.until("len(app.spectrum.model.preview.spectra) == 1", 60)
    nb.quiet()
    assert nb.kernel("int(app.spectrum.state.fittable[0].source.counts.sum())") <= 3
    nb.page.get_by_role("button", name="Fit", exact=True).click()
    panel.get_by_text("too few to fit").wait_for(timeout=30_000)
    limit, counts = nb.kernel("(lambda found: [found.flux.value, found.counts])(app.spectrum.fitting.limit)")
    assert counts <= 3
    assert 1e-17 < limit < 1e-13
    assert nb.kernel("app.spectrum.result is None")
    nb.screenshot("limit", ".csc-spectrum")

    focus(nb, UNSEEN)
    choose(nb, "ObsID 90509")
    panel.get_by_text("the archive has no spectrum (pha3) of this detection").first.wait_for(timeout=30_000)

    focus(nb, HRC_ONLY)
    panel.get_by_text("the HRC measures no energies").first.wait_for(timeout=30_000)
    nb.page.get_by_role("button", name="Fit", exact=True).click()
    nb.until("any('nothing to fit' in words for words in app.messages)")
    nb.screenshot("hrc", ".csc-spectrum")
    nb.execute("app._state.desk.messages.clear()")
    panel.locator(".csc-foot").click()  # closes the messages, which have come up over the tabs

    # The archive has a redistribution matrix that is no matrix: that observation is missed, the others count.
    focus(nb, ECLIPSING)
    nb.until("len(app.spectrum.state.fittable) == 5", 60)
    nb.quiet()
    nb.execute(
        """
import gzip, io
from pathlib import Path
from astropy.io import fits
from cscwidgets.demo.files.product_store import DemoStore
broken = Path(app.spectrum.state.fittable[0].response.rmf)
honest = DemoStore.read
def read(store, filetype, filename):
    content = honest(store, filetype, filename)
    if filename.removesuffix('.gz') != broken.name.removesuffix('.gz'):
        return content
    with fits.open(io.BytesIO(gzip.decompress(content))) as hdus:
        hdus[1].data['N_GRP'][:] = 3  # of which the file has one
        written = io.BytesIO()
        hdus.writeto(written, checksum=True)
    return gzip.compress(written.getvalue())
DemoStore.read = read
broken.unlink()
app.spectrum.state.spectra = {}
app.spectrum.state.load()
"""
    )
    nb.until("any(hasattr(s, 'why') for s in app.spectrum.state.spectra.values())", 60)
    nb.quiet()
    assert nb.kernel("len(app.spectrum.state.fittable)") == 4
    name = nb.kernel("broken.name")
    panel.get_by_text(name).first.wait_for()
    # Other notebooks share the cache.
    nb.execute("broken.unlink(); DemoStore.read = honest")
    nb.screenshot("damaged", ".csc-spectrum")


@pytest.mark.long  # without a browser in tests/state/test_spectrum.py
def test_without_sherpa_spectra_are_drawn_and_the_way_out_is_told(notebook):
    shown = f"{IMPORT}\napp = Explorer('47 Tuc', radius='1.5 arcmin', archive='demo')\napp"
    nb = notebook(["import sys; sys.modules['sherpa'] = None", shown])
    nb.page.set_viewport_size({"width": 1400, "height": 2300})
    nb.run_all()
    nb.until("len(app._state.table) > 0", 60)
    nb.quiet()
    nb.execute(f"app.focus = {ECLIPSING!r}; app.show('spectrum')")
    panel = nb.page.locator(".csc-spectrum")
    panel.get_by_text("pip install sherpa").wait_for(timeout=60_000)
    nb.until("len(app.spectrum.state.fittable) == 5", 60)
    nb.quiet()
    assert nb.kernel("len(app.spectrum.plot.data.layers)") > 5
    nb.screenshot("no-sherpa", ".csc-spectrum")
