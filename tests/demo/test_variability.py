"""The variability index where the truth is known: constant sources of the demo, with and without dither."""

import numpy as np
import pytest

from cscwidgets.demo.simulation import region_counts, region_rows
from cscwidgets.demo.sky.source_spectra import BAND
from cscwidgets.demo.tables.measurements import smoothed
from cscwidgets.demo.telescope.exposures import light_curve_shape
from cscwidgets.science.times.good_time import GoodTime
from cscwidgets.science.variability import gregory_loredo

SOURCES = 500
MOST = SOURCES // 20


@pytest.fixture(scope="module")
def constant():
    """So many rows of constant sources with a light curve, bright and faint."""
    records = region_counts()
    found = []
    for row in region_rows().values():
        members = (row.exposure_row, *records.others(row.number))
        constant = all(light_curve_shape(row.exposure, member) is None for member in members)
        if constant and 20 <= records.aperture.counts[row.number, BAND["b"]] < 5000:
            found.append(row)
    return found[:: len(found) // SOURCES][:SOURCES]


def test_constant_sources_are_rarely_called_variable(constant):
    results = [smoothed(row.arrivals(BAND["b"]), row.observation.start, row.observation.stop) for row in constant]
    assert len(results) == SOURCES
    assert sum(result.probability > 0.9 for result in results) <= MOST
    assert sum(result.index >= 6 for result in results) <= MOST


def test_nor_through_dither_once_its_exposure_is_known(constant):
    rng = np.random.default_rng(77)
    known, unknown = [], []
    for row in constant:
        start, stop = row.observation.start, row.observation.stop
        grid = np.linspace(start, stop, 2001)
        period = rng.choice([707.0, 1000.0])  # s, those of ACIS
        fraction = 0.52 + 0.48 * np.sin(2 * np.pi * (grid - start) / period)
        good = GoodTime(grid, (fraction[1:] + fraction[:-1]) / 2)
        arrivals = row.arrivals(BAND["b"])
        arrivals = arrivals[rng.random(len(arrivals)) < np.interp(arrivals, grid, fraction)]
        if len(arrivals) < 8:
            continue
        for results, exposure in ((known, good.parts(2000)), (unknown, None)):
            results.append(gregory_loredo(arrivals, start, stop, exposure=exposure, per_octave=8).probability > 0.9)
    assert len(known) > 0.9 * SOURCES
    assert sum(known) <= MOST
    assert sum(unknown) > 3 * sum(known)
