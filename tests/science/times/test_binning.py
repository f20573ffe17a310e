import numpy as np
import pytest
from astropy import stats
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.errors import CscError
from cscwidgets.science.times.binning import bin_events
from cscwidgets.science.times.good_time import GoodTime

GAPPED = GoodTime.of([1000, 1350], [1230, 2050])
TIME = np.array([1001.0, 1002, 1099.9, 1150, 1240, 1400, 1401, 1402, 2049])


def test_empty_partial_and_unexposed_bins_are_told_apart():
    curve = bin_events(TIME, GAPPED, width=100)
    np.testing.assert_array_equal(curve.counts, [3, 1, 0, 0, 3, 0, 0, 0, 0, 0, 1])
    np.testing.assert_allclose(curve.exposure, [100, 100, 30, 50, 100, 100, 100, 100, 100, 100, 50])
    np.testing.assert_array_equal(curve.partial, [0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0])
    np.testing.assert_array_equal(curve.empty, [0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0])
    assert not curve.unexposed.any()
    fine = bin_events(TIME, GAPPED, width=50)
    np.testing.assert_array_equal(np.flatnonzero(fine.unexposed), [5, 6])
    assert np.isnan(fine.rate[[5, 6]]).all()
    assert (fine.rate[fine.empty] == 0).all()
    assert (fine.upper[fine.empty] > 0).all()
    series = fine.table()
    assert series["rate"].unit == "ct / s"
    assert series["unexposed"].sum() == 2
    np.testing.assert_allclose(series.time_bin_start.cxcsec, fine.edges[:-1])


def test_errors_are_those_of_gehrels():
    """Table 1 and 2 of Gehrels (1986) at 1 sigma, and astropy's exact intervals."""
    curve = bin_events(TIME, GAPPED, width=100)
    published = {0: (0, 1.841), 1: (0.173, 3.300), 3: (1.367, 5.918)}
    for counts, exposure, lower, upper in zip(curve.counts, curve.exposure, curve.lower, curve.upper, strict=True):
        np.testing.assert_allclose([lower * exposure, upper * exposure], published[int(counts)], atol=1e-3)
    exact = stats.poisson_conf_interval(curve.counts, "frequentist-confidence")
    np.testing.assert_allclose([curve.lower * curve.exposure, curve.upper * curve.exposure], exact, rtol=1e-6)
    root = bin_events(TIME, GAPPED, width=100, errors="poisson")
    np.testing.assert_allclose((root.upper - root.rate) * root.exposure, np.sqrt(root.counts), atol=1e-12)


def test_the_background_is_scaled_and_subtracted():
    curve = bin_events(TIME, GAPPED, width=1050, background=np.linspace(1000, 1200, 20), ratio=4.0, errors="poisson")
    assert curve.background.tolist() == [5.0]
    assert curve.rate[0] * curve.exposure[0] == pytest.approx(8 - 5)
    assert (curve.upper - curve.rate)[0] * curve.exposure[0] == pytest.approx(np.sqrt(8 + 20 / 16))


@given(st.integers(0, 2**32 - 1), st.integers(0, 300), st.integers(1, 60))
def test_bins_of_so_many_counts_lose_nothing(seed, number, least):
    rng = np.random.default_rng(seed)
    time = GAPPED.when(rng.uniform(0, GAPPED.total, number))
    if rng.random() < 0.5:
        time = np.round(time / 3.24) * 3.24
    curve = bin_events(time, GAPPED, counts=least)
    inside = np.count_nonzero(GAPPED.contains(time))
    assert curve.counts.sum() == inside
    assert curve.exposure.sum() == pytest.approx(GAPPED.total)
    assert (np.diff(curve.edges) > 0).all()
    if inside >= least:
        assert curve.counts.min() >= least
    assert not curve.unexposed.any()


@given(st.floats(0.9, 5000))
def test_bins_of_any_width_reach_from_start_to_stop(width):
    curve = bin_events(TIME, GAPPED, width=width)
    assert (curve.edges[0], curve.edges[-1]) == (1000, 2050)
    assert curve.counts.sum() == 8
    assert np.diff(curve.edges).max() <= width * (1 + 1e-9)
    assert np.nanmax(curve.coverage) <= 1 + 1e-9


@pytest.mark.parametrize(
    "arguments",
    [{}, {"width": 3, "counts": 4}, {"width": 0}, {"width": 1e-9}, {"counts": 0}, {"width": 9, "errors": "bad"},
     {"width": 9, "ratio": 0}],
)  # fmt: skip
def test_useless_bins_are_refused(arguments):
    with pytest.raises(CscError):
        bin_events(TIME, GAPPED, **arguments)
