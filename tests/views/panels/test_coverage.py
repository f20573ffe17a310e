"""The sky-coverage panel: its words, what is linked with what, what is exported, and what is left behind."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.table import QTable
from ipywidgets.widgets.widget import _instances
from mocpy import MOC
from regions import CircleSkyRegion
from reproject.hips import hips_as_dask_array

from cscwidgets.errors import CscError
from cscwidgets.science.maps.flux_calibration import SOFT_BAND
from cscwidgets.science.maps.sensitivity_map import PHOTON_FLUX
from cscwidgets.sky.shapes import contains
from cscwidgets.state.explorer import ExplorerState
from cscwidgets.state.workspace import Workspace
from cscwidgets.views.maps.coverage_on_sky import LIMITS, REACHED
from cscwidgets.views.panels.coverage import CoveragePanel
from cscwidgets.views.plots.layers import Line

LOCKMAN = CircleSkyRegion(SkyCoord(164.05, 57.2, unit="deg"), 12 * u.arcmin)
AIM = SkyCoord(164.05, 57.2, unit="deg")


@pytest.fixture
def panel(warm_workspace, sky):
    explorer = warm_workspace.explorer
    panel = CoveragePanel(warm_workspace, sky)
    explorer.search(LOCKMAN)
    explorer.desk.tasks.wait(60)
    yield panel
    panel.close()


@pytest.fixture
def done(panel):
    panel.run()
    panel.state.explorer.desk.tasks.wait(60)
    assert panel.views in parts(panel.widget)
    return panel


def messages(panel):
    return [str(message) for message in panel.state.explorer.desk.messages.entries]


def layer(panel, name):
    """A layer's options and image, as every view that opens is sent them."""
    message, (content,) = panel.sky._overlay_messages[name]
    return message["options"], fits.HDUList.fromstring(content)[0]


def parts(widget):
    """A widget and all that is in the page with it."""
    return {widget}.union(*map(parts, getattr(widget, "shown", getattr(widget, "children", ()))))


def hover(plot, at):
    x, y = plot.picture.wcs.wcs_world2pix(at.ra.deg, at.dec.deg, 0)
    return {"x": float(x), "y": float(y), "width": 300, "height": 300}


def test_an_empty_panel_invites(panel):
    assert "Draw a region" in panel.widget.invitation
    assert panel.views not in parts(panel.widget)
    with pytest.raises(CscError, match="no sky coverage yet"):
        panel.mosaic  # noqa: B018
    with pytest.raises(CscError, match="no sky coverage yet"):
        panel.figure()


def test_the_words_say_what_every_number_is(done):
    words = done._note.value
    for part in (
        *("SIMULATED", "Simulated demo sky", "ACIS soft (0.5-1.2 keV)", "TRUE threshold: a source as bright"),
        *("radius 12 arcmin", f"{done.curve.total.value:.4g} deg²", "9 stacks", "Photon flux as in the maps"),
    ):
        assert part in words
    assert "acisfJ1054249p571200_001" in done._note.value
    assert "unknown area" in done._note.value
    assert "Eddington" in done._note.value
    assert messages(done) == []
    done.state.threshold = "MARGINAL"
    assert "run again" in done._note.value
    done.state.threshold = "TRUE"
    assert "run again" not in done._note.value


def test_the_unit_is_everywhere_the_same(done):
    done.state.unit = "CSC"
    assert SOFT_BAND.words in done._note.value
    assert "erg/s/cm²" in done._bar.value
    assert "erg/s/cm²" in done.plots.histogram._x_axis.label
    assert "energy_flux" in done.curve.table().colnames
    done.state.unit = "power law"
    assert "photon index 1.4" in done._note.value
    assert [unit for _, unit in done._controls._unit.options] == ["photon", "CSC", "power law"]
    done.state.band = "b"
    done.run()
    done.state.explorer.desk.tasks.wait(60)
    assert [unit for _, unit in done._controls._unit.options] == ["photon", "power law"]
    assert messages(done) == []


