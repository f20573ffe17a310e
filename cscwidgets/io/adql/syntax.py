"""ADQL 2.0 and 2.1 as a syntax tree: read with bounds, every node of it of a kind listed here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import sqlglot
from sqlglot import TokenType, exp, parser, tokens
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from .refusals import refusal

__all__ = ["ADQL", "outer_where", "read_condition", "read_query"]

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
_CONDITION_ONLY = frozenset({"expressions", "from", "from_", "where"})
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


def read_query(query: str) -> exp.Expr:
    """The tree of one SELECT.

    Parameters
    ----------
    query : str
        The ADQL text.

    Raises
    ------
    QueryError
        Naming the word that is not understood, or not ADQL.

    Examples
    --------
    >>> read_query("SELECT TOP 5 name FROM csc21.master_source").expressions[0].name
    'name'
    """
    try:
        tree = _parse(query)
        _check(tree)
    except RecursionError:
        raise refusal("it is nested too deeply") from None
    return tree


def read_condition(condition: str) -> exp.Expr:
    """The tree of what may stand after WHERE, and of nothing else.

    It will stand in brackets beside other conditions: what would close these, or go on after them, is refused.

    Raises
    ------
    QueryError
        Naming the word that is not understood, or not ADQL.

    Examples
    --------
    >>> read_condition("flux_aper_b > 1e-14 AND var_flag = 1").sql()
    'flux_aper_b > 1e-14 AND var_flag = 1'
    """
    start = "SELECT 1 FROM t WHERE "
    tree = read_query(start + condition)
    more = [key for key, value in tree.args.items() if value and key not in _CONDITION_ONLY]
    if not isinstance(tree, exp.Select) or more:
        word = more[0].strip("_").upper() if more else type(tree).__name__.upper()
        raise refusal(f"{word} is no part of a condition", "Write what stands after WHERE, without what follows it.")
    if any(node.comments for node in tree.walk()):
        raise refusal("it holds a comment", "Write the condition alone.")
    where: exp.Expr = tree.args["where"].this
    return where


def outer_where(query: str) -> int | None:
    """Where the word WHERE of a query itself, and of none within it, ends in its text.

    Examples
    --------
    >>> text = "SELECT name FROM (SELECT * FROM t WHERE x > 1) AS s where name <> 'WHERE'"
    >>> text[outer_where(text) :]
    " name <> 'WHERE'"
    """
    depth = 0
    for token in ADQL().tokenize(query):
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        if token.token_type is TokenType.WHERE and not depth:
            return int(token.end) + 1
    return None


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
