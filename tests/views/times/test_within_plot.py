"""Curves within observations: real lc3 files and the demo's events against what is drawn of them."""

import csv
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from astropy.time import Time
from ipywidgets.widgets.widget import _instances

from cscwidgets.science.lightcurve import read
from cscwidgets.science.time_system import TimeSystem
from cscwidgets.science.times.good_time import GoodTime
from cscwidgets.science.times.intra_observation import SourceEvents, Timing, timing
from cscwidgets.views.callbacks import unguarded
from cscwidgets.views.disposal import close_all
from cscwidgets.views.plots.layers import Band, Line
from cscwidgets.views.theme import ACCENT, FAINT
from cscwidgets.views.times.within_plot import (
    WithinPlots,
    catalogue_curve,
    catalogue_row,
    constancy_table,
    events_curve,
    events_row,
)

BLUE = "#3b7dd8"


@pytest.fixture(scope="module")
def curve(real):
    """A real light curve of the catalogue."""
    return read(next((real / "lightcurves").rglob("acisf01311_000*lc3.fits.gz")))


@pytest.fixture
def events(focused) -> SourceEvents:
    focused.active = focused.of_events = True
    focused.desk.tasks.wait(30)
    return focused.events[focused.chosen[0]]


def line(drawn, colour, style="solid", width=None):
    (found,) = [
        layer
        for layer in drawn.layers
        if isinstance(layer, Line) and layer.colour == colour and layer.style == style and width in {None, layer.width}
    ]
    return found


@pytest.mark.real
def test_the_catalogues_curve_is_the_files(curve):
    drawn = catalogue_curve(curve, BLUE)
    for found, values in (
        (line(drawn, BLUE), curve.source.rate),
        (line(drawn, FAINT, "dashed"), curve.background.rate),
    ):
        np.testing.assert_array_equal(found.y[::2], values)
        np.testing.assert_array_equal(found.y[1::2], values)
        centres = (found.x[::2] + found.x[1::2]) / 2 * 1000 + curve.header.start
        np.testing.assert_allclose(centres, curve.time, atol=1e-3)
    (band,) = [layer for layer in drawn.layers if isinstance(layer, Band)]
    np.testing.assert_array_equal((band.low[::2], band.high[1::2]), (curve.source.low, curve.source.high))
    assert drawn.energies == "ACIS broad (0.5-7 keV)"
    assert drawn.y[0] <= curve.source.low.min()
    assert drawn.y[1] >= curve.source.high.max()


@pytest.mark.real
def test_nothing_is_drawn_in_a_gap(curve):
    parts = {name: getattr(curve.source, name) for name in ("rate", "error", "low", "high")}
    cut = np.r_[0:2, 4 : len(curve.time)]
    whole = replace(
        curve,
        time=curve.time[cut],
        source=replace(curve.source, **{name: values[cut] for name, values in parts.items()}),
        background=replace(curve.background, **{name: getattr(curve.background, name)[cut] for name in parts}),
    )
    found = line(catalogue_curve(whole, BLUE), BLUE)
    ends = (curve.time[[1, 4]] + [curve.width / 2, -curve.width / 2] - curve.header.start) / 1000
    known = np.isfinite(found.y)
    assert not ((found.x[known] > ends[0] + 1e-9) & (found.x[known] < ends[1] - 1e-9)).any()
    np.testing.assert_array_equal(found.y[known][::2], parts["rate"][cut])
    assert (~known).sum() == 2
    assert found.x[~known] == pytest.approx(ends)


