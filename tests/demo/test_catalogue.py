import re

import duckdb
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.time import Time

from cscwidgets.csc.bands import ACIS_BANDS, BANDS
from cscwidgets.csc.columns import TABLES
from cscwidgets.csc.families import triple
from cscwidgets.science.hardness import Kind, classify, hardness_ratio

TYPES = {"char": "string", "double": "double", "int": "int32", "boolean": "bool"}
FIELDS = {
    "M33": ((23.462, 30.660), 60, (700, 850)),
    "47 Tuc": ((6.0236, -72.0813), 30, (430, 530)),
    "M42": ((83.822, -5.391), 5, (901, 1050)),
    "Lockman": ((164.05, 57.2), 12, (25, 55)),
}


@pytest.fixture(scope="module")
def sky(demo_folder):
    connection = duckdb.connect()
    for name in TABLES:
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM '{demo_folder / name}.parquet'")
    yield connection
    connection.close()


def one(sky, query):
    return sky.execute(query).fetchone()[0]


@pytest.mark.parametrize("table", list(TABLES))
def test_every_table_has_exactly_its_columns_typed_and_described(tables, table):
    schema = tables[table].schema
    assert schema.names == list(TABLES[table])
    for field in schema:
        column = TABLES[table][field.name]
        assert str(field.type) == TYPES[column.datatype], field.name
        told = {key.decode(): value.decode() for key, value in field.metadata.items()}
        assert told == {"unit": column.unit, "ucd": column.ucd, "description": column.description}


def test_the_master_table_has_all_515_columns(tables):
    assert tables["master_source"].num_columns == 515


def test_keys_are_unique(sky):
    for table, key in (
        ("master_source", "name"),
        ("stack_source", "detect_stack_id, region_id"),
        ("observation_source", "obsid, obi, region_id"),
        ("master_stack_assoc", "name, detect_stack_id, region_id"),
        ("stack_observation_assoc", "detect_stack_id, region_id, obsid, obi"),
        ("detect_stack", "obsid, obi"),
    ):
        assert one(sky, f"SELECT count(*) - count(DISTINCT ({key})) FROM {table}") == 0, table


def test_every_association_leads_somewhere(sky):
    pairs = [
        ("master_stack_assoc", "master_source", "name"),
        ("master_stack_assoc", "stack_source", "detect_stack_id, region_id"),
        ("stack_source", "master_stack_assoc", "detect_stack_id, region_id"),
        ("master_source", "master_stack_assoc", "name"),
        ("stack_observation_assoc", "stack_source", "detect_stack_id, region_id"),
        ("stack_source", "stack_observation_assoc", "detect_stack_id, region_id"),
        ("stack_observation_assoc", "observation_source", "obsid, obi, region_id"),
        ("observation_source", "stack_observation_assoc", "obsid, obi, region_id"),
        ("stack_observation_assoc", "detect_stack", "detect_stack_id, obsid, obi"),
    ]
    for left, right, key in pairs:
        assert one(sky, f"SELECT count(*) FROM {left} ANTI JOIN {right} USING ({key})") == 0, (left, right)


def test_the_five_table_join_has_one_row_for_each_match_and_observation(sky):
    joined = one(
        sky,
        """SELECT count(*) FROM master_source m, master_stack_assoc a, observation_source o,
                  stack_observation_assoc b, stack_source s
           WHERE m.name = a.name
             AND s.detect_stack_id = a.detect_stack_id AND s.region_id = a.region_id
             AND s.detect_stack_id = b.detect_stack_id AND s.region_id = b.region_id
             AND o.obsid = b.obsid AND o.obi = b.obi AND o.region_id = b.region_id""",
    )
    matched = one(
        sky, "SELECT count(*) FROM master_stack_assoc JOIN stack_observation_assoc USING (detect_stack_id, region_id)"
    )
    assert joined == matched
    shared = one(
        sky,
        """SELECT sum(matches - 1) FROM (SELECT count(DISTINCT name) matches
           FROM master_stack_assoc JOIN stack_observation_assoc USING (detect_stack_id, region_id)
           GROUP BY obsid, obi, region_id)""",
    )
    assert joined == one(sky, "SELECT count(*) FROM observation_source") + shared


