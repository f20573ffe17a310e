"""Each panel's figure waits for what it draws: it may be asked for in the line after the question."""

import astropy.units as u
import numpy as np
import pytest

from cscwidgets import Explorer
from cscwidgets.errors import CscError
from cscwidgets.views.panel import Panel

pytestmark = pytest.mark.slow


def points(axes):
    return max(len(drawn.get_offsets()) for drawn in axes.collections if hasattr(drawn, "get_sizes"))


def hardness(app):
    app.search("M33", "6 arcmin")
    figure = app.hardness.figure()
    assert f"of {len(app.table)} sources" in figure.get_suptitle()
    assert points(figure.axes[1]) > len(app.table) / 2


def diagrams(app):
    app.search("M33", "6 arcmin")
    figure = app.diagrams.figure()
    assert figure.get_suptitle().endswith(f"{len(app.table)} sources")
    assert points(figure.axes[0]) > len(app.table) / 2


def lightcurve(app):
    app.focus = app.table["name"][np.argmax(app.table["significance"])]
    figure = app.lightcurve.figure()
    assert app.focus in figure.get_suptitle()
    assert len(figure.axes) > 1  # within an observation too, whose file is fetched
    assert all(axes.lines for axes in figure.axes)


def spectrum(app):
    app.focus = app.table["name"][np.argmax(app.table["significance"])]
    figure = app.spectrum.figure()
    assert app.focus in figure.get_suptitle()
    assert figure.axes[0].get_legend().get_texts()[-1].get_text().startswith(("ObsID", "sum of"))


def crossmatch(app):
    app.crossmatch.match("sim_optical", 2 * u.arcsec)
    before = points(app.crossmatch.figure().axes[0])
    app.crossmatch.state.radius = 0.3
    app.crossmatch.state.run()
    assert 0 < points(app.crossmatch.figure().axes[0]) < before


def coverage(app):
    app.wait()  # it begins with a region
    app.coverage.state.run()
    assert app.coverage.figure().axes[0].images


def images(app):
    app.wait()
    app.images.state.find(then=app.images.state.show)
    assert app.images.figure().axes[0].images


CASES = (hardness, diagrams, lightcurve, spectrum, crossmatch, coverage, images)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_a_figure_waits(warm_demo, case):
    app = Explorer("47 Tuc", "1 arcmin", archive=warm_demo)
    try:
        case(app)
    finally:
        app.close()


def test_no_panel_with_a_figure_is_forgotten(warm_demo):
    app = Explorer("47 Tuc", "1 arcmin", archive=warm_demo)
    drawing = {name for name, kind in app.panels.kinds.items() if kind.figure is not Panel.figure}
    assert {case.__name__ for case in CASES} == drawing
    for name in ("lightcurve", "spectrum", "crossmatch", "coverage", "images"):
        with pytest.raises(CscError, match="There is no"):
            app.panels[name].figure()
    app.close()
