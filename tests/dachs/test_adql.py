"""The embedded service reads ADQL as DaCHS does: the same text, the same rows; where they differ, it is named."""

import numpy as np
import pytest

from cscwidgets.errors import QueryError

from .comparing import assert_same

pytestmark = [pytest.mark.dachs, pytest.mark.slow]

M = "csc21.master_source"
FEW = f"SELECT name, {{}} AS x FROM {M} WHERE significance > 20"

EXPRESSIONS = {
    "numbers": ["7 / 2.0", "acis_num / 2", "-7 / 2", "significance / (acis_num + 1)", "1e-14", "-1.5e3"],
    "rounding": ["ROUND(ra, 2)", "ROUND(ra)", "TRUNCATE(ra, 2)", "FLOOR(dec)", "CEILING(dec)", "ABS(dec)"],
    "powers": ["POWER(acis_num, 2)", "SQRT(acis_num)", "EXP(dec / 100)", "LOG(significance)", "LOG10(significance)"],
    "trigonometry": ["SIN(RADIANS(dec))", "COS(1)", "TAN(1)", "COT(1)", "PI()"],
    "text": ["UPPER(name)", "LOWER(name)", "name || 'x'", "'it''s'"],
    "choices": ["CASE WHEN ra > 20 THEN 'far' ELSE 'near' END", "CASE WHEN conf_flag IS NULL THEN 1 ELSE 0 END"],
    "types": ["CAST(ra AS INTEGER)", "CAST(acis_num AS DOUBLE PRECISION)", "COALESCE(hard_hm, ra)"],
    "regions": [
        "CONTAINS(POINT('ICRS', ra, dec), CIRCLE('ICRS', 23.46, 30.66, 0.1))",
        "CONTAINS(POINT(ra, dec), POLYGON(23.3, 30.5, 23.6, 30.5, 23.5, 30.8))",
        "INTERSECTS(CIRCLE(ra, dec, 0.05), CIRCLE(23.46, 30.66, 0.1))",
    ],
}
# DaCHS works out the unit of an expression, the embedded service does not.
MEASURED = [
    "DISTANCE(POINT('ICRS', ra, dec), POINT('ICRS', 23.46, 30.66))",
    "DISTANCE(ra, dec, 23.46, 30.66)",
    "COORD1(POINT('ICRS', ra, dec))",
    "AREA(CIRCLE('ICRS', ra, dec, 2))",
    "AREA(POLYGON(10, 10, 12, 10, 12, 12, 10, 12))",
    "ATAN2(dec, ra)",
    "ASIN(0.5)",
    "DEGREES(1)",
    "-dec",
    "acis_num * flux_aper_b",
    "COALESCE(flux_aper_w, -1)",
]

QUERIES = [
    f"SELECT COUNT(*) AS n, COUNT(flux_aper_w) AS w, MIN(ra) AS a, AVG(dec) AS c, SUM(acis_num) AS d FROM {M}",
    f"SELECT acis_num, COUNT(*) AS n, AVG(significance) AS s FROM {M} GROUP BY acis_num HAVING COUNT(*) > 3",
    f"SELECT DISTINCT likelihood_class FROM {M}",
    f"SELECT COUNT(DISTINCT acis_num) AS n FROM {M}",
    f"SELECT name FROM {M} WHERE name LIKE '%4_%' AND name NOT LIKE '%5'",
    f"SELECT name FROM {M} WHERE name ILIKE 'sim%3'",
    f"SELECT name FROM {M} WHERE acis_num BETWEEN 3 AND 5 AND acis_num NOT IN (4)",
    f"SELECT name FROM {M} WHERE conf_flag IS NOT NULL AND NOT flux_aper_b > 1e-15",
    f"SELECT name FROM {M} WHERE ra > 80 UNION SELECT name FROM {M} WHERE ra < 20",
    f"SELECT name FROM {M} WHERE ra > 80 EXCEPT SELECT name FROM {M} WHERE dec < 0",
    f"SELECT name FROM {M} WHERE ra > 80 INTERSECT SELECT name FROM {M} WHERE dec < 0",
    f"WITH bright AS (SELECT name, ra FROM {M} WHERE flux_aper_b > 1e-14) SELECT COUNT(*) AS n FROM bright",
    f"SELECT name, match_type FROM {M} NATURAL JOIN csc21.master_stack_assoc WHERE ra < 10",
    f"SELECT name, match_type FROM {M} JOIN csc21.master_stack_assoc USING (name) WHERE ra < 10",
    f"SELECT m.name, a.match_type FROM {M} AS m LEFT OUTER JOIN csc21.master_stack_assoc AS a ON m.name = a.name",
    f"SELECT name FROM {M} AS m WHERE EXISTS (SELECT 1 FROM csc21.detect_stack AS d WHERE d.obsid = acis_num + 90000)",
    f"SELECT q.n FROM (SELECT COUNT(*) AS n FROM {M}) AS q",
    f'SELECT "name", "ra" FROM {M} WHERE "dec" > 0',
    "SELECT NAME, Ra FROM CSC21.Master_Source WHERE DEC > 0",
    "SELECT * FROM csc21.sim_infrared WHERE jmag < 12",
    "SELECT obsid, obi, MIN(instrument) AS i, MAX(livetime) AS t FROM csc21.observation_source GROUP BY obsid, obi",
    "SELECT t.table_name, t.table_type FROM TAP_SCHEMA.tables AS t WHERE schema_name = 'csc21'",
    "SELECT column_name, unit, ucd, description FROM TAP_SCHEMA.columns WHERE table_name = 'csc21.master_source'",
    "SELECT column_name, unit, ucd, description FROM TAP_SCHEMA.columns WHERE table_name = 'csc21.observation_source'",
]

