"""The simulated detectors: energies measured, channels, and the chance to be recorded in a band."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest, poisson

from cscwidgets.csc.bands import ACIS_BANDS, BANDS
from cscwidgets.demo.sky.source_spectra import ENERGY, STEP, photon_spectrum
from cscwidgets.demo.telescope.responses import (
    CHANNELS,
    PARTS,
    background_shape,
    cells,
    channels,
    drawn,
    recorded,
    redistribution,
    shares,
)
from cscwidgets.science import spectrum

EDGES = {PARTS.index(band): (BANDS[band].low_kev, BANDS[band].high_kev) for band in ACIS_BANDS}
EDGES |= {PARTS.index("above"): (7.0, CHANNELS[-1]), PARTS.index("w"): (0.0, CHANNELS[-1])}


@pytest.mark.parametrize("instrument", ["ACIS", "HRC"])
def test_no_photon_is_lost(instrument):
    matrix = redistribution(instrument)
    assert matrix.shape == (len(ENERGY), 1024)
    np.testing.assert_allclose(matrix.sum(axis=1), 1, rtol=1e-12)
    # What is recorded in no part lies below ACIS's lowest band.
    found = recorded(instrument)[shares(instrument)].sum(axis=0)
    below = cells(matrix) @ (np.cumsum(cells(np.full(1024, 0.0146))) <= 0.2 + 1e-9) if instrument == "ACIS" else 0
    np.testing.assert_allclose(found + below, 1, rtol=1e-9)


def test_the_broad_band_is_its_parts():
    chance = dict(zip(PARTS, recorded("ACIS"), strict=True))
    np.testing.assert_allclose(chance["b"], chance["h"] + chance["m"] + chance["s"], rtol=1e-12)
    assert not chance["w"].any()


@pytest.mark.real
def test_lines_are_as_wide_as_those_of_a_real_response(real):
    theirs = spectrum.read(real / "spectra" / "csc_pha3" / "acisf01575_001N001_r0085_pha3.fits.gz").response
    runs = np.split(theirs.matrix, np.cumsum(theirs.length)[:-1])
    for energy in (0.5, 1.0, 1.5, 3.0, 4.5, 5.9):
        row = np.searchsorted(theirs.high, energy)
        real_width = np.ptp(np.flatnonzero(runs[row] >= runs[row].max() / 2)) + 1
        ours = redistribution("ACIS")[np.abs(ENERGY - energy).argmin()]
        width = np.ptp(np.flatnonzero(ours >= ours.max() / 2)) + 1
        assert width == pytest.approx(real_width, abs=2), energy
        real_peak = theirs.first[row] + runs[row].argmax()
        assert ours.argmax() + 1 - (ENERGY[np.abs(ENERGY - energy).argmin()] - energy) / 0.0146 == pytest.approx(
            real_peak, abs=2
        )


@given(
    seed=st.integers(0, 2**32 - 1),
    part=st.sampled_from([PARTS.index(name) for name in (*"hmsu", "above")]),
    gamma=st.floats(0.5, 4),
    nh=st.floats(0, 5),
)
def test_energies_lie_in_their_part(seed, part, gamma, nh):
    light = photon_spectrum(np.array([False]), np.array([gamma]), np.array([nh]))[0]
    number = np.full(200, part)
    energy = drawn(np.random.default_rng(seed), number, cells(light @ redistribution("ACIS")), "ACIS")
    low, high = EDGES[part]
    assert ((energy >= low) & (energy <= high)).all()
    assert ((channels(energy) - 1) * 0.0146 <= energy + 1e-9).all()


@pytest.mark.parametrize("instrument", ["ACIS", "HRC"])
def test_channels_of_events_are_a_fair_draw_of_the_matrix(instrument):
    light = photon_spectrum(np.array([False]), np.array([1.7]), np.array([0.1]))[0] * STEP
    rng = np.random.default_rng(4)
    mean = recorded(instrument) @ light * shares(instrument)
    part = np.repeat(np.arange(len(PARTS)), rng.poisson(mean * 40_000 / mean.sum()))
    energy = drawn(rng, part, cells(light @ redistribution(instrument)), instrument)
    expected = light @ redistribution(instrument)
    if instrument == "ACIS":
        expected[:14] = 0  # no event is kept below 0.2 keV, inside channel 14
        part, energy = part[energy > 0.0146 * 14], energy[energy > 0.0146 * 14]
    expected *= 40_000 / (mean.sum())
    found = np.bincount(channels(energy), minlength=1025)[1:]
    chances = poisson.cdf(found, expected) - 0.5 * poisson.pmf(found, expected)
    many = expected > 30
    assert many.sum() > 100
    assert kstest(chances[many], "uniform").pvalue > 0.001


def test_background_is_flat():
    rng = np.random.default_rng(5)
    for name in ("h", "above"):
        part = np.full(20_000, PARTS.index(name))
        energy = drawn(rng, part, background_shape("ACIS"), "ACIS")
        low, high = EDGES[PARTS.index(name)]
        assert kstest(energy, "uniform", args=(low, min(high, 10.0) - low)).pvalue > 0.001


def test_channels_are_counted_from_one():
    assert channels(np.array([0.0, 0.0145, 0.0147, 1.0, 14.95, 99.0])).tolist() == [1, 1, 2, 69, 1024, 1024]