def test_match_types(sky):
    counts = dict(sky.execute("SELECT match_type, count(*) FROM master_stack_assoc GROUP BY 1").fetchall())
    assert set(counts) == {"u", "a", "n"}
    assert counts["u"] > counts["n"] > counts["a"] > 20
    # Ambiguous is a detection that belongs to more than one master source, and no other is.
    assert (
        one(
            sky,
            """SELECT count(*) FROM (SELECT count(*) sources, bool_or(match_type = 'a') ambiguous
               FROM master_stack_assoc GROUP BY detect_stack_id, region_id) WHERE ambiguous != (sources > 1)""",
        )
        == 0
    )
    # What was not detected has no significant detection in that stack.
    assert (
        one(
            sky,
            """SELECT count(*) FROM master_stack_assoc JOIN stack_source USING (detect_stack_id, region_id)
               WHERE match_type = 'n' AND greatest(likelihood_b, likelihood_s, likelihood_m, likelihood_h,
                                                   likelihood_u, likelihood_w) >= 10""",
        )
        == 0
    )


def test_stacks_follow_the_catalogue_grammar_and_some_are_empty(column, sky):
    stacks = set(column("detect_stack", "detect_stack_id"))
    assert all(re.fullmatch(r"(acis|hrc)fJ\d{7}[pm]\d{6}_\d{3}", stack) for stack in stacks)
    with_sources = set(column("stack_source", "detect_stack_id"))
    assert with_sources < stacks
    assert len(stacks - with_sources) >= 3
    assert one(sky, "SELECT max(n) FROM (SELECT count(*) n FROM detect_stack GROUP BY detect_stack_id)") >= 8
    for stack, ra, dec in sky.execute(
        "SELECT DISTINCT detect_stack_id, ra_stack, dec_stack FROM stack_source"
    ).fetchall():
        text = SkyCoord(ra, dec, unit="deg").to_string("hmsdms", sep="", precision=3)
        hours, degrees = text.split()
        assert stack.split("fJ")[1].startswith(hours.replace(".", "")[:7])
        assert degrees.lstrip("+-")[:6] in stack


def test_nothing_claims_to_have_been_observed(column):
    names = column("master_source", "name")
    assert all(re.fullmatch(r"SIM J\d{6}\.\d[+-]\d{6}[A-Z]?", name) for name in names)
    assert not any("2CXO" in name for name in names)
    assert min(column("observation_source", "obsid")) > 90_000
    assert set(column("observation_source", "obi")) > {0.0, 1.0}
    assert all("simulated" in target for target in set(column("observation_source", "targname")))


def test_names_are_truncated_coordinates(column):
    names = column("master_source", "name")
    here = SkyCoord(column("master_source", "ra"), column("master_source", "dec"), unit="deg")
    named = SkyCoord([f"{n[5:7]}h{n[7:9]}m{n[9:13]}s {n[13:16]}d{n[16:18]}m{n[18:20]}s" for n in names])
    east, north = named.spherical_offsets_to(here)
    assert (np.abs(east.arcsec) < 1.5 + 1e-6).all()
    assert (np.abs(north.arcsec) < 1.0 + 1e-3).all()
    galactic = here.galactic
    np.testing.assert_allclose(column("master_source", "gal_l"), galactic.l.deg, atol=1e-9)
    np.testing.assert_allclose(column("master_source", "gal_b"), galactic.b.deg, atol=1e-9)


def test_times_agree_with_each_other(column):
    start = Time(column("observation_source", "gti_start"), format="cxcsec")
    stop = Time(column("observation_source", "gti_stop"), format="cxcsec")
    np.testing.assert_allclose(start.tt.mjd, column("observation_source", "gti_mjd_obs"), atol=1e-9)
    for spoken, meant in (("gti_obs", start), ("gti_end", stop)):
        written = Time(column("observation_source", spoken).astype(str), scale="tt")
        assert np.abs((written - meant).sec).max() <= 0.5 + 1e-6
    elapsed = (stop - start).sec
    np.testing.assert_allclose(column("observation_source", "gti_elapse"), elapsed, atol=1e-3)
    livetime = column("observation_source", "livetime")
    assert ((livetime < elapsed) & (livetime > 0.97 * elapsed)).all()
    assert set(column("observation_source", "mjd_ref")) == {50814.0}


