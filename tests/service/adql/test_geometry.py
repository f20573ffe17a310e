"""Geometry on the sphere against astropy: separations, and windings seen from the point."""

import astropy.units as u
import numpy as np
import pyarrow as pa
import pytest
from astropy.coordinates import SkyCoord
from hypothesis import assume, given
from hypothesis import strategies as st

from cscwidgets.errors import QueryError
from cscwidgets.service.database import Database

RA = st.one_of(st.floats(0, 360), st.sampled_from([0.0, 359.9999999, 180.0, 1e-9]))
DEC = st.one_of(st.floats(-90, 90), st.sampled_from([90.0, -90.0, 0.0, 89.9999999]))
EDGE = 1e-7  # degrees from a boundary within which both answers are right


def positions(ra: float, dec: float, reach: float) -> SkyCoord:
    """A fixed whole-sky scatter, and a denser one around a position, poles and RA = 0 included."""
    rng = np.random.default_rng(5)
    centre = SkyCoord(ra, dec, unit="deg")
    near = centre.directional_offset_by(rng.uniform(0, 360, 120) * u.deg, rng.uniform(0, 2 * reach, 120) * u.deg)
    ras = np.concatenate([rng.uniform(0, 360, 60), near.ra.deg, [0, 0, 0, 360, ra]])
    decs = np.concatenate([np.degrees(np.arcsin(rng.uniform(-1, 1, 60))), near.dec.deg, [90, -90, 0, 0, dec]])
    return SkyCoord(ras, decs, unit="deg")


def ask(database: Database, points: SkyCoord, predicate: str) -> np.ndarray:
    """Which of the points satisfy a predicate over p.ra and p.dec."""
    points_table = pa.table({"n": np.arange(len(points)), "ra": points.ra.deg, "dec": points.dec.deg})
    found = database.query(f"SELECT p.n FROM TAP_UPLOAD.p AS p WHERE {predicate}", uploads={"p": points_table})
    inside = np.zeros(len(points), bool)
    inside[found.table["n"].to_numpy()] = True
    return inside


def value(database: Database, expression: str) -> object:
    return database.query(f"SELECT TOP 1 {expression} AS x FROM master_source").table["x"][0].as_py()


@given(ra=RA, dec=DEC, radius=st.one_of(st.floats(1e-4, 5), st.floats(0, 180)))
def test_cone_is_the_separation(ra: float, dec: float, radius: float, database: Database) -> None:
    points = positions(ra, dec, min(radius, 90))
    separation = points.separation(SkyCoord(ra, dec, unit="deg")).deg
    clear = np.abs(separation - radius) > EDGE
    for predicate in (
        f"1 = CONTAINS(POINT('ICRS', p.ra, p.dec), CIRCLE('ICRS', {ra!r}, {dec!r}, {radius!r}))",
        f"CONTAINS(POINT(p.ra, p.dec), CIRCLE(POINT({ra!r}, {dec!r}), {radius!r})) <> 0",
        f"INTERSECTS(CIRCLE('', {ra!r}, {dec!r}, {radius!r}), POINT('', p.ra, p.dec)) = 1",
        f"DISTANCE(POINT('ICRS', p.ra, p.dec), POINT('ICRS', {ra!r}, {dec!r})) <= {radius!r}",
        f"{radius!r} > DISTANCE(p.ra, p.dec, {ra!r}, {dec!r})",
        f"dbo.cone_distance(p.ra, p.dec, {ra!r}, {dec!r}) <= {radius * 60!r}",
        f"NOT dbo.separation(p.ra, p.dec, {ra!r}, {dec!r}) > {radius * 3600!r}",
    ):
        inside = ask(database, points, predicate)
        assert (inside == (separation <= radius))[clear].all(), predicate
    outside = ask(database, points, f"0 = CONTAINS(POINT(p.ra, p.dec), CIRCLE({ra!r}, {dec!r}, {radius!r}))")
    assert (outside == (separation > radius))[clear].all()


