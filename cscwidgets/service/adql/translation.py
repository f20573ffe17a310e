"""ADQL 2.0 and 2.1, with the CSC's own two functions, to DuckDB SQL.

A query is parsed into a syntax tree, every node of it must be of a kind listed here, every table and
column must be one of the archive's, every function one of ``functions``. DuckDB gets SQL written
anew from that tree, so nothing of the user's text reaches it but names, numbers and quoted strings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import sqlglot
from sqlglot import TokenType, exp, parser, tokens
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from ..fields import Field, Relation
from ..refusals import refusal
from .functions import rewrite_functions
from .geometry import rewrite_geometry
from .resolve import resolve

__all__ = ["ADQL", "Translation", "translate"]

_LONGEST = 2_000_000
_DEEPEST = 150
# Planning takes a tenth of a millisecond a word, and nothing stops DuckDB while it plans.
_MOST_WORDS = 30_000
_LONGEST_NUMBER = 400
_WORD = re.compile(r"'[^']*'|\"[^\"]*\"|\w+|[^\w\s]")


class ADQL(Dialect):
    """The sqlglot dialect: TOP, and no function known to the parser, so that all are checked by us."""

    NULL_ORDERING = "nulls_are_last"

    class Tokenizer(tokens.Tokenizer):
        KEYWORDS: ClassVar[dict[str, Any]] = {**tokens.Tokenizer.KEYWORDS, "TOP": TokenType.TOP}
        HEX_STRINGS: ClassVar[list[str | tuple[str, str]]] = [("0x", ""), ("0X", "")]

    class Parser(parser.Parser):
        FUNCTIONS: ClassVar[dict[str, Callable[..., Any]]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Callable[..., Any]]] = {"CAST": parser.Parser.FUNCTION_PARSERS["CAST"]}
        NO_PAREN_FUNCTIONS: ClassVar[dict[Any, Any]] = {}


# Node kinds, each with the arguments it may carry; anything else is refused.
_ALLOWED: dict[type[exp.Expr], frozenset[str]] = {
    kind: frozenset(keys.split())
    for kind, keys in {
        exp.Select: "expressions distinct limit offset from from_ joins where group having order with with_ kind",
        exp.Union: "this expression distinct by_name order limit offset with with_",
        exp.Except: "this expression distinct by_name order limit offset with with_",
        exp.Intersect: "this expression distinct by_name order limit offset with with_",
        exp.Subquery: "this alias joins",
        exp.With: "expressions",
        exp.CTE: "this alias",
        exp.TableAlias: "this columns",
        exp.From: "this",
        exp.Join: "this side kind on using method",
        exp.Table: "this db alias joins",
        exp.Where: "this",
        exp.Group: "expressions",
        exp.Having: "this",
        exp.Order: "expressions",
        exp.Ordered: "this desc nulls_first",
        exp.Limit: "expression",
        exp.Offset: "expression",
        exp.Distinct: "expressions",
        exp.Column: "this table db",
        exp.Identifier: "this quoted",
        exp.Star: "",
        exp.Alias: "this alias",
        exp.Literal: "this is_string",
        exp.HexString: "this",
        exp.Null: "",
        exp.Boolean: "this",
        exp.Paren: "this",
        exp.Between: "this low high",
        exp.In: "this expressions query",
        exp.Escape: "this expression",
        exp.Exists: "this",
        exp.Not: "this",
        exp.Neg: "this",
        exp.Case: "this ifs default",
        exp.If: "this true",
        exp.Cast: "this to",
        exp.DataType: "this expressions nested",
        exp.DataTypeParam: "this",
        exp.Anonymous: "this expressions",
        exp.Dot: "this expression",
    }.items()
}
_BINARY = frozenset({"this", "expression", "typed", "safe", "negate"})
for _kind in (
    exp.And, exp.Or, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.Like, exp.ILike,
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.DPipe,
    exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor, exp.BitwiseNot,
):  # fmt: skip
    _ALLOWED[_kind] = _BINARY

_TYPE = exp.DataType.Type
_TYPES = {
    *(_TYPE.SMALLINT, _TYPE.INT, _TYPE.BIGINT, _TYPE.FLOAT, _TYPE.DOUBLE, _TYPE.DECIMAL, _TYPE.BOOLEAN),
    *(_TYPE.CHAR, _TYPE.NCHAR, _TYPE.VARCHAR, _TYPE.NVARCHAR, _TYPE.TEXT, _TYPE.TIMESTAMP),
}


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
        tree = _parse(query)
        _check(tree)
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


def _parse(query: str) -> exp.Expr:
    if not query.strip():
        raise refusal("it is empty")
    if len(query) > _LONGEST:
        raise refusal(f"it is longer than {_LONGEST} characters", "Upload a table instead of a long list.")
    if sum(1 for _ in _WORD.finditer(query)) > _MOST_WORDS:
        raise refusal(f"it has more than {_MOST_WORDS} words", "Upload a table instead of a long list.")
    first = re.match(r"(?:\s|--[^\n]*(?:\n|$)|\()*(\S*)", query)
    word = re.split(r"[^A-Za-z_]", first.group(1))[0] if first else ""
    if word.upper() not in ("SELECT", "WITH"):
        raise refusal(f"it begins with {word or query.strip()[:10]!r}", "Only SELECT queries are answered.")
    try:
        trees = sqlglot.parse(query, dialect=ADQL)
    except SqlglotError as error:
        raise refusal(_syntax(error)) from None
    statements = [tree for tree in trees if tree is not None and not isinstance(tree, exp.Semicolon)]
    if len(statements) != 1:
        raise refusal("it holds several statements", "Send one SELECT at a time.")
    return statements[0]


def _syntax(error: SqlglotError) -> str:
    details = getattr(error, "errors", None)
    if not details:
        return f"it cannot be read: {str(error).splitlines()[0]}"
    first = details[0]
    near = f"{first.get('start_context') or ''}{first.get('highlight') or ''}"[-40:].strip()
    return f"it cannot be read at line {first.get('line')}, column {first.get('col')}, after {near!r}"


def _check(tree: exp.Expr) -> None:
    if not isinstance(tree, exp.Query):
        raise refusal("it is not a SELECT", "Only SELECT queries are answered.")
    for node, depth in _walk(tree):
        if depth > _DEEPEST:
            raise refusal("it is nested too deeply")
        allowed = _ALLOWED.get(type(node))
        if allowed is None:
            raise refusal(f"{_quote(node)} is not ADQL")
        extra = [key for key, value in node.args.items() if value and key not in allowed]
        if extra:
            raise refusal(f"{extra[0].strip('_').upper()!r} is not ADQL in {_quote(node)}")
        _check_details(node)
        if isinstance(node, exp.HexString):
            node.replace(exp.Literal.number(int(node.name, 16)))


def _check_details(node: exp.Expr) -> None:
    if isinstance(node, exp.Select) and not node.expressions:
        raise refusal("a SELECT names no columns")
    if isinstance(node, (exp.Literal, exp.HexString)) and not node.is_string and len(node.name) > _LONGEST_NUMBER:
        raise refusal(f"a number has more than {_LONGEST_NUMBER} digits")
    if isinstance(node, exp.DataType) and node.this not in _TYPES:
        raise refusal(f"the type {node.sql()} is not ADQL")
    if isinstance(node, exp.Join) and (node.method or "").upper() not in ("", "NATURAL"):
        raise refusal(f"a {node.method} join is not ADQL")
    if isinstance(node, exp.Anonymous) and not isinstance(node.this, str):
        raise refusal(f"the function {node.name!r} is not known")
    if isinstance(node, (exp.Limit, exp.Offset)) and not _is_whole(node.expression):
        raise refusal(f"TOP and OFFSET take a whole number, not {_quote(node.expression)}")


def _walk(tree: exp.Expr) -> Iterator[tuple[exp.Expr, int]]:
    # Chains of AND, + and UNION lean left as deep as they are long: they count as one level.
    stack = [(tree, 0)]
    while stack:
        node, depth = stack.pop()
        yield node, depth
        stack.extend(
            (child, depth if type(child) is type(node) and child.arg_key == "this" else depth + 1)
            for child in node.iter_expressions()
        )


def _is_whole(node: exp.Expr | None) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string and re.fullmatch(r"[0-9]{1,18}", node.name) is not None


def _quote(node: exp.Expr) -> str:
    text = node.sql()
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


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
