"""Formulas that people write: read into a tree of nothing but numbers, names and known signs. Nothing is executed."""

from __future__ import annotations

import ast
import operator
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any, TypeAlias

import astropy.units as u
import numpy as np

from cscwidgets.errors import CscError
from cscwidgets.io.quiet import quiet

from .functions import FUNCTIONS, in_unit_of
from .truth import Truth

__all__ = ["Formula", "read_formula"]

Term: TypeAlias = Callable[[Mapping[str, Any]], Any]
"""What computes a part of a formula from the values of columns."""

_ARITHMETIC: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_LOGIC: Mapping[type[ast.AST], Callable[[Truth, Truth], Truth]] = {
    **dict.fromkeys((ast.And, ast.BitAnd), operator.and_),
    **dict.fromkeys((ast.Or, ast.BitOr), operator.or_),
}

_LONGEST, _DEEPEST, _MOST_POWER, _MOST_UNIT_POWER = 400, 100, 10, 100
_QUOTED = re.compile(r"`([^`]+)`")
_FOREIGN = re.compile(r"[^\w\s+\-*/().,<>=!&|~]")
_HINT = "Write columns, numbers, + - * / **, comparisons with and, or, not, and {}."


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was read; see `read_formula`.

    Attributes
    ----------
    text : str
        As it was written.
    columns : tuple of str
        The columns it names, each once.
    """

    text: str
    columns: tuple[str, ...]
    _term: Term

    def of(self, values: Mapping[str, Any]) -> Any:
        """What it comes to for values of its columns.

        Parameters
        ----------
        values : mapping of str to Quantity, ndarray or Truth
            By column.

        Returns
        -------
        Quantity, ndarray, float or Truth
            Not finite where there is nothing: the logarithm of 0 is -inf.

        Raises
        ------
        CscError
            If units do not fit, or conditions stand where numbers should, or the other way round.

        Examples
        --------
        >>> import astropy.units as u
        >>> from cscwidgets.science.columns import read_formula
        >>> read_formula("2 * a + b").of({"a": [1, 2] * u.m, "b": [50, 0] * u.cm})
        <Quantity [2.5, 4. ] m>
        """
        with np.errstate(all="ignore"):
            try:
                return self._term(values)
            except u.UnitsError as error:
                raise refused(self.text, f"units do not fit: {error}") from error


def refused(text: str, why: str, hint: str = "") -> CscError:
    """The error of a formula that cannot be read, or not be computed; unless told, what can be written is the hint."""
    shown = text if len(text) <= 60 else f"{text[:57]}..."
    return CscError(f"{shown!r} cannot be computed", why, hint or _HINT.format(", ".join(FUNCTIONS)))


@lru_cache(maxsize=256)
def read_formula(text: str) -> Formula:
    """Read a formula.

    Parameters
    ----------
    text : str
        Columns, numbers, ``+ - * /``, ``**`` with a number up to 10, comparisons, ``and or not`` (or ``& | ~`` between
        brackets), parentheses, and functions: ``abs sqrt exp log10 ln sin cos tan asin acos atan atan2 hypot min max
        isnull``. A column whose name has other signs than letters, digits and underscores stands between backquotes.

    Returns
    -------
    Formula

    Raises
    ------
    CscError
        If it has anything else, is longer than 400 characters, or nested more than 100 deep.

    Examples
    --------
    >>> from cscwidgets.science.columns import read_formula
    >>> read_formula("log10(flux_aper_h / flux_aper_s) > `B-V`").columns
    ('flux_aper_h', 'flux_aper_s', 'B-V')
    """
    if len(text) > _LONGEST:
        raise refused(text, f"it is longer than {_LONGEST} characters")
    names: list[str] = []

    def stand_in(match: re.Match[str]) -> str:
        names.append(match.group(1))
        return f" _quoted_{len(names) - 1} "

    plain = _QUOTED.sub(stand_in, text).strip()
    if foreign := _FOREIGN.search(plain):
        raise refused(text, f"{foreign.group()!r} has no meaning in it")
    try:
        with quiet():  # Python warns of odd numbers, which are refused as they are
            tree = ast.parse(plain, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise refused(text, "it cannot be read: is a bracket or a sign missing?" if plain else "it is empty") from error
    if sum(1 for _ in _levels(tree)) > _DEEPEST:
        raise refused(text, f"it is nested more than {_DEEPEST} deep")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and (quoted := re.fullmatch(r"_quoted_(\d+)", node.id)):
            node.id = names[int(quoted.group(1))] if int(quoted.group(1)) < len(names) else node.id
    reader = _Reader(text)
    term = reader.term(tree)
    return Formula(text.strip(), tuple(dict.fromkeys(reader.columns)), term)


def _levels(tree: ast.AST) -> Iterator[list[ast.AST]]:
    level = [tree]
    while level:
        yield level
        level = [
            child
            for node in level
            for child in ast.iter_child_nodes(node)
            if not isinstance(child, ast.operator | ast.cmpop | ast.boolop | ast.unaryop | ast.expr_context)
        ]


class _Reader:
    """Makes of each part of a tree what computes it, and refuses what a formula may not have."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.columns: list[str] = []

    def term(self, node: ast.AST) -> Term:
        """Of any part."""
        match node:
            case ast.Name(id=name):
                self.columns.append(name)
                return operator.itemgetter(name)
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return self._constant(number)
            case ast.BinOp():
                return self._binary(node)
            case ast.BoolOp(op=op, values=parts):
                return self._logic(_LOGIC[type(op)], parts)
            case ast.UnaryOp(op=op, operand=operand):
                return self._unary(op, operand)
            case ast.Compare(left=left, ops=signs, comparators=others) if {*map(type, signs)} <= {*_COMPARISONS}:
                return self._comparison([left, *others], [_COMPARISONS[type(sign)] for sign in signs])
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments)
        raise refused(self._text, f"{ast.unparse(node)!r:.60} has no meaning in it")

    def _number(self, node: ast.AST) -> Term:
        term = self.term(node)

        def number(values: Mapping[str, Any]) -> Any:
            found = term(values)
            if isinstance(found, Truth):
                raise refused(self._text, f"{ast.unparse(node)!r:.60} is true or false, not a number")
            return found

        return number

    def _truth(self, node: ast.AST) -> Term:
        term = self.term(node)

        def truth(values: Mapping[str, Any]) -> Any:
            found = term(values)
            if not isinstance(found, Truth):
                why = f"{ast.unparse(node)!r:.60} is a number, not true or false: put brackets around comparisons"
                raise refused(self._text, why)
            return found

        return truth

    def _constant(self, number: float) -> Term:
        if not abs(number) <= sys.float_info.max:
            raise refused(self._text, "a number is too large")
        constant = np.float64(number)
        return lambda _: constant

    def _binary(self, node: ast.BinOp) -> Term:
        if isinstance(node.op, ast.Pow):
            base, power = self._number(node.left), self._exponent(node.right)
            return lambda values: self._power(base(values), power)
        if type(node.op) in _LOGIC:
            return self._logic(_LOGIC[type(node.op)], [node.left, node.right])
        if type(node.op) not in _ARITHMETIC:
            raise refused(self._text, f"{ast.unparse(node)!r:.60} has no meaning in it")
        sign, left, right = _ARITHMETIC[type(node.op)], self._number(node.left), self._number(node.right)
        return lambda values: sign(left(values), right(values))

    def _logic(self, sign: Callable[[Truth, Truth], Truth], parts: Sequence[ast.AST]) -> Term:
        truths = [self._truth(part) for part in parts]
        return lambda values: reduce(sign, (truth(values) for truth in truths))

    def _unary(self, op: ast.unaryop, operand: ast.AST) -> Term:
        if isinstance(op, ast.Not | ast.Invert):
            truth = self._truth(operand)
            return lambda values: ~truth(values)
        number, sign = self._number(operand), operator.neg if isinstance(op, ast.USub) else operator.pos
        return lambda values: sign(number(values))

    def _comparison(self, parts: Sequence[ast.AST], signs: Sequence[Callable[..., Any]]) -> Term:
        numbers = [self._number(part) for part in parts]

        def comparison(values: Mapping[str, Any]) -> Any:
            sides = [number(values) for number in numbers]
            return reduce(operator.and_, map(_compared, sides[:-1], signs, sides[1:]))

        return comparison

    def _call(self, name: str, arguments: Sequence[ast.AST]) -> Term:
        function = FUNCTIONS.get(name)
        if function is None:
            raise refused(self._text, f"there is no function {name}")
        if not function.least <= len(arguments) <= function.most:
            least = str(function.least) if function.least == function.most else f"{function.least} or more"
            wanted = f"{least} value{'s' if function.most > 1 else ''}"
            raise refused(self._text, f"{name}() takes {wanted}, not {len(arguments)}")
        numbers = [self._number(argument) for argument in arguments]
        return lambda values: function.call(*(number(values) for number in numbers))

    def _exponent(self, node: ast.AST) -> float:
        """A power: a number, or one over another."""
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                power = number
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                power = -self._exponent(operand)
            case ast.BinOp(left=ast.Constant() as left, op=ast.Div(), right=ast.Constant() as right) if right.value:
                power = self._exponent(left) / self._exponent(right)
            case _:
                raise refused(self._text, "a power must be a number, such as 2, -1 or (1/3)")
        if not abs(power) <= _MOST_POWER:
            raise refused(self._text, f"a power is greater than {_MOST_POWER}")
        return float(power)

    def _power(self, base: Any, power: float) -> Any:
        if not isinstance(base, u.Quantity):
            return np.power(base, power)
        if any(abs(part * power) > _MOST_UNIT_POWER for part in base.unit.powers):
            raise refused(self._text, "the power of a unit would be too great")
        return base**power


def _compared(first: Any, holds: Callable[..., Any], second: Any) -> Truth:
    one, other = in_unit_of(first, second), in_unit_of(second, first)
    if isinstance(one, u.Quantity) or isinstance(other, u.Quantity):
        one = u.Quantity(one)
        one, other = one.value, u.Quantity(other).to_value(one.unit)
    known, yes = ~(np.isnan(one) | np.isnan(other)), holds(one, other)
    return Truth(known & yes, known & ~yes)
