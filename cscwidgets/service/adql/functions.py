"""The functions ADQL may call, and the DuckDB macros that give them ADQL's meaning.

A number that does not exist (the logarithm of an upper limit's zero, say) is null, not NaN:
DuckDB would order NaN above every number and let it pass ``x > 5``.
"""

from __future__ import annotations

from sqlglot import exp

from cscwidgets.io.adql.refusals import did_you_mean, refusal

__all__ = ["GEOMETRY", "MACROS", "SEPARATIONS", "rewrite_functions"]

# ADQL name -> (fewest arguments, most arguments, DuckDB function or macro).
_FUNCTIONS: dict[str, tuple[int, int, str]] = {
    "ABS": (1, 1, "abs"),
    "CEILING": (1, 1, "ceil"),
    "DEGREES": (1, 1, "degrees"),
    "EXP": (1, 1, "adql_exp"),
    "FLOOR": (1, 1, "floor"),
    "LOG": (1, 1, "adql_ln"),
    "LOG10": (1, 1, "adql_log10"),
    "MOD": (2, 2, "adql_mod"),
    "PI": (0, 0, "pi"),
    "POWER": (2, 2, "adql_power"),
    "RADIANS": (1, 1, "radians"),
    "RAND": (0, 1, "adql_rand"),
    "ROUND": (1, 2, "round"),
    "SQRT": (1, 1, "adql_sqrt"),
    "TRUNCATE": (1, 2, "adql_truncate"),
    "ACOS": (1, 1, "adql_acos"),
    "ASIN": (1, 1, "adql_asin"),
    "ATAN": (1, 1, "atan"),
    "ATAN2": (2, 2, "atan2"),
    "COS": (1, 1, "cos"),
    "COT": (1, 1, "adql_cot"),
    "SIN": (1, 1, "sin"),
    "TAN": (1, 1, "tan"),
    "LOWER": (1, 1, "lower"),
    "UPPER": (1, 1, "upper"),
    "COALESCE": (1, 99, "coalesce"),
    "AVG": (1, 1, "avg"),
    "COUNT": (1, 1, "count"),
    "MAX": (1, 1, "max"),
    "MIN": (1, 1, "min"),
    "SUM": (1, 1, "sum"),
}

GEOMETRY = frozenset(
    [
        "POINT",
        "CIRCLE",
        "BOX",
        "POLYGON",
        "REGION",
        "CONTAINS",
        "INTERSECTS",
        "DISTANCE",
        "COORD1",
        "COORD2",
        "COORDSYS",
        "AREA",
        "CENTROID",
    ]
)
"""Functions that ``geometry`` rewrites."""

SEPARATIONS = {"DISTANCE": 1.0, "CONE_DISTANCE": 60.0, "SEPARATION": 3600.0}
"""Functions that give the angle between two positions, with their units in a degree."""

# Schemas people put before the archive's own two functions.
_OWNERS = {"dbo", "csc1", "csc2", "csc21", "csc22"}

