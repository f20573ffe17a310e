"""Energies with units are what astropy's units make of them; what is none, or no spectrum, is told in words."""

import astropy.units as u
import numpy as np
import pytest

from cscwidgets.errors import CscError
from cscwidgets.science import fit, spectra, spectrum, times

from ..source_files import write_source_files

PLAIN, UNITS = (0.5, 7.0), (500 * u.eV, 0.007 * u.MeV)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("energies")
    write_source_files(made)
    return made


@pytest.fixture(scope="module")
def source(folder):
    return spectrum.read(folder / "pha3.fits")


@pytest.mark.parametrize(
    "computed",
    [
        lambda one, band: one.net_counts(*band),
        lambda one, band: spectra.spectral_bins(one, *band, least=50).counts.tolist(),
        lambda one, band: spectra.flux_limit(one, "powerlaw", band=band).value,
        lambda one, band: fit.fit(one, "powerlaw", band=band).value("gamma"),
        lambda one, band: fit.fit(one, "powerlaw").flux(*band).value.value,
    ],
    ids=["net", "bins", "limit", "fit", "flux"],
)
def test_a_band_may_have_units(source, computed):
    assert computed(source, UNITS) == pytest.approx(computed(source, PLAIN), rel=1e-6)


def test_events_are_chosen_by_energies_and_times_with_units(folder):
    events = times.read_events(folder / "regevt3.fits")
    np.testing.assert_array_equal(events.within(500 * u.eV, 2 * u.keV).time, events.within(0.5, 2.0).time)
    np.testing.assert_array_equal(events.during(1e5 * u.ks, 1.00002e8).time, events.during(1e8, 1.00002e8).time)
    assert times.Frequencies.between(10 * u.s, 1 * u.ks, 1e4) == times.Frequencies.between(10, 1000, 1e4)


@pytest.mark.parametrize("band", [(7.0, 0.5), (np.nan, 7.0), (0.5,), (1 * u.s, 7.0)])
@pytest.mark.parametrize("ask", [fit.fit, spectra.flux_limit])
def test_what_is_no_band_is_told(source, ask, band):
    with pytest.raises(CscError, match=r"is no (band of energies|energy)"):
        ask(source, "powerlaw", band=band)


@pytest.mark.parametrize("ask", [fit.fit, spectra.flux_limit])
def test_a_path_is_no_spectrum(folder, ask):
    for given in (str(folder / "pha3.fits"), [folder / "pha3.fits"]):
        with pytest.raises(CscError, match="is no spectrum"):
            ask(given, "powerlaw")


def test_a_distance_needs_a_unit(source):
    with pytest.raises(CscError, match="is no length"):
        fit.fit(source, "powerlaw").luminosity(0.5, 7.0, distance=4.5)


def test_counts_of_a_bin_are_whole(folder):
    events = times.read_events(folder / "regevt3.fits")
    with pytest.raises(CscError, match="A whole number"):
        times.bin_events(events.time, events.good_time, counts=2.5)