def test_the_csc_calibration_is_left_with_the_soft_band(done):
    done.state.unit, done.state.band = "CSC", "h"
    done.run()
    done.state.explorer.desk.tasks.wait(60)
    assert done.state.coverage.mosaic.band == "h"
    assert (done.state.unit, messages(done)) == ("photon", [])
    assert "photon/s/cm²" in done.plots.histogram._x_axis.label


def test_the_image_on_the_sky_is_the_mosaic(done):
    options, image = layer(done, LIMITS)
    picture = done.state.coverage.picture
    np.testing.assert_allclose(image.data, np.log10(picture.limit))
    assert options["min_cut"] == pytest.approx(np.log10(np.nanmin(picture.limit)))
    assert (options["colormap"], options["opacity"]) == ("viridis", 0.7)
    done._opacity.value = 0.3
    assert layer(done, LIMITS)[0]["opacity"] == 0.3
    done._on_sky.value = False
    assert done.sky._overlay_messages == {}
    done._on_sky.value = True
    assert list(done.sky._overlay_messages) == [LIMITS]
    assert layer(done, LIMITS)[0]["opacity"] == 0.3


def test_a_flux_shades_the_sky_where_it_is_reached(done):
    flux = float(np.median(done.curve.flux))
    done.state.flux = flux
    _, image = layer(done, REACHED)
    picture = done.state.coverage.picture
    np.testing.assert_array_equal(np.isfinite(image.data), picture.limit <= flux)
    area = np.isfinite(image.data).sum() * np.prod(np.abs(picture.wcs.wcs.cdelt))
    expected = done.curve.at(flux * PHOTON_FLUX).value
    assert area == pytest.approx(expected, rel=0.01)
    assert f"{expected:.4g} deg²" in done._note.value
    assert done.mosaic_plot._veil.visible
    done._clear.click()
    assert REACHED not in done.sky._overlay_messages
    assert not done.mosaic_plot._veil.visible
    assert "Click the curve" in done._note.value


def test_the_pointer_on_the_mosaic_reads_the_limit_and_marks_the_curve(done):
    plot = done.mosaic_plot
    plot.selector._heard(None, {"kind": "hover", **hover(plot, AIM)}, [])
    (expected,) = done.mosaic.limit_at(AIM)
    assert f"{expected['limit'].value:.3g} photon/s/cm² (soft, TRUE), {expected['stack']}" in plot.selector.hint["text"]
    assert done.plots.cumulative.layers[2].x[0] == pytest.approx(expected["limit"].value)
    outside = AIM.directional_offset_by(45 * u.deg, 16 * u.arcmin)
    plot.selector._heard(None, {"kind": "hover", **hover(plot, outside)}, [])
    assert "outside the region" in plot.selector.hint["text"]
    plot.selector._heard(None, {"kind": "leave"}, [])
    assert plot.selector.hint == {}
    assert np.isnan(done.plots.cumulative.layers[2].x).all()


def _click_sky(sky, place):
    sky._handle_custom_message(sky, {"event_type": "place_clicked", "place": place, "beside": True}, [])


def test_a_click_on_sky_or_mosaic_keeps_the_limit(done):
    done.sky._handle_custom_message(
        done.sky, {"event_type": "place_clicked", "place": [164.05, 57.2], "beside": True}, []
    )
    assert "10h56m12.0s +57d12m00.0s: limit" in done._note.value
    x, y = done.mosaic_plot.picture.wcs.wcs_world2pix(164.05, 57.2, 0)
    np.testing.assert_allclose([done.mosaic_plot._spot.x[0], done.mosaic_plot._spot.y[0]], [x, y])
    done.sky._handle_custom_message(
        done.sky, {"event_type": "place_clicked", "place": [10.0, -80.0], "beside": True}, []
    )
    assert "not observed" in done._note.value
    at = SkyCoord(164.1, 57.25, unit="deg")
    done.mosaic_plot.selector._heard(None, {"kind": "click", "mode": None, **hover(done.mosaic_plot, at)}, [])
    assert done.state.place.separation(at).arcsec < 0.01


