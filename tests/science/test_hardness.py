import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cscwidgets.science.hardness import CELLS, STEP, Kind, classify, hardness_posterior, hardness_ratio
from cscwidgets.science.photometry import Aperture, Flux, aperture_flux

fluxes = st.floats(1e-12, 1e3)
ratios = st.floats(-1, 1)


@pytest.mark.real
def test_ratio_of_photon_fluxes_is_the_catalogue_column(pulsars):
    pairs = ("hm", "hs", "ms")
    ours = np.concatenate([hardness_ratio(*(pulsars[f"photflux_aper_{band}"] for band in pair)) for pair in pairs])
    theirs, low, high = (
        np.concatenate([pulsars[f"hard_{pair}{limit}"] for pair in pairs]) for limit in ("", "_lolim", "_hilim")
    )
    difference, width = np.abs(ours - theirs), high - low
    # The mode of H is not quite H of the modes: they meet where the posterior is narrow.
    narrow = width < 0.2
    assert narrow.sum() > 150
    assert np.nanmedian(difference[narrow]) < 0.001
    assert np.nanmedian(difference / width) < 0.025


@pytest.mark.real
@pytest.mark.parametrize("pair", ["hm", "hs", "ms"])
def test_posterior_of_real_flux_triples_is_the_catalogue_triple(pulsars, pair):
    bands = [Flux.of(*(pulsars[f"photflux_aper{limit}_{band}"] for limit in ("", "_lolim", "_hilim"))) for band in pair]
    value, low, high = (pulsars[f"hard_{pair}{limit}"] for limit in ("", "_lolim", "_hilim"))
    ours = hardness_posterior(*bands)
    for mine, theirs in ((ours.mode, value), (ours.lower, low), (ours.upper, high)):
        assert np.nanmedian(np.abs(mine - theirs)) < 3.5 * STEP
    assert (ours.kind == classify(value, low, high)).mean() > 0.94


@pytest.mark.real
def test_real_intervals_that_reach_an_end_are_limits(pulsars):
    for pair in ("hm", "hs", "ms"):
        value, low, high = (pulsars[name] for name in (f"hard_{pair}", f"hard_{pair}_lolim", f"hard_{pair}_hilim"))
        kinds = classify(value, low, high)
        np.testing.assert_array_equal(kinds == Kind.UNDETERMINED, np.isnan(value))
        assert (kinds[high == 1] == Kind.LOWER_LIMIT).all()
        assert (kinds[low == -1] == Kind.UPPER_LIMIT).all()
        measured = kinds == Kind.MEASURED
        assert measured.sum() > 80
        assert (np.abs(value[measured]) < 0.98).all()


@pytest.mark.parametrize(
    ("value", "low", "high", "kind"),
    [
        (0.21, 0.10, 0.33, Kind.MEASURED),
        (0.97, 0.95, 0.98, Kind.MEASURED),
        (0.9994, 0.3704, 1.0, Kind.LOWER_LIMIT),
        (0.9994, -0.258, 1.0, Kind.LOWER_LIMIT),
        (0.3735, -0.2255, 1.0, Kind.LOWER_LIMIT),
        (0.9931, 0.9913, 0.995, Kind.LOWER_LIMIT),
        (-0.9994, -1.0, -0.5178, Kind.UPPER_LIMIT),
        (-0.3073, -1.0, 0.2092, Kind.UPPER_LIMIT),
        (0.9881, 0.975, 0.9988, Kind.LOWER_LIMIT),
        (0.5, -1.0, 1.0, Kind.UNDETERMINED),
        (0.9994, -0.37, 1.0, Kind.UNDETERMINED),
        (np.nan, np.nan, np.nan, Kind.UNDETERMINED),
        (0.2, np.nan, 0.3, Kind.UNDETERMINED),
    ],
)
def test_kind(value, low, high, kind):
    assert classify(value, low, high) == kind
    mirrored = {Kind.LOWER_LIMIT: Kind.UPPER_LIMIT, Kind.UPPER_LIMIT: Kind.LOWER_LIMIT}
    assert classify(-value, -high, -low) == mirrored.get(kind, kind)


def test_a_ratio_without_light_or_without_a_band_is_missing():
    hard = np.ma.masked_array([1.0, 0.0, 3.0, np.nan], mask=[False, False, True, False])
    ratio = hardness_ratio(hard, [3.0, 0.0, 1.0, 1.0])
    assert not np.ma.isMaskedArray(ratio)
    np.testing.assert_array_equal(ratio, [-0.5, np.nan, np.nan, np.nan])


@given(fluxes, fluxes, st.floats(1e-6, 1e6))
def test_ratio_is_bounded_antisymmetric_and_free_of_units(hard, soft, unit):
    ratio = hardness_ratio(hard, soft)
    assert -1 <= ratio <= 1
    assert ratio == -hardness_ratio(soft, hard)
    assert hardness_ratio(hard * unit, soft * unit) == pytest.approx(ratio, abs=1e-12)


@given(fluxes, fluxes, st.floats(1.001, 10))
def test_ratio_grows_with_the_hard_band(hard, soft, factor):
    assert hardness_ratio(hard * factor, soft) >= hardness_ratio(hard, soft)


@given(ratios, ratios, ratios)
def test_every_ratio_has_exactly_one_kind(a, b, c):
    low, value, high = sorted((a, b, c))
    assert classify([value], [low], [high])[0] in set(Kind)


def counted(counts, background=0, ratio=1e6, response=1.0):
    return Aperture.of(counts, background, ratio, response)