@given(ra1=RA, dec1=DEC, ra2=RA, dec2=DEC)
def test_distance_is_astropy_s(ra1: float, dec1: float, ra2: float, dec2: float, database: Database) -> None:
    expected = SkyCoord(ra1, dec1, unit="deg").separation(SkyCoord(ra2, dec2, unit="deg")).deg
    found = value(database, f"DISTANCE(POINT({ra1!r}, {dec1!r}), POINT({ra2!r}, {dec2!r}))")
    # The haversine loses half its digits at the antipode: 1e-6 degrees are 4 milliarcseconds.
    assert found == pytest.approx(expected, abs=1e-10 if expected < 170 else 2e-6)


def test_cone_around_a_column(database: Database) -> None:
    rng = np.random.default_rng(1)
    here = SkyCoord(rng.uniform(0, 360, 40), rng.uniform(-90, 90, 40), unit="deg")
    there = here.directional_offset_by(rng.uniform(0, 360, 40) * u.deg, 1 * u.deg)
    radius = rng.uniform(0.5, 1.5, 40)
    uploads = {
        "a": pa.table({"i": np.arange(40), "ra": here.ra.deg, "dec": here.dec.deg, "r": radius}),
        "b": pa.table({"j": np.arange(40), "ra": there.ra.deg, "dec": there.dec.deg}),
    }
    adql = (
        "SELECT a.i, b.j FROM TAP_UPLOAD.a AS a JOIN TAP_UPLOAD.b AS b"
        " ON 1 = CONTAINS(POINT(b.ra, b.dec), CIRCLE(a.ra, a.dec, a.r))"
    )
    found = database.query(adql, uploads=uploads).table
    separation = here[:, None].separation(there[None, :]).deg
    expected = set(zip(*map(np.ndarray.tolist, np.nonzero(separation <= radius[:, None])), strict=True))
    assert set(zip(found["i"].to_pylist(), found["j"].to_pylist(), strict=True)) == expected
    assert 10 < len(expected) < 40


def winding(points: SkyCoord, vertices: SkyCoord) -> np.ndarray:
    """Turns that the direction to a walker round the vertices makes, seen from each point."""
    angles = np.array([points.position_angle(vertex).rad for vertex in vertices])
    steps = np.angle(np.exp(1j * (np.roll(angles, -1, axis=0) - angles)))
    return np.round(steps.sum(axis=0) / (2 * np.pi)).astype(int)


def edge_distance(points: SkyCoord, vertices: SkyCoord) -> np.ndarray:
    """Distance to the polygon's sides, degrees."""
    nearest = np.full(len(points), 180.0)
    p = points.cartesian.xyz.value.T
    v = vertices.cartesian.xyz.value.T
    for a, b in zip(v, np.roll(v, -1, axis=0), strict=True):
        n = np.cross(a, b)
        n /= np.linalg.norm(n)
        between = (p @ np.cross(n, a) >= 0) & (p @ np.cross(b, n) >= 0)
        to_ends = np.degrees(np.minimum(np.arccos(np.clip(p @ a, -1, 1)), np.arccos(np.clip(p @ b, -1, 1))))
        nearest = np.minimum(nearest, np.where(between, np.degrees(np.abs(np.arcsin(np.clip(p @ n, -1, 1)))), to_ends))
    return nearest


@st.composite
def stars(draw: st.DrawFn) -> tuple[SkyCoord, SkyCoord, float]:
    """Star-shaped polygons, convex or not, anywhere, up to 80 degrees in radius."""
    centre = SkyCoord(draw(RA), draw(DEC), unit="deg")
    size = draw(st.one_of(st.floats(0.01, 2), st.floats(2, 80)))
    count = draw(st.integers(3, 12))
    radii = np.array(draw(st.lists(st.floats(0.2, 1), min_size=count, max_size=count)))
    turns = (
        (np.arange(count) + np.array(draw(st.lists(st.floats(0, 0.8), min_size=count, max_size=count)))) * 360 / count
    )
    if draw(st.booleans()):
        turns = -turns
    return centre, centre.directional_offset_by(turns * u.deg, radii * size * u.deg), size


def numbers(vertices: SkyCoord) -> str:
    return ", ".join(f"{float(v.ra.deg)!r}, {float(v.dec.deg)!r}" for v in vertices)


