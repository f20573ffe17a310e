"""What the spectrum's plots draw: numbers of bins and models, in units that astropy converts, from the same marks."""

from dataclasses import replace

import astropy.units as u
import numpy as np
import pytest
from matplotlib.figure import Figure

from cscwidgets.errors import CscError
from cscwidgets.science import spectrum
from cscwidgets.science.spectra.grouping import spectral_bins
from cscwidgets.views.callbacks import unguarded
from cscwidgets.views.disposal import close_all
from cscwidgets.views.plots.layers import Band, Line, Symbols
from cscwidgets.views.spectra.spectrum_plot import Display, Series, SpectrumPlot

pytest.importorskip("sherpa")
from cscwidgets.science.spectra.models import source_model
from cscwidgets.science.spectra.preview import Preview

pytestmark = pytest.mark.real
BAND, SEEN = (0.5, 7.0), (0.3, 10.0)


@pytest.fixture(scope="module")
def data(real):
    return spectrum.read(real / "spectra" / "csc_pha3" / "acisf01575_001N001_r0085_pha3.fits.gz")


@pytest.fixture(scope="module")
def preview(data):
    preview = Preview([data], source_model("powerlaw"))
    preview.scale_to_data(*BAND)
    return preview


@pytest.fixture
def brushed():
    return []


@pytest.fixture
def plot(brushed):
    plot = SpectrumPlot(unguarded, lambda low, high: brushed.append((low, high)), lambda: brushed.append("reset"))
    yield plot
    close_all(plot.widget)


def draw(plot, data, preview, **display):
    (model,) = preview.counts()
    (bins,) = plot.show([Series("red", data, model)], preview.photons, BAND, SEEN, Display(**display))
    return bins


def lines(plot, colour="red"):
    return [layer for layer in plot.layers if isinstance(layer, Line) and layer.colour == colour]


def middles(line):
    """Where error bars upright stand, and their ends."""
    return line.x[0::3], line.y[0::3], line.y[1::3]


def test_counts_are_those_of_the_bins_per_second_and_kev(plot, data, preview):
    bins = draw(plot, data, preview, least=20)
    direct = spectral_bins(data, *SEEN, least=20, edges=BAND)
    np.testing.assert_array_equal(bins.counts, direct.counts)
    background, model, upright, across = lines(plot.data)
    width = direct.high - direct.low
    assert (background.style, model.style) == ("dotted", "solid")
    expected = direct.summed(preview.counts()[0]) / direct.exposure / width
    np.testing.assert_allclose(model.y[::2], expected)
    np.testing.assert_allclose(np.nan_to_num(background.y[::2]), direct.background / direct.exposure / width)
    # Net counts stand at the height of the bars across; a logarithmic axis has none at or below 0.
    heights = across.y[np.isfinite(across.y)]
    rate = direct.net / direct.exposure / width
    np.testing.assert_allclose(np.unique(heights), np.unique(rate[rate > 0]))
    assert np.nanmax(upright.y) == pytest.approx((direct.upper / direct.exposure / width).max())


def test_the_integral_over_wavelength_is_that_over_energy(plot, data, preview):
    bins = draw(plot, data, preview, wavelength=True, logarithmic=False)
    *_, model, _, _ = lines(plot.data)
    ends = (bins.low * u.keV).to_value(u.AA, u.spectral())
    np.testing.assert_allclose(model.x[::2], ends)
    area = np.abs(np.diff(model.x)[::2]) * model.y[::2]
    np.testing.assert_allclose(area.sum() * bins.exposure, bins.summed(preview.counts()[0]).sum())
    expected = (np.array(SEEN[::-1]) * u.keV).to_value(u.AA, u.spectral())
    np.testing.assert_allclose(plot.data.ranges[0], expected)
    assert "Å" in plot.data._y_axis.label