@pytest.mark.real
def test_the_row_of_a_file_is_the_catalogues(real):
    with (real / "lightcurves" / "lc3_vs_csc_catalogue_J010337.csv").open(newline="") as lines:
        rows = {int(row["obsid"]): row for row in csv.DictReader(lines)}
    compared = 0
    for path in (real / "lightcurves" / "2CXOJ010337.5-720133").rglob("*lc3.fits.gz"):
        found = read(path)
        _, _, _, probability, _, index, *_ = catalogue_row(found)
        row = rows.get(found.header.obsid)
        if row is not None:
            assert float(probability) == pytest.approx(float(row["var_prob_b"]), abs=6e-4)
            assert int(index) == int(float(row["var_index_b"]))
            compared += 1
    assert compared > 20


def test_bins_are_the_events(events):
    found = timing(events.within(0.5, 7.0), width=3000)
    drawn = events_curve(found, BLUE, blocks=True)
    rate = line(drawn, BLUE, width=1.6)
    time = events.within(0.5, 7.0).source.clean().time
    edges = found.binned.edges
    np.testing.assert_allclose(rate.x, np.repeat((edges - edges[0]) / 1000, 2)[1:-1])
    counts, _ = np.histogram(time, edges)
    background = found.binned.background
    np.testing.assert_allclose(rate.y[::2] * found.binned.exposure, counts - background, atol=1e-9)
    blocks = line(drawn, ACCENT)
    assert (blocks.x[0], blocks.x[-1]) == pytest.approx((0, (edges[-1] - edges[0]) / 1000))
    assert not [layer for layer in events_curve(found, BLUE, blocks=False).layers if layer.colour == ACCENT]
    assert drawn.energies == "0.5–7 keV"
    assert events_curve(timing(events, width=3000), BLUE, blocks=True).energies == "all energies"
    assert drawn.y[1] >= np.nanmax(found.binned.upper)


def test_bad_time_is_one_shade_however_narrow_the_bins(events):
    source = events.source
    good = source.good_time
    middle, length = (good.start + good.stop) / 2, (good.stop - good.start) / 10
    holed = GoodTime.of([good.start, middle + length], [middle - length, good.stop])
    chips = dict.fromkeys(source.good_times, holed)
    found = timing(SourceEvents(replace(source, good_times=chips)), width=100)
    assert found.binned.unexposed.sum() > 50
    shades = [layer for layer in events_curve(found, BLUE, blocks=False).layers if isinstance(layer, Band)]
    (shade,) = shades
    assert shade.x * 1000 == pytest.approx((middle - length - good.start, middle + length - good.start), abs=100)


def test_a_row_of_events_is_their_timing(events):
    found = timing(events.within(0.5, 7.0), width=3000)
    counts, exposure, mean, probability, odds, index, ks, kuiper, blocks = events_row(found)
    assert int(counts) == found.events
    assert float(exposure) == pytest.approx(found.exposure / 1000, abs=0.006)
    assert float(mean) == pytest.approx(found.events / found.exposure, rel=1e-3)
    tests = found.tests
    for text, value in zip(
        (probability, odds, ks, kuiper),
        (
            tests.gregory_loredo.probability,
            tests.gregory_loredo.log_odds,
            tests.ks_probability,
            tests.kuiper_probability,
        ),
        strict=True,
    ):
        assert float(text) == pytest.approx(value, abs=0.006)
    assert (int(index), int(blocks)) == (tests.gregory_loredo.index, len(found.blocks))
    few = timing(SourceEvents(events.source[np.arange(len(events.source)) == 0]), width=3000)
    assert isinstance(few, Timing)
    assert events_row(few)[3:] == ["–"] * 6


def test_a_table_has_a_cell_for_every_head():
    class Cells(HTMLParser):
        def __init__(self):
            super().__init__()
            self.rows = []

        def handle_starttag(self, tag, attributes):
            if tag == "tr":
                self.rows.append([])
            elif tag in {"th", "td"}:
                self.rows[-1].append("")
            else:
                assert tag in {"table", "span"}

        def handle_data(self, data):
            self.rows[-1][-1] += data

    cells = [str(number) for number in range(9)]
    parser = Cells()
    parser.feed(constancy_table([("<img src=x> & co", BLUE, cells)]))
    head, row = parser.rows
    assert len(head) == len(row)
    assert row == ["<img src=x> & co", *cells]