@given(star=stars())
def test_polygon_is_what_is_walked_round(star: tuple[SkyCoord, SkyCoord, float], database: Database) -> None:
    centre, vertices, size = star
    points = positions(float(centre.ra.deg), float(centre.dec.deg), size)
    # A walk round a point is also one round its antipode: only one of them is near the centre.
    near = points.separation(centre).deg < 90
    expected = (winding(points, vertices) != 0) & near
    clear = edge_distance(points, vertices) > 1e-6
    shape = f"POLYGON('ICRS', {numbers(vertices)})"
    inside = ask(database, points, f"1 = CONTAINS(POINT('ICRS', p.ra, p.dec), {shape})")
    assert (inside == expected)[clear].all()
    outside = ask(database, points, f"0 = CONTAINS(POINT('ICRS', p.ra, p.dec), {shape})")
    assert (outside == ~inside).all()
    share = expected[clear].mean()
    assume(0 < share < 1)


def test_a_notch_is_outside(database: Database) -> None:
    points = SkyCoord([5, 1, 9, 5, 5], [8, 8, 8, 2, 3.1], unit="deg")
    inside = ask(database, points, "1 = CONTAINS(POINT(p.ra, p.dec), POLYGON(0,0, 10,0, 10,10, 5,3, 0,10))")
    assert inside.tolist() == [False, True, True, True, False]


@pytest.mark.parametrize("pole", [90, -90])
def test_polygons_at_a_pole(pole: int, database: Database) -> None:
    sign = np.sign(pole)
    points = SkyCoord([0, 45, 30, 200, 10], [pole, sign * 85, sign * 60, sign * 89, sign * 75], unit="deg")
    around = ask(
        database, points, f"1 = CONTAINS(POINT(p.ra, p.dec), POLYGON(0,{sign * 70}, 120,{sign * 70}, 240,{sign * 70}))"
    )
    assert around.tolist() == [True, True, False, True, True]
    corner = ask(
        database, points, f"1 = CONTAINS(POINT(p.ra, p.dec), POLYGON(0,{pole}, 20,{sign * 50}, 70,{sign * 50}))"
    )
    assert corner[1:].tolist() == [True, True, False, False]


def test_a_polygon_larger_than_a_hemisphere_is_the_smaller_side(database: Database) -> None:
    # Vertices 100 degrees from the north pole: the smaller side is the south one.
    points = SkyCoord([0, 0, 77], [90, -90, -60], unit="deg")
    shape = "POLYGON(0,-10, 90,-10, 180,-10, 270,-10)"
    assert ask(database, points, f"1 = CONTAINS(POINT(p.ra, p.dec), {shape})").tolist() == [False, True, True]
    assert value(database, f"AREA({shape})") < 20627


@given(ra=RA, dec=st.floats(-90, 90), width=st.floats(0.01, 100), height=st.floats(0.01, 100))
def test_box_is_a_rectangle_in_the_tangent_plane(
    ra: float, dec: float, width: float, height: float, database: Database
) -> None:
    from astropy.wcs import WCS

    plane = WCS(naxis=2)
    plane.wcs.ctype, plane.wcs.crval, plane.wcs.cunit = ["RA---TAN", "DEC--TAN"], [ra, dec], ["deg", "deg"]
    points = positions(ra, dec, max(width, height))
    facing = points.separation(SkyCoord(ra, dec, unit="deg")).deg < 89
    x, y = np.full(len(points), 1e9), np.full(len(points), 1e9)
    x[facing], y[facing] = plane.all_world2pix(points.ra.deg[facing], points.dec.deg[facing], 1)
    half = np.degrees(np.tan(np.radians([width / 2, height / 2])))
    expected = (np.abs(x) <= half[0]) & (np.abs(y) <= half[1])
    clear = (np.abs(np.abs(x) - half[0]) > 1e-6 * (1 + half[0])) & (np.abs(np.abs(y) - half[1]) > 1e-6 * (1 + half[1]))
    fixed = ask(
        database, points, f"1 = CONTAINS(POINT(p.ra, p.dec), BOX('ICRS', {ra!r}, {dec!r}, {width!r}, {height!r}))"
    )
    assert (fixed == expected)[clear].all()
    # The same through columns, which is computed in another way.
    moving = ask(
        database, points, f"1 = CONTAINS(POINT(p.ra, p.dec), BOX({ra!r} + 0 * p.n, {dec!r}, {width!r}, {height!r}))"
    )
    assert (moving == expected)[clear].all()