@pytest.mark.parametrize("wavelength", [False, True])
@pytest.mark.parametrize("quantity", ["photons", "energy"])
def test_a_model_that_is_the_data_unfolds_to_itself(plot, data, preview, quantity, wavelength):
    (counts,) = preview.counts()
    same = replace(data, source=replace(data.source, counts=counts), background=None, background_path=None)
    bins = draw(plot, same, preview, quantity=quantity, wavelength=wavelength, least=5)
    model, _, across = lines(plot.data)
    np.testing.assert_allclose(across.y[0::3], model.y[::2], rtol=1e-9)
    residual, _ = lines(plot.residuals)
    _, low, high = middles(residual)
    np.testing.assert_allclose((low + high) / 2, 0, atol=1e-9)
    # The value is the model's own, by hand: its density at a bin as narrow as these is that at the middle.
    law, middle = preview.model, np.sqrt(bins.low * bins.high)
    density = law.parameter("ampl").val * middle ** -law.parameter("gamma").val / (u.cm**2 * u.s * u.keV)
    if quantity == "energy":
        expected = (density * (middle * u.keV) ** 2).to_value(u.erg / u.cm**2 / u.s)
    elif wavelength:
        per_angstrom = middle / (middle * u.keV).to_value(u.AA, u.spectral())  # |dE / d lambda|
        expected = density.value * per_angstrom
    else:
        expected = density.value
    narrow = (bins.high - bins.low) < 0.05 * middle
    assert narrow.sum() > 10
    np.testing.assert_allclose(model.y[::2][narrow], expected[narrow], rtol=2e-3)


def test_residuals_are_those_of_the_bins(plot, data, preview):
    bins = draw(plot, data, preview)
    upright, _ = lines(plot.residuals)
    _, low, high = middles(upright)
    model = bins.summed(preview.counts()[0])
    np.testing.assert_allclose((low + high) / 2, bins.sigma(model))
    np.testing.assert_allclose(high - low, 2)
    (least, most) = plot.residuals.ranges[1]
    assert least < np.nanmin(bins.sigma(model)) < np.nanmax(bins.sigma(model)) < most
    draw(plot, data, preview, residual="ratio")
    upright, across = lines(plot.residuals)
    np.testing.assert_allclose(across.y[0::3], bins.net / model)


def test_no_bin_reaches_over_the_band_and_the_rest_is_shaded(plot, data, preview):
    bins = draw(plot, data, preview)
    channel = np.diff(data.response.channel_low).max()
    for edge in BAND:
        assert not ((bins.low < edge - channel) & (bins.high > edge + channel)).any()
    for one in plot.plots:
        shades = [(layer.x[0], layer.x[-1]) for layer in one.layers if isinstance(layer, Band)]
        assert shades == [(0.3, 0.5), (7.0, 10.0)]


def test_without_a_model_only_the_data_are_drawn(plot, data):
    (bins,) = plot.show([Series("red", data, None)], None, BAND, SEEN, Display())
    _, model, upright, _ = lines(plot.data)
    assert not np.isfinite(model.y).any()
    assert np.isfinite(upright.y).sum() >= len(bins)
    assert lines(plot.residuals) == []
    plot.show([], None, BAND, SEEN, Display(quantity="photons"))
    assert lines(plot.data) == []


def test_a_drag_moves_the_marks_there_are(plot, data, preview):
    draw(plot, data, preview)
    marks = [mark for one in plot.plots for mark in one._figure.marks]
    before = lines(plot.data)[1].y
    amplitude = preview.model.parameter("ampl")
    kept = amplitude.val
    amplitude.val *= 1.3
    draw(plot, data, preview)
    amplitude.val = kept
    assert all(one is other for one, other in zip(marks, (m for p in plot.plots for m in p._figure.marks), strict=True))
    np.testing.assert_allclose(lines(plot.data)[1].y, 1.3 * before)


