"""The density of what does not belong to a source, beside the same catalogue without its counterpart."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import QTable

from cscwidgets.science.matches.candidates import find_candidates
from cscwidgets.science.matches.column_roles import ColumnRoles
from cscwidgets.science.matches.match_model import background
from cscwidgets.science.matches.sky_density import local_density
from cscwidgets.science.matches.sky_table import read_positions


def _positions(ra, dec):
    table = QTable({"ra": ra * u.deg, "dec": dec * u.deg, "pos_err": np.full(len(ra), 0.3) * u.arcsec})
    return read_positions(table, ColumnRoles.guess(table), "table", None)


def test_a_source_s_own_counterpart_does_not_count():
    """One source in each of 300 fields of 200 objects; every other one has its counterpart in the catalogue."""
    rng = np.random.default_rng(1)
    centre = np.stack([np.repeat(np.arange(10.0, 70, 2), 10), np.tile(np.arange(-20.0, 20, 4), 30)])
    others = np.repeat(centre, 200, axis=1) + rng.uniform(-0.05, 0.05, (2, 60_000))
    has = np.arange(300) % 2 == 0
    sources, catalogue = _positions(*centre), _positions(*np.append(others, centre[:, has], axis=1))
    without, fewer = local_density(*centre, *others)
    density, number = local_density(*centre, catalogue.ra, catalogue.dec)
    alone = background(find_candidates(sources, catalogue, 5), density, number)
    np.testing.assert_allclose(alone[~has], without[~has], rtol=0.03)
    same = has & np.isclose(number, fewer + 1)  # a window of the same size
    assert same.sum() > 120
    assert np.mean(density[same] / without[same]) > 1.02
    assert np.mean(alone[same] / without[same]) == pytest.approx(1, abs=0.003)
    np.testing.assert_allclose(alone[same], without[same], rtol=0.1)  # fewer parts are empty with it