@given(star=stars(), radius=st.floats(0.01, 20))
def test_circles_and_polygons(star: tuple[SkyCoord, SkyCoord, float], radius: float, database: Database) -> None:
    centre, vertices, size = star
    points = positions(float(centre.ra.deg), float(centre.dec.deg), size)
    inside = (winding(points, vertices) != 0) & (points.separation(centre).deg < 90)
    margin = edge_distance(points, vertices)
    clear = (np.abs(margin - radius) > 1e-6) & (margin > 1e-6)
    shape = f"POLYGON({numbers(vertices)})"
    circle = f"CIRCLE(p.ra, p.dec, {radius!r})"
    meets = ask(database, points, f"1 = INTERSECTS({circle}, {shape})")
    assert (meets == (inside | (margin <= radius)))[clear].all()
    assert (ask(database, points, f"1 = INTERSECTS({shape}, {circle})") == meets).all()
    within = ask(database, points, f"1 = CONTAINS({circle}, {shape})")
    assert (within == (inside & (margin > radius)))[clear].all()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("CONTAINS(CIRCLE(0, 0, 1), CIRCLE(0.5, 0, 2))", 1),
        ("CONTAINS(CIRCLE(0, 0, 2), CIRCLE(0.5, 0, 1))", 0),
        ("INTERSECTS(CIRCLE(359.5, 0, 0.6), CIRCLE(0.5, 0, 0.6))", 1),
        ("INTERSECTS(CIRCLE(359.5, 0, 0.4), CIRCLE(0.5, 0, 0.4))", 0),
        ("CONTAINS(POLYGON(0,0, 1,0, 1,1), CIRCLE(0.5, 0.5, 1))", 1),
        ("CONTAINS(POLYGON(0,0, 1,0, 1,1), CIRCLE(0.5, 0.5, 0.7))", 0),
        ("CONTAINS(BOX(0, 0, 1, 1), BOX(0, 0, 2, 2))", 1),
        ("CONTAINS(BOX(0, 0, 2, 2), BOX(0, 0, 1, 1))", 0),
        ("INTERSECTS(BOX(0, 0, 4, 1), BOX(0, 0, 1, 4))", 1),
        ("INTERSECTS(BOX(0, 0, 1, 1), BOX(3, 0, 1, 1))", 0),
        ("INTERSECTS(BOX(0, 0, 1, 1), BOX(0, 0, 4, 4))", 1),
        ("CONTAINS(BOX(0, 0, 4, 1), POLYGON(-5,-5, 5,-5, 5,5, 0,0.1, -5,5))", 0),
        ("CONTAINS(POINT(NULL, 0), POLYGON(0,0, 1,0, 1,1))", None),
    ],
)
def test_pairs_of_shapes(expression: str, expected: int | None, database: Database) -> None:
    assert value(database, expression) == expected


def test_area_and_centroid_of_an_octant(database: Database) -> None:
    octant = "POLYGON(0, 0, 90, 0, 0, 90)"
    assert value(database, f"AREA({octant})") == pytest.approx(4 * np.pi / 8 * np.degrees(1) ** 2)
    assert value(database, f"COORD1(CENTROID({octant}))") == pytest.approx(45)
    assert value(database, f"COORD2(CENTROID({octant}))") == pytest.approx(np.degrees(np.arcsin(1 / np.sqrt(3))))
    assert value(database, "AREA(BOX(10, 80, 0.1, 0.1))") == pytest.approx(0.01, rel=1e-5)


@pytest.mark.parametrize(
    "shape",
    [
        "POLYGON(0,0, 1,0, 1,0)",
        "POLYGON(0,0, 180,0, 90,5)",
        "POLYGON(p.ra,0, 1,0, 1,1)",
        "BOX(0,0,0,1)",
        "BOX(0,0,200,1)",
    ],
)
def test_shapes_that_are_none(shape: str, database: Database) -> None:
    with pytest.raises(QueryError):
        ask(database, SkyCoord([0], [0], unit="deg"), f"1 = CONTAINS(POINT(p.ra, p.dec), {shape})")
