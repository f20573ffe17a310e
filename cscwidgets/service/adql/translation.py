"""ADQL 2.0 and 2.1, with the CSC's own two functions, to DuckDB SQL.

A query is parsed into a syntax tree (`cscwidgets.io.adql.syntax`), every table and column of it must be one of the
archive's (`names`), every function one of ``functions``. DuckDB gets SQL written
anew from that tree, so nothing of the user's text reaches it but names, numbers and quoted strings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from cscwidgets.io.adql.names import resolve
from cscwidgets.io.adql.refusals import refusal
from cscwidgets.io.adql.relations import Field, Relation
from cscwidgets.io.adql.syntax import read_query

from .functions import rewrite_functions
from .geometry import rewrite_geometry

__all__ = ["Translation", "translate"]


@dataclass(frozen=True)
class Translation:
    """A query DuckDB may run: its SQL and, in order, what is known of its output columns."""

    sql: str
    fields: tuple[Field, ...]


def translate(query: str, relations: Mapping[str, Relation], limit: int | None = None) -> Translation:
    """Translate one ADQL query.

    Parameters
    ----------
    query : str
        The ADQL text.
    relations : mapping of str to Relation
        The tables there are, by lower-case name, with and without schema.
    limit : int, optional
        Most rows to return, whatever the query says.

    Returns
    -------
    Translation

    Raises
    ------
    QueryError
        Naming the word that is not understood or not allowed.
    """
    try:
        tree = read_query(query)
        _name_outputs(tree)
        fields = resolve(tree, relations)
        rewrite_functions(tree)
        rewrite_geometry(tree)
        _guard_divisions(tree)
        if limit is not None:
            _limit(tree, limit)
        return Translation(tree.sql(dialect="duckdb", identify=True, comments=False), tuple(fields))
    except RecursionError:
        raise refusal("it is nested too deeply") from None


def _name_outputs(tree: exp.Expr) -> None:
    """Name the computed columns of the result after their function, as users expect ("count")."""
    select = tree
    while not isinstance(select, exp.Select):
        select = select.this
    for number, projection in enumerate(list(select.expressions), start=1):
        if not isinstance(projection, (exp.Alias, exp.Column, exp.Star)):
            call = isinstance(projection, exp.Anonymous)
            name = projection.name.lower() if call else f"col_{number}"
            projection.replace(exp.alias_(projection.copy(), name, quoted=True, copy=False))


def _guard_divisions(tree: exp.Expr) -> None:
    for division in list(tree.find_all(exp.Div, exp.Mod)):
        guarded = exp.Anonymous(this="nullif", expressions=[division.expression, exp.Literal.number(0)])
        division.set("expression", guarded)


def _limit(tree: exp.Expr, limit: int) -> None:
    present = tree.args.get("limit")
    rows = int(present.expression.name) if present else limit
    tree.set("limit", exp.Limit(expression=exp.Literal.number(min(rows, limit))))
