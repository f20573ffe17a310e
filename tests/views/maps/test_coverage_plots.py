"""What the coverage panel draws: limits as colours, ticks of the sky, area against flux, number counts."""

import io
import re
from dataclasses import replace
from itertools import pairwise

import astropy.units as u
import matplotlib as mpl
import numpy as np
import pytest
from astropy.coordinates import Angle, SkyCoord
from hypothesis import example, given
from hypothesis import strategies as st
from matplotlib.image import imread

from cscwidgets.science.maps.coverage_curve import CoverageCurve
from cscwidgets.science.maps.flux_calibration import SOFT_BAND
from cscwidgets.science.maps.sensitivity_map import PHOTON_FLUX
from cscwidgets.science.maps.sky_picture import grid_around
from cscwidgets.science.number_counts import number_counts
from cscwidgets.views.callbacks import unguarded
from cscwidgets.views.maps.counts_plot import CountsPlot, references_for
from cscwidgets.views.maps.coverage_plots import CoveragePlots
from cscwidgets.views.maps.flux_axis import FluxAxis
from cscwidgets.views.maps.limit_colours import LimitColours
from cscwidgets.views.maps.sky_ticks import sky_ticks
from cscwidgets.views.plots.layers import Band, Line

CURVE = CoverageCurve(np.array([2e-6, 3e-6, 8e-6]), np.array([0.02, 0.08, 0.1]), "s", "TRUE", calibration=SOFT_BAND)
ENERGY, PHOTON = FluxAxis("s", SOFT_BAND), FluxAxis("s")


@pytest.mark.parametrize("axis", [ENERGY, PHOTON])
def test_a_flux_there_and_back(axis):
    flux = np.array([1e-7, 3e-6])
    np.testing.assert_allclose(axis.photon(axis.shown(flux)), flux)
    assert axis.unit_words in axis.text(1e-6)


def test_the_energy_flux_is_the_calibrations():
    assert float(ENERGY.shown(1e-6)) == pytest.approx(SOFT_BAND.energy_flux(1e-6 * PHOTON_FLUX).value)
    assert ENERGY.words(1e-6) == "1.73 × 10<sup>−15</sup> erg/s/cm²"


def test_colours_follow_the_logarithm_and_nothing_is_transparent():
    limit = np.array([[1e-6, 1e-5], [np.nan, np.sqrt(1e-11)]], np.float32)
    picture = imread(io.BytesIO(LimitColours(1e-6, 1e-5).png(limit)))[::-1]
    for place, share in (((0, 0), 0.0), ((0, 1), 1.0), ((1, 1), 0.5)):
        np.testing.assert_allclose(picture[place], mpl.colormaps["viridis"](share), atol=0.01)
    assert picture[1, 0, 3] == 0


def test_the_veil_covers_what_does_not_reach():
    limit = np.array([[1e-6, 1e-5], [np.nan, 3e-6]], np.float32)
    veil = imread(io.BytesIO(LimitColours.shade_png(limit, 3e-6)))[::-1]
    np.testing.assert_array_equal(veil[..., 3] > 0, [[False, True], [False, False]])


@given(st.floats(-17, -5), st.floats(0.05, 3))
def test_the_colour_scale_has_ticks_that_do_not_meet(low, decades):
    ends = 10**low, 10 ** (low + decades)
    places = [float(part.split("%")[0]) for part in LimitColours(*ends).bar(FluxAxis("b")).split("left:")[1:]]
    assert 2 <= len(places) <= 10
    assert min(np.diff(places)) >= 19.8  # "8.4" takes 24 pixels of a bar of 136, which is the narrowest
    assert 0 <= places[0] < places[-1] <= 100


