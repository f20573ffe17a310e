"""The long-term curve of a real source with 151 observations, and of small made ones."""

import numpy as np
import pytest
from astropy.table import Table, vstack
from scipy import optimize, stats

from cscwidgets.errors import CscError
from cscwidgets.science.times.long_term_curve import long_term


def test_every_row_once_with_limits_by_the_rule(smc_rows, smc_table):
    for band in "bsmhu":
        curve = long_term(smc_table, band=band)
        assert len(curve) == len(smc_rows) == 151
        assert {(a, b) for a, b in zip(curve.obsid, curve.obi, strict=True)} == {
            (int(row["obsid"]), int(row["obi"])) for row in smc_rows
        }
        by_key = {(int(row["obsid"]), int(row["obi"])): row for row in smc_rows}
        for index, key in enumerate(zip(curve.obsid.tolist(), curve.obi.tolist(), strict=True)):
            value, low, high = (by_key[key][f"photflux_aper_{end}{band}"] for end in ("", "lolim_", "hilim_"))
            if not np.isfinite(float(value or "nan")):
                assert not curve.measured[index]
                continue
            assert curve.flux.value[index] == float(value)
            assert curve.flux.upper[index] == float(high)
            assert curve.limit[index] == (float(value) == 0 and float(low) == 0)
        assert (np.diff(curve.start) >= 0).all()
        assert len(curve.table()) == 151
    assert long_term(smc_table, band="u").limit.sum() > 0


def test_the_source_varies_as_the_catalogue_says(smc_table):
    curve = long_term(smc_table)
    verdict = curve.constancy()
    probability, index, sigma = verdict.catalogue
    assert (probability, index) == (1.0, 8)
    assert verdict.probability > 0.999
    assert verdict.index == index
    # The catalogue's sigma is about a mean weighted in its own way: 2.4 times the plain deviation here.
    assert sigma / 3 < verdict.spread < 3 * sigma
    assert verdict.chi2_probability == pytest.approx(1)
    assert verdict.freedom == 150
    assert len(curve.blocks()) > 3


def test_times_are_those_of_the_rows(smc_rows, smc_table):
    curve = long_term(smc_table)
    first = min(smc_rows, key=lambda row: float(row["gti_mjd_obs"]))
    assert curve.table()["start"][0].isot[:16] == first["gti_obs"][:16]
    np.testing.assert_allclose((curve.stop - curve.start).min() * 86_400, 6.8e3, rtol=0.2)


def _made(value, low, high, **columns):
    number = len(value)
    return Table(
        {
            "name": ["SIM J000000.0+000000"] * number,
            "obsid": np.arange(number) + 90_001,
            "obi": np.zeros(number, int),
            "region_id": np.full(number, 3),
            "gti_mjd_obs": 53_000.0 + 10 * np.arange(number),
            "gti_elapse": np.full(number, 8640.0),
            "photflux_aper_b": np.asarray(value, float),
            "photflux_aper_lolim_b": np.asarray(low, float),
            "photflux_aper_hilim_b": np.asarray(high, float),
        }
        | columns
    )


def test_the_constant_fit_is_that_of_scipy():
    value, half = np.array([1.0, 1.2, 0.7, 1.1]), np.array([0.1, 0.2, 0.1, 0.3])
    verdict = long_term(_made(value, value - half, value + half)).constancy()
    (mean,), ((variance,),) = optimize.curve_fit(
        lambda x, c: c + 0 * x, np.arange(4), value, sigma=half, absolute_sigma=True
    )
    assert verdict.mean == pytest.approx(mean)
    assert verdict.error == pytest.approx(variance**0.5)
    assert verdict.chi2_probability == pytest.approx(stats.chi2(3).cdf((((value - mean) / half) ** 2).sum()))
    # With symmetric errors both tests are the same one.
    assert verdict.probability == pytest.approx(verdict.chi2_probability, abs=1e-6)


def test_limits_count_in_the_likelihood_only():
    bright = long_term(_made([5, 5, 0], [4.5, 4.5, 0], [5.5, 5.5, 0.3])).constancy()
    faint = long_term(_made([5, 5, 0], [4.5, 4.5, 0], [5.5, 5.5, 9])).constancy()
    assert bright.freedom == faint.freedom == 1
    assert bright.chi2 == faint.chi2 == 0
    assert bright.probability > 0.999
    assert faint.probability < 0.5


def test_ambiguous_rows_are_shown_and_left_out_of_fits():
    curve = long_term(_made([1, 1, 9], [0.9, 0.9, 8], [1.1, 1.1, 10], match_type=["u          ", "u", "a"]))
    assert curve.ambiguous.tolist() == [False, False, True]
    assert curve.constancy().observations == 2
    assert curve.constancy(ambiguous=True).probability > 0.999 > curve.constancy().probability
    assert len(curve.table()) == 3


def test_repeated_rows_and_missing_fluxes():
    made = _made([1, np.nan, 1], [0.9, np.nan, 0.9], [1.1, np.nan, 1.1], match_type=["u", "n", "u"])
    curve = long_term(vstack([made, made[:1]]))
    assert len(curve) == 3
    assert curve.measured.tolist() == [True, False, True]
    assert curve.detected.tolist() == [True, False, True]
    np.testing.assert_allclose(curve.time - curve.start, 0.05)
    single = long_term(made[:1]).constancy()
    assert np.isnan(single.probability)
    assert single.index == -1


def test_a_period_over_the_years_is_found():
    rng = np.random.default_rng(12)
    start = np.sort(rng.uniform(0, 3000, 80))
    value = 5 + 2 * np.sin(2 * np.pi * start / 131.0) + rng.normal(0, 0.3, 80)
    found = long_term(_made(value, value - 0.3, value + 0.3, gti_mjd_obs=53_000 + start)).periodogram(20, 500)
    assert found.period == pytest.approx(131, rel=0.01)
    assert found.false_alarm() < 1e-6
    with pytest.raises(CscError, match="5 measurements"):
        long_term(_made([1, 1], [0.9, 0.9], [1.1, 1.1])).periodogram(1, 5)


def test_what_is_missing_is_named():
    made = _made([1], [0.9], [1.1])
    with pytest.raises(CscError, match="photflux_aper_w"):
        long_term(made, band="w")
    two = vstack([made, made])
    two["name"] = ["A", "B"]
    with pytest.raises(CscError, match="2 sources"):
        long_term(two)
    assert long_term(two, "B").name == "B"
    with pytest.raises(CscError, match="no such source"):
        long_term(two, "C")
    with pytest.raises(CscError, match="no rows"):
        long_term(made[:0])
