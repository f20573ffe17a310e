"""Sources that number counts may count: of the limits' class, and at least as bright as the limit at their places."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import QTable

from cscwidgets.errors import CscError
from cscwidgets.science.counted_sources import CountedSources, count_sources
from cscwidgets.science.coverage import mosaic
from cscwidgets.science.maps.flux_calibration import ENERGY_FLUX, power_law_calibration
from cscwidgets.science.maps.sensitivity_map import PHOTON_FLUX
from tests.sensitivity_fields import Fields


@pytest.fixture(scope="module")
def combined():
    return mosaic(Fields.simulate(6, spread=0.3).maps(150))


@pytest.fixture(scope="module")
def survey(combined):
    """A power law of 20,000 sources with photon fluxes and no noise: what is seen is what is bright enough."""
    rng = np.random.default_rng(3)
    number = 20_000
    flux = 5e-8 * rng.uniform(size=number) ** (-1 / 1.5)
    ra, dec = rng.uniform(-0.6, 0.6, (2, number))
    table = QTable({"name": np.arange(number).astype(str), "ra": (ra % 360) * u.deg, "dec": dec * u.deg})
    table["photflux_aper_b"] = flux * PHOTON_FLUX
    table["photflux_aper_lolim_b"] = 0.9 * flux * PHOTON_FLUX
    table["likelihood_class"] = np.where(rng.uniform(size=number) < 0.1, "MARGINAL", "TRUE")
    return table


def test_every_source_is_counted_or_left_out_for_one_reason(combined, survey):
    chosen = CountedSources.of(survey, combined, combined.curve())
    assert chosen.counted.sum() + sum(chosen.left_out.values()) == len(survey)
    limit, stack = combined.at(survey["ra"].value, survey["dec"].value)
    assert chosen.left_out["where no map observed"] == (stack < 0).sum()
    brighter = survey["photflux_aper_b"].value >= limit
    np.testing.assert_array_equal(chosen.counted, brighter & (survey["likelihood_class"] == "TRUE"))
    np.testing.assert_array_equal(np.isfinite(chosen.flux), chosen.counted)


def test_the_law_of_a_survey_is_found_where_its_area_is_small_too(combined, survey):
    everyone = survey.copy()
    everyone["likelihood_class"] = "TRUE"
    counts = count_sources(everyone, combined, combined.curve())
    flux = [2e-7, 5e-7, 2e-6] * PHOTON_FLUX
    table = counts.cumulative(flux)
    true = np.array([(survey["photflux_aper_b"] >= one).sum() for one in flux]) / 1.2**2
    assert (table["counts_low"].value - 1.5 * (table["counts"] - table["counts_low"]).value < true).all()
    assert (table["counts_high"].value + 1.5 * (table["counts_high"] - table["counts"]).value > true).all()
    # The same without choosing by the limits: sources fainter than their places' limits would be counted.
    bright = everyone[everyone["photflux_aper_b"] >= combined.curve().flux[0] * PHOTON_FLUX]
    assert len(bright) > 1.3 * CountedSources.of(everyone, combined, combined.curve()).counted.sum()


def test_energy_fluxes_are_compared_in_their_unit(combined, survey):
    calibration = power_law_calibration(1.4, "b")
    table = survey.copy()
    for limit in ("", "_lolim"):
        table[f"flux_aper{limit}_b"] = calibration.energy_flux(survey[f"photflux_aper{limit}_b"])
    curve = combined.curve(calibration=calibration)
    chosen = CountedSources.of(table, combined, curve)
    np.testing.assert_array_equal(chosen.counted, CountedSources.of(survey, combined, combined.curve()).counted)
    assert chosen.flux.unit == ENERGY_FLUX


def test_upper_limits_and_absent_fluxes_are_told(combined, survey):
    table = survey[:1000]
    table["photflux_aper_b"][:300] = np.nan
    table["photflux_aper_b"][300:400] = 0 * PHOTON_FLUX
    left_out = CountedSources.of(table, combined, combined.curve()).left_out
    observed = np.isfinite(combined.at(table["ra"].value, table["dec"].value)[0])
    assert left_out["without a flux in the b band"] == observed[:400].sum()


def test_what_is_missing_is_named(combined, survey):
    with pytest.raises(CscError, match="no column likelihood_class"):
        count_sources(
            survey["name", "ra", "dec", "photflux_aper_b", "photflux_aper_lolim_b"], combined, combined.curve()
        )
    far = survey[:1].copy()
    far["dec"] = [60] * u.deg
    with pytest.raises(CscError, match="No source can be counted: 1 where no map observed"):
        count_sources(far, combined, combined.curve())
