"""The whole match on simulated fields with truth, on real sources, and on what goes wrong."""

from dataclasses import replace

import astropy.units as u
import numpy as np
import pytest
from astropy.io.votable import parse_single_table
from astropy.table import QTable, Table, vstack
from astropy.time import Time
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.errors import CscError
from cscwidgets.science.crossmatch import crossmatch, match
from cscwidgets.science.matches.column_roles import ColumnRoles
from cscwidgets.science.matches.verdicts import Thresholds

RADIUS = 8 * u.arcsec


def _adds_up(matched):
    counts = matched.counts
    for table in ("sources", "catalogue"):
        lost = counts[f"{table}_without_position"] + counts[f"{table}_repeated"]
        assert counts[table] == counts[f"{table}_used"] + lost
    assert counts["sources"] == counts["matched"] + counts["to review"] + counts["none"] == len(matched.sources)
    assert counts["candidates"] == len(matched.candidates) == matched.sources["candidates"].sum()
    assert counts["sources_with_candidates"] == (matched.sources["candidates"] > 0).sum()
    return counts


def _deciles(probability, truth):
    """Mean probability and true fraction in ten bins."""
    decile = np.minimum((10 * probability).astype(int), 9)
    number = np.bincount(decile, minlength=10)
    return np.bincount(decile, probability, 10) / number, np.bincount(decile, truth, 10) / number, number


@pytest.fixture(scope="module")
def matched(field):
    return crossmatch(field.sources, field.catalogue, RADIUS)


def test_m4_and_gaia(real):
    sources = parse_single_table(real / "scs" / "m4_ra245.89675_dec-26.52575_sr0.5_verb2.xml").to_table()
    gaia = Table.read(real / "crossmatch" / "m4_gaia_2par.fits.gz", unit_parse_strict="silent")
    table = match(sources, gaia, 1 * u.arcsec)
    assert len(table) == 20
    assert (table["match_flag"] == 1).sum() == 19
    assert ((table["p_any"] > 0) & (table["p_any"] < 1)).all()
    # Two stars near one source, both further than the error: neither is a good counterpart.
    double = table[table["name"] == "2CXO J162334.7-263143"]
    assert len(double) == 2
    assert double["p_i"].sum() == pytest.approx(1)
    assert double["match_flag"].tolist() == [1, 0]
    assert set(double["verdict"]) == {"none"}
    assert table["verdict"][table["separation"] < 0.1 * u.arcsec].tolist() == ["matched"]
    counts = table.meta["crossmatch"]["counts"]
    assert (counts["sources"], counts["catalogue"], counts["catalogue_without_motion"]) == (140, 19_882, 19_882)


def test_probabilities_and_completeness_of_a_small_field(matched, field):
    right, found = field.right(matched)
    assert matched.completeness == pytest.approx(field.completeness, abs=4 * matched.completeness_error)
    assert matched.completeness_error < 0.02
    assert matched.sources["p_any"].mean() == pytest.approx(found.mean(), abs=0.01)
    joint = matched.candidates["p_any"] * matched.candidates["p_i"]
    assert joint.sum() == pytest.approx(right.sum(), rel=0.02)
    sums = np.bincount(matched.candidates["source_row"], matched.candidates["p_i"])
    np.testing.assert_allclose(sums[sums > 0], 1)
    _adds_up(matched)


def test_the_table_of_sources_has_the_best_candidates(matched):
    best = matched.candidates[matched.candidates["match_flag"] == 1]
    chosen = matched.sources[best["source_row"]]
    for column in ("name", "catalogue_row", "catalogue_name", "separation", "p_any", "p_i", "verdict"):
        assert (chosen[column] == best[column]).all()
    alone = matched.sources[matched.sources["candidates"] == 0]
    assert len(alone) > 0
    assert alone["catalogue_row"].mask.all()
    assert (alone["p_any"] == 0).all()
    assert set(alone["verdict"]) == {"none"}


