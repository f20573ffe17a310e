"""Panels that show the table, or rows of a question, as code."""

from __future__ import annotations

from cscwidgets.errors import CscError
from cscwidgets.export.script import Code, literal, named

from ..catalogue_query import SOURCES, CatalogueQuery
from ..diagrams import DiagramsState
from ..explorer import ExplorerState
from ..source import SourceState
from .observations import detections_code, row_query
from .sources import archive_code, conditions_code, region_code, selection_code, sources_code

__all__ = ["detected_code", "diagrams_code", "explorer_code", "hardness_code", "query_code", "rerun_query"]


def explorer_code(explorer: ExplorerState) -> Code:
    """The table and the selection."""
    return sources_code(explorer) + selection_code(explorer)


def hardness_code(explorer: ExplorerState, x: str, y: str) -> Code:
    """Both hardness ratios of each source, as values or limits, and its probabilities of variability."""
    lines = [
        f"diagram = hardness_diagram(sources, {literal(x)}, {literal(y)})",
        "table = diagram.table()",
        "print(diagram.summary())",
        "print(table)",
    ]
    made = Code.of("\n".join(lines), "from cscwidgets.science.hardness_diagram import hardness_diagram")
    return explorer_code(explorer) + made


def diagrams_code(explorer: ExplorerState, diagrams: DiagramsState) -> Code:
    """What the diagrams draw of each source."""
    lines = [f"{named('drawn', diagrams.drawn)}", "table = drawn_columns(sources, drawn)", "print(table)"]
    made = Code.of("\n".join(lines), "from cscwidgets.science.column_expression import drawn_columns")
    return explorer_code(explorer) + made


def detected_code(source: SourceState) -> Code:
    """The source in focus: its row of the catalogue and its detections in order of time."""
    lines = [
        f"query = {row_query(source)}",
        "(row,) = archive.query(query)",
        *(['detections.sort("time")'] if "time" in source.detections.colnames else []),
        "print(row)",
        "print(detections)",
    ]
    return detections_code(source) + Code.of("\n".join(lines))


def query_code(query: CatalogueQuery) -> Code:
    """The rows that were asked for: of a table in the region, or of a query of the reader's own.

    Raises
    ------
    CscError
        If nothing was asked.
    """
    explorer, asked = query.explorer, query.answered
    if asked is None:
        return sources_code(explorer)
    code = archive_code(query.desk.archive)
    if asked.adql:
        whole = ", complete=True" if asked.complete else ""
        return code + Code.of(f"{_query(asked.adql)}\nrows = archive.query(query{whole})\nprint(rows)")
    where, imports = conditions_code(asked.conditions)
    options = [f"columns={literal(asked.columns)}"] if asked.columns else []
    options += [f"where={where}"] if where else []
    if asked.region is None or asked.table == SOURCES:
        raise CscError("There is no script", "no rows were asked for", "Search first.")
    options += [f"table={literal(asked.table)}", *(["complete=True"] if asked.complete else [])]
    call = f"rows = archive.search({', '.join(['region', *options])})"
    return code + region_code(explorer, asked.region) + Code.of(f"{call}\nprint(rows)", *imports)


def rerun_query(explorer: ExplorerState) -> str:
    """The query of the table as it was sent, for a cell: what it brings are the rows before a region cut them.

    Raises
    ------
    CscError
        If nothing was searched.
    """
    provenance = explorer.provenance
    if provenance is None:
        raise CscError("There is no query", "no sources were searched", "Search a place first.")
    code = archive_code(explorer.desk.archive)
    queries = provenance.query.splitlines()  # an answer in pieces has several
    if len(queries) == 1:
        return (code + Code.of(f"{_query(provenance.query)}\nrows = archive.query(query)\nrows")).text
    lines = [named("queries", queries), "rows = vstack([archive.query(query) for query in queries])", "rows"]
    return (code + Code.of("\n".join(lines), "from astropy.table import vstack")).text


def _query(adql: str) -> str:
    if '"""' in adql or "\\" in adql:
        return f"query = {literal(adql)}"
    return f'query = """\n{adql.strip()}\n"""'