def test_contours_are_lines_of_one_limit(done):
    done._contours.value = True
    x, y = np.asarray(done.mosaic_plot._contours.x), np.asarray(done.mosaic_plot._contours.y)
    assert np.isfinite(x).sum() > 100
    limit = done.state.coverage.picture.limit
    known = np.isfinite(x)
    near = limit[np.round(y[known]).astype(int), np.round(x[known]).astype(int)]
    levels = np.geomspace(np.nanmin(limit), np.nanpercentile(limit, 99.8), 6)[1:-1]
    smooth = np.abs(np.log(near[:, None] / levels)).min(axis=1) < 0.05
    assert smooth.mean() > 0.6  # at the edges of stacks they follow the step between two limits
    done._contours.value = False
    assert len(done.mosaic_plot._contours.x) == 1  # of no length


def test_counts_are_corrected_on_demand_and_say_so(done):
    tasks = done.state.explorer.desk.tasks
    done._corrected.value = True
    assert [task.label for task in tasks.running] == ["Correcting number counts"]  # the kernel stays free
    tasks.wait(60)
    assert "taken: 1 background counts in a detection cell" in done._note.value
    assert "Corrected for Eddington bias" in done._note.value
    drawn, corrected = done.counts_plot.plot.layers[1], done.counts.cumulative()
    assert drawn.y.max() == pytest.approx(corrected["counts"].value.max(), rel=0.02)
    assert drawn.y.min() == pytest.approx(corrected["counts"].value.min(), rel=0.1)
    done._background.value = 3
    assert done.state.background == 3
    done._corrected.value = False  # while the correction is still at work
    tasks.wait(60)
    assert "Not corrected for Eddington bias" in done._note.value
    assert messages(done) == []


def test_contours_on_the_sky_go_with_the_layers(done):
    sky = done.sky
    done._contours.value = True
    assert len(sky._contours["positions"]) > 0
    done._on_sky.value = False
    assert len(sky._contours["positions"]) == 0
    done._on_sky.value = True
    assert len(sky._contours["positions"]) > 0
    done._contours.value = False
    assert len(sky._contours["positions"]) == 0


def test_tables_are_exported_to_variables_and_files(done, tmp_path):
    export = done._export
    bar = export._bar
    bar._name.value = "curve"
    bar._go.click()
    table = export._namespace["curve"]
    assert isinstance(table, QTable)
    assert table["area"][-1] == done.curve.total
    assert table.meta == {"band": "s", "threshold": "TRUE"}
    export._what.value = dict(export._what.options)["stacks"]
    bar._name.value, bar._kind.value = str(tmp_path / "stacks"), ".ecsv"
    bar._go.click()
    assert len(QTable.read(tmp_path / "stacks.ecsv")) == 10
    for words, name in (("histogram of limits", "bins"), ("number counts", "counts")):
        export._what.value = dict(export._what.options)[words]
        bar._name.value, bar._kind.value = name, ""
        bar._go.click()
    assert export._namespace["bins"]["cumulative_area"][-1] == done.curve.total
    assert "Gehrels" in export._namespace["counts"].meta["errors"]
    assert messages(done) == []


def test_the_mosaic_is_written_as_image_and_as_moc(done, tmp_path):
    export = done._export
    export._name.value, export._resolution.value = str(tmp_path / "mosaic.fits"), 10
    export._write.click()
    done.state.explorer.desk.tasks.wait(60)
    with fits.open(tmp_path / "mosaic.fits") as hdus:
        observed = np.isfinite(hdus[0].data).sum() * (10 / 3600) ** 2
        assert hdus[0].header["BUNIT"] == "photon/s/cm**2"
        assert [hdu.name for hdu in hdus] == ["PRIMARY", "STACK", "STACKS"]
    assert observed == pytest.approx(done.curve.total.value, rel=0.01)
    export._kind.value = "flux"
    export._name.value = str(tmp_path / "deep.fits")
    export._write.click()
    assert "No flux is chosen" in messages(done)[-1]
    done.state.flux = float(np.median(done.curve.flux))
    export._write.click()
    deep = MOC.from_fits(tmp_path / "deep.fits")
    at = SkyCoord(*np.random.default_rng(1).normal([[164.05], [57.2]], 0.1, (2, 300)), unit="deg")
    limits = done.limit_at(at)["limit"].value
    np.testing.assert_array_equal(deep.contains_skycoords(at), limits <= done.state.flux)


