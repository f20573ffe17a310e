"""The client asks DaCHS and the embedded service the same: whatever it asks, it gets the same rows."""

import time

import astropy.units as u
import numpy as np
import pytest

from cscwidgets.archive.catalogues.answer_cache import AnswerCache
from cscwidgets.archive.catalogues.tap_catalogue import TapCatalogue
from cscwidgets.archive.folder import read_info
from cscwidgets.archive.tables_on_disk import stored_table
from cscwidgets.csc.columns import TABLES
from cscwidgets.errors import NotFound, QueryCancelled, QueryError, SomeNotFound, TruncatedResult
from cscwidgets.service.vo.scs import VERBOSITY_1, VERBOSITY_2

from ..cancelling import Cancelling
from .comparing import assert_same

pytestmark = [pytest.mark.dachs, pytest.mark.slow]

SHAPES = {
    "circle": "circle({0}, {1}, 6')",
    "box": "box({0}, {1}, 12', 8', 30)",
    "ellipse": "ellipse({0}, {1}, 9', 4', 120)",
    "polygon": "polygon({0}, {1}, {2}, {1}, {2}, {3}, {0}, {3})",
}


def region(sky, shape):
    ra, dec = map(float, sky.centre.split())
    return "icrs; " + SHAPES[shape].format(ra, dec, ra + 0.12, dec + 0.1)


def known(sky, table):
    """The catalogue's columns of a table that are in this archive."""
    return [name for name in sky.columns[table] if name in TABLES[table]]


def assert_same_provenance(one, other):
    ours, theirs = (answer.meta["provenance"] for answer in (one, other))
    for what in ("query", "requested", "returned", "truncated", "outside", "region"):
        assert getattr(ours, what) == getattr(theirs, what), what


@pytest.mark.parametrize("shape", SHAPES)
def test_sources_in_a_region(sky, shape):
    columns = known(sky, "master_source")
    answers = sky.both(lambda archive: archive.search(region(sky, shape), columns))
    assert_same(*answers)
    assert_same_provenance(*answers)
    assert len(answers[0]) > 20


def test_the_usual_columns_and_all_of_them(demo_sky):
    for columns in (None, "*"):
        assert_same(*demo_sky.both(lambda archive, columns=columns: archive.search("M33", columns, radius="6 arcmin")))


@pytest.mark.parametrize("table", ["stack_source", "observation_source"])
def test_what_is_joined_to_sources(sky, table):
    columns = [*known(sky, table), "m.hard_hm"]
    answers = sky.both(lambda archive: archive.search(region(sky, "circle"), columns, table=table))
    assert_same(*answers)
    assert {"detect_stack_id", "region_id", "mstr_hard_hm"} <= set(answers[0].colnames)


def test_a_condition_of_one_s_own(sky):
    where = "m.hard_hm > 0 AND m.name LIKE '%1%' AND (m.conf_flag IS NULL OR m.conf_flag = 'False')"
    assert_same(*sky.both(lambda archive: archive.search(region(sky, "box"), ["hard_hm", "conf_flag"], where)))


def test_flags_are_no_numbers_to_dachs(demo_sky):
    # PostgreSQL's booleans do not compare with numbers, which the CSC's own service documents; both know words.
    where = "var_flag = {}"
    words, number = (demo_sky.embedded.search("M33", where=where.format(flag)) for flag in ("'True'", "1"))
    assert_same(words, number)
    assert_same(words, demo_sky.dachs.search("M33", where=where.format("'True'")))
    with pytest.raises(QueryError, match="boolean = integer"):
        demo_sky.dachs.search("M33", where=where.format("1"))


def test_an_answer_that_is_cut_says_how_much(sky):
    def ask(archive):
        with pytest.warns(TruncatedResult, match="NOT sent by the service"):
            return archive.search(region(sky, "circle"), ["hard_hm"], maxrec=10)

    ours, theirs = sky.both(ask)
    assert_same_provenance(ours, theirs)  # not which rows
    assert ours.meta["provenance"].truncated > 100
    assert ours.meta["provenance"].returned == theirs.meta["provenance"].returned == 10


def test_columns_alone(sky):
    ours, theirs = sky.both(lambda archive: archive.search(region(sky, "circle"), ["hard_hm"], maxrec=0, quiet=True))
    assert ours.colnames == theirs.colnames
    assert len(ours) == len(theirs) == 0
    assert_same_provenance(ours, theirs)


def test_the_rest_comes_in_parts(sky):
    whole = sky.dachs.search(region(sky, "circle"), ["hard_hm"])
    limit = len(whole) // 6
    for archive in (sky.dachs, sky.embedded):
        pieces = archive.search(region(sky, "circle"), ["hard_hm"], maxrec=limit, complete=True)
        assert_same(pieces, whole)
        assert pieces.meta["provenance"].complete


