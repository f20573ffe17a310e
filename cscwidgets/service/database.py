"""The rows of an archive folder in a locked DuckDB, asked in ADQL.

Small tables are copied into memory; large ones lie in partitions of the sky and are asked in place, where a cone
reads the few groups of rows that it needs. Once loaded, DuckDB may touch no other file, nor change its settings.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from cscwidgets.archive.folder import FolderError
from cscwidgets.archive.tables_on_disk import StoredTable, without_nan
from cscwidgets.errors import QueryCancelled, QueryError
from cscwidgets.io.adql.refusals import refusal
from cscwidgets.io.adql.relations import Field, Relation
from cscwidgets.io.reading import reading
from cscwidgets.io.silent_duckdb import connect

from .adql.functions import MACROS
from .adql.translation import translate
from .fields import datatype_of, relation_of
from .result import Result
from .tables import FolderTables, Tables, counts_from_minus_180
from .vo.tap_schema import tap_schema

__all__ = ["Database", "TookTooLong"]

_INTERRUPT_EVERY = 0.05  # seconds

_DESCRIPTIONS = {
    "master_source": "One row a source: properties from all its observations",
    "stack_source": "One row a detection in a stack of observations",
    "observation_source": "One row a detection, or upper limit, in a single observation",
    "master_stack_assoc": "Which stack detections make up which source",
    "stack_observation_assoc": "Which observations make up which stack detection",
    "detect_stack": "The observations of every stack, also those without detections",
}


class TookTooLong(QueryError):
    """A query was stopped because its time-out passed."""


class Database:
    """An archive folder, or a catalogue that lies elsewhere, which answers ADQL.

    Any number of threads may ask at once.

    Parameters
    ----------
    tables : path or Tables
        An archive folder (see ``folder.write_folder``), or whatever else has tables.
    memory_limit : str, optional
        What DuckDB may use of the machine's memory, in its own words ("4GB"); half of it unless told.

    Raises
    ------
    FolderError
        If the folder is not a complete archive folder.
    """

    def __init__(self, tables: str | Path | Tables, *, memory_limit: str | None = None) -> None:
        self.tables: Tables = FolderTables(Path(tables)) if isinstance(tables, str | Path) else tables
        self.info = self.tables.info
        self._connection = connect(
            {
                "temp_directory": "",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "python_enable_replacements": "false",
                # 7 / 2 is 3, as in the databases behind other TAP services.
                "integer_division": "true",
                "enable_external_file_cache": "false",  # the machine's own cache holds the files
            }
        )
        self._connection.execute("SET GLOBAL parquet_metadata_cache = true")
        self._connection.execute(f"SET memory_limit = '{memory_limit or _half_the_memory(self._connection)}'")
        if self.tables.files is not None:
            self._connection.register_filesystem(self.tables.files)
        with self.tables.asked():
            self.relations = self._load()
        self._names: Mapping[str, Relation] = {
            key: relation
            for relation in self.relations
            for key in {relation.name.lower(), relation.name.lower().removeprefix(f"{self.info.schema.lower()}.")}
        }
        self._connection.execute(MACROS)
        # The files of its tables, and no others; as a pattern they are looked at too.
        places = ", ".join(f"{_text(place)}, {_text(_literal(place))}" for place in self.tables.places)
        self._connection.execute(f"SET allowed_directories = [{places}]")
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")

    def _load(self) -> list[Relation]:
        schema = self.info.schema
        self._connection.execute(f"CREATE SCHEMA {_quote(schema)}; CREATE SCHEMA tap_schema")
        relations = []
        for name in self.info.tables:
            stored = self.tables.stored(name)
            sql = f"{_quote(schema)}.{_quote(name)}"
            with reading(
                f"The archive folder cannot be opened: {stored.files[0]}", "Make the folder again.", error=FolderError
            ):
                if stored.in_place:
                    self._connection.execute(f"CREATE VIEW {sql} AS {_in_place(stored, self.tables)}")
                else:
                    self._store(sql, without_nan(stored.read()))
            description = _DESCRIPTIONS.get(name) or (stored.schema.metadata or {}).get(b"description", b"").decode()
            relations.append(relation_of(f"{schema}.{name}", stored.schema, sql=sql, description=description))
        for name, (rows, description) in tap_schema(schema, self.info.title, relations[:]).items():
            self._store(f"tap_schema.{name}", rows)
            relations.append(
                relation_of(f"TAP_SCHEMA.{name}", rows.schema, sql=f"tap_schema.{name}", description=description)
            )
        return relations

    def _store(self, sql: str, rows: pa.Table) -> None:
        self._connection.register("rows", rows)
        self._connection.execute(f"CREATE TABLE {sql} AS SELECT * FROM rows")
        self._connection.unregister("rows")

    def query(
        self,
        adql: str,
        *,
        maxrec: int | None = None,
        uploads: Mapping[str, pa.Table] | None = None,
        seconds: float | None = None,
        started: Callable[[Callable[[], None]], None] | None = None,
    ) -> Result:
        """Answer one ADQL query.

        Parameters
        ----------
        adql : str
            The query.
        maxrec : int, optional
            Most rows to return; ``truncated`` tells whether there are more.
        uploads : mapping of str to pyarrow.Table, optional
            Tables seen by this query only, as TAP_UPLOAD.name.
        seconds : float, optional
            Longest time it may run.
        started : callable, optional
            Is given a function that interrupts the query, before it runs.

        Raises
        ------
        QueryError
            If the query is not allowed, not understood, or fails.
        QueryCancelled
            If it was interrupted.
        """
        names = dict(self._names)
        cursor = self._connection.cursor()
        try:
            for name, rows in (uploads or {}).items():
                relation = _upload(cursor, name, rows)
                names[relation.name.lower()] = relation
            with self.tables.asked(), _Watch(cursor, seconds) as watch:
                if started is not None:
                    started(watch.stop)
                translation = translate(adql, names, None if maxrec is None else maxrec + 1)
                table = _fetch(cursor, translation.sql, watch)
        finally:
            cursor.close()
        truncated = maxrec is not None and table.num_rows > maxrec
        if truncated:
            table = table.slice(0, maxrec)
        return _described(table, translation.fields, truncated=truncated)

    def close(self) -> None:
        """Give the memory back."""
        self._connection.close()


def _in_place(stored: StoredTable, tables: Tables) -> str:
    """The query that reads a table from its files."""
    paths = [str(path.resolve() if isinstance(path, Path) else path) for path in stored.files]
    files = ", ".join(_text(_literal(path)) for path in paths)
    turned = stored.position[0] if stored.position and counts_from_minus_180(tables, stored) else ""
    columns = ", ".join(_turned(field) if field.name == turned else _read(stored, field) for field in stored.schema)
    return f"SELECT {columns} FROM read_parquet([{files}], hive_partitioning = false)"


def _read(stored: StoredTable, field: pa.Field) -> str:
    name = _quote(field.name)
    if stored.without_nan or not pa.types.is_floating(field.type) or field.name in (stored.position or ()):
        return name
    return f"CASE WHEN isnan({name}) THEN NULL ELSE {name} END AS {name}"


def _turned(field: pa.Field) -> str:
    name = _quote(field.name)
    return f"CASE WHEN {name} < 0 THEN {name} + 360 ELSE {name} END AS {name}"


def _literal(path: str) -> str:
    """A path that DuckDB does not take for a pattern."""
    return re.sub(r"[\[*?]", lambda found: f"[{found[0]}]", path)


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _half_the_memory(connection: duckdb.DuckDBPyConnection) -> str:
    # By itself DuckDB takes four fifths; DuckDB 1 knows no percent.
    ((limit,),) = connection.execute("SELECT current_setting('memory_limit')").fetchall()
    number, unit = limit.split()
    return f"{float(number) * 5 / 8:.1f}{unit}"


def _upload(cursor: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> Relation:
    sql = _quote(f"tap_upload.{name.lower()}")
    cursor.register("uploaded", rows)
    cursor.execute(f"CREATE TEMP TABLE {sql} AS SELECT * FROM uploaded")
    cursor.unregister("uploaded")
    return relation_of(f"TAP_UPLOAD.{name}", rows.schema, sql=sql)


class _Watch:
    """Stops a query when its time is over, or when it is told to.

    DuckDB forgets an interrupt that comes while it plans, so it is repeated until the query has ended.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, seconds: float | None) -> None:
        self._cursor = cursor
        self.seconds = seconds or None
        self.expired = False
        self._stop = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cscwidgets query limit", daemon=True)

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._stop.set()
        self._thread.join()

    def stop(self) -> None:
        """Interrupt the query, from any thread."""
        self._stop.set()

    def check(self) -> None:
        """Raise if the query is to stop."""
        if self.expired:
            raise TookTooLong(
                "The query was stopped", f"it ran longer than {self.seconds:g} s", "Ask for less, or run it as a job."
            ) from None
        if self._stop.is_set():
            raise QueryCancelled("The query was cancelled") from None

    def _run(self) -> None:
        self.expired = not self._stop.wait(self.seconds)
        while not self._over.is_set():
            with suppress(duckdb.ConnectionException):  # closed: the query has come to its end meanwhile
                self._cursor.interrupt()
            self._over.wait(_INTERRUPT_EVERY)


