"""What is learnt about counterparts, beside the distributions they were drawn from."""

import numpy as np
import pytest
from astropy import units as u
from scipy import stats

from cscwidgets.errors import CscError
from cscwidgets.science.crossmatch import crossmatch


def _expected(magnitude):
    return stats.norm(20, 1.2).logpdf(magnitude) - _background(stats.norm(22, 1.5), stats.norm(20, 1.2), magnitude)


def _background(others, counterparts, magnitude, share=0.07):
    """Of the whole catalogue, of which 3,500 in 50,000 are counterparts."""
    return np.log((1 - share) * others.pdf(magnitude) + share * counterparts.pdf(magnitude))


def test_the_factor_is_the_ratio_of_both_distributions(field):
    prior = crossmatch(field.sources, field.catalogue, 8 * u.arcsec, prior="mag").model.prior
    magnitude = np.asarray(field.catalogue["mag"])
    well = (magnitude > 18.5) & (magnitude < 22.5)
    difference = prior.log_factor[well] - _expected(magnitude[well])
    assert abs(np.mean(difference)) < 0.1
    assert np.std(difference) < 0.25
    assert prior.counterparts.sum() == pytest.approx(1)
    assert prior.catalogue.sum() == pytest.approx(1)


def test_what_says_nothing_changes_little(field):
    catalogue = field.catalogue.copy()
    catalogue["mag"] = np.random.default_rng(8).normal(size=len(catalogue))
    without = crossmatch(field.sources, catalogue, 8 * u.arcsec)
    learnt = crossmatch(field.sources, catalogue, 8 * u.arcsec, prior="mag")
    assert np.std(learnt.model.prior.log_factor) < 0.2
    assert learnt.completeness == pytest.approx(without.completeness, abs=0.01)


def test_a_missing_magnitude_is_neutral(field):
    catalogue = field.catalogue.copy()
    catalogue["mag"][::3] = np.nan
    prior = crossmatch(field.sources, catalogue, 8 * u.arcsec, prior=("mag", "colour")).model.prior
    assert (prior.log_factor[::3] == 0).all()
    assert (prior.cell[::3] == -1).all()
    assert (prior.cell[1::3] >= 0).all()


def test_several_columns_count_jointly(field):
    """A copy of a column adds nothing."""
    catalogue = field.catalogue.copy()
    catalogue["again"] = catalogue["mag"]
    one, two = (crossmatch(field.sources, catalogue, 8 * u.arcsec, prior=names) for names in ("mag", ("mag", "again")))
    np.testing.assert_allclose(one.sources["p_any"], two.sources["p_any"], atol=0.02)


def test_too_few_to_learn_from(field):
    with pytest.raises(CscError, match="counterparts with all of the chosen columns are expected, and 50 are needed"):
        crossmatch(field.sources[:40], field.catalogue, prior="mag")
