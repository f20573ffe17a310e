import pytest
from sqlglot import exp, parse_one

from cscwidgets.archive.catalogues.table_query import TableQuery, identifier
from cscwidgets.archive.catalogues.well_known import CATALOGUES
from cscwidgets.sky.boxes import Box

BOXES = (Box(0.0, 1.0, -1.0, 1.0), Box(359.0, 360.0, -1.0, 1.0))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ra", "ra"),
        ("gaiadr3.gaia_source", "gaiadr3.gaia_source"),
        ("II/246/out", '"II/246/out"'),
        ("BP-RP", '"BP-RP"'),
        ("2MASS", '"2MASS"'),
        ("_RAJ2000", '"_RAJ2000"'),
        ("size", '"size"'),
        ('"size"', '"size"'),
        ('odd"name', '"odd""name"'),
    ],
)
def test_names_are_quoted_where_they_must_be(name, text):
    assert identifier(name) == text


@pytest.mark.parametrize("catalogue", [c for c in CATALOGUES.values() if c.ra], ids=lambda c: c.key)
def test_queries_of_known_catalogues_parse(catalogue):
    query = TableQuery(catalogue.table, catalogue.columns, catalogue.ra, catalogue.dec, BOXES, catalogue.where)
    read = parse_one(query.adql(), read="postgres")
    (table,) = read.find_all(exp.Table)
    assert table.name == catalogue.table
    names = [column.name for column in read.expressions if isinstance(column, exp.Column)]
    assert set(names) == ({*catalogue.columns, catalogue.ra, catalogue.dec} if catalogue.columns else set())
    assert parse_one(query.count(), read="postgres").find(exp.Count)


def test_halves_share_nothing_and_leave_nothing_out():
    first, second = TableQuery("t", ("a",), "ra", "dec", BOXES).halves()
    assert first.boxes + second.boxes == BOXES
    low, high = first.halves()
    assert {low.boxes[0].dec_low, high.boxes[0].dec_low} == {-1.0, 0.0}