@given(st.floats(0, 360), st.floats(-80, 80), st.floats(0.01, 3))
def test_ticks_are_where_their_words_say(lon, lat, radius):
    at = SkyCoord(lon, lat, unit="deg")
    ring = at.directional_offset_by(np.linspace(0, 360, 40) * u.deg, radius * u.deg)
    wcs, (pixels, _) = grid_around(lon, lat, (ring.ra.deg, ring.dec.deg), pixels=300)
    right, up, shared = sky_ticks(wcs, pixels)
    assert 1 < len(right) <= 4 or (len(right) == 1 and not shared)
    assert 1 < len(up) <= 6
    pixel = float(np.abs(wcs.wcs.cdelt[0]))
    fields = {unit: number for number, unit in re.findall(r"(\d+)([hms])", shared)}
    for x, words in right.items():  # what is not said is that of the tick before, or of all
        fields |= {unit: number for number, unit in re.findall(r"(\d+)([hms])", words)}
        ra = Angle("".join(f"{number}{unit}" for unit, number in fields.items())).deg
        assert -0.5 <= x <= pixels - 0.5
        drawn, dec = wcs.wcs_pix2world(x, -0.5, 0)
        off = (float(drawn) - ra + 180) % 360 - 180
        assert abs(off * np.cos(np.radians(float(dec)))) < 0.1 * pixel + 5e-4 * radius
    for y, words in up.items():
        assert float(wcs.wcs_pix2world(-0.5, y, 0)[1]) == pytest.approx(
            Angle(words).deg, abs=0.1 * pixel + 5e-4 * radius
        )


@given(st.floats(0, 360), st.floats(-80, 80), st.floats(0.01, 3))
@example(6.0236, -72.0813, 1.5 / 60)  # 47 Tuc, where "00h24m30s15s" was read
def test_right_ascensions_do_not_touch_in_a_narrow_panel(lon, lat, radius):
    at = SkyCoord(lon, lat, unit="deg")
    ring = at.directional_offset_by(np.linspace(0, 360, 40) * u.deg, radius * u.deg)
    wcs, (pixels, _) = grid_around(lon, lat, (ring.ra.deg, ring.dec.deg), pixels=300)
    em = {"h": 0.634, "m": 0.974, "s": 0.521}  # of DejaVu Sans, which Chromium takes on Linux; of a digit 0.636
    halves = {
        x / pixels * 134: sum(em.get(letter, 0.636) for letter in words) * 12 / 2  # pixels in a panel of 472
        for x, words in sky_ticks(wcs, pixels).x.items()
    }
    for left, right in pairwise(sorted(halves)):
        assert left + halves[left] + 3 < right - halves[right]


def test_around_a_pole_right_ascension_has_no_ticks():
    ring = SkyCoord(np.linspace(0, 350, 36), 89.8, unit="deg")
    wcs, (pixels, _) = grid_around(0, 90, (ring.ra.deg, ring.dec.deg), pixels=100)
    assert sky_ticks(wcs, pixels).y == {}


@pytest.fixture
def plots():
    return CoveragePlots(unguarded)


@pytest.mark.parametrize("axis", [ENERGY, PHOTON])
def test_curve_and_histogram_are_the_sciences(plots, axis):
    plots.show(CURVE, axis)
    _, line, *_ = plots.cumulative.layers
    inside = line.x >= axis.shown(2e-6)
    drawn = axis.photon(line.x[inside][1:-1] * (1 + 1e-9)) * PHOTON_FLUX
    np.testing.assert_allclose(line.y[inside][1:-1], CURVE.at(drawn).value)
    assert line.y[0] == 0
    _, bars, *_ = plots.histogram.layers
    assert bars.y[::2].sum() == pytest.approx(0.1)
    assert axis.unit_words in plots.cumulative._x_axis.label


def test_what_is_looked_at_is_marked_on_both(plots):
    plots.show(CURVE, ENERGY)
    plots.mark(3e-6)
    plots.point(5e-6)
    for plot in (plots.cumulative, plots.histogram):
        band, _, pointed, flux = plot.layers
        assert isinstance(band, Band)
        np.testing.assert_allclose(flux.x, ENERGY.shown(3e-6))
        np.testing.assert_allclose(pointed.x, ENERGY.shown(5e-6))
        assert np.nanmax(band.x[np.isfinite(band.high)]) <= ENERGY.shown(3e-6)
    plots.mark(np.nan)
    assert np.isnan(plots.cumulative.layers[0].high).all()


