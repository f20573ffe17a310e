"""All rows of a query of somebody's own that a service cut: the same as of a service that does not cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets import Archive
from cscwidgets.archive.own_query import division_of
from cscwidgets.errors import QueryError
from cscwidgets.io.adql.syntax import outer_where, read_query
from cscwidgets.service.vo import tap


@pytest.fixture
def archive(awkward_sky):
    return Archive(awkward_sky[0])


@pytest.fixture
def cutting(monkeypatch):
    """The service sends 500 rows unless told, and 4000 at most."""

    def cut():
        monkeypatch.setattr(tap, "DEFAULT_MAXREC", 500)
        monkeypatch.setattr(tap, "HARD_MAXREC", 5000)

    return cut


DIVISIBLE = (
    "SELECT name, ra, dec FROM csc21.master_source",
    "SELECT name FROM master_source -- all of them",
    "SELECT m.name, a.detect_stack_id FROM master_stack_assoc a, csc21.master_source m WHERE a.name = m.name",
    "SELECT name, flux_aper_b AS f FROM master_source s where flux_aper_b > 1e-14 OR s.dec > 80 -- bright",
    "SELECT x.name FROM csc21.master_source x LEFT JOIN master_stack_assoc a ON x.name = a.name;",
    """WITH north AS (SELECT name FROM master_source WHERE dec > 0)
    SELECT m.acis_num FROM master_source m JOIN north n ON m.name = n.name WHERE m.ra > 1""",
)


@pytest.mark.parametrize("adql", DIVISIBLE)
def test_the_rest_comes_in_parts_of_the_sky(adql, archive, cutting):
    everything = archive.query(adql)
    assert archive.division(adql).why == ""
    cutting()
    cut = archive.query(adql, quiet=True)
    assert not cut.meta["provenance"].complete
    found = archive.query(adql, complete=True)
    assert found.colnames == everything.colnames
    assert len(found) == len(everything) > 500
    for name in found.colnames:
        there, here = (np.sort(np.ma.filled(np.ma.asarray(rows[name]), 0)) for rows in (everything, found))
        np.testing.assert_array_equal(there, here)
    provenance = found.meta["provenance"]
    assert provenance.complete
    assert provenance.query == adql
    assert provenance.returned == len(found)


@pytest.mark.parametrize(
    ("adql", "why"),
    [
        ("SELECT acis_num, COUNT(*) AS n, name FROM master_source GROUP BY acis_num, name", r"GROUP BY"),
        ("SELECT name FROM master_source ORDER BY ra", r"ORDER BY"),
        ("SELECT DISTINCT name FROM master_source WHERE dec > 10", r"DISTINCT"),
        ("SELECT TOP 2000 name FROM master_source", r"TOP"),
        ("SELECT name FROM master_stack_assoc", r"none of its tables has positions"),
        ("SELECT q.name FROM (SELECT name, ra, dec FROM master_source) AS q", r"none of its tables"),
        ("SELECT name FROM master_source UNION SELECT name FROM master_stack_assoc", r"several"),
        (
            "SELECT a.name FROM master_source m RIGHT JOIN master_stack_assoc a ON a.name = m.name",
            r"without a position",
        ),
    ],
)
def test_what_cannot_be_divided_is_asked_with_a_larger_limit(adql, why, archive, cutting, monkeypatch):
    everything = archive.query(adql)
    assert why in archive.division(adql).why
    cutting()
    monkeypatch.setattr(tap, "HARD_MAXREC", 10_000)
    found = archive.query(adql, complete=True)
    assert len(found) == len(everything) > 500
    assert found.meta["provenance"].complete
    monkeypatch.setattr(tap, "HARD_MAXREC", 1000)
    with pytest.raises(QueryError, match=rf"The service sends 1,000 of {len(everything):,} rows at most.*{why}"):
        archive.query(adql, complete=True)


def test_nothing_is_asked_twice_of_an_answer_that_is_complete(archive):
    assert len(archive.query("SELECT TOP 3 name FROM master_source", complete=True)) == 3
    assert len(archive.query("SELECT COUNT(*) AS n FROM master_source", complete=True)) == 1
    with pytest.raises(QueryError, match="Leave out maxrec"):
        archive.query("SELECT name FROM master_source", maxrec=3, complete=True)


NAMES = st.sampled_from(["ra", "dec", "flux", "x", '"where"'])
NUMBERS = st.floats(0, 400, allow_nan=False).map(lambda value: f"{value:.3f}")
CONDITIONS = st.recursive(
    st.builds("{} {} {}".format, NAMES, st.sampled_from(["<", ">=", "<>"]), NUMBERS) | st.just("name = ' WHERE ( '"),
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from(["AND", "OR"]), inner)
        | st.builds("NOT {}".format, inner)
        | st.builds("name IN (SELECT name FROM t WHERE {})".format, inner)
    ),
    max_leaves=6,
)


@given(CONDITIONS, st.sampled_from(["", " -- a word", "\n/* where */", ";"]))
def test_one_more_condition_holds_for_all_of_what_was_asked(condition, end):
    """As sqlglot reads it, the new query is the old one with the conditions side by side."""
    adql = f"SELECT name FROM t WHERE {condition}{end}"
    division = division_of(adql, lambda _: dict.fromkeys(("ra", "dec", "name")))
    both = read_query(division.where("t.x = 1")).args["where"].this
    assert both.expression.sql(comments=False) == "(t.x = 1)"
    before = read_query(adql.removesuffix(";")).args["where"].this
    assert both.this.unnest().sql(comments=False) == before.unnest().sql(comments=False)
    assert outer_where("SELECT 1 FROM t") is None
