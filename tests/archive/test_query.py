"""ADQL text: what is asked, and that halves of a question make the whole."""

import pytest

from cscwidgets.archive.query import Query, quote_text
from cscwidgets.sky.boxes import Box


def test_a_search_is_plain_adql_without_geometry_functions():
    query = Query("csc21", columns=("name", "flux_aper_b"), boxes=(Box(10, 11, 20, 21),), where="var_flag = 1")
    assert query.adql() == (
        "SELECT m.name, m.ra, m.dec, m.flux_aper_b FROM csc21.master_source m WHERE "
        "((m.ra >= 10.000000000 AND m.ra < 11.000000000 AND m.dec >= 20.000000000 AND m.dec < 21.000000000)) "
        "AND (var_flag = 1)"
    )
    assert query.count().startswith("SELECT COUNT(*) AS n FROM csc21.master_source m WHERE")


def test_the_five_table_join_is_the_catalogues_own():
    text = Query("csc21", "observation_source", ("flux_aper_b",)).adql()
    for join in (
        "(m.name = a.name)",
        "(s.detect_stack_id = a.detect_stack_id AND s.region_id = a.region_id)",
        "(s.detect_stack_id = b.detect_stack_id AND s.region_id = b.region_id)",
        "(o.obsid = b.obsid AND o.obi = b.obi AND o.region_id = b.region_id)",
    ):
        assert join in text


@pytest.mark.parametrize(("text", "literal"), [("2CXO J1", "'2CXO J1'"), ("it's", "'it''s'"), ("';--", "''';--'")])
def test_text_is_quoted(text, literal):
    assert quote_text(text) == literal
