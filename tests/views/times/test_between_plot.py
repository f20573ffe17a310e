"""The long-term plot of a real source with 151 observations: marks, words and dates."""

import astropy.units as u
import numpy as np
import pytest
from astropy.time import Time
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.export.figure import PaperFigure
from cscwidgets.science.times.long_term_curve import long_term
from cscwidgets.views.callbacks import unguarded
from cscwidgets.views.disposal import close_all
from cscwidgets.views.plots.layers import Line, Symbols
from cscwidgets.views.theme import ACCENT
from cscwidgets.views.times.between_plot import BetweenPlot, _kind, _years, constancy_words


@pytest.fixture
def plot():
    plot = BetweenPlot(unguarded)
    yield plot
    close_all(plot.widget)


def symbols(plot, *, rings=False):
    found = [layer for layer in plot.plot.layers if isinstance(layer, Symbols) and (layer.colour == ACCENT) == rings]
    return {(x, y) for layer in found for x, y in zip(layer.x.tolist(), layer.y.tolist(), strict=True)}


def segments(layer):
    """Bars of a line that NaN breaks: ends of each."""
    return list(zip(layer.x[::3].tolist(), layer.y[::3].tolist(), layer.x[1::3], layer.y[1::3], strict=True))


def arrows(plot):
    """Where limits point down from: lines of six corners each."""
    found = [
        layer
        for layer in plot.plot.layers
        if isinstance(layer, Line) and len(layer.x) % 6 == 0 and layer.width == 1.4 and np.isnan(layer.x[5::6]).all()
    ]
    return {(x, y) for layer in found for x, y in zip(layer.x[::6].tolist(), layer.y[::6].tolist(), strict=True)}


def expected(smc_rows, band):
    """Measured values and limits of the downloaded rows, by middle of the observation."""
    measured, limits = {}, {}
    for row in smc_rows:
        value, low, high = (row[f"photflux_aper_{end}{band}"] for end in ("", "lolim_", "hilim_"))
        if "NaN" in value:
            continue
        elapsed = float(row.get("gti_elapse") or row["livetime"])
        time = float(row["gti_mjd_obs"]) + elapsed / 86_400 / 2
        if float(value) == 0 and float(low) == 0:
            limits[time] = float(high)
        else:
            measured[time] = float(value)
    return measured, limits


@pytest.mark.real
@pytest.mark.parametrize("band", "bsmhu")
def test_every_row_is_a_symbol_or_an_arrow_once(plot, smc_rows, smc_table, band):
    plot.show(long_term(smc_table, band=band), limits=True, blocks=False, chosen=())
    measured, limits = expected(smc_rows, band)
    assert len(measured) + len(limits) == {"h": 150, "u": 149}.get(band, 151)  # the others are null
    for drawn, rows in ((symbols(plot), measured), (arrows(plot), limits)):
        assert len(drawn) == len(rows)
        if rows:
            order = sorted(drawn)
            np.testing.assert_allclose([x for x, _ in order], sorted(rows), atol=1e-4)
            assert [y for _, y in order] == [rows[time] for time in sorted(rows)]
    plot.show(long_term(smc_table, band=band), limits=False, blocks=False, chosen=())
    assert arrows(plot) == set()
    assert len(symbols(plot)) == len(measured)


@pytest.mark.real
def test_bars_end_at_the_intervals(plot, smc_table):
    curve = long_term(smc_table)
    plot.show(curve, limits=True, blocks=False, chosen=())
    seen = curve.measured & ~curve.limit
    bars = [layer for layer in plot.plot.layers if isinstance(layer, Line) and layer.width == 1.2 and len(layer.x) > 2]
    ends = {segment for layer in bars for segment in segments(layer)}
    upright = {(t, low, t, high) for t, low, high in zip(curve.time, curve.flux.lower, curve.flux.upper, strict=True)}
    along = {
        (start, value, stop, value)
        for start, value, stop in zip(curve.start, curve.flux.value, curve.stop, strict=True)
    }
    assert ends == upright | along
    assert seen.sum() == 151


@pytest.mark.real
def test_detectors_are_told_apart_by_the_chip(plot, smc_rows, smc_table):
    curve = long_term(smc_table)
    plot.show(curve, limits=True, blocks=False, chosen=())
    imaging = sum(row["detector"].strip()[5] in "0123" for row in smc_rows)
    by_name, looks = {}, {}
    for layer in plot.plot.layers:
        if isinstance(layer, Symbols):
            name = layer.name.removesuffix(", ambiguous")
            by_name[name] = by_name.get(name, 0) + len(layer.x)
            looks[name] = (layer.colour, layer.marker)
    assert by_name == {"ACIS-I": imaging, "ACIS-S": 151 - imaging}
    for one, other in zip(*looks.values(), strict=True):
        assert one != other


@pytest.mark.parametrize(
    ("detector", "kind"),
    [("ACIS-0123", "ACIS-I"), ("ACIS-01236", "ACIS-I"), ("ACIS-012367", "ACIS-I"), ("ACIS-235678", "ACIS-S"),
     ("ACIS-456789", "ACIS-S"), ("ACIS-3", "ACIS-I"), ("ACIS-7", "ACIS-S"), ("ACIS-13", "ACIS-I"), ("ACIS-I", "ACIS-I"),
     ("HRC-I", "HRC"), ("HRC-S", "HRC")],
)  # fmt: skip
def test_kinds_of_detectors(detector, kind):
    assert _kind(detector[: detector.index("-")], detector) == kind