def _fetch(cursor: duckdb.DuckDBPyConnection, sql: str, watch: _Watch) -> pa.Table:
    """Run checked SQL, for so long as it may."""
    watch.check()
    try:
        return cursor.sql(sql).to_arrow_table()
    except duckdb.InterruptException:
        watch.check()
        raise QueryCancelled("The query was cancelled") from None
    except duckdb.OutOfMemoryException:
        raise QueryError(
            "The query was stopped", "it needs more memory than the service may use", "Join or sort fewer rows."
        ) from None
    except duckdb.Error as error:
        raise refusal(_reason(error)) from None


def _reason(error: duckdb.Error) -> str:
    first = str(error).strip().splitlines()[0]
    return first.partition("Error: ")[2] or first


def _described(table: pa.Table, lineage: tuple[Field, ...], *, truncated: bool) -> Result:
    """Give the columns their types, unique names, and what lineage says of them."""
    columns, fields, used = [], [], set()
    same = len(lineage) == table.num_columns
    for index, column in enumerate(table.columns):
        if pa.types.is_decimal(column.type):
            column = pc.cast(column, pa.int64() if column.type.scale == 0 else pa.float64(), safe=False)  # noqa: PLW2901
        field = lineage[index] if same else Field("", "")
        name = field.name or table.column_names[index]
        number = 2
        while name.lower() in used:
            name = f"{field.name or table.column_names[index]}_{number}"
            number += 1
        used.add(name.lower())
        datatype, arraysize = datatype_of(column.type)
        columns.append(column)
        fields.append(replace(field, name=name, datatype=datatype, arraysize=arraysize))
    return Result(pa.table(columns, names=[f.name for f in fields]), tuple(fields), truncated)
