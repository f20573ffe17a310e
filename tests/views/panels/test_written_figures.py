"""Each panel's figure as a file for a journal: nothing is cut, and what is drawn are the panel's own numbers."""

import io

import astropy.units as u
import numpy as np
import pytest
from PIL import Image

from cscwidgets import Explorer
from cscwidgets.export.journal import journal_style
from cscwidgets.views.panel import Panel
from cscwidgets.views.still_picture import draw_sky
from tests.figure_images import assert_as_before, pinned_style

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def app(warm_demo, eclipser):
    app = Explorer("47 Tuc", "1.5 arcmin", archive=warm_demo)
    app.crossmatch.match("sim_optical", 2 * u.arcsec)
    app.coverage.run()
    app.focus = eclipser[0]
    app.wait()
    app.images.show("regimg", "b")
    app.lightcurve.state.of_events = True
    app.spectrum.fit("powerlaw")
    app.workspace.diagrams.count = 2
    yield app
    app.close()


def offsets(axes):
    """All symbols that are drawn."""
    drawn = [np.asarray(one.get_offsets()) for one in axes.collections if hasattr(one, "get_sizes")]
    return np.concatenate(drawn)


def hardness(app, axes):
    diagram = app.hardness.diagram
    places = np.column_stack([diagram.x.position, diagram.y.position])[diagram.determined]
    drawn = offsets(axes[0])
    assert len(places) > 10
    np.testing.assert_array_equal(np.unique(drawn[: len(places)], axis=0), np.unique(places, axis=0))


def diagrams(app, axes):
    table = app.diagrams.table
    x, y = app.workspace.diagrams.diagrams[0].x, app.workspace.diagrams.diagrams[0].y
    drawn = offsets(axes[0])
    assert 0 < len(drawn) <= len(table)
    assert {x, y} <= set(table.colnames)


def lightcurve(app, axes):
    flux = app.lightcurve.table["flux"]
    drawn = np.concatenate([line.get_ydata() for line in axes[0].lines])
    assert np.isin(flux.value[np.isfinite(flux.value)], drawn).all()
    (rates,) = app.lightcurve.tables.values()
    curves = np.concatenate([line.get_ydata() for line in axes[1].lines])
    assert np.isin(rates["rate"].value[:5], curves).all()


def spectrum(app, axes):
    assert axes[0].get_yscale() == "log"
    assert "keV" in axes[1].get_xlabel()
    assert f"{app.spectrum.result.statistic:.1f}" in axes[0].figure.get_suptitle()


def crossmatch(app, axes):
    matched = app.crossmatch.matched
    assert 0 < len(offsets(axes[0])) <= len(matched)


def coverage(app, axes):
    (curve,) = axes[-1].lines
    table = app.coverage.table
    np.testing.assert_array_equal(curve.get_ydata()[2:-1], table["area"].value)
    np.testing.assert_array_equal(curve.get_xdata()[2:-1], np.log10(table["photon_flux"].value))


def images(app, axes):
    np.testing.assert_array_equal(axes[0].images[0].get_array(), app.images.state.shown.picture.rgba)


@pytest.mark.parametrize("check", [hardness, diagrams, lightcurve, spectrum, crossmatch, coverage, images])
def test_a_panels_figure(app, check, tmp_path):
    panel = app.panels[check.__name__]
    for width, millimetres in (("A&A column", 88), ("AAS page", 180.34)):
        with journal_style(width):
            figure = panel.figure()
        figure.draw_without_rendering()
        assert figure.get_suptitle().startswith("SIMULATED. ")
        assert "Simulated demo sky" in figure.get_suptitle()
        axes = figure.get_axes()
        check(app, axes)
        for one in axes:
            for label in (one.yaxis.label, one.title):
                if label.get_text():
                    extent = label.get_window_extent()
                    assert extent.x0 >= -1
                    assert extent.x1 <= figure.bbox.width + 1
        path = panel.write_figure(tmp_path / f"{millimetres}.png", width)
        image = Image.open(io.BytesIO(path.read_bytes()))
        assert image.width / image.info["dpi"][0] * 25.4 == pytest.approx(millimetres, abs=0.1)
        assert image.info["Description"].startswith("SIMULATED. ")
        assert image.convert("L").getextrema() == (0, 255)
        assert len(image.info["Description"]) > 80


def still(app):
    """The sky of a saved notebook; the words above it, which tell the time, are told."""
    table = app.table
    return draw_sky(
        app._state.region, table["ra"], table["dec"], table["significance"] > 20, ["47 Tuc"], simulated=True
    )


FIGURES = {
    **{
        name: lambda app, name=name: app.panels[name].figure()
        for name in ("hardness", "diagrams", "lightcurve", "spectrum", "crossmatch", "coverage", "images")
    },
    "quality": lambda app: app.crossmatch.quality_figure(),
    "counts": lambda app: app.coverage.counts_figure(),
    "sky": lambda app: app.sky.figure(),
    "still": still,
}


def test_every_panel_with_a_figure_is_looked_at(app):
    drawing = {name for name, kind in app.panels.kinds.items() if kind.figure is not Panel.figure}
    assert drawing <= set(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_looks_as_it_did(app, name, tmp_path, request):
    with pinned_style():
        assert_as_before(FIGURES[name](app), name, tmp_path, renew=request.config.getoption("--renew-figures"))


def move(axes):
    """Move the first thing that is drawn up, by a fiftieth of the axis; an image by a pixel."""
    low, high = axes.get_ylim()
    lines = [line for line in axes.lines if np.isfinite(np.asarray(line.get_ydata(), float)).any()]
    if lines:
        y = np.asarray(lines[0].get_ydata(), float)
        lines[0].set_ydata(y * (high / low) ** 0.02 if axes.get_yscale() == "log" else y + 0.02 * (high - low))
    else:
        axes.images[0].set_data(np.roll(np.asarray(axes.images[0].get_array()), 1, axis=0))
    axes.set_ylim(low, high)


@pytest.mark.parametrize(
    "name", [name if name in {"spectrum", "sky"} else pytest.param(name, marks=pytest.mark.long) for name in FIGURES]
)
def test_the_comparison_notices_what_moved(app, name, tmp_path):
    with pinned_style():
        figure = FIGURES[name](app)
        move(figure.get_axes()[0])
        with pytest.raises(AssertionError, match="--renew-figures"):
            assert_as_before(figure, name, tmp_path)
