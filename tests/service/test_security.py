"""No ADQL reads a file, writes one, sees settings, or reaches any table but the archive's."""

import contextlib
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from cscwidgets.errors import QueryError
from cscwidgets.service.adql.functions import _FUNCTIONS
from cscwidgets.service.adql.translation import translate
from cscwidgets.service.database import Database

SECRET = "a secret 8c1f"

ATTEMPTS = [
    "SELECT * FROM '{file}'",
    'SELECT * FROM "{file}"',
    "SELECT * FROM read_csv('{file}')",
    "SELECT * FROM read_csv_auto('{file}')",
    "SELECT * FROM read_text('{file}')",
    "SELECT * FROM read_blob('{file}')",
    "SELECT * FROM read_json('{file}')",
    "SELECT * FROM read_parquet('{file}')",
    "SELECT * FROM parquet_scan('{file}')",
    "SELECT * FROM parquet_metadata('{file}')",
    "SELECT * FROM sniff_csv('{file}')",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM master_source, read_text('{file}')",
    "SELECT * FROM master_source JOIN read_text('{file}') ON 1 = 1",
    "SELECT name FROM master_source WHERE name IN (SELECT content FROM read_text('{file}'))",
    "SELECT (SELECT content FROM read_text('{file}')) FROM master_source",
    "WITH f AS (SELECT * FROM read_text('{file}')) SELECT * FROM f",
    "SELECT name FROM master_source UNION SELECT content FROM read_text('{file}')",
    "SELECT read_text('{file}') FROM master_source",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('csc21.master_source')",
    "SELECT getenv('HOME') FROM master_source",
    "SELECT current_setting('memory_limit') FROM master_source",
    "SELECT version() FROM master_source",
    "SELECT current_user FROM master_source",
    "SELECT current_timestamp FROM master_source",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_tables()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM pragma_table_info('master_source')",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM pg_catalog.pg_tables",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM tap_upload.other",
    'SELECT * FROM "tap_upload.t"',
    'SELECT * FROM "csc21.master_source"',
    "SELECT * FROM main.master_source",
    "SELECT * FROM memory.csc21.master_source",
    "SELECT * FROM temp.csc21.master_source",
    "SELECT * FROM csc21.master_source.name",
    "SELECT * FROM rows",
    "SELECT * FROM catalogue",
    "SELECT * FROM range(10)",
    "SELECT * FROM generate_series(1, 10000000000)",
    "SELECT * FROM UNNEST([1, 2])",
    "SELECT * FROM (VALUES (1)) AS t",
    "SELECT * FROM LATERAL (SELECT 1) AS t",
    "VALUES (1)",
    "FROM master_source",
    "TABLE master_source",
    "COPY (SELECT 1) TO '{new}'",
    "COPY master_source TO '{new}' (FORMAT csv)",
    "EXPORT DATABASE '{new}'",
    "SELECT * INTO other FROM master_source",
    "CREATE TABLE other AS SELECT * FROM master_source",
    "CREATE VIEW v AS SELECT 1",
    "CREATE MACRO adql_ln(x) AS 1",
    "INSERT INTO csc21.master_source SELECT * FROM csc21.master_source",
    "UPDATE csc21.master_source SET ra = 0",
    "DELETE FROM csc21.master_source",
    "DROP TABLE csc21.master_source",
    "ALTER TABLE csc21.master_source DROP ra",
    "TRUNCATE csc21.master_source",
    "ATTACH '{new}' AS x",
    "DETACH memory",
    "USE csc21",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "RESET ALL",
    "PRAGMA database_list",
    "CALL pragma_version()",
    "CHECKPOINT",
    "EXPLAIN ANALYZE SELECT * FROM master_source",
    "DESCRIBE csc21.master_source",
    "SHOW TABLES",
    "PREPARE p AS SELECT 1",
    "BEGIN TRANSACTION",
    "WITH x AS (DELETE FROM csc21.master_source RETURNING *) SELECT * FROM x",
    "WITH x AS (INSERT INTO csc21.stack_source SELECT * FROM csc21.stack_source RETURNING *) SELECT * FROM x",
    "WITH RECURSIVE x AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM x) SELECT * FROM x",
    "SELECT 1; DROP TABLE csc21.master_source",
    "SELECT name FROM master_source; COPY master_source TO '{new}'",
    "SELECT name FROM master_source -- ;\n; DROP TABLE csc21.master_source",
    "SELECT COLUMNS('.*') FROM master_source",
    "SELECT * EXCLUDE (name) FROM master_source",
    "SELECT * REPLACE (read_text('{file}') AS name) FROM master_source",
    "SELECT name FROM master_source USING SAMPLE 10",
    "SELECT name FROM master_source TABLESAMPLE 10 PERCENT",
    "SELECT name FROM master_source FOR UPDATE",
    "SELECT name FROM master_source QUALIFY row_number() OVER () = 1",
    "SELECT row_number() OVER () FROM master_source",
    "SELECT list_transform([1], x -> x) FROM master_source",
    "SELECT [1, 2, 3] FROM master_source",
    "SELECT {{'a': 1}} FROM master_source",
    "SELECT master_source FROM master_source",
    "SELECT rowid FROM master_source",
    "SELECT name::BLOB FROM master_source",
    "SELECT CAST(name AS BLOB) FROM master_source",
    "SELECT ? FROM master_source",
    "SELECT $1 FROM master_source",
    "SELECT @x FROM master_source",
    "SELECT name FROM master_source WHERE name SIMILAR TO '.*'",
    "SELECT name FROM master_source WHERE regexp_matches(name, '.*')",
    "SELECT adql_haversine(1, 2, 3, 4) FROM master_source",
    "SELECT \"read_text\"('{file}') FROM master_source",
    "SELECT main.read_text('{file}') FROM master_source",
    "SELECT name.read_text() FROM master_source",
    "SELECT error('x') FROM master_source",
    "SELECT nextval('s') FROM master_source",
    "PIVOT master_source ON name USING count(*)",
    "SELECT * FROM master_source PIVOT (count(*) FOR ra IN (1))",
    "SELECT * FROM master_source m POSITIONAL JOIN master_stack_assoc a",
    "SELECT * FROM master_source ASOF JOIN master_stack_assoc USING (name)",
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("place")
    (path / "secret.csv").write_text(f"word\n{SECRET}\n")
    return path


def fill(adql: str, place: Path) -> str:
    return (
        adql.replace("{file}", str(place / "secret.csv"))
        .replace("{folder}", str(place))
        .replace("{new}", str(place / "new"))
    )


def test_there_are_enough_attempts() -> None:
    assert len(set(ATTEMPTS)) >= 50


@pytest.mark.parametrize("adql", ATTEMPTS)
def test_refused_and_nothing_touched(
    adql: str, place: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    before = database.query("SELECT COUNT(*) AS n, SUM(ra) AS s FROM csc21.master_source").table
    with pytest.raises(QueryError):
        database.query(fill(adql, place), maxrec=10, uploads={"t": pa.table({"a": [1]})})
    assert [path.name for path in place.iterdir()] == ["secret.csv"]
    assert database.query("SELECT COUNT(*) AS n, SUM(ra) AS s FROM csc21.master_source").table == before


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('{file}')",
        "SELECT * FROM '{file}'",
        "SELECT * FROM glob('{folder}/*')",
        "COPY csc21.master_source TO '{new}'",
        "ATTACH '{new}' AS x",
        "EXPORT DATABASE '{new}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '1GB'",
        "SET temp_directory = '{folder}'",
        "CREATE SECRET (TYPE s3)",
    ],
)
def test_duckdb_itself_is_locked_too(sql: str, place: Path, database: Database) -> None:
    with database._connection.cursor() as cursor, pytest.raises(duckdb.Error):
        cursor.execute(fill(sql, place)).fetchall()
    assert [path.name for path in place.iterdir()] == ["secret.csv"]


