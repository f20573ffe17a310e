import numpy as np
import pytest
from astropy.coordinates import SkyCoord

from cscwidgets.demo.simulation import detections
from cscwidgets.demo.sky.population import SourceClass, number_counts, population
from cscwidgets.demo.sky.source_spectra import ENERGY, ERG_PER_KEV, STEP, absorption, photon_spectrum

SOFT = (ENERGY > 0.5) & (ENERGY < 2)
LOCKMAN = SkyCoord(164.05, 57.2, unit="deg")


def test_number_counts_are_the_published_ones():
    # Lehmer et al. (2012): 14,900 active galaxies per square degree at 5e-18 erg/s/cm2, told to 10%.
    assert number_counts(np.array([5e-18]))[0] == pytest.approx(14_900, rel=0.1)
    flux = np.geomspace(1e-17, 1e-13, 50)
    slope = np.gradient(np.log(number_counts(flux)), np.log(flux))
    assert slope[-1] == pytest.approx(-1.48, abs=0.02)
    assert (np.diff(number_counts(flux)) < 0).all()


def test_the_lockman_field_holds_the_number_counts_put_in():
    everyone = population()
    there = SkyCoord(everyone.ra, everyone.dec, unit="deg").separation(LOCKMAN).deg < 0.5
    galaxies = there & (everyone.kind == SourceClass.GALAXY)
    spectrum = photon_spectrum(everyone.thermal[galaxies], everyone.shape[galaxies], everyone.nh[galaxies])
    soft = (spectrum * ENERGY)[:, SOFT].sum(axis=1) * STEP * ERG_PER_KEV * everyone.flux[galaxies]
    area = np.pi * 0.5**2
    for flux in (1e-15, 2e-15, 5e-15, 1e-14):
        expected = area * number_counts(np.array([flux]))[0]
        # Our own Galaxy's gas takes a few percent of the soft light.
        assert (soft > flux).sum() == pytest.approx(expected, abs=3 * np.sqrt(expected) + 0.05 * expected)


def test_bright_sources_of_the_lockman_field_are_all_found(column):
    everyone = population()
    bright = np.flatnonzero(
        (SkyCoord(everyone.ra, everyone.dec, unit="deg").separation(LOCKMAN).deg < 0.3)
        & (everyone.flux > 6e-14)
        & (everyone.kind == SourceClass.GALAXY)
    )
    assert len(bright) >= 3
    assert np.isin(bright, detections().masters).all()


def test_measured_fluxes_scatter_about_the_true_ones(column):
    everyone, masters = population(), detections().masters
    steady = (everyone.wander[masters] < 0.1) & (everyone.flares[masters] == 0) & (everyone.period[masters] == 0)
    steady &= (everyone.extent[masters] == 0) & (everyone.kind[masters] != SourceClass.DIFFUSE)
    flux = column("master_source", "flux_aper_avg_b")
    significant = column("master_source", "significance") > 8
    ratio = (flux / everyone.flux[masters])[steady & significant]
    assert len(ratio) > 20
    assert np.nanmedian(ratio) == pytest.approx(1, abs=0.1)


def test_flux_limits_hold_the_truth_as_often_as_they_say(column):
    everyone, masters = population(), detections().masters
    steady = (everyone.wander[masters] < 0.06) & (everyone.flares[masters] == 0) & (everyone.period[masters] == 0)
    steady &= everyone.kind[masters] == SourceClass.GALAXY
    # In the soft band the effective area hardly depends on the spectrum.
    low, high = (column("master_source", f"photflux_aper_avg_{end}_s") for end in ("lolim", "hilim"))
    spectrum = photon_spectrum(everyone.thermal[masters], everyone.shape[masters], everyone.nh[masters])
    band = (ENERGY > 0.5) & (ENERGY < 1.2)
    truth = spectrum[:, band].sum(axis=1) * STEP * everyone.flux[masters]
    known = steady & np.isfinite(high)
    inside = ((low <= truth) & (truth <= high))[known]
    assert len(inside) > 60
    assert inside.mean() == pytest.approx(0.68, abs=3.5 * np.sqrt(0.68 * 0.32 / len(inside)))


def test_absorption_is_the_published_cross_section():
    # XSPEC's tbabs with the abundances wilm: an optical depth of 1.7375 at 1 keV.
    one_kev = np.abs(ENERGY - 1).argmin()
    depth = -np.log(absorption(np.array([1.0]))[0, one_kev])
    assert depth * ENERGY[one_kev] ** 2.5 == pytest.approx(1.7375, rel=0.04)
