"""ADQL geometry as DuckDB predicates: cones as declination bands, polygons as side crossings."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from sqlglot import exp

from cscwidgets.arrays import Floats
from cscwidgets.io.adql.refusals import refusal

from .functions import GEOMETRY, SEPARATIONS
from .spherical import Polygon, box_vertices, frame_of, polygon

__all__ = ["rewrite_geometry"]

_FLIPPED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
    exp.EQ: exp.EQ,
    exp.NEQ: exp.NEQ,
}


@dataclass(frozen=True)
class _Number:
    """An argument: its SQL, and its value where it is written out."""

    sql: str
    value: float | None


@dataclass(frozen=True)
class _Point:
    ra: _Number
    dec: _Number

    @property
    def sql(self) -> str:
        return f"{self.ra.sql}, {self.dec.sql}"


@dataclass(frozen=True)
class _Circle:
    centre: _Point
    radius: _Number


@dataclass(frozen=True)
class _Box:
    """A box whose centre or size is a column."""

    centre: _Point
    width: _Number
    height: _Number


_Shape = _Point | _Circle | _Box | Polygon


def rewrite_geometry(tree: exp.Expr) -> exp.Expr:
    """Replace every geometry function of a query by what DuckDB can compute, in place.

    Raises
    ------
    QueryError
        For shapes or combinations that cannot be evaluated.
    """
    for kind in _FLIPPED:
        for comparison in list(tree.find_all(kind)):
            _rewrite_comparison(comparison)
    for call in list(tree.find_all(exp.Anonymous)):
        name = call.name
        if name in ("CONTAINS", "INTERSECTS"):
            call.replace(exp.Var(this=f"CAST(({_predicate(call)}) AS INTEGER)"))
        elif name in SEPARATIONS:
            first, second = _two_positions(call)
            call.replace(exp.Var(this=f"(adql_separation({first.sql}, {second.sql}) * {SEPARATIONS[name]})"))
        elif name in ("COORD1", "COORD2", "AREA", "COORDSYS"):
            call.replace(exp.Var(this=_property(call)))
    for call in tree.find_all(exp.Anonymous):
        if call.name in GEOMETRY:
            raise refusal(
                f"{call.name} cannot stand alone",
                "Put it inside CONTAINS, INTERSECTS, DISTANCE, AREA, COORD1 or COORD2.",
            )
    return tree


def _rewrite_comparison(node: exp.Expr) -> None:
    left, right, kind = node.this.unnest(), node.expression.unnest(), type(node)
    if isinstance(right, exp.Anonymous) and right.name in (*SEPARATIONS, "CONTAINS", "INTERSECTS"):
        left, right, kind = right, left, _FLIPPED[kind]
    if not isinstance(left, exp.Anonymous):
        return
    if left.name in ("CONTAINS", "INTERSECTS") and kind in (exp.EQ, exp.NEQ):
        value = _value(right)
        if value in (0.0, 1.0):
            inside = (value == 1.0) == (kind is exp.EQ)
            node.replace(exp.Var(this=f"({_predicate(left)})" if inside else f"(NOT ({_predicate(left)}))"))
    elif left.name in SEPARATIONS and kind in (exp.LT, exp.LTE):
        first, second = _two_positions(left)
        limit = f"({_number(right).sql}) / {SEPARATIONS[left.name]}"
        test = "adql_within" if kind is exp.LTE else "adql_closer"
        node.replace(exp.Var(this=f"({test}({first.sql}, {second.sql}, {limit}))"))


def _value(node: exp.Expr) -> float | None:
    """The value of a written-out number, with signs and simple arithmetic."""
    if isinstance(node, exp.Paren):
        return _value(node.this)
    if isinstance(node, exp.Literal) and not node.is_string:
        with suppress(ValueError):  # "1.2.", which the grammar takes for a number
            if math.isfinite(value := float(node.name)):
                return value
        raise refusal(f"{node.name[:40]} is no number")
    if isinstance(node, exp.Neg):
        inner = _value(node.this)
        return None if inner is None else -inner
    if isinstance(node, (exp.Add, exp.Sub, exp.Mul, exp.Div)):
        a, b = _value(node.left), _value(node.right)
        if a is None or b is None or (isinstance(node, exp.Div) and b == 0):
            return None
        operations: dict[type, Callable[[float, float], float]] = {
            exp.Add: float.__add__, exp.Sub: float.__sub__, exp.Mul: float.__mul__, exp.Div: float.__truediv__,
        }  # fmt: skip
        return operations[type(node)](a, b)
    return None


def _double(value: float) -> str:
    """A number as DuckDB writes it; bare, it would be a DECIMAL, whose digits DuckDB 1 runs out of."""
    return f"{float(value)!r}::DOUBLE"


def _constant(value: float) -> _Number:
    return _Number(_double(value), value)


def _number(node: exp.Expr) -> _Number:
    if isinstance(node, exp.Literal) and node.is_string:
        raise refusal(f"{node.sql()} stands where a number belongs")
    if any(call.name in GEOMETRY - {"COORD1", "COORD2", "AREA", "DISTANCE"} for call in node.find_all(exp.Anonymous)):
        raise refusal(f"{node.sql()!r} stands where a number belongs")
    inner = node.copy()
    holder = exp.Paren(this=inner)
    rewrite_geometry(holder)
    value = _value(node)
    if value is not None:
        return _constant(value)
    return _Number(holder.sql(dialect="duckdb", identify=True, comments=False), None)


def _numbers(call: exp.Expr) -> list[_Number]:
    """The numbers of a shape, without the coordinate system, points taken apart."""
    arguments = list(call.expressions)
    first = arguments[0] if arguments else None
    if isinstance(first, exp.Literal) and first.is_string:
        system = arguments.pop(0).name.upper().split()
        if system and system[0] != "ICRS":
            raise refusal(f"the coordinate system {system[0]} is not known", "Positions are ICRS.")
    numbers: list[_Number] = []
    for argument in arguments:
        inner = argument.unnest()
        if isinstance(inner, exp.Anonymous) and inner.name in ("POINT", "CENTROID"):
            point = _point(inner)
            numbers += [point.ra, point.dec]
        else:
            numbers.append(_number(argument))
    return numbers


def _counted(call: exp.Expr, count: int) -> list[_Number]:
    numbers = _numbers(call)
    if len(numbers) != count:
        raise refusal(f"{call.name} takes {count} numbers (after the coordinate system), not {len(numbers)}")
    return numbers


def _point(call: exp.Expr) -> _Point:
    if call.name == "CENTROID":
        return _centroid(call)
    if call.name != "POINT":
        raise refusal(f"{call.sql()!r} is not a POINT")
    return _Point(*_counted(call, 2))


def _centroid(call: exp.Expr) -> _Point:
    inner = _shape(_only(call))
    if isinstance(inner, _Point):
        return inner
    if isinstance(inner, Polygon):
        ra, dec = inner.centroid()
        return _Point(_constant(ra), _constant(dec))
    return inner.centre


def _only(call: exp.Expr) -> exp.Expr:
    if len(call.expressions) != 1:
        raise refusal(f"{call.name} takes one shape")
    only: exp.Expr = call.expressions[0]
    return only


def _shape(node: exp.Expr) -> _Shape:
    node = node.unnest()
    name = node.name if isinstance(node, exp.Anonymous) else ""
    if name in ("POINT", "CENTROID"):
        return _point(node)
    if name == "CIRCLE":
        ra, dec, radius = _counted(node, 3)
        if radius.value is not None and radius.value < 0:
            raise refusal(f"the radius of a CIRCLE is negative: {radius.value}")
        return _Circle(_Point(ra, dec), radius)
    if name == "BOX":
        ra, dec, width, height = _counted(node, 4)
        values = [number.value for number in (ra, dec, width, height)]
        if any(value is None for value in values):
            return _Box(_Point(ra, dec), width, height)
        return polygon(box_vertices(*(value for value in values if value is not None)))
    if name == "POLYGON":
        values = [number.value for number in _numbers(node)]
        if any(value is None for value in values):
            raise refusal("the vertices of a POLYGON must be numbers, not columns")
        flat = [value for value in values if value is not None]
        if len(flat) % 2 or len(flat) < 6:
            raise refusal("a POLYGON takes three or more pairs of numbers")
        return polygon(list(zip(flat[::2], flat[1::2], strict=True)))
    if name == "REGION":
        raise refusal("REGION strings are not read", "Use CIRCLE, BOX or POLYGON.")
    raise refusal(f"{node.sql()!r} is not a shape", "Shapes are POINT, CIRCLE, BOX and POLYGON.")


def _two_positions(call: exp.Expr) -> tuple[_Point, _Point]:
    numbers = _numbers(call)
    if len(numbers) != 4:
        raise refusal(f"{call.name} takes two positions, not {len(numbers)} numbers")
    return _Point(*numbers[:2]), _Point(*numbers[2:])


def _property(call: exp.Expr) -> str:
    if call.name == "AREA":
        shape = _shape(_only(call))
        if isinstance(shape, Polygon):
            return repr(shape.area)
        if isinstance(shape, _Circle):
            steradian = 2 * np.pi * (180 / np.pi) ** 2
            return f"({steradian!r} * 2 * pow(sin(radians({shape.radius.sql}) / 2), 2))"
        raise refusal("AREA takes a CIRCLE, a POLYGON or a BOX of fixed size")
    point = _point(_only(call).unnest())
    return {"COORD1": f"({point.ra.sql})", "COORD2": f"({point.dec.sql})", "COORDSYS": "'ICRS'"}[call.name]


def _predicate(call: exp.Expr) -> str:
    if len(call.expressions) != 2:
        raise refusal(f"{call.name} takes two shapes")
    first, second = (_shape(argument) for argument in call.expressions)
    if call.name == "CONTAINS":
        return _contains(first, second)
    return _intersects(first, second)


def _contains(inner: _Shape, outer: _Shape) -> str:
    if isinstance(outer, _Point):
        raise refusal("a POINT contains no shape", "The shape that contains comes second: CONTAINS(point, circle).")
    if isinstance(inner, _Point):
        return _holds(outer, inner)
    if isinstance(inner, _Circle) and isinstance(outer, _Circle):
        return f"adql_within({inner.centre.sql}, {outer.centre.sql}, {outer.radius.sql} - {inner.radius.sql})"
    if isinstance(inner, _Circle) and isinstance(outer, Polygon):
        return f"({_holds(outer, inner.centre)}) AND NOT ({_near_sides(outer, inner)})"
    if isinstance(inner, Polygon) and isinstance(outer, _Circle) and (outer.radius.value or 999) < 90:
        return " AND ".join(f"({_holds(outer, _fixed(edge.a))})" for edge in inner.edges)
    if isinstance(inner, Polygon) and isinstance(outer, Polygon):
        inside = " AND ".join(f"({_holds(outer, _fixed(edge.a))})" for edge in inner.edges)
        return f"{inside} AND {_boolean(not _cross(inner, outer))}"
    raise _unknown_pair("CONTAINS", inner, outer)


def _intersects(first: _Shape, second: _Shape) -> str:
    if isinstance(second, _Point) or (isinstance(second, _Circle) and not isinstance(first, _Point)):
        first, second = second, first
    if isinstance(first, _Point) and isinstance(second, _Point):
        return f"adql_within({first.sql}, {second.sql}, 0)"
    if isinstance(first, _Point):
        return _holds(second, first)
    if isinstance(first, _Circle) and isinstance(second, _Circle):
        return f"adql_within({first.centre.sql}, {second.centre.sql}, {first.radius.sql} + {second.radius.sql})"
    if isinstance(first, _Circle) and isinstance(second, Polygon):
        return f"({_holds(second, first.centre)}) OR ({_near_sides(second, first)})"
    if isinstance(first, Polygon) and isinstance(second, Polygon):
        one_inside = f"({_holds(second, _fixed(first.edges[0].a))}) OR ({_holds(first, _fixed(second.edges[0].a))})"
        return f"{one_inside} OR {_boolean(_cross(first, second))}"
    raise _unknown_pair("INTERSECTS", first, second)


def _unknown_pair(name: str, first: _Shape, second: _Shape) -> Exception:
    shapes = [type(shape).__name__.strip("_").upper() for shape in (first, second)]
    return refusal(f"{name} of a {shapes[0]} and a {shapes[1]} is not known here")


def _boolean(value: bool) -> str:
    return "TRUE" if value else "FALSE"


def _fixed(vector: Floats) -> _Point:
    ra = float(np.degrees(np.arctan2(vector[1], vector[0])))
    dec = float(np.degrees(np.arcsin(np.clip(vector[2], -1, 1))))
    return _Point(_constant(ra), _constant(dec))


def _holds(shape: _Shape, point: _Point) -> str:
    """Whether a shape contains a point."""
    if isinstance(shape, _Circle):
        return f"adql_within({point.sql}, {shape.centre.sql}, {shape.radius.sql})"
    if isinstance(shape, _Box):
        return f"adql_in_box({point.sql}, {shape.centre.sql}, {shape.width.sql}, {shape.height.sql})"
    if isinstance(shape, Polygon):
        inside = _crossings(shape, point)
        if shape.radius is None:
            return inside
        ra, dec = shape.centre
        return f"adql_within({point.sql}, {_double(ra)}, {_double(dec)}, {_double(shape.radius)}) AND {inside}"
    raise refusal("a POINT contains nothing")


def _linear(point: _Point, vector: Sequence[float] | Floats) -> str:
    return f"adql_dot({point.sql}, {', '.join(map(_double, vector))})"


def _crossings(shape: Polygon, point: _Point) -> str:
    """An odd number of sides between a point and the direction known to be outside.

    In a frame whose south pole is that direction, a side is between when the point's meridian lies in
    the side's half-open range of longitude and the point north of the side's great circle. Longitudes
    are compared through the sign of a cross product, so vertices count exactly once.
    """
    e1, e2, _ = frame_of(-shape.outside)
    tests = []
    for edge in shape.edges:
        west, east, normal = edge.a, edge.b, edge.normal
        eastward = (west @ e1) * (east @ e2) - (west @ e2) * (east @ e1)
        if eastward == 0:
            continue
        if eastward < 0:
            west, east, normal = east, west, -normal
        after_west = (west @ e1) * e2 - (west @ e2) * e1
        after_east = (east @ e1) * e2 - (east @ e2) * e1
        tests.append(
            f"({_linear(point, after_west)} >= 0 AND {_linear(point, after_east)} < 0"
            f" AND {_linear(point, normal)} >= 0)::INTEGER"
        )
    return f"(({' + '.join(tests)}) % 2 = {0 if shape.flipped else 1})"


def _near_sides(shape: Polygon, circle: _Circle) -> str:
    """Whether a side of a polygon comes within a circle's radius of its centre."""
    point, radius = circle.centre, circle.radius.sql
    tests = []
    for edge in shape.edges:
        corner = _fixed(edge.a)
        after_a, before_b = np.cross(edge.normal, edge.a), np.cross(edge.b, edge.normal)
        tests.append(f"adql_within({point.sql}, {corner.sql}, {radius})")
        tests.append(
            f"({_linear(point, after_a)} >= 0 AND {_linear(point, before_b)} >= 0"
            f" AND abs({_linear(point, edge.normal)}) <= sin(radians(least({radius}, 90))))"
        )
    return " OR ".join(tests)


def _cross(first: Polygon, second: Polygon) -> bool:
    """Whether a side of one polygon crosses a side of the other."""
    for p in first.edges:
        for q in second.edges:
            meeting = np.cross(p.normal, q.normal)
            for direction in (meeting, -meeting):
                if all(
                    np.cross(e.normal, e.a) @ direction > 0 and np.cross(e.b, e.normal) @ direction > 0 for e in (p, q)
                ):
                    return True
    return False