@pytest.mark.parametrize("wavelength", [False, True])
def test_a_band_that_is_drawn_is_in_kev(plot, brushed, data, preview, wavelength):
    draw(plot, data, preview, wavelength=wavelength)
    ends = np.array([1.0, 4.0])
    x = (ends * u.keV).to_value(u.AA, u.spectral()) if wavelength else ends
    corners = {"x": [x[0], x[1], x[1], x[0]], "y": [0, 0, 1, 1]}
    for one in plot.plots:
        one.selector._handle_custom_msg({"kind": "shape", "mode": None, **corners}, [])
    one.selector._handle_custom_msg({"kind": "escape"}, [])
    assert brushed == [(1.0, 4.0), (1.0, 4.0), "reset"]


def test_too_narrow_a_band_is_refused(plot):
    with pytest.raises(CscError, match="narrower"):
        plot._shape(np.array([1.0, 1.0001]))


def test_axes_of_another_kind_replace_those_before(plot, data, preview):
    first = plot.data
    draw(plot, data, preview, logarithmic=False)
    assert plot.data is not first
    assert plot.data.ranges[1][0] <= 0
    assert list(plot.widget.shown[1:]) == [one.widget for one in plot.plots]
    second = plot.data
    draw(plot, data, preview, logarithmic=False, least=30)
    assert plot.data is second


def test_the_legend_says_which_line_is_the_model(plot, data, preview):
    (model,) = preview.counts()
    shown = {"photons": preview.photons, "band": BAND, "seen": SEEN}
    plot.show([Series("red", data, model, "green", "<one>")], display=Display(), **shown)
    keys = plot._legend.value.split('class="csc-key"')[1:]
    background_key, model_key, data_key = keys
    assert ('stroke="green"' in model_key, "model" in model_key) == (True, True)
    assert "background" in background_key
    assert ('stroke="red"' in data_key, "&lt;one&gt;" in data_key) == (True, True)
    (drawn,) = [line for line in lines(plot.data, "green") if line.width > 2]
    assert len(lines(plot.data)) == 3
    assert drawn.style == "solid"
    plot.show([Series("red", data, None, "", "one")], display=Display(background=False), **shown)
    assert "model" not in plot._legend.value
    assert "background" not in plot._legend.value


def test_several_observations_are_told_apart_without_their_colours(plot, data, preview):
    (model,) = preview.counts()
    several = [Series("red", data, model, "", f"ObsID {number}", number) for number in range(8)]
    plot.show(several, preview.photons, BAND, SEEN, Display())
    looks = {}
    for layer in plot.data.layers:
        if isinstance(layer, Symbols):
            looks.setdefault(layer.name, set()).add((layer.marker, layer.hollow))
    assert list(looks) == [one.name for one in several]
    assert len(set.union(*looks.values())) == len(several)
    assert len({layer.style for layer in plot.data.layers if layer.name == "model"}) == 3
    axes = Figure().add_subplot()
    plot.data.draw(axes)
    words = [text.get_text() for text in axes.get_legend().get_texts()]
    assert words == ["background", "model", *looks]
    assert [word for word in words if f"</svg>{word.removeprefix('ObsID ')}<" in plot._legend.value] == words
    assert {layer.marker for layer in plot.residuals.layers if isinstance(layer, Symbols)} == {
        marker for marker, _ in set.union(*looks.values())
    }


def test_what_is_not_positive_has_no_place_on_a_logarithmic_axis_of_the_paper(plot, data, preview):
    """As matplotlib itself masks it: no line comes up from below."""
    draw(plot, data, preview)
    axes = Figure().add_subplot()
    plot.data.draw(axes)
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    (background,) = [line for line in axes.lines if line.get_linestyle() == ":"]
    assert (background.get_ydata() == 0).any()
    placed = axes.transData.transform(np.column_stack(background.get_data()))
    np.testing.assert_array_equal(np.isfinite(placed[:, 1]), background.get_ydata() > 0)
