"""Candidates at the epochs of their sources, against every pair moved by astropy."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import QTable
from scipy import stats

from cscwidgets.errors import CscError
from cscwidgets.science.matches.candidates import find_candidates
from cscwidgets.science.matches.column_roles import ColumnRoles
from cscwidgets.science.matches.sky_table import read_positions


def _read(table, what):
    return read_positions(table, ColumnRoles.guess(table), what)


@pytest.fixture(scope="module")
def tables():
    """Sources of 25 years and moving stars, a few of them very fast, in a tenth of a degree at high declination."""
    rng = np.random.default_rng(5)

    def place(number):
        return {
            "ra": np.mod(359.6 + rng.uniform(0, 1, number), 360) * u.deg,
            "dec": rng.uniform(84.95, 85.05, number) * u.deg,
        }

    sources = QTable(
        {**place(400), "pos_err": rng.uniform(0.2, 1, 400) * u.arcsec, "epoch": rng.uniform(1999, 2024, 400)}
    )
    motion = rng.normal(0, 50, (2, 900)) * u.mas / u.yr
    motion[:, :20] *= 100
    motion[:, 880:] = np.nan
    stars = QTable({**place(900), "pos_err": np.full(900, 0.05) * u.arcsec, "pmra": motion[0], "pmdec": motion[1]})
    stars["ref_epoch"] = np.where(rng.random(900) < 0.9, 2016.0, np.nan)
    return sources, stars


def test_every_pair_is_taken_at_its_source_s_epoch(tables):
    sources, stars = tables
    years = sources["epoch"][:, None] - stars["ref_epoch"]
    known = np.isfinite(stars["pmra"]) & np.isfinite(stars["ref_epoch"])
    away = SkyCoord(stars["ra"], stars["dec"])
    length = np.where(known, np.hypot(stars["pmra"], stars["pmdec"]), 0 * u.mas / u.yr) * np.nan_to_num(years) * u.yr
    towards = np.where(known, np.arctan2(stars["pmra"], stars["pmdec"]), 0 * u.rad)
    there = away[None, :].directional_offset_by(towards[None, :], length)
    apart = SkyCoord(sources["ra"], sources["dec"])[:, None].separation(there).arcsec
    found = find_candidates(_read(sources, "sources"), _read(stars, "catalogue"), 20)
    expected = {tuple(pair): apart[tuple(pair)] for pair in np.argwhere(apart <= 20).tolist()}
    ours = dict(zip(zip(found.source.tolist(), found.candidate.tolist(), strict=True), found.separation, strict=True))
    assert ours.keys() == expected.keys()
    assert len(ours) > 300
    assert sum(star < 20 for _, star in ours) > 3
    for pair, separation in ours.items():
        assert separation == pytest.approx(expected[pair], abs=1e-3)  # tangent and great circle differ by this


def test_one_epoch_is_the_same_as_many_equal_ones(tables):
    sources, stars = tables[0].copy(), tables[1]
    sources["epoch"] = 2001.0
    one = find_candidates(_read(sources, "sources"), _read(stars, "catalogue"), 20)
    sources["epoch"][0] = 2001.0000001
    many = find_candidates(_read(sources, "sources"), _read(stars, "catalogue"), 20)
    assert one.candidate.tolist() == many.candidate.tolist()
    np.testing.assert_allclose(one.separation, many.separation, atol=1e-6)


def test_density_of_the_offset_under_both_errors():
    sources = QTable({"ra": [10] * u.deg, "dec": [30] * u.deg, "err_ellipse_r0": [2.4477468 * 2] * u.arcsec})
    sources["err_ellipse_r1"], sources["err_ellipse_ang"] = [2.4477468] * u.arcsec, [30] * u.deg
    star = SkyCoord(10 * u.deg, 30 * u.deg).spherical_offsets_by(1 * u.arcsec, 2 * u.arcsec)
    stars = QTable({"ra": [star.ra], "dec": [star.dec], "ra_error": [300] * u.mas, "dec_error": [500] * u.mas})
    stars["ra_dec_corr"] = [-0.4]
    found = find_candidates(_read(sources, "sources"), _read(stars, "catalogue"), 5)
    axis = np.array([np.sin(np.radians(30)), np.cos(np.radians(30))])
    matrix = np.eye(2) + 3 * np.outer(axis, axis) + [[0.09, -0.06], [-0.06, 0.25]]
    assert found.log_density[0] == pytest.approx(stats.multivariate_normal([0, 0], matrix).logpdf([1, 2]), abs=1e-6)
    assert found.sigmas[0] == pytest.approx(np.sqrt([1, 2] @ np.linalg.inv(matrix) @ [1, 2]), rel=1e-6)
    np.testing.assert_allclose([found.east[0], found.north[0]], [1, 2], atol=1e-6)


def test_at_the_pole_the_catalogue_s_ellipse_is_turned():
    """Two positions on both sides of the pole: the second one's east is the first one's west."""
    lower = 90 - 1 / 3600
    sources = QTable({"ra": [0] * u.deg, "dec": [lower] * u.deg, "pos_err": [1e-3] * u.arcsec})
    errors = {"errMaj": [3.0] * u.arcsec, "errMin": [1.0] * u.arcsec}
    for lon, angle, sigma in ((180, 0, 3), (180, 90, 1), (90, 0, None)):
        stars = QTable({"ra": [lon] * u.deg, "dec": [lower] * u.deg, **errors, "errPA": [angle] * u.deg})
        found = find_candidates(_read(sources, "sources"), _read(stars, "catalogue"), 5)
        if sigma:
            assert found.sigmas[0] == pytest.approx(2 / sigma, rel=1e-4)
        else:  # seen from the source, the star's north (the pole) lies to its own west
            along = np.array([found.east[0], found.north[0]])
            np.testing.assert_allclose(along, [1, 1], atol=1e-6)
            assert found.sigmas[0] == pytest.approx(np.sqrt(1 / 9 + 1), rel=1e-4)


def test_without_errors_there_are_no_probabilities():
    sources = QTable({"ra": [10] * u.deg, "dec": [30] * u.deg, "pos_err": [1] * u.arcsec})
    with pytest.raises(CscError, match="No column of the catalogue is known as an error"):
        find_candidates(_read(sources, "sources"), _read(sources["ra", "dec"], "catalogue"), 5)
