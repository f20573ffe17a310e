import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, optimize, special, stats

from cscwidgets.science.photometry import Aperture, Flux, aperture_flux, is_upper_limit

CASES = [
    (0, 0, 5),
    (0, 30, 10),
    (1, 0, 5),
    (2, 3, 10),
    (3, 30, 5),
    (5, 10, 10),
    (12, 100, 10),
    (20, 0, 0.5),
    (40, 100, 4),
    (60, 20, 1),
    (400, 3000, 12),
    (1000, 50, 8),
]


def mixture_of_gammas(counts, background, ratio):
    """The posterior of Loredo (1992): weights of gamma distributions of order 1 to counts + 1."""
    order = np.arange(counts + 1)
    log_weight = (
        order * np.log1p(ratio) + special.gammaln(counts + background - order + 1) - special.gammaln(counts - order + 1)
    )
    weight = np.exp(log_weight - log_weight.max())
    return order + 1, weight / weight.sum()


@pytest.mark.parametrize("case", CASES)
def test_density_is_the_mixture_of_gammas(case):
    order, weight = mixture_of_gammas(*case)
    net = np.linspace(0, case[0] + 6 * np.sqrt(case[0] + 1) + 5, 50)
    expected = (weight[:, None] * stats.gamma.pdf(net, order[:, None])).sum(axis=0)
    ours = Aperture.of([case[0]], [case[1]], [case[2]], [1.0]).density(net[None])[0]
    np.testing.assert_allclose(ours / ours.max(), expected / expected.max(), atol=2e-4)


def test_density_is_the_likelihood_integrated_over_the_background():
    counts, background, ratio = 6, 8, 3.0

    def integrand(rate, net):
        return stats.poisson.pmf(counts, net + rate) * stats.poisson.pmf(background, ratio * rate)

    net = np.array([0.0, 1.0, 3.0, 6.0, 12.0])
    expected = np.array([integrate.quad(integrand, 0, 60, args=(value,), limit=200)[0] for value in net])
    ours = Aperture.of([counts], [background], [ratio], [1.0]).density(net[None])[0]
    np.testing.assert_allclose(ours / ours[2], expected / expected[2], rtol=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_mode_and_smallest_interval(case):
    order, weight = mixture_of_gammas(*case)

    def density(net):
        return float(weight @ stats.gamma.pdf(net, order))

    def below(net):
        return float(weight @ stats.gamma.cdf(net, order))

    ours = aperture_flux(Aperture.of([case[0]], [case[1]], [case[2]], [1.0]))
    value, lower, upper = ours.value[0], ours.lower[0], ours.upper[0]
    sigma = np.sqrt(case[0] + 1)
    assert below(upper) - below(lower) == pytest.approx(0.68, abs=2e-3)
    grid = np.linspace(0, case[0] + 5 * sigma, 20001)
    best = grid[np.argmax([weight @ stats.gamma.pdf(net, order) for net in grid])]
    assert value == pytest.approx(best, abs=0.01 * sigma)
    # No other interval of the same content is narrower.
    for start in np.linspace(0, lower + sigma, 25):
        if below(start) < 0.31:
            end = optimize.brentq(
                lambda net, start=start: below(net) - below(start) - 0.68, start, case[0] + 30 * sigma
            )
            assert end - start > upper - lower - 0.01 * sigma
    if lower > 0:
        assert density(lower) == pytest.approx(density(upper), rel=0.05)


def test_upper_limit_is_the_convention_of_the_catalogue():
    flux = aperture_flux(Aperture.of([0, 3, 30], [0, 60, 20], [10, 10, 10], [1e9, 1e9, 1e9]))
    assert is_upper_limit(flux.value, flux.lower).tolist() == [True, True, False]
    assert flux.upper[0] == pytest.approx(-np.log(0.32) / 1e9, rel=1e-3)
    assert flux.value[0] == 0
    assert flux.lower[1] == 0
    assert not is_upper_limit(np.ma.masked_all(2), np.ma.masked_all(2)).any()


def test_response_scales_and_missing_numbers_stay_missing():
    flux = aperture_flux(Aperture.of([9, 9, np.nan, 9], [5, 5, 5, 5], [8, 8, 8, 8], [1, 250, 1, 0]))
    assert flux.upper[1] == pytest.approx(flux.upper[0] / 250)
    assert np.isnan(flux.value[2:]).all()


def test_two_piece_normal_of_a_catalogue_triple_has_its_interval():
    flux = Flux.of(np.ma.masked_array([4.0, 0.0, 1.0], [False, False, True]), [2.5, 0.0, 0.5], [6.0, 1.5, 2.0])
    assert np.isnan(flux.value[2])
    grid = np.linspace(0, 20, 4001)
    for row, (low, high) in enumerate([(2.5, 6.0), (0.0, 1.5)]):
        density = flux[:2].density(np.stack([grid, grid]))[row]
        inside = (grid >= low) & (grid <= high)
        assert density[inside].sum() / density.sum() == pytest.approx(0.683, abs=0.01)


@given(st.integers(0, 400), st.integers(0, 400), st.floats(0.2, 50))
def test_limits_enclose_the_value(counts, background, ratio):
    flux = aperture_flux(Aperture.of([counts], [background], [ratio], [1.0]))
    assert 0 <= flux.lower[0] <= flux.value[0] <= flux.upper[0]
    more = aperture_flux(Aperture.of([counts + 5], [background], [ratio], [1.0]))
    assert more.upper[0] > flux.upper[0]
