"""ADQL gives the rows numpy gives, and says which word it does not understand."""

import numpy as np
import pyarrow as pa
import pytest

from cscwidgets.errors import QueryError
from cscwidgets.service.database import Database


def rows(database: Database, adql: str, **options) -> list[tuple]:
    table = database.query(adql, **options).table
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def column(tables: dict[str, pa.Table], name: str, table: str = "master_source") -> np.ndarray:
    return np.array(tables[table][name].to_pylist(), dtype=object)


def test_top_takes_the_first_rows_after_ordering(database: Database, tables: dict[str, pa.Table]) -> None:
    expected = np.sort(column(tables, "dec").astype(float))[::-1][:5]
    assert [r[0] for r in rows(database, "SELECT TOP 5 dec FROM master_source ORDER BY dec DESC")] == list(expected)


def test_offset_continues_where_top_stopped(database: Database) -> None:
    whole = rows(database, "SELECT TOP 10 name FROM csc21.master_source ORDER BY name")
    assert rows(database, "SELECT TOP 6 name FROM csc21.master_source ORDER BY name OFFSET 4") == whole[4:10]


def test_flags_compare_with_numbers_and_null_is_neither(database: Database, tables: dict[str, pa.Table]) -> None:
    flags = column(tables, "conf_flag")
    for value in (0, 1):
        found = rows(database, f"SELECT name FROM master_source WHERE conf_flag = {value}")
        assert len(found) == sum(flag is not None and flag == value for flag in flags)


def test_a_stored_nan_is_a_null(database: Database, tables: dict[str, pa.Table]) -> None:
    significance = column(tables, "significance").astype(float)
    assert (
        len(rows(database, "SELECT name FROM master_source WHERE significance > 0")) == np.isfinite(significance).sum()
    )
    assert (
        len(rows(database, "SELECT name FROM master_source WHERE significance IS NULL")) == np.isnan(significance).sum()
    )


def test_log_is_natural_and_a_limit_s_logarithm_is_null(database: Database, tables: dict[str, pa.Table]) -> None:
    found = rows(database, "SELECT flux_aper_b, LOG(flux_aper_b), LOG10(flux_aper_b) FROM master_source")
    assert sum(flux == 0 for flux, *_ in found) > 50
    for flux, natural, decimal in found:
        if flux:
            assert natural == pytest.approx(np.log(flux))
            assert decimal == pytest.approx(np.log10(flux))
        else:
            assert natural is None
            assert decimal is None


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("ABS(-3)", 3),
        ("CEILING(1.2)", 2),
        ("FLOOR(-1.2)", -2),
        ("DEGREES(PI())", 180),
        ("RADIANS(180)", np.pi),
        ("EXP(1)", np.e),
        ("EXP(1000)", None),
        ("LOG(EXP(2))", 2),
        ("LOG10(1000)", 3),
        ("LOG10(-1)", None),
        ("MOD(17, 5)", 2),
        ("MOD(17, 0)", None),
        ("POWER(2, 10)", 1024),
        ("POWER(-2, 0.5)", None),
        ("ROUND(2.567, 2)", 2.57),
        ("TRUNCATE(-2.567, 1)", -2.5),
        ("TRUNCATE(2.9)", 2),
        ("SQRT(-1)", None),
        ("ASIN(2)", None),
        ("ATAN2(1, 0)", np.pi / 2),
        ("COT(1)", 1 / np.tan(1)),
        ("1.0 / 0", None),
        ("7 / 2.0", 3.5),
        ("7 / 2", 3),
        ("-7 / 2", -3),
        ("0x1F + 1", 32),
        ("5 & 4", 4),
        ("CAST('12' AS INTEGER) + 1", 13),
        ("COALESCE(NULL, 4)", 4),
        ("LOWER('ABC') || UPPER('d')", "abcD"),
        ("CASE WHEN 1 = 2 THEN 'a' ELSE 'b' END", "b"),
        ("AREA(CIRCLE(0, 0, 90))", 20626.480624709637),
        ("COORD1(POINT('ICRS', 12.5, -3))", 12.5),
        ("COORD2(CENTROID(CIRCLE(1, 2, 3)))", 2),
        ("COORDSYS(POINT(1, 2))", "ICRS"),
        ("dbo.cone_distance(10, 0, 10, 1)", 60),
        ("dbo.separation(10, 0, 10, 1)", 3600),
        ("csc2.cone_distance(10, 0, 11, 0)", 60),
        ("DISTANCE(POINT('', 0, 90), POINT('', 77, 89))", 1),
        ("DISTANCE(10, 0, 10, 180)", 180),
    ],
)
def test_function(database: Database, expression: str, value: object) -> None:
    ((found,),) = rows(database, f"SELECT TOP 1 {expression} AS x FROM master_source")
    assert found == (pytest.approx(value) if isinstance(value, float | int) else value)