@pytest.mark.real
def test_plots_share_their_time_axis_and_are_kept(real):
    paths = sorted((real / "lightcurves" / "2CXOJ010337.5-720133").rglob("*lc3.fits.gz"))[:3]
    curves = [(path.name, catalogue_curve(read(path), BLUE)) for path in paths]
    before = set(_instances)
    plots = WithinPlots(unguarded)
    plots.show(curves, stacked=True)
    assert len(plots.plots) == len(plots.widget.shown) - 1 == 3
    assert len({plot.ranges[0] for plot in plots.plots}) == 1
    for (name, drawn), plot in zip(curves, plots.plots, strict=True):
        assert plot.title.startswith(name)
        assert plot.title.endswith(drawn.energies)
        assert plot.ranges[1] == drawn.y
        assert plot.layers[1:] == tuple(drawn.layers)  # below them what is brushed
    stacked = len(_instances)
    plots.show(curves, stacked=False)
    (plot,) = plots.plots
    for (name, drawn), number in zip(curves, range(3), strict=True):
        *pale, line = plot.layers[1:][3 * number : 3 * number + 3]
        assert pale == drawn.layers[:2]
        assert (line.name, line.x, line.y) == (name, drawn.layers[2].x, drawn.layers[2].y)
        assert name in plots._legend.value
    assert len({line.style for line in plot.layers if line.name in dict(curves)}) == 3
    assert plot.title == "3 observations, ACIS broad (0.5-7 keV)"
    for _ in range(10):
        plots.show(curves, stacked=True)
        assert len(_instances) == stacked
        plots.show([], stacked=False)
        assert len(_instances) == stacked  # kept for the next that are shown
    close_all(plots.widget)
    assert set(_instances) == before


@pytest.mark.real
def test_time_is_counted_from_the_start_in_the_header(curve):
    plots = WithinPlots(unguarded)
    plots.show([("here", catalogue_curve(curve, BLUE))], stacked=False)
    start = Time(curve.header.start, format="cxcsec")
    assert f"time since MJD {start.mjd:.5f}, ks (TT" in plots.plots[0]._x_axis.label
    close_all(plots.widget)


@pytest.mark.real
def test_a_brushed_time_is_that_of_the_mission_and_marked(curve):
    brushed = []
    plots = WithinPlots(unguarded, brushed.append)
    drawn = catalogue_curve(curve, BLUE)
    plots.show([("here", drawn)], stacked=False)
    (plot,) = plots.plots
    x = np.array([drawn.x[1] / 4, drawn.x[1] / 2])
    message = {"kind": "shape", "mode": None, "x": x.tolist(), "y": [drawn.y[0], drawn.y[1]]}
    plot.selector._heard(plot.selector, message, [])
    ((start, stop),) = brushed
    np.testing.assert_allclose([start, stop], curve.header.start + 1000 * x)
    plots.show([("here", drawn)], stacked=False, times=(start, stop))
    np.testing.assert_allclose(plot.layers[0].x, x)
    close_all(plots.widget)


def test_the_axis_says_what_times_count(events):
    """Those that CIAO's axbary barycentred, beside those it did not."""
    local = timing(events, width=1000)
    shifted = replace(local, binned=replace(local.binned, system=TimeSystem.BARYCENTRIC))
    plots = WithinPlots(unguarded)
    for curves, words in (
        ([local], "ks (TT, not barycentred)"),
        ([shifted], "ks (TDB, barycentred)"),
        ([local, shifted], "ks (TT, not barycentred; TDB, barycentred)"),
    ):
        plots.show([("one", events_curve(curve, BLUE, blocks=False)) for curve in curves], stacked=False)
        assert plots.plots[0]._x_axis.label.endswith(words)
    close_all(plots.widget)