@pytest.mark.parametrize("table", ["master_source", "stack_source", "observation_source"])
def test_values_lie_between_their_limits(column, table):
    checked = 0
    for name in TABLES[table]:
        value, low, high = triple(name)
        if low not in TABLES[table]:
            continue
        v, lo, hi = (column(table, key) for key in (value, low, high))
        np.testing.assert_array_equal(np.isnan(v), np.isnan(lo), err_msg=name)
        np.testing.assert_array_equal(np.isnan(v), np.isnan(hi), err_msg=name)
        known = ~np.isnan(v)
        assert (lo[known] <= v[known]).all(), name
        assert (v[known] <= hi[known]).all(), name
        assert (hi[known] > lo[known]).all(), name
        checked += 1
    assert checked > 30


def test_upper_limits_follow_the_convention(column):
    for band in BANDS:
        value, low, high = (column("observation_source", name) for name in triple(f"photflux_aper_{band}"))
        limit = value == 0
        assert (low[limit] == 0).all()
        assert (high[limit] > 0).all()
        assert 10 < limit.sum() < 0.7 * len(limit)


def test_bands_are_null_where_the_instrument_is_blind(column):
    hrc = column("observation_source", "instrument") == "HRC"
    for band in BANDS:
        flux = column("observation_source", f"flux_aper_{band}")
        assert np.isnan(flux[hrc if band in ACIS_BANDS else ~hrc]).all()
    assert np.isfinite(column("observation_source", "flux_aper_b")[~hrc]).all()
    no_acis = column("master_source", "acis_num") == 0
    assert 10 < no_acis.sum() < 0.1 * len(no_acis)
    assert np.isnan(column("master_source", "flux_aper_b")[no_acis]).all()
    assert np.isfinite(column("master_source", "flux_aper_w")[no_acis]).all()
    assert np.isnan(column("master_source", "hard_hm")[no_acis]).all()
    assert np.isnan(column("master_source", "acis_time")[no_acis]).all()


def test_variability_between_observations_needs_two(column):
    number = column("master_source", "acis_num")
    probability = column("master_source", "var_inter_prob_b")
    index = column("master_source", "var_inter_index_b")
    assert np.isnan(probability[number < 2]).all()
    assert np.isfinite(probability[number >= 2]).mean() > 0.99
    np.testing.assert_array_equal(np.isnan(index), np.isnan(probability))
    assert set(index[~np.isnan(index)]) <= {0, 3, 4, 5, 6, 7, 8}


def test_the_four_kinds_of_variability_are_there(column):
    intra = column("master_source", "var_intra_prob_b")
    inter = column("master_source", "var_inter_prob_b")
    for quiet_or_not in (intra < 0.5, intra > 0.9):
        for steady_or_not in (inter < 0.5, inter > 0.999):
            assert (quiet_or_not & steady_or_not).sum() >= 10
    assert (column("master_source", "var_intra_index_b") >= 9).sum() >= 5


def test_large_extended_sources_lack_what_the_catalogue_lacks(column):
    large = np.char.endswith(column("master_source", "name").astype(str), "X")
    assert 3 <= large.sum() <= 10
    assert np.isnan(column("master_source", "flux_aper_b")[large]).all()
    assert np.isfinite(column("master_source", "flux_aper_avg_b")[large]).all()
    assert all(flag is None for flag in column("master_source", "conf_flag")[large])
    assert all(flag is True for flag in column("master_source", "extent_flag")[large])


def test_flags_are_raised_now_and_then(column):
    for flag in TABLES["master_source"]:
        if not flag.endswith("_flag"):
            continue
        raised = sum(value is True for value in column("master_source", flag))
        assert 0 < raised < 0.65 * len(column("master_source", flag)), flag


