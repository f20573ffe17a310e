"""Shapes on the sphere with fixed vertices: which side is inside, area, centroid.

A polygon's sides are great-circle arcs shorter than 180 degrees; its inside is the smaller of the two
parts they divide the sky into, whatever the order of the vertices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cscwidgets.arrays import Floats
from cscwidgets.io.adql.refusals import refusal

__all__ = ["Edge", "Polygon", "box_vertices", "polygon", "unit_vector"]


_TINY = 1e-14

# Degrees; the boundary of a polygon within this radius stays clear of the direction opposite to it.
_SMALL = 85.0


@dataclass(frozen=True)
class Edge:
    """One side from a to b (unit vectors) with its normal, the unit vector along a x b."""

    a: Floats
    b: Floats
    normal: Floats


@dataclass(frozen=True)
class Polygon:
    """A polygon made ready for point tests.

    ``outside`` is a direction off the boundary, ``flipped`` says that it is inside after all;
    ``centre`` and ``radius`` (degrees, None above a hemisphere) are a cap that holds the polygon.
    """

    edges: tuple[Edge, ...]
    outside: Floats
    flipped: bool
    centre: tuple[float, float]
    radius: float | None
    area: float

    def centroid(self) -> tuple[float, float]:
        """Position of the centre of area, ra and dec in degrees."""
        # Stokes: the integral of the position over a spherical polygon is half the sum of its sides'
        # lengths times their normals; its sign follows the sense of the vertices.
        total = sum(
            (np.arctan2(np.linalg.norm(np.cross(e.a, e.b)), e.a @ e.b) * e.normal for e in self.edges), np.zeros(3)
        )
        if total @ unit_vector(*self.centre) < 0:
            total = -total
        return _position(total / np.linalg.norm(total))


def unit_vector(ra: float, dec: float) -> Floats:
    """Cartesian unit vector of a position in degrees, shape (3,)."""
    lon, lat = np.radians(ra), np.radians(dec)
    return np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _position(vector: Floats) -> tuple[float, float]:
    x, y, z = vector
    return float(np.degrees(np.arctan2(y, x)) % 360.0), float(np.degrees(np.arctan2(z, np.hypot(x, y))))


def frame_of(direction: Floats) -> Floats:
    """Rows e1, e2, e3 of a right-handed frame whose third axis is a direction, shape (3, 3)."""
    helper = np.eye(3)[int(np.argmin(np.abs(direction)))]
    e1 = np.cross(helper, direction)
    e1 /= np.linalg.norm(e1)
    return np.array([e1, np.cross(direction, e1), direction])


def polygon(vertices: Sequence[tuple[float, float]]) -> Polygon:
    """Prepare a polygon from its vertices (ra, dec in degrees).

    Raises
    ------
    QueryError
        For fewer than three different vertices, or two in a row that are antipodal.
    """
    points = [unit_vector(ra, dec) for ra, dec in vertices]
    points = [p for i, p in enumerate(points) if np.linalg.norm(p - points[i - 1]) > _TINY]
    if len(points) < 3:
        raise refusal("a POLYGON needs three different vertices")
    edges = []
    for a, b in zip(points, [*points[1:], points[0]], strict=True):
        normal = np.cross(a, b)
        length = float(np.linalg.norm(normal))
        if length < _TINY:
            raise refusal("two neighbouring vertices of a POLYGON are opposite on the sky")
        edges.append(Edge(a, b, normal / length))
    middle = np.sum(points, axis=0)
    size = float(np.linalg.norm(middle))
    centre = middle / size if size > _TINY else points[0]
    radius = float(np.degrees(max(np.arctan2(np.linalg.norm(np.cross(centre, p)), centre @ p) for p in points)))
    opposite = _aside(-centre)
    candidates = [opposite, *(_aside(axis) for axis in (*np.eye(3), *-np.eye(3)))]
    outside = opposite if radius < _SMALL else max(candidates, key=lambda c: _clearance(c, edges))
    area = abs(_signed_area(edges, outside))
    # The area is that of the part without the reference direction; the smaller part is the inside.
    flipped = area > 2 * np.pi
    degrees2 = float(np.degrees(np.degrees(4 * np.pi - area if flipped else area)))
    return Polygon(
        tuple(edges), outside, bool(flipped), _position(centre), radius + 1e-9 if radius < _SMALL else None, degrees2
    )


def _aside(direction: Floats) -> Floats:
    """A direction a degree off: the point tests are undefined just opposite to their reference."""
    e1, e2, _ = frame_of(direction)
    moved: Floats = direction + 0.0131 * e1 + 0.0077 * e2
    return moved / np.linalg.norm(moved)


def _clearance(direction: Floats, edges: Sequence[Edge]) -> float:
    """Sine of the least distance from the great circles of the sides, at most."""
    return min(min(float(abs(direction @ e.normal)), float(np.linalg.norm(direction - e.a))) for e in edges)


def _signed_area(edges: Sequence[Edge], outside: Floats) -> float:
    """Signed area in steradians of the part that does not hold ``outside``.

    Sums the triangles that each side makes with the direction opposite to ``outside``.
    """
    pole = -outside
    return float(sum(2 * np.arctan2(pole @ np.cross(e.a, e.b), 1 + pole @ e.a + pole @ e.b + e.a @ e.b) for e in edges))


def box_vertices(ra: float, dec: float, width: float, height: float) -> list[tuple[float, float]]:
    """Corners of an ADQL BOX, degrees.

    Its sides are the great circles that meet the arms of a cross, half as long as width and height,
    at right angles (ADQL 2.1, BOX), so it is a rectangle in the gnomonic projection.
    """
    if not (0 < width < 180 and 0 < height < 180):
        raise refusal("the width and height of a BOX must be between 0 and 180 degrees")
    lon, lat = np.radians(ra), np.radians(dec)
    north = np.array([-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)])
    east = np.array([-np.sin(lon), np.cos(lon), 0.0])
    xi, eta = np.tan(np.radians(width) / 2), np.tan(np.radians(height) / 2)
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    return [_position(unit_vector(ra, dec) + sx * xi * east + sy * eta * north) for sx, sy in signs]