def beta_interval(shape_hard, shape_soft):
    """Mode and smallest interval of H = 2u - 1 with u of a beta distribution, on a fine grid."""
    u = np.linspace(0, 1, 400001)
    density = stats.beta.pdf(u, shape_hard, shape_soft)
    order = np.argsort(density)[::-1]
    inside = order[: np.searchsorted(np.cumsum(density[order]) / density.sum(), 0.68) + 1]
    return 2 * u[order[0]] - 1, 2 * u[inside.min()] - 1, 2 * u[inside.max()] - 1


@pytest.mark.parametrize(("hard", "soft"), [(2, 3), (10, 25), (0, 12), (30, 4), (400, 700), (9000, 300), (5, 0)])
def test_posterior_of_pure_counts_is_a_beta_distribution(hard, soft):
    ours = hardness_posterior(counted([hard]), counted([soft]))
    expected = beta_interval(hard + 1, soft + 1)
    np.testing.assert_allclose([ours.mode[0], ours.lower[0], ours.upper[0]], expected, atol=1.6 * STEP)


@pytest.mark.parametrize(
    ("hard", "soft"),
    [
        ((6, 20, 10, 1.0), (15, 30, 10, 2.5)),
        ((3, 40, 8, 3.0), (40, 25, 8, 1.0)),
        ((120, 60, 5, 1.0), (300, 90, 5, 4.0)),
    ],
)
def test_posterior_with_background_is_that_of_random_draws(hard, soft):
    rng = np.random.default_rng(5)

    def draw(counts, background, ratio, response):
        """Background from its gamma posterior, each draw weighted by how well net + background explains the counts."""
        size = 400_000
        net = rng.uniform(0, counts + 8 * np.sqrt(counts + 1), size)
        weight = stats.poisson.pmf(counts, net + rng.gamma(background + 1, 1 / ratio, size))
        return rng.choice(net, size, p=weight / weight.sum()) / response

    x, y = draw(*hard), draw(*soft)
    h = np.sort((x - y) / (x + y))
    inside = int(0.68 * len(h))
    start = np.argmin(h[inside:] - h[:-inside])
    ours = hardness_posterior(*(counted([n], [b], [r], [k]) for n, b, r, k in (hard, soft)))
    np.testing.assert_allclose([ours.lower[0], ours.upper[0]], [h[start], h[start + inside]], atol=0.02)
    histogram, edges = np.histogram(h, bins=60)
    assert ours.mode[0] == pytest.approx(edges[histogram.argmax()], abs=4 * (edges[1] - edges[0]))


@pytest.mark.parametrize(
    ("hard", "soft", "lower", "upper", "slack"),
    [(2, 3, -0.60, 0.20, 0.06), (10, 25, -0.58, -0.28, 0.015), (0, 12, -1.0, -0.83, 0.01)],
)
def test_triples_stand_in_for_counts(hard, soft, lower, upper, slack):
    exact = hardness_posterior(counted([hard]), counted([soft]))
    fluxes = hardness_posterior(aperture_flux(counted([hard])), aperture_flux(counted([soft])))
    for ours in (exact, fluxes):
        np.testing.assert_allclose([ours.lower[0], ours.upper[0]], [lower, upper], atol=slack)
    np.testing.assert_allclose(
        [fluxes.lower, fluxes.upper], [exact.lower, exact.upper], atol=0.06 if hard < 5 else 0.01
    )


def test_values_lie_on_the_grid_of_the_catalogue():
    ours = hardness_posterior(counted([3000, 12, 0]), counted([0, 7, 900]))
    assert ours.mode[0] == pytest.approx(0.9994, abs=5e-5)
    assert ours.mode[2] == pytest.approx(-0.9994, abs=5e-5)
    assert ours.kind.tolist() == [Kind.LOWER_LIMIT, Kind.MEASURED, Kind.UPPER_LIMIT]
    np.testing.assert_allclose((ours.mode + 1) / STEP % 1, 0.5)
    edges = (np.concatenate([ours.lower, ours.upper]) + 1) / STEP
    np.testing.assert_allclose(edges, np.round(edges), atol=1e-9)
    assert (np.abs(edges) <= CELLS).all()


def test_missing_bands_and_blind_ones():
    ours = hardness_posterior(counted([np.nan, 0, 8]), counted([4, 0, 8], response=[1.0, 1.0, 0.0]))
    assert ours.kind.tolist() == [Kind.UNDETERMINED] * 3
    assert np.isnan(ours.mode[[0, 2]]).all()
    catalogue = hardness_posterior(Flux.of([np.nan], [np.nan], [np.nan]), Flux.of([1.0], [0.5], [1.5]))
    assert np.isnan(catalogue.mode[0])


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300), st.floats(0.2, 5)), min_size=1, max_size=8))
def test_posterior_is_antisymmetric_and_ordered(rows):
    hard, soft, response = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    one = hardness_posterior(counted(hard, 7, 9.0, response), counted(soft, 7, 9.0))
    two = hardness_posterior(counted(soft, 7, 9.0), counted(hard, 7, 9.0, response))
    told = one.kind != Kind.UNDETERMINED
    np.testing.assert_allclose(one.mode[told], -two.mode[told], atol=2 * STEP)
    np.testing.assert_allclose(one.lower[told], -two.upper[told], atol=2 * STEP)
    assert (one.lower <= one.mode).all()
    assert (one.mode <= one.upper).all()


@given(st.integers(0, 200), st.integers(5, 200), st.floats(1.3, 4))
def test_more_hard_counts_make_a_harder_ratio(hard, soft, factor):
    low = hardness_posterior(counted([hard]), counted([soft]))
    high = hardness_posterior(counted([int(factor * hard) + 3]), counted([soft]))
    assert high.mode[0] > low.mode[0] or low.mode[0] > 0.999
    assert high.upper[0] >= low.upper[0]