def test_spectral_fits_are_for_bright_sources_and_find_the_truth(column):
    gamma = column("master_source", "powlaw_gamma")
    significance = column("master_source", "significance")
    fitted = np.isfinite(gamma)
    assert 200 < fitted.sum() < 0.6 * len(gamma)
    assert np.median(significance[fitted]) > 2 * np.median(significance[~fitted])
    for model in ("powlaw", "bb", "brems", "apec"):
        statistic = column("master_source", f"{model}_stat")
        np.testing.assert_array_equal(np.isfinite(statistic), fitted)
        assert np.nanmin(statistic) > 0
        assert np.nanmedian(statistic) < 2
        rhat = column("master_source", f"{model}_nh_rhat")
        assert np.nanmax(np.abs(rhat - 1)) < 0.1


def test_hardness_agrees_with_the_photon_fluxes(column):
    for pair in ("hm", "hs", "ms"):
        value, low, high = (column("master_source", name) for name in triple(f"hard_{pair}"))
        hard, soft = (column("master_source", f"photflux_aper_{band}") for band in pair)
        difference = np.abs(hardness_ratio(hard, soft) - value)
        narrow = (high - low < 0.1) & (classify(value, low, high) == Kind.MEASURED)
        assert narrow.sum() > 50
        assert np.nanmedian(difference[narrow]) < 0.002
        assert np.nanmedian(difference / (high - low)) < 0.1


def test_hardness_is_spread_like_a_real_field(column):
    kinds = {}
    for pair in ("hm", "hs", "ms"):
        value, low, high = (column("master_source", name) for name in triple(f"hard_{pair}"))
        kinds = dict(zip(*np.unique(classify(value, low, high), return_counts=True), strict=True))
        assert set(kinds) == set(Kind)
        assert kinds[Kind.MEASURED] > 0.75 * len(value)
        assert kinds[Kind.LOWER_LIMIT] + kinds[Kind.UPPER_LIMIT] > 0.02 * len(value)
    m33 = near(column, *FIELDS["M33"][:2])
    assert -0.1 < np.nanmedian(column("master_source", "hard_hm")[m33]) < 0.4
    assert -0.4 < np.nanmedian(column("master_source", "hard_ms")[m33]) < 0.1


def near(column, centre, arcmin):
    here = SkyCoord(column("master_source", "ra"), column("master_source", "dec"), unit="deg")
    return here.separation(SkyCoord(*centre, unit="deg")).arcmin < arcmin


@pytest.mark.parametrize("field", list(FIELDS))
def test_fields_have_about_as_many_sources_as_the_real_ones(column, field):
    centre, arcmin, (fewest, most) = FIELDS[field]
    assert fewest <= near(column, centre, arcmin).sum() <= most


def test_orion_is_young_and_active(column):
    orion, m33 = (near(column, *FIELDS[field][:2]) for field in ("M42", "M33"))
    active = column("master_source", "var_intra_prob_b") > 0.9
    assert active[orion].mean() > 3 * active[m33].mean()
    assert 0.01 < active[m33].mean() < 0.15


def test_the_transient_of_the_article_is_there(column, sky):
    name = "SIM J002404.2-720457"
    assert name in set(column("master_source", "name"))
    rows = sky.execute(
        """SELECT o.flux_aper_b FROM master_stack_assoc a
           JOIN stack_observation_assoc b USING (detect_stack_id, region_id)
           JOIN observation_source o USING (obsid, obi, region_id) WHERE a.name = ?""",
        [name],
    ).fetchall()
    assert len(rows) == 13
    fluxes = [flux for (flux,) in rows if flux is not None]
    assert max(fluxes) > 5 * min(fluxes)
    assert max(fluxes) > 5e-13


def test_error_ellipses_cover_the_astrometry_and_grow_off_axis(column, sky):
    major, minor = column("master_source", "err_ellipse_r0"), column("master_source", "err_ellipse_r1")
    assert (major >= minor).all()
    assert minor.min() >= 0.29
    near_axis, far = (
        one(
            sky,
            f"""SELECT median(err_ellipse_r0) FROM master_source JOIN master_stack_assoc USING (name)
                JOIN stack_source USING (detect_stack_id, region_id) WHERE match_type = 'u' AND theta_mean {cut}""",
        )
        for cut in ("< 3", "> 7")
    )
    assert far > 1.5 * near_axis