def test_a_click_is_a_photon_flux(plots):
    clicked = []
    plots.on_click(clicked.append)
    plots.show(CURVE, ENERGY)
    selector = plots.cumulative.selector
    place = {"x": float(ENERGY.shown(4e-6)), "y": 0.05, "width": 300, "height": 200}
    selector._heard(None, {"kind": "click", "mode": None, **place}, [])
    assert clicked == [pytest.approx(4e-6)]


@pytest.mark.parametrize("axis", [ENERGY, PHOTON])
@pytest.mark.parametrize("smooth", [False, True])
def test_the_pointer_reads_the_curve_in_the_browser(plots, axis, smooth):
    curve = replace(CURVE, smooth=smooth)
    plots.show(curve, axis)
    photons = np.geomspace(0.9 * curve.flux[0], 1.1 * curve.flux[-1], 60)
    for plot in (plots.cumulative, plots.histogram):
        hints = plot.selector.hints
        assert hints.along
        assert not plot.selector._asks_kernel
        assert (np.diff(hints.x) >= 0).all()
        # Straight lines on the screen, whose axis is logarithmic.
        read = [np.interp(np.log(axis.shown(photons)), np.log(hints.x), y) for y in (hints.y, hints.numbers["share"])]
        expected = curve.at(photons * PHOTON_FLUX).value
        np.testing.assert_allclose(read[0], expected, rtol=1e-9)
        np.testing.assert_allclose(read[1], expected / curve.total.value, rtol=1e-9)
        assert hints.lines == [[f"{{x:.3g}} {axis.unit_words}: {{y:.4g}} deg² ({{share:.0%}})"]]
    plots.show(None, axis)
    assert plots.cumulative.selector.hints is None


def test_counts_go_down_by_a_step_at_each_source():
    flux = np.array([2.5e-6, 4e-6, 4e-6, 9e-6])
    counts = number_counts(flux * PHOTON_FLUX, CURVE)
    plot = CountsPlot(unguarded)
    plot.show(counts, PHOTON, photon_index=1.4)
    (line,) = (layer for layer in plot.plot.layers if isinstance(layer, Line))
    weights = 1 / np.array([0.02, 0.08, 0.08, 0.1])
    np.testing.assert_allclose(line.y[::2], [weights.sum(), weights[1:].sum(), weights[3]])
    np.testing.assert_allclose(line.x[1::2], [2.5e-6, 4e-6, 9e-6])
    assert line.name == "here, with 68% errors"
    assert plot.published == []


def test_published_counts_stand_beside_energy_fluxes():
    energy = SOFT_BAND.energy_flux([2.5e-6, 4e-6, 9e-6] * PHOTON_FLUX)
    plot = CountsPlot(unguarded)
    plot.show(number_counts(energy, CURVE), ENERGY, photon_index=1.4)
    beside = [layer for layer in plot.plot.layers if isinstance(layer, Line) and layer.style != "solid"]
    published = references_for("s")
    assert len(beside) == len(published) == 2
    for line, one in zip(beside, published, strict=True):
        expected = one.cumulative(line.x * ENERGY.unit, (0.5, 1.2), photon_index=1.4).value
        np.testing.assert_array_equal(line.y, expected)
        assert line.name == f"{one.name} ({one.paper})"
    assert plot.published == [line.name for line in beside]
    assert len({line.style for line in beside}) == 2


def test_references_are_those_of_like_energies():
    assert {one.band for one in references_for("s")} == {(0.5, 2.0)}
    assert {one.band for one in references_for("h")} == {(2.0, 8.0), (2.0, 10.0)}
    assert {one.band for one in references_for("b")} == {(0.5, 8.0)}
    assert references_for("w") == references_for("u") == []