def test_detections_of_many_sources_in_lists(sky):
    sources = [str(name) for name in sky.embedded.search(region(sky, "circle"), ["hard_hm"])["name"]]
    extra = [] if sky.schema == "csc21" else ["match_type"]
    columns = [*known(sky, "observation_source"), *extra]
    found = [str(name) for name in sky.embedded.search(sky.centre, columns, table="observation_source")["name"]]
    several = [*dict.fromkeys([*found, *sources])][:450]
    assert len(several) > 400
    answers = sky.both(lambda archive: _quietly(archive.detections, several, columns))
    assert_same(*answers, ordered=True)
    assert len(answers[0]) > 1000


def _quietly(ask, *arguments):
    try:
        return ask(*arguments)
    except SomeNotFound:
        pytest.fail("a warning that was no error")


def test_names_that_are_not_there(sky):
    def ask(archive):
        with pytest.raises(NotFound) as refused:
            archive.detections("2CXO J000000.0+000000", columns=())
        return str(refused.value).replace(archive.name, "it")

    ours, theirs = sky.both(ask)
    assert ours == theirs


def test_stacks_from_their_names(demo_sky):
    answers = demo_sky.both(lambda archive: archive.stacks("M33"))
    assert_same(*answers, ordered=True)
    assert len(answers[0]) > 5


@pytest.mark.parametrize("verbosity", [1, 2, 3])
def test_cones(sky, verbosity):
    ours, theirs = sky.both(lambda archive: archive.cone(sky.centre, "5 arcmin", verbosity=verbosity))
    present = sky.columns["master_source"]
    names = [name for name in {1: VERBOSITY_1, 2: VERBOSITY_2, 3: present}[verbosity] if name in present]
    # DaCHS puts the distance before its columns, and has none that the table has not.
    assert set(ours.colnames) == {"_r", *names}
    assert theirs.colnames[: len(VERBOSITY_1)] == list(VERBOSITY_1)
    assert_same(ours[names], theirs[names])
    assert len(ours) > 50


def test_a_table_of_counterparts_that_the_service_describes(demo_sky, releases, tmp_path):
    def ask(archive):
        service, cache = releases[archive.name].tap, AnswerCache(tmp_path / archive.name)
        catalogue = TapCatalogue(service, "csc21.sim_infrared", cache=cache)
        rows = catalogue.near("M33", 20 * u.arcsec)
        rows.meta["title"] = catalogue.title
        return rows

    ours, theirs = demo_sky.both(ask)
    assert ours.meta["title"] == theirs.meta["title"] == "SIMULATED infrared catalogue, in the manner of 2MASS"
    for rows in (ours, theirs):  # DaCHS lists names in lower case
        rows.rename_columns(rows.colnames, [name.lower() for name in rows.colnames])
    assert_same(ours, theirs)


def test_a_mirror_of_a_region(demo_sky, tmp_path):
    folders = demo_sky.both(lambda archive: archive.mirror("circle(23.462, 30.660, 2')", tmp_path / archive.name))
    tables = [read_info(folder).tables for folder in folders]
    assert tables[0] == tables[1]
    assert tables[0]["observation_source"] > tables[0]["master_source"] > 5
    for table in tables[0]:
        ours, theirs = (stored_table(folder, table).read() for folder in folders)
        assert ours.schema.equals(theirs.schema, check_metadata=True)
        keys = [(name, "ascending") for name in ours.column_names[:4]]
        assert ours.sort_by(keys).equals(theirs.sort_by(keys)), table


@pytest.mark.parametrize(
    ("adql", "words"),
    [
        ("SELECT name FRM {}.master_source", ("Could not parse", "cannot be read")),
        ("SELECT name FROM {}.no_such", ("no_such", "no_such")),
        ("SELECT no_such FROM {}.master_source", ("no_such", "no_such")),
        ("SELECT name FROM {}.master_source WHERE ra > 'north'", ("north", "north")),
    ],
    ids=["syntax", "table", "column", "type"],
)
def test_a_refusal_is_one_error_in_the_service_s_words(sky, adql, words):
    query = adql.format(sky.schema)
    for archive, word in zip((sky.dachs, sky.embedded), words, strict=True):
        with pytest.raises(QueryError) as refused:
            archive.query(query)
        assert refused.value.what == f"{archive.name} refused the query"
        assert word in refused.value.why
        assert refused.value.hint == f"The query was: {query}"


ENDLESS = (
    "SELECT COUNT(*) AS n FROM {0}.master_source AS a, {0}.master_source AS b, {0}.master_source AS c"
    " WHERE SIN(a.ra * b.dec + c.ra) > 2"
)


def test_a_query_that_takes_the_service_too_long_is_one_error(sky):
    with pytest.raises(QueryError, match=r"(?i)time.?d? ?out"):
        sky.dachs.query(ENDLESS.format(sky.schema))


def test_a_query_is_cancelled_while_the_service_computes(sky):
    for archive in (sky.dachs, sky.embedded):
        started = time.monotonic()
        with pytest.raises(QueryCancelled):
            archive.query(ENDLESS.format(sky.schema), monitor=Cancelling(1))
        assert time.monotonic() - started < 3
        assert np.asarray(archive.query(f"SELECT COUNT(*) AS n FROM {sky.schema}.master_source")["n"])[0] > 3000