MACROS = """
CREATE MACRO adql_number(x) AS CASE WHEN isnan(x) OR isinf(x) THEN NULL ELSE x END;
CREATE MACRO adql_exp(x) AS adql_number(exp(x::DOUBLE));
CREATE MACRO adql_ln(x) AS CASE WHEN x > 0 THEN ln(x) END;
CREATE MACRO adql_log10(x) AS CASE WHEN x > 0 THEN log10(x) END;
CREATE MACRO adql_sqrt(x) AS CASE WHEN x >= 0 THEN sqrt(x) END;
CREATE MACRO adql_acos(x) AS CASE WHEN x BETWEEN -1 AND 1 THEN acos(x) END;
CREATE MACRO adql_asin(x) AS CASE WHEN x BETWEEN -1 AND 1 THEN asin(x) END;
CREATE MACRO adql_cot(x) AS CASE WHEN x <> 0 THEN cot(x) END;
CREATE MACRO adql_mod(x, y) AS CASE WHEN y <> 0 THEN x % y END;
CREATE MACRO adql_power(x, y) AS
    CASE WHEN NOT (x = 0 AND y < 0) THEN adql_number(pow(x::DOUBLE, y::DOUBLE)) END;
CREATE MACRO adql_rand() AS random(), (seed) AS random();
CREATE MACRO adql_truncate(x) AS trunc(x), (x, digits) AS trunc(x * pow(10, digits)) / pow(10, digits);

CREATE MACRO adql_haversine(ra1, dec1, ra2, dec2) AS
    pow(sin(radians(dec1 - dec2) / 2), 2)
    + cos(radians(dec1)) * cos(radians(dec2)) * pow(sin(radians(ra1 - ra2) / 2), 2);
CREATE MACRO adql_separation(ra1, dec1, ra2, dec2) AS
    degrees(2 * asin(sqrt(least(1.0, adql_haversine(ra1, dec1, ra2, dec2)))));

-- The declination band is what makes a cone fast: the trigonometry sees only its rows.
CREATE MACRO adql_within(ra1, dec1, ra2, dec2, r) AS
    dec1 BETWEEN dec2 - r - 1e-9 AND dec2 + r + 1e-9
    AND adql_haversine(ra1, dec1, ra2, dec2) <= pow(sin(radians(least(r, 180)) / 2), 2) + (r >= 180)::INTEGER;
CREATE MACRO adql_closer(ra1, dec1, ra2, dec2, r) AS
    dec1 BETWEEN dec2 - r - 1e-9 AND dec2 + r + 1e-9
    AND adql_haversine(ra1, dec1, ra2, dec2) < pow(sin(radians(least(r, 180)) / 2), 2) + (r > 180)::INTEGER;

CREATE MACRO adql_dot(lon, lat, x, y, z) AS
    cos(radians(lat)) * (x * cos(radians(lon)) + y * sin(radians(lon))) + z * sin(radians(lat));

-- A box is a rectangle in the gnomonic projection on its centre: compare the angles along its two arms.
CREATE MACRO adql_forward(lon, lat, lon0, lat0) AS
    sin(radians(lat)) * sin(radians(lat0)) + cos(radians(lat)) * cos(radians(lat0)) * cos(radians(lon - lon0));
CREATE MACRO adql_east(lon, lat, lon0) AS cos(radians(lat)) * sin(radians(lon - lon0));
CREATE MACRO adql_north(lon, lat, lon0, lat0) AS
    sin(radians(lat)) * cos(radians(lat0)) - cos(radians(lat)) * sin(radians(lat0)) * cos(radians(lon - lon0));
CREATE MACRO adql_in_box(lon, lat, lon0, lat0, width, height) AS
    abs(atan2(adql_east(lon, lat, lon0), adql_forward(lon, lat, lon0, lat0))) <= radians(width) / 2
    AND abs(atan2(adql_north(lon, lat, lon0, lat0), adql_forward(lon, lat, lon0, lat0))) <= radians(height) / 2;
"""
"""SQL that defines what the translations call."""


def rewrite_functions(tree: exp.Expr) -> exp.Expr:
    """Check every function of a query, and give each its DuckDB name.

    Geometry and separation functions keep their (upper-case) names for ``geometry.rewrite_geometry``.

    Raises
    ------
    QueryError
        For a function that ADQL and the CSC do not have, or a wrong number of arguments.
    """
    for dotted in list(tree.find_all(exp.Dot)):
        owner, call = dotted.this, dotted.expression
        own = isinstance(owner, exp.Identifier) and owner.name.lower() in _OWNERS
        if not (own and isinstance(call, exp.Anonymous) and call.name.upper() in ("CONE_DISTANCE", "SEPARATION")):
            raise refusal(f"{dotted.sql()!r} is not a known function")
        dotted.replace(call)
    for call in tree.find_all(exp.Anonymous):
        name = call.name.upper()
        count = len(call.expressions)
        if name in GEOMETRY or name in SEPARATIONS:
            call.set("this", name)
            continue
        if name not in _FUNCTIONS:
            raise refusal(
                f"the function {call.name!r} is not known",
                did_you_mean(name, [*_FUNCTIONS, *GEOMETRY, *SEPARATIONS]) or "ADQL 2.1 lists the functions there are.",
            )
        fewest, most, call_as = _FUNCTIONS[name]
        if not fewest <= count <= most:
            number = str(fewest) if fewest == most else f"{fewest} to {most}"
            raise refusal(f"the function {name} takes {number} argument(s), not {count}")
        if any(isinstance(argument, (exp.Star, exp.Distinct)) for argument in call.expressions) and (
            name not in ("COUNT", "AVG", "MAX", "MIN", "SUM")
        ):
            raise refusal(f"the function {name} takes a value, neither * nor DISTINCT")
        call.set("this", call_as)
    return tree
