"""Axes of the reader's choice: their values, error bars, spans, ticks and directions."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import MaskedColumn, QTable
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.errors import CscError
from cscwidgets.views.plots.free_axis import free_axis

FLUX = u.erg / u.s / u.cm**2


def table(**columns):
    return QTable(columns)


def everything(columns):
    return np.ones(len(columns), bool)


def axis(text, columns, **options):
    return free_axis(text, columns, everything(columns), **options)


def test_limits_of_the_catalogue_are_the_error_bars():
    columns = table(
        flux_aper_b=[1.0, 2.0, np.nan] * FLUX,
        flux_aper_lolim_b=[0.8, 1.5, np.nan] * FLUX,
        flux_aper_hilim_b=[1.5, 2.25, np.nan] * FLUX,
        hard_hs=[-0.5, 0.0, 0.5],
        hard_hs_lolim=[-0.6, -0.2, 0.4],
        hard_hs_hilim=[-0.3, 0.1, 0.9],
    )
    for name, low, high in (
        ("flux_aper_b", "flux_aper_lolim_b", "flux_aper_hilim_b"),
        ("hard_hs", "hard_hs_lolim", "hard_hs_hilim"),
    ):
        found = axis(name, columns)
        for values, column in ((found.values, name), (found.low, low), (found.high, high)):
            np.testing.assert_array_equal(values, getattr(columns[column], "value", columns[column]))
        assert not found.logarithmic
    assert axis("flux_aper_b", columns).label == "flux_aper_b / erg s⁻¹ cm⁻²"


@pytest.mark.parametrize("error", ["e_K", "K_error", "K_err", "err_K"])
def test_errors_of_either_side_in_their_own_unit(error):
    columns = table(K=[10.0, 11.0, 12.0] * u.mag, **{error: [10.0, np.nan, 30.0] * u.mmag})
    found = axis("K", columns)
    np.testing.assert_allclose(found.low, [9.99, np.nan, 11.97])
    np.testing.assert_allclose(found.high, [10.01, np.nan, 12.03])


@pytest.mark.parametrize(
    "error", [[5.0, 5.0] * u.percent, ["good", "bad"], [0.1, 0.1] * u.mag, [[0.1, 0.2], [0.1, 0.2]]]
)
def test_what_is_no_error_of_the_column_is_none_of_its_bars(error):
    found = axis("S", table(S=[1.0, 2.0] * u.mJy, e_S=error))
    assert np.isnan([found.low, found.high]).all()


def test_a_formula_has_bars_too():
    columns = table(J=[12.0, 13.0] * u.mag, K=[11.0, 11.5] * u.mag, e_J=[0.3, 0.3] * u.mag, e_K=[0.4, 0.4] * u.mag)
    found = axis("J - K", columns, brighter_up=True)
    np.testing.assert_allclose(found.values, [1.0, 1.5])
    np.testing.assert_allclose([found.low, found.high], [[0.5, 1.0], [1.5, 2.0]])
    assert (found.label, found.reverse) == ("J - K / mag", False)


def test_limits_stand_where_they_are():
    columns = table(
        flux_aper_b=[1e-13, 0.0, 1e-16] * FLUX,
        flux_aper_lolim_b=[9e-14, 0.0, 9e-17] * FLUX,
        flux_aper_hilim_b=[2e-13, 3e-15, 2e-16] * FLUX,
        hard_hm=[0.1, 0.99, -1.0],
        hard_hm_lolim=[0.0, 0.7, -1.0],
        hard_hm_hilim=[0.3, 1.0, -0.6],
    )
    flux, ratio = axis("flux_aper_b", columns), axis("hard_hm", columns)
    np.testing.assert_allclose(flux.values, np.log10([1e-13, 3e-15, 1e-16]))
    assert flux.upper.tolist() == [False, True, False]
    np.testing.assert_allclose(ratio.values, [0.1, 0.7, -0.6])
    assert (ratio.lower.tolist(), ratio.upper.tolist()) == ([False, True, False], [False, False, True])
    linear = axis("flux_aper_b", columns, scale="linear")
    assert not linear.logarithmic
    np.testing.assert_allclose(linear.values, [1e-13, 3e-15, 1e-16])


def test_a_scale_is_what_is_asked_for():
    columns = table(a=[1.0, -2.0, 0.0, 5.0, np.nan])
    found = axis("a", columns, scale="log")
    np.testing.assert_allclose(found.values, [0, np.nan, np.nan, np.log10(5), np.nan])
    assert found.unplaced.tolist() == [False, True, True, False, False]
    assert list(found.ticks.values()) == ["1", "2", "5"]
    assert axis("a", columns, scale="inverted").reverse
    assert not axis("m", table(m=[1.0] * u.mag), scale="linear", brighter_up=True).reverse


def test_magnitudes_grow_downwards_where_brighter_is_up():
    columns = table(K=[10.0, 11.0] * u.mag, flux=[1.0, 2.0] * FLUX)
    assert axis("K", columns, brighter_up=True).reverse
    assert not axis("K", columns).reverse
    assert not axis("flux", columns, brighter_up=True).reverse


def test_a_flux_over_decades_is_shown_by_its_logarithm():
    flux = np.array([1e-16, 3e-15, 0.0, 2e-13])
    columns = table(
        flux_aper_b=flux * FLUX,
        flux_aper_lolim_b=flux * [0.5, 0.0, 0.0, 0.9] * FLUX,
        flux_aper_hilim_b=(2 * flux + 1e-17) * FLUX,
    )
    found = axis("flux_aper_b", columns)
    assert found.logarithmic
    np.testing.assert_allclose(found.values, [-16, np.log10(3e-15), -17, np.log10(2e-13)])
    np.testing.assert_allclose(found.high, np.log10(2 * flux + 1e-17))
    # A bar that reaches zero goes as far as the axis; it is not left out with its other half.
    np.testing.assert_allclose(found.low, [np.log10(5e-17), *[found.span[0]] * 2, np.log10(1.8e-13)])
    assert found.ticks == {-17.0: "10⁻¹⁷", -16.0: "10⁻¹⁶", -15.0: "10⁻¹⁵", -14.0: "10⁻¹⁴", -13.0: "10⁻¹³"}


@pytest.mark.parametrize(
    ("values", "unit"),
    [
        ([1e-3, 1.0, 1e3], u.one),
        ([0.01, 1.0, 20.0], u.mag),
        ([0.01, 1.0, 300.0], u.deg),
        ([-50.0, 0.01, 40.0], u.mas / u.yr),
        ([1.0, 2.0, 99.0], FLUX),
        ([0.0, 0.0, 0.0], FLUX),
    ],
)
def test_other_axes_are_linear(values, unit):
    found = axis("a", table(a=values * unit))
    assert not found.logarithmic
    np.testing.assert_array_equal(found.values, values)


def test_the_span_holds_the_shown_rows_only():
    columns = table(a=[1.0, 2.0, 1000.0, np.nan])
    found = free_axis("a", columns, np.array([True, True, False, True]))
    assert found.span == pytest.approx((0.95, 2.05))
    assert len(found.values) == 4


def test_masked_and_integer_columns():
    columns = QTable({"n": MaskedColumn([3, 4, 5], mask=[False, True, False])})
    found = axis("n", columns)
    np.testing.assert_array_equal(found.values, [3, np.nan, 5])


@pytest.mark.parametrize(("values", "span"), [([7.0], (6.65, 7.35)), ([0.0], (-0.5, 0.5)), ([np.nan], (0.0, 1.0))])
def test_one_value_or_none_has_some_room(values, span):
    found = axis("a", table(a=values))
    assert found.span == pytest.approx(span)
    assert found.ticks


@given(
    st.lists(st.floats(-1e9, 1e9, allow_subnormal=False), min_size=2, max_size=20),
    st.sampled_from([u.one, FLUX, u.mag]),
    st.booleans(),
)
def test_spans_hold_all_values_and_ticks_tell_places(values, unit, absolute):
    values = np.abs(values) if absolute else np.array(values)
    found = axis("a", table(a=values * unit))
    known = found.values[np.isfinite(found.values)]
    low, high = found.span
    assert low < high
    assert ((known >= low) & (known <= high)).all()
    assert all(low <= place <= high for place in found.ticks)
    assert len(set(found.ticks.values())) == len(found.ticks) < 14
    if not found.logarithmic:
        assert [float(words.replace("−", "-")) for words in found.ticks.values()] == pytest.approx(list(found.ticks))
        assert len(known) == len(values)


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(CscError, match="no column b"):
        axis("b", table(a=[1.0]))