def test_verdicts_follow_the_thresholds(matched, field):
    taken = matched.sources["verdict"] == "matched"
    joint = matched.sources["p_any"] * matched.sources["p_i"].filled(0)
    assert (joint[taken] >= 0.8).all()
    assert (matched.sources["p_any"][matched.sources["verdict"] == "to review"] >= 0.2).all()
    right = matched.sources["catalogue_row"].filled(-2) == field.truth
    assert right[taken].mean() == pytest.approx(joint[taken].mean(), abs=0.02)
    strict = crossmatch(field.sources, field.catalogue, RADIUS, thresholds=Thresholds(0.99, 0.5))
    assert strict.counts["matched"] < matched.counts["matched"]
    assert strict.candidates.meta["crossmatch"]["matched_from"] == 0.99


def test_errors_taken_for_one_sigma_spoil_the_match(field, matched):
    """The 95 % ellipses of the CSC: without the factor of 2.4477, separations are too small for the errors."""
    roles = replace(ColumnRoles.guess(field.sources), content=None)
    wrong = crossmatch(field.sources, field.catalogue, RADIUS, source_roles=roles)
    right, _ = field.right(matched)
    assert np.mean(matched.candidates["sigmas"][right] ** 2) == pytest.approx(2, rel=0.05)
    right, _ = field.right(wrong)
    assert np.mean(wrong.candidates["sigmas"][right] ** 2) < 0.6


def test_the_search_radius_does_not_matter_to_completeness(field, matched):
    """Counterparts beyond a radius of 3 arcsec, a quarter of them, are allowed for."""
    near = crossmatch(field.sources, field.catalogue, 3 * u.arcsec)
    _, found = field.right(near)
    assert found.mean() < 0.9 * field.completeness
    assert near.completeness == pytest.approx(matched.completeness, abs=0.025)
    assert near.sources["p_any"].mean() == pytest.approx(found.mean(), abs=0.015)


def test_a_given_density_and_completeness_are_used(field):
    given_ = crossmatch(field.sources, field.catalogue, RADIUS, density=1e5 / u.deg**2, completeness=0.5)
    assert given_.completeness == 0.5
    assert np.isnan(given_.completeness_error)
    np.testing.assert_allclose(given_.model.density, 1e5 / 3600**2)


def test_order_of_rows_does_not_matter(field, matched):
    rng = np.random.default_rng(3)
    here, there = rng.permutation(len(field.sources)), rng.permutation(len(field.catalogue))
    mixed = crossmatch(field.sources[here], field.catalogue[there], RADIUS)
    np.testing.assert_allclose(mixed.sources["p_any"], matched.sources["p_any"][here], rtol=1e-6, atol=1e-9)
    assert (mixed.sources["catalogue_name"] == matched.sources["catalogue_name"][here]).all()


@given(st.floats(0, 360), st.floats(-80, 80))
def test_a_source_on_its_counterpart_anywhere(ra, dec):
    rng = np.random.default_rng(2)
    lon, lat = ra + rng.uniform(-0.5, 0.5, 300), dec + rng.uniform(-0.5, 0.5, 300)
    catalogue = QTable({"ra": np.mod(lon, 360) * u.deg, "dec": lat * u.deg, "pos_err": np.full(300, 0.1) * u.arcsec})
    table = match(catalogue[:20], catalogue, 5 * u.arcsec, completeness=0.9)
    assert table["catalogue_row"][table["match_flag"] == 1].tolist() == list(range(20))
    assert (table["p_any"] > 0.999).all()


def test_flawed_tables_are_counted(field):
    sources, catalogue = field.sources[:500].copy(), field.catalogue.copy()
    sources["ra"][:7] = np.nan
    sources["err_ellipse_r0"][10:13] = np.nan
    catalogue["dec"][-5:] = np.nan
    catalogue = vstack([catalogue, catalogue[100:111]])
    catalogue["pos_err"][50:60] = np.nan
    flawed = crossmatch(sources, catalogue, RADIUS)
    counts = _adds_up(flawed)
    assert counts["sources_without_position"] == 7
    assert counts["sources_without_error"] == 3
    assert counts["catalogue_without_position"] == 5
    assert counts["catalogue_repeated"] == 11
    assert counts["catalogue_without_error"] == 10
    assert np.isnan(flawed.sources["p_any"][:7]).all()
    for words in (
        "7 sources without position",
        "3 sources without error",
        "11 objects repeated",
        "5 objects without position",
    ):
        assert words in flawed.summary()