ORDERED = [
    f"SELECT TOP 20 name, flux_aper_b FROM {M} WHERE flux_aper_b IS NOT NULL ORDER BY flux_aper_b DESC, name",
    f"SELECT TOP 20 name, flux_aper_b FROM {M} ORDER BY flux_aper_b, name",
    f"SELECT name FROM {M} ORDER BY name OFFSET 3000",
]


@pytest.mark.parametrize("group", EXPRESSIONS)
def test_expressions(demo_sky, group):
    for expression in EXPRESSIONS[group]:
        assert_same(*_ask(demo_sky, FEW.format(expression)), rtol=1e-12)


def test_expressions_with_a_unit(demo_sky):
    for expression in MEASURED:
        ours, theirs = _ask(demo_sky, FEW.format(expression))
        assert ours["x"].unit is not None
        ours["x"] = ours["x"].value
        assert_same(ours, theirs, rtol=1e-11)


@pytest.mark.parametrize("adql", QUERIES)
def test_queries(demo_sky, adql):
    assert_same(*_ask(demo_sky, adql), rtol=1e-12)


@pytest.mark.parametrize("adql", ORDERED)
def test_order(demo_sky, adql):
    assert_same(*_ask(demo_sky, adql), ordered=True)


def test_a_box_of_dachs_is_measured_in_coordinates(demo_sky):
    # ADQL's arms are angles: at a declination of 30 degrees they span more of right ascension than they are long.
    box = f"SELECT name FROM {M} WHERE 1 = CONTAINS(POINT(ra, dec), BOX(23.46, 30.66, 0.2, 0.1))"
    corners = "23.36, 30.61, 23.56, 30.61, 23.56, 30.71, 23.36, 30.71"
    polygon = f"SELECT name FROM {M} WHERE 1 = CONTAINS(POINT(ra, dec), POLYGON({corners}))"
    ours, theirs = _ask(demo_sky, box)
    assert_same(ours, demo_sky.embedded.query(polygon))
    assert set(ours["name"]) < set(theirs["name"])


def test_nulls_come_first_or_last_as_a_service_likes(demo_sky):
    ours, theirs = _ask(demo_sky, f"SELECT TOP 20 name, flux_aper_b FROM {M} ORDER BY flux_aper_b DESC, name")
    assert np.isnan(ours["flux_aper_b"]).all()
    assert np.isfinite(theirs["flux_aper_b"]).all()


@pytest.mark.parametrize(
    "adql",
    [
        f"SELECT name FROM {M} WHERE flux_aper_b > (SELECT AVG(flux_aper_b) FROM {M})",
        f"SELECT CAST(acis_num AS VARCHAR(20)) AS x FROM {M}",
        f"SELECT m.name, a.match_type FROM {M} AS m LEFT JOIN csc21.master_stack_assoc AS a ON m.name = a.name",
        f"SELECT COORD1(CENTROID(CIRCLE('ICRS', ra, dec, 0.1))) AS x FROM {M}",
    ],
)
def test_what_dachs_does_not_read(demo_sky, adql):
    assert len(demo_sky.embedded.query(adql)) > 300
    with pytest.raises(QueryError):
        demo_sky.dachs.query(adql)


def test_division_by_nought_is_a_null_or_an_error(demo_sky):
    adql = f"SELECT acis_num / 0 AS x FROM {M}"
    assert np.ma.getmaskarray(demo_sky.embedded.query(adql)["x"]).all()
    with pytest.raises(QueryError, match="division by zero"):
        demo_sky.dachs.query(adql)


def _ask(sky, adql):
    return sky.both(lambda archive: archive.query(adql))
