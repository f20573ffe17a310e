"""False matches of simulated fields: as moved sources show, as predicted, and as they are."""

import astropy.units as u
import numpy as np
import pytest

from cscwidgets.science.crossmatch import crossmatch


@pytest.fixture(scope="module")
def matched(field):
    match = crossmatch(field.sources, field.catalogue, 8 * u.arcsec, prior="mag")
    return match, match.false_matches()


def test_moved_sources_agree_with_the_prediction(matched):
    _, false = matched
    assert false.moved + false.left_out == 8 * 5_000
    assert false.chance == pytest.approx(false.chance_predicted, rel=0.05)
    for cut in (0.1, 0.3, 0.5, 0.7):
        at = np.searchsorted(false.cut, cut)
        error = np.hypot(false.shifted_error[at], np.sqrt(false.predicted[at] / 5_000))
        assert false.shifted[at] == pytest.approx(false.predicted[at], abs=4 * error + 0.1 * false.predicted[at])
    assert (np.diff(false.shifted) <= 0).all()
    assert (np.diff(false.predicted) <= 0).all()


def test_purity_and_completeness_are_true(matched, field):
    match, false = matched
    right, _ = field.right(match)
    best = match.candidates["match_flag"] == 1
    for cut in (0, 0.3, 0.5, 0.8, 0.95):
        at = np.searchsorted(false.cut, cut)
        taken = best & (match.candidates["p_any"] >= cut)
        assert false.selected[at] == taken.sum()
        assert false.purity[at] == pytest.approx(right[taken].mean(), abs=0.02)
        truth = (right & taken).sum() / (field.truth >= 0).sum()
        assert false.completeness[at] == pytest.approx(truth, abs=0.03)


def test_a_table_has_one_row_a_cut(matched):
    _, false = matched
    table = false.table()
    assert len(table) == len(false.cut) == 101
    assert table.meta["moved"] == false.moved


def test_moved_sources_keep_off_real_ones(field):
    """Sources 30 arcsec apart: what is moved by this onto another one's place does not count."""
    sources = field.sources[:2].copy()
    sources["ra"], sources["dec"] = [0, 0] * u.deg, [0, 30 / 3600] * u.deg
    match = crossmatch(sources, field.catalogue, 2 * u.arcsec, completeness=0.7)
    false = match.false_matches(shifts=4, distance=30 * u.arcsec)
    assert (false.moved, false.left_out) == (8, 0)
    false = match.false_matches(shifts=4, distance=42.4264 * u.arcsec)
    assert (false.moved, false.left_out) == (8, 0)
    sources["ra"] = [0, 30 / 3600] * u.deg
    match = crossmatch(sources, field.catalogue, 2 * u.arcsec, completeness=0.7)
    assert match.false_matches(shifts=4, distance=42.4264 * u.arcsec).left_out == 2