@pytest.mark.parametrize(("number", "of"), [(0, 100), (100, 0), (0, 0)])
def test_tables_without_rows(field, number, of):
    empty = crossmatch(field.sources[:number], field.catalogue[:of], RADIUS)
    counts = _adds_up(empty)
    assert (counts["sources"], counts["catalogue"], counts["candidates"]) == (number, of, 0)
    assert empty.candidates.colnames == crossmatch(field.sources[:5], field.catalogue).candidates.colnames
    false = empty.false_matches()
    assert false.moved + false.left_out == 8 * number
    assert "0 matched" in empty.summary()


def test_a_catalogue_far_away(field):
    catalogue = field.catalogue.copy()
    catalogue["ra"] = np.mod(catalogue["ra"] + 90 * u.deg, 360 * u.deg)
    far = crossmatch(field.sources, catalogue, RADIUS)
    assert far.completeness == 0
    assert _adds_up(far)["none"] == len(field.sources)


def test_without_errors_one_must_be_given(field):
    bare = field.catalogue["id", "ra", "dec"]
    with pytest.raises(CscError, match="No column of the catalogue is known as an error"):
        crossmatch(field.sources, bare)
    given_ = crossmatch(field.sources, bare, RADIUS, catalogue_error=0.18 * u.arcsec)
    assert given_.counts["catalogue_without_error"] == len(bare)
    assert given_.completeness == pytest.approx(field.completeness, abs=0.04)


def test_motion_to_the_epoch_of_the_sources(field, matched):
    """Stars moved away for 16 years are found again, and those without a motion where they are."""
    stars = field.catalogue.copy()
    rng = np.random.default_rng(4)
    stars["pmra"], stars["pmdec"] = rng.normal(0, 300, (2, len(stars))) * u.mas / u.yr
    cosine = np.cos(stars["dec"])
    stars["ra"] = np.mod(stars["ra"] + 16 * u.yr * stars["pmra"] / cosine, 360 * u.deg)
    stars["dec"] = stars["dec"] + 16 * u.yr * stars["pmdec"]
    stars["ref_epoch"] = 2016.0
    then = crossmatch(field.sources, stars, RADIUS, source_epoch=Time(2000.0, format="jyear"))
    assert (then.sources["catalogue_row"].filled(-1) == matched.sources["catalogue_row"].filled(-1)).mean() > 0.999
    difference = then.sources["p_any"] - matched.sources["p_any"]  # stars elsewhere, a little other densities
    assert np.abs(difference).mean() < 0.01
    assert np.abs(difference).max() < 0.1
    now = crossmatch(field.sources, stars, RADIUS, source_epoch=2016.0)
    assert now.completeness < 0.5
    stars["pmra"][:1000] = np.nan
    partly = crossmatch(field.sources, stars, RADIUS, source_epoch=2000.0)
    assert partly.counts["catalogue_without_motion"] == 1000
    assert "1,000 objects without motion" in partly.summary()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"radius": 5}, "The search radius, 5, is no angle"),
        ({"radius": 5 * u.s}, "is no angle"),
        ({"radius": 0 * u.arcsec}, "The search radius is 0"),
        ({"radius": 2 * u.deg}, "up to a degree"),
        ({"completeness": 1.5}, "1.5 is not between 0 and 1"),
        ({"density": 5}, "not per solid angle"),
        ({"density": 0 / u.deg**2}, "not above 0"),
        ({"prior": "nothing"}, "no column nothing"),
        ({"catalogue_roles": ColumnRoles()}, "is known as a position"),
    ],
)
def test_options_out_of_range_are_refused(field, options, words):
    with pytest.raises(CscError, match=words):
        match(field.sources[:10], field.catalogue[:10], **options)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ratio", "prior"),
    [
        *(pytest.param(ratio, prior, marks=pytest.mark.long) for ratio, prior in [(1.0, ()), (3.0, ()), (3.0, "mag")]),
        (3.0, ("mag", "colour")),
    ],
)
def test_calibration(simulated, ratio, prior):
    """Deciles of all probabilities within 2 %, completeness within 1 %, of 400,000 sources in four fields."""
    p_any, found, p_i, chosen = [], [], [], []
    for seed in range(4):
        field = simulated(seed, sources=100_000, objects=600_000, radius=1.2, ratio=ratio)
        matched = crossmatch(field.sources, field.catalogue, RADIUS, prior=prior)
        assert matched.completeness == pytest.approx(field.completeness, abs=0.01)
        right, has = field.right(matched)
        of_found = has[matched.candidates["source_row"]]
        p_any.append(matched.sources["p_any"])
        found.append(has)
        p_i.append(matched.candidates["p_i"][of_found])
        chosen.append(right[of_found])
    for probability, truth in ((p_any, found), (p_i, chosen)):
        mean, fraction, number = _deciles(np.concatenate(probability), np.concatenate(truth))
        assert number.min() > 2000
        np.testing.assert_allclose(fraction, mean, rtol=0, atol=0.02)


