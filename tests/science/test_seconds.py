"""Times with units of their own are what astropy's units make of them, whatever is computed from them."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import Column, MaskedColumn
from astropy.time import Time

from cscwidgets.errors import CscError
from cscwidgets.science import lightcurve, times, variability
from cscwidgets.science.seconds import seconds
from cscwidgets.science.times.good_time import GoodTime

SPAN = 10_000.0
TIME = np.random.default_rng(4).uniform(0, SPAN, 300)
GOOD = GoodTime.of([0], [SPAN])
MINUTES = (TIME * u.s).to(u.min)

COMPUTED = {
    "bins": lambda t: times.bin_events(t, GOOD, width=2500).counts,
    "folded": lambda t: times.fold_events(t, 500.0, GOOD, bins=4).counts,
    "blocks": lambda t: lightcurve.bayesian_blocks(t, good_time=GOOD).edges,
    "z2": lambda t: times.z_squared(t, times.Frequencies.between(100, 1000, SPAN), GOOD).power,
    "tests": lambda t: times.time_tests(t, GOOD).ks_probability,
    "odds": lambda t: variability.gregory_loredo(t, 0, SPAN).log_odds,
    "deviations": lambda t: variability.deviations(t, 0, SPAN),
    "contained": GOOD.contains,
}


@pytest.mark.parametrize("what", COMPUTED)
@pytest.mark.parametrize("form", [MINUTES, Column(MINUTES.value, unit="min")], ids=["quantity", "column"])
def test_minutes_are_not_taken_for_seconds(what, form):
    np.testing.assert_allclose(COMPUTED[what](form), COMPUTED[what](TIME), rtol=1e-6)


def test_lengths_of_time_may_have_units_too():
    np.testing.assert_array_equal(
        times.bin_events(TIME, GOOD, width=2.5 * u.ks).counts, times.bin_events(TIME, GOOD, width=2500).counts
    )
    ours = times.fold_events(TIME, 0.5 * u.ks, GOOD, bins=4, epoch=1 * u.min)
    np.testing.assert_array_equal(ours.counts, times.fold_events(TIME, 500.0, GOOD, bins=4, epoch=60.0).counts)
    assert GoodTime.of([0] * u.day, [1] * u.day).total == 86_400
    alike = variability.gregory_loredo(MINUTES, 0 * u.s, 10 * u.ks)
    assert alike.log_odds == pytest.approx(variability.gregory_loredo(TIME, 0, SPAN).log_odds)


@pytest.mark.parametrize("wrong", [[1.0] * u.keV, Time([50814.0], format="mjd")])
def test_what_is_no_time_of_the_mission_is_refused(wrong):
    with pytest.raises(CscError, match="These times cannot be used"):
        times.bin_events(wrong, GOOD, width=100)


def test_what_is_masked_is_not_measured():
    """numpy keeps a number behind a mask, which nobody measured."""
    np.testing.assert_array_equal(seconds(MaskedColumn([1.0, 2.0], mask=[False, True], unit="ks")), [1000, np.nan])
    moment, hidden = np.arange(30.0), np.arange(30) == 7
    flux = np.ma.masked_array(5 + np.sin(moment), hidden)
    flux.data[7] = 1e20
    error, searched = np.full(30, 0.1), times.Frequencies.between(2, 20, 30)
    ours = times.lomb_scargle(moment, flux, error, searched)
    seen = (moment[~hidden], np.asarray(flux)[~hidden], error[~hidden])
    np.testing.assert_array_equal(ours.power, times.lomb_scargle(*seen, searched).power)
    with pytest.raises(CscError, match="must be finite"):
        lightcurve.bayesian_blocks(moment, flux, error)