@pytest.mark.real
def test_ambiguous_matches_are_hollow_and_chosen_ones_ringed(plot, smc_table):
    table = smc_table.copy()
    table["match_type"] = ["a" if row % 3 == 0 else "u" for row in range(len(table))]
    curve = long_term(table)
    chosen = tuple(curve.keys[:4])
    plot.show(curve, limits=True, blocks=False, chosen=chosen)
    hollow = [
        layer for layer in plot.plot.layers if isinstance(layer, Symbols) and layer.hollow and layer.colour != ACCENT
    ]
    assert sum(len(layer.x) for layer in hollow) == curve.ambiguous.sum() == 51
    assert symbols(plot, rings=True) == set(zip(curve.time[:4].tolist(), curve.flux.value[:4].tolist(), strict=True))
    assert "51 ambiguous matches" in constancy_words(curve)


@pytest.mark.real
def test_words_say_what_was_measured(smc_rows, smc_table):
    for band in "bu":
        measured, limits = expected(smc_rows, band)
        words = constancy_words(long_term(smc_table, band=band))
        assert words.startswith(f"{len(measured)} measured fluxes; {len(limits)} upper limits (68%)")
    assert "; 2 observations without a flux in the ACIS ultrasoft (0.2-0.5 keV) band;" in words
    words = constancy_words(long_term(smc_table))
    assert "without a flux" not in words
    assert "the catalogue: > 0.9999, index 8" in words
    assert "variable with probability > 0.9999;" in words


@pytest.mark.real
def test_blocks_and_the_constant_are_the_curves(plot, smc_table):
    curve = long_term(smc_table)
    plot.show(curve, limits=True, blocks=True, chosen=())
    (level,) = [layer for layer in plot.plot.layers if isinstance(layer, Line) and layer.style == "dashed"]
    # Weights by the inverse square of half the interval.
    weight = (2 / (curve.flux.upper - curve.flux.lower)) ** 2
    np.testing.assert_allclose(level.y, np.average(curve.flux.value, weights=weight), rtol=1e-9)
    (blocks,) = [layer for layer in plot.plot.layers if isinstance(layer, Line) and layer.colour == ACCENT]
    assert len(blocks.x) == 2 * len(curve.blocks())


@pytest.mark.real
def test_the_pointer_finds_the_observation_that_is_drawn(plot, smc_table):
    curve = long_term(smc_table, band="u")
    limit = int(np.flatnonzero(curve.limit)[0])
    for limits in (True, False):
        plot.show(curve, limits=limits, blocks=False, chosen=())
        place = {"x": curve.time[limit], "y": curve.flux.upper[limit], "width": 1e7, "height": 1e7}
        assert plot.at(place) == (limit if limits else None)


@pytest.mark.real
def test_a_curve_without_a_flux_takes_the_place_of_the_one_before(plot, smc_table):
    plot.show(long_term(smc_table), limits=True, blocks=True, chosen=())
    few = smc_table[:3].copy()
    for end in ("", "_lolim", "_hilim"):
        few[f"photflux_aper{end}_b"] = np.full(3, np.nan) * u.photon / u.s / u.cm**2
    curve = long_term(few)
    plot.show(curve, limits=True, blocks=True, chosen=())
    assert (plot.plot.layers, plot.plot.legend) == ((), "")
    assert plot.at({"x": 0.5, "y": 0.5, "width": 100, "height": 100}) is None
    assert "3 observations without a flux in the ACIS broad" in constancy_words(curve)
    plot.show(None, limits=True, blocks=True, chosen=())
    assert plot.at({"x": 0.5, "y": 0.5, "width": 100, "height": 100}) is None


@pytest.mark.real
def test_the_paper_shows_the_same_in_the_unit_of_the_catalogue(plot, smc_table):
    curve = long_term(smc_table)
    plot.show(curve, limits=True, blocks=False, chosen=())
    axes = PaperFigure().subplots()
    plot.plot.draw(axes)
    marked = [line for line in axes.get_lines() if line.get_marker() in {"o", "s", "^"}]
    drawn = {tuple(point) for line in marked for point in line.get_xydata().tolist()}
    assert drawn == set(zip(curve.time.tolist(), curve.flux.value.tolist(), strict=True))
    low, high = axes.get_ylim()
    assert low <= curve.flux.lower.min() < curve.flux.upper.max() <= high < 2 * curve.flux.upper.max()
    assert axes.get_ylabel() == "Photon flux, photon/s/cm²"


@given(st.floats(51_000, 62_000), st.floats(0.1, 9000))
def test_dates_lie_where_they_belong(low, days):
    ticks = _years(low, low + days)
    assert len(ticks) <= 14
    if days > 3:
        assert ticks
    for mjd, words in ticks.items():
        assert low <= mjd <= low + days
        date = words + "-01-01"[len(words) - 4 :] if len(words) < 10 else words
        assert Time(date, scale="tt").mjd == pytest.approx(mjd, abs=1e-6)