@pytest.mark.slow
@pytest.mark.parametrize(
    "field",
    [
        {"clusters": 100, "stars": 1_500, "others": 500, "sources": 500, "share": 0.16},
        {"clusters": 60, "stars": 6_000, "others": 1_500, "sources": 500, "share": 0.16},
        {"clusters": 60, "stars": 300, "others": 300, "sources": 500, "share": 0.85},
    ],
    ids=["steep", "crowded", "mostly counterparts"],
)
def test_calibration_in_the_cores_of_clusters(clusters, field):
    """Deciles of all probabilities within 2 % and their errors, completeness within 1 %, where the density is steep."""
    p_any, found, p_i, chosen, wrong, expected = [], [], [], [], 0, 0.0
    for seed in range(4):
        one = clusters(seed, **field)
        matched = crossmatch(one.sources, one.catalogue)
        assert matched.completeness == pytest.approx(one.completeness, abs=0.01)
        right, has = one.right(matched)
        of_found = has[matched.candidates["source_row"]]
        p_any.append(matched.sources["p_any"])
        found.append(has)
        p_i.append(matched.candidates["p_i"][of_found])
        chosen.append(right[of_found])
        wrong, expected = wrong + (~right).sum(), expected + matched.model.density.sum() * np.pi * 5**2
    assert expected == pytest.approx(wrong, rel=0.04)
    for probability, truth in ((p_any, found), (p_i, chosen)):
        mean, fraction, number = _deciles(np.concatenate(probability), np.concatenate(truth))
        assert number.min() > 50
        assert (np.abs(fraction - mean) < 0.02 + 2 * np.sqrt(mean * (1 - mean) / number)).all()


@pytest.mark.slow
def test_a_magnitude_prior_raises_completeness_at_equal_purity(simulated):
    field = simulated(9, sources=100_000, objects=600_000, radius=1.2)
    completeness = []
    for prior in ((), "mag", ("mag", "colour")):
        matched = crossmatch(field.sources, field.catalogue, RADIUS, prior=prior)
        best = matched.candidates["match_flag"] == 1
        right = field.right(matched)[0][best]
        order = np.argsort(-(matched.candidates["p_any"] * matched.candidates["p_i"])[best])
        purity = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
        last = np.flatnonzero(purity >= 0.95)[-1]
        completeness.append(right[order][: last + 1].sum() / (field.truth >= 0).sum())
    assert completeness[1] > completeness[0] + 0.05
    assert completeness[2] > completeness[1] + 0.02