def test_random_numbers_differ(database: Database) -> None:
    assert len(set(rows(database, "SELECT RAND() AS r FROM master_source"))) > 500


def test_five_table_join_of_the_csc(database: Database, tables: dict[str, pa.Table]) -> None:
    found = rows(
        database,
        """SELECT DISTINCT m.name, o.obsid, o.obi, o.region_id, a.match_type
        FROM csc21.master_source m, csc21.master_stack_assoc a, csc21.observation_source o,
             csc21.stack_observation_assoc b, csc21.stack_source s
        WHERE ((a.match_type = 'u') AND (o.sat_src_flag = 0)) AND (m.name = a.name)
          AND (s.detect_stack_id = a.detect_stack_id AND s.region_id = a.region_id)
          AND (s.detect_stack_id = b.detect_stack_id AND s.region_id = b.region_id)
          AND (o.obsid = b.obsid AND o.obi = b.obi AND o.region_id = b.region_id) ORDER BY name ASC""",
    )
    names, match = column(tables, "name"), column(tables, "match_type", "master_stack_assoc")
    saturated = column(tables, "sat_src_flag", "observation_source")
    obsid = column(tables, "obsid", "observation_source")
    expected = sorted(
        (names[n // 2], obsid[n]) for n in range(len(obsid)) if match[n // 2] == "u" and saturated[n] is False
    )
    assert [row[:2] for row in found] == expected


def test_sets_subqueries_and_common_tables(database: Database, tables: dict[str, pa.Table]) -> None:
    dec = column(tables, "dec").astype(float)
    north, south = (dec > 60).sum(), (dec < -60).sum()
    queries = {
        "SELECT name FROM master_source WHERE dec > 60 UNION SELECT name FROM master_source WHERE dec < -60": north
        + south,
        "WITH caps AS (SELECT name, dec FROM master_source WHERE dec > 60) SELECT * FROM caps": north,
        "SELECT t.name FROM (SELECT name FROM master_source WHERE dec > 60) AS t": north,
        "SELECT name FROM master_source WHERE dec > 60 EXCEPT SELECT name FROM master_source WHERE dec > -90": 0,
        "SELECT m.name FROM master_source m WHERE m.dec > 60 AND EXISTS "
        "(SELECT 1 FROM master_stack_assoc a WHERE a.name = m.name)": north,
        "SELECT name FROM master_source WHERE name IN (SELECT name FROM master_source WHERE dec < -60)": south,
        "SELECT COUNT(*) AS n FROM master_source GROUP BY likelihood_class HAVING COUNT(*) > 200": 1,
        "SELECT * FROM master_source NATURAL JOIN master_stack_assoc WHERE dec > 60": north,
        "SELECT a.region_id FROM (master_source m JOIN master_stack_assoc a ON m.name = a.name) WHERE dec > 60": north,
        "SELECT ra FROM ((SELECT name FROM master_source) s JOIN master_source m USING (name)) WHERE dec > 60": north,
        "SELECT TOP 2 name FROM master_source UNION ALL (SELECT TOP 3 name FROM master_source ORDER BY ra)": 5,
        "SELECT * FROM master_source LEFT OUTER JOIN master_stack_assoc USING (name) WHERE dec > 60": north,
    }
    for adql, count in queries.items():
        assert len(rows(database, adql)) == count, adql


def test_result_columns_know_their_units_and_names(database: Database) -> None:
    fields = database.query(
        "SELECT TOP 1 m.*, x.flux_aper_b AS f, MAX(o.flux_aper_b), COUNT(*), m.ra * 2, m.RA"
        " FROM csc21.master_source m, (SELECT flux_aper_b FROM master_source) AS x, observation_source o"
        " GROUP BY m.name, m.ra, m.dec, m.conf_flag, m.flux_aper_b, m.significance, m.var_intra_index_b,"
        " m.likelihood_class, x.flux_aper_b"
    ).fields
    named = {field.name: field for field in fields}
    assert [f.name for f in fields[-5:]] == ["f", "max", "count", "col_5", "ra_2"]
    assert named["f"].unit == named["max"].unit == "erg.s**-1.cm**-2"
    assert named["ra_2"].ucd == "pos.eq.ra;meta.main"
    assert named["count"].unit == named["col_5"].unit == ""
    assert named["conf_flag"].datatype == "boolean"


def test_limit_and_truncation(database: Database) -> None:
    cut = database.query("SELECT name FROM master_source ORDER BY name", maxrec=10)
    assert (cut.table.num_rows, cut.truncated) == (10, True)
    exact = database.query("SELECT TOP 10 name FROM master_source ORDER BY name", maxrec=10)
    assert (exact.table, exact.truncated) == (cut.table, False)
    assert database.query("SELECT name FROM master_source", maxrec=0).truncated


@pytest.mark.parametrize(
    ("adql", "words"),
    [
        ("SELECT flux_apr_b FROM csc21.master_source", "'flux_apr_b'.*Did you mean flux_aper_b"),
        ("SELECT name FROM csc21.master_sorce", "'csc21.master_sorce'.*Did you mean csc21.master_source"),
        ("SELECT x.name FROM master_source m", "'x' of 'x.name' is not a table"),
        ("SELECT name FROM master_source m, master_stack_assoc a", "'name' is in m and in a"),
        ("SELECT SQRRT(ra) FROM master_source", "'SQRRT'.*Did you mean SQRT"),
        ("SELECT POWER(ra) FROM master_source", "POWER takes 2 argument"),
        ("SELECT name FROM master_source WHERE", "line 1"),
        ("DELETE FROM master_source", "'DELETE'.*Only SELECT"),
        ("SELECT 1; SELECT 2", "several statements"),
        ("", "empty"),
        ("SELECT TOP 5.5 name FROM master_source", "whole number"),
        ("SELECT name FROM master_source GROUP BY ra", "GROUP BY"),
        ("SELECT name FROM master_source a, stack_source A", "'A' stands for two tables"),
        ("SELECT master_source FROM master_source", "no column 'master_source'"),
        ("SELECT name FROM master_source WHERE 1 = CONTAINS(POINT('GALACTIC', ra, dec), CIRCLE(1, 2, 3))", "GALACTIC"),
        ("SELECT POINT(ra, dec) FROM master_source", "POINT cannot stand alone"),
        ("SELECT name FROM master_source WHERE 1 = CONTAINS(POINT(ra, dec), POLYGON(1, 2, 3))", "three or more pairs"),
        ("SELECT name FROM master_source WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE(1, 2, -3))", "negative"),
        ("SELECT name FROM master_source WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE(1, 2, .3.))", "0.3. is no number"),
        ("SELECT name FROM master_source WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE(1, 2, 1e999))", "1e999 is no num"),
        ("SELECT name FROM master_source WHERE DISTANCE(ra, dec, 1, .1.) < 2", "0.1. is no number"),
        ("SELECT name FROM master_source WHERE 1 = CONTAINS(POINT(ra, dec), REGION('Circle'))", "REGION"),
        ("SELECT " + "(" * 3000 + "1" + ")" * 3000 + " FROM master_source", "nested too deeply"),
    ],
)
def test_refusals_name_the_word(database: Database, adql: str, words: str) -> None:
    with pytest.raises(QueryError, match=words):
        database.query(adql)


def test_long_lists_are_fine(database: Database, tables: dict[str, pa.Table]) -> None:
    names = ", ".join(f"'{name}'" for name in tables["master_source"]["name"].to_pylist() if "'" not in name)
    assert len(rows(database, f"SELECT ra FROM master_source WHERE name IN ({names})")) == 599
    ors = " OR ".join(f"var_intra_index_b = {i}" for i in range(400))
    assert len(rows(database, f"SELECT ra FROM master_source WHERE {ors}")) == 400


def test_strings_with_quotes_and_comments(database: Database) -> None:
    adql = "SELECT name /* not this */ FROM master_source -- nor this\nWHERE name = 'SIM J<b>&\"é'''"
    assert rows(database, adql) == [("SIM J<b>&\"é'",)]


def test_the_tables_describe_themselves(database: Database) -> None:
    assert rows(database, "SELECT COUNT(*) AS n FROM TAP_SCHEMA.tables") == [(10,)]
    unit = rows(
        database,
        "SELECT unit FROM TAP_SCHEMA.columns"
        " WHERE table_name = 'csc21.observation_source' AND column_name = 'flux_aper_b'",
    )
    assert unit == [("erg.s**-1.cm**-2",)]
