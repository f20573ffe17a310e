"""The published thread's coverage of the Lockman Hole, from the mosaic digitised from its picture."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.table import QTable, Table
from astropy.wcs import WCS
from regions import CircleSkyRegion

from cscwidgets.science.coverage import mosaic
from cscwidgets.science.maps.flux_calibration import ENERGY_FLUX, SOFT_BAND
from cscwidgets.science.maps.sensitivity_map import SensitivityMap, observed
from cscwidgets.sky.shapes import contains

pytestmark = pytest.mark.real

AREA = 94_226 * 1.0933333e-3**2
"""deg**2: the thread's pixels times their size."""


@pytest.fixture(scope="module")
def thread(real) -> Table:
    return Table.read(real / "coverage" / "lockman_s_band_skycoverage_hist.csv", format="ascii.csv", comment="#")


@pytest.fixture(scope="module")
def histogram(real, thread) -> QTable:
    with fits.open(real / "coverage" / "lockman_s_pmin_mosaic_DIGITISED.fits") as hdus:
        one = SensitivityMap(observed(hdus[0].data), WCS(hdus[0].header), "lockman", "s", "MARGINAL")
    circle = CircleSkyRegion(SkyCoord(164.05, 57.2, unit="deg"), 12 * u.arcmin)
    made = mosaic([one], threshold="MARGINAL")
    curve = made.curve(lambda ra, dec: contains(circle, ra, dec), SOFT_BAND)
    edges = np.append(thread["bin_low"], thread["bin_high"][-1])
    return curve.histogram(10.0**edges * ENERGY_FLUX)


def test_the_total_area(histogram):
    assert histogram["cumulative_area"][-1].to_value("deg2") == pytest.approx(AREA, rel=0.01)


def test_the_cumulative_curve(thread, histogram):
    np.testing.assert_allclose(histogram["cumulative_area"].to_value("deg2"), thread["omega_deg2"], rtol=0.03)


def test_the_histogram_has_the_same_bins_and_shape(thread, histogram):
    np.testing.assert_allclose(np.log10(histogram["flux_low"].value), thread["bin_low"], atol=1e-9)
    counts = histogram["area"].to_value("deg2") / 1.0933333e-3**2
    assert np.corrcoef(counts, thread["counts"])[0, 1] > 0.998
    assert "soft band" in histogram.meta["calibration"]
    assert (histogram.meta["band"], histogram.meta["threshold"]) == ("s", "MARGINAL")