def test_the_figure_is_the_screens(done):
    done.state.unit = "CSC"
    figure = done.figure()
    left, right = figure.axes[0], figure.axes[-1]
    shown = left.images[0].get_array()
    expected = SOFT_BAND.energy_flux(done.state.coverage.picture.limit * PHOTON_FLUX).value
    np.testing.assert_allclose(np.ma.filled(shown, np.nan), expected, rtol=1e-5)  # colours are of float32
    (curve,) = right.lines
    area = next(layer for layer in done.plots.cumulative.layers if isinstance(layer, Line))
    np.testing.assert_array_equal(curve.get_ydata(), area.y)
    np.testing.assert_array_equal(curve.get_xdata(), np.log10(area.x))
    assert area.y[-1] == done.curve.total.value
    assert "SIMULATED" in figure.get_suptitle()
    assert "TRUE limits" in figure.get_suptitle()
    assert len(figure._repr_png_()) > 10_000
    counts = done.counts_figure()
    assert len(counts.axes[0].get_legend().get_texts()) == 3


def test_limits_of_many_positions(done):
    inside = contains(LOCKMAN, *np.transpose([[164.05, 57.2]]))
    assert inside.all()
    found = done.limit_at(SkyCoord([164.05, 10], [57.2, -80], unit="deg"))
    assert found["status"].tolist() == ["sensitivity limit", "not observed"]
    assert found["threshold"].tolist() == ["TRUE", "TRUE"]


@pytest.mark.slow
def test_looking_around_leaves_no_widgets_behind(done):
    def settle():
        done.state.unit, done.state.flux, done.state.place = "CSC", 5e-6, AIM
        done._contours.value = True
        return len(_instances)

    before = settle()
    for turn in range(30):
        done.state.flux = 4e-6 + 1e-7 * turn
        done.state.unit = ("photon", "power law", "CSC")[turn % 3]
        done._contours.value = bool(turn % 2)
        done.state.place = None if turn % 5 else AIM
        if turn % 10 == 9:
            done.state.threshold = ("TRUE", "MARGINAL")[turn // 10 % 2]
            done.run()
            done.state.explorer.desk.tasks.wait(60)
    assert settle() == before


def test_a_panel_leaves_nothing_behind(panel, warm_demo):
    before = set(_instances)
    other = CoveragePanel(Workspace(ExplorerState(warm_demo)), panel.sky)
    other.close()
    assert set(_instances) == before


def test_the_mosaic_is_exported_as_a_hips(done, tmp_path):
    export = done._export
    export._kind.value = "hips"
    assert export._name.value == "coverage_hips"
    export._resolution.value = 30
    export._name.value = str(tmp_path / "limits")
    export._write.click()
    done.state.explorer.desk.tasks.wait(60)
    assert messages(done) == []
    said = (tmp_path / "limits" / "properties").read_text()
    assert "SIMULATED. Simulated demo sky: TRUE sensitivity limits, band s" in said
    tiles, wcs = hips_as_dask_array(tmp_path / "limits")
    column, row = (int(np.round(part)) for part in wcs.world_to_pixel(AIM))
    expected = done.limit_at(AIM)["limit"][0].value
    found = float(tiles.vindex[[row], [column]].compute()[0])
    assert found == pytest.approx(expected, rel=0.02)  # a pixel of 30 arcsec