def test_python_variables_are_no_tables(database: Database) -> None:
    secret_table = pa.table({"a": [1]})
    with database._connection.cursor() as cursor, pytest.raises(duckdb.Error):
        cursor.execute("SELECT * FROM secret_table").fetchall()
    assert secret_table.num_rows == 1


def test_a_runaway_join_ends_in_words(folder: Path) -> None:
    small = Database(folder, memory_limit="60MB")
    with pytest.raises(QueryError, match="memory"):
        small.query("SELECT DISTINCT a.ra + b.dec * c.ra AS x FROM master_source a, master_source b, master_source c")
    small.close()


def test_uploads_are_seen_by_their_own_query_only(database: Database) -> None:
    mine = pa.table({"a": [1]})
    assert database.query("SELECT a FROM TAP_UPLOAD.mine", uploads={"mine": mine}).table.num_rows == 1
    with pytest.raises(QueryError, match=r"no table 'TAP_UPLOAD\.mine'"):
        database.query("SELECT a FROM TAP_UPLOAD.mine")


# fmt: off
FRAGMENTS = st.sampled_from([
    "SELECT", "FROM", "WHERE", ",", "(", ")", "*", ".", ";", "--", "/*", "*/", "'x'", '"x"', "=", "<", "||", "AND",
    "NOT", "NULL", "1", "0", "TOP", "DISTINCT", "AS", "m", "master_source", "csc21.master_source", "TAP_SCHEMA.tables",
    "name",
    "ra", "m.ra", "UNION", "ALL", "JOIN", "ON", "USING", "WITH", "x", "IN", "EXISTS", "GROUP", "BY", "ORDER", "HAVING",
    "COPY", "TO", "ATTACH", "SET", "PRAGMA", "INTO", "'/etc/hostname'", '"/etc/hostname"', "read_text('/etc/hostname')",
    "read_csv", "glob('/*')", "duckdb_settings()", "information_schema.tables", "getenv('PATH')", "COUNT(*)",
    "CONTAINS", "POINT", "CIRCLE", "POLYGON", "DISTANCE(", "::", "->", "[", "]", "{", "}", "?", "$1", "@", "%", "CAST(",
    "CASE",
    "WHEN", "THEN", "END", "LATERAL", "UNNEST(", "VALUES", "PIVOT", "OFFSET", "LIMIT", "COLUMNS(*)", "\x00", "é",
])
# fmt: on
STARTS = st.sampled_from(["", "SELECT ", "SELECT name FROM master_source ", "WITH x AS (SELECT ", "SELECT * FROM ("])


@pytest.fixture(scope="module")
def known(database: Database) -> set[str]:
    return {relation.sql.replace('"', "") for relation in database.relations}


@settings(max_examples=300)
@given(start=STARTS, parts=st.lists(FRAGMENTS, max_size=14))
def test_fragments_are_refused_or_touch_known_tables_only(
    start: str, parts: list[str], database: Database, known: set[str]
) -> None:
    adql = start + " ".join(parts)
    try:
        sql = translate(adql, database._names, 20).sql
    except QueryError:
        return
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    ctes = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        name = f"{table.db}.{table.name}" if table.db else table.name
        assert name in known or name.lower() in ctes, (adql, sql)
    allowed = {duck for *_, duck in _FUNCTIONS.values()} | {"nullif"}
    for call in tree.find_all(exp.Anonymous):
        assert call.name.lower() in allowed or call.name.lower().startswith("adql_"), (adql, sql)
    with contextlib.suppress(QueryError):
        database.query(adql, maxrec=20, seconds=5)


@settings(max_examples=200)
@given(text=st.text(max_size=60))
def test_any_text_is_refused_cleanly(text: str, database: Database) -> None:
    with pytest.raises(QueryError):
        database.query(text)
