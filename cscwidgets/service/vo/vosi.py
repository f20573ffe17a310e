"""What the service says of itself: capabilities, tables, availability, examples."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from xml.etree import ElementTree as ET

from cscwidgets.io.adql.relations import Field, Relation

from ..database import Database
from ..limits import DEFAULT_MAXREC, EXECUTION_SECONDS, HARD_MAXREC, RETENTION, UPLOAD_BYTES, UPLOAD_ROWS
from .elements import SCHEMA_INSTANCE, child, document
from .formats import FORMATS
from .tap_schema import INDEXED, PRINCIPAL, ForeignKey, foreign_keys

__all__ = ["availability", "capabilities", "examples", "tables"]

_FEATURES = "ivo://ivoa.net/std/TAPRegExt#features-"
_GEOMETRY = [
    "POINT",
    "CIRCLE",
    "BOX",
    "POLYGON",
    "CONTAINS",
    "INTERSECTS",
    "DISTANCE",
    "COORD1",
    "COORD2",
    "AREA",
    "CENTROID",
    "COORDSYS",
]
_OPTIONAL = {
    "adql-string": ("LOWER", "UPPER", "ILIKE"),
    "adql-sets": ("UNION", "EXCEPT", "INTERSECT"),
    "adql-common-table": ("WITH",),
    "adql-type": ("CAST",),
    "adql-offset": ("OFFSET",),
}
_OWN_FUNCTIONS = {
    "cone_distance(ra1 DOUBLE, dec1 DOUBLE, ra2 DOUBLE, dec2 DOUBLE) -> DOUBLE": "Angle between two positions, arcmin",
    "separation(ra1 DOUBLE, dec1 DOUBLE, ra2 DOUBLE, dec2 DOUBLE) -> DOUBLE": "Angle between two positions, arcsec",
}


def capabilities(base: str) -> bytes:
    """The VOSI capabilities of the TAP service whose base URL is given (TAPRegExt 1.0)."""
    root = ET.Element(
        "vosi:capabilities",
        {
            "xmlns:vosi": "http://www.ivoa.net/xml/VOSICapabilities/v1.0",
            "xmlns:vr": "http://www.ivoa.net/xml/VOResource/v1.0",
            "xmlns:vs": "http://www.ivoa.net/xml/VODataService/v1.1",
            "xmlns:tr": "http://www.ivoa.net/xml/TAPRegExt/v1.0",
            "xmlns:xsi": SCHEMA_INSTANCE,
        },
    )
    tap = child(root, "capability", standardID="ivo://ivoa.net/std/TAP", xsi_type="tr:TableAccess")
    interface = child(tap, "interface", role="std", version="1.1", xsi_type="vs:ParamHTTP")
    child(interface, "accessURL", base, use="base")
    _language(tap)
    for written in FORMATS:
        output = child(tap, "outputFormat")
        child(output, "mime", written.mime)
        for alias in written.aliases:
            child(output, "alias", alias)
    # http means the results of this service's own jobs; nothing is fetched from elsewhere.
    for method in ("inline", "http"):
        child(tap, "uploadMethod", ivo_id=f"ivo://ivoa.net/std/TAPRegExt#upload-{method}")
    for name, seconds in (("retentionPeriod", RETENTION.total_seconds()), ("executionDuration", EXECUTION_SECONDS)):
        child(child(tap, name), "default", str(int(seconds)))
    limits = child(tap, "outputLimit")
    child(limits, "default", str(DEFAULT_MAXREC), unit="row")
    child(limits, "hard", str(HARD_MAXREC), unit="row")
    limits = child(tap, "uploadLimit")
    child(limits, "default", str(UPLOAD_ROWS), unit="row")
    child(limits, "hard", str(UPLOAD_BYTES), unit="byte")
    for standard, path in (
        ("VOSI#capabilities", "capabilities"),
        ("VOSI#availability", "availability"),
        ("VOSI#tables-1.1", "tables"),
        ("DALI#examples", "examples"),
    ):
        vosi = child(root, "capability", standardID=f"ivo://ivoa.net/std/{standard}")
        kind = "vr:WebBrowser" if path == "examples" else "vs:ParamHTTP"
        interface = child(vosi, "interface", role="std", xsi_type=kind)
        child(interface, "accessURL", f"{base}/{path}", use="full")
    return document(root)


def _language(tap: ET.Element) -> None:
    language = child(tap, "language")
    child(language, "name", "ADQL")
    for version in ("2.0", "2.1"):
        child(language, "version", version, ivo_id=f"ivo://ivoa.net/std/ADQL#v{version}")
    child(language, "description", "ADQL, with the CSC's cone_distance (arcmin) and separation (arcsec)")
    groups = {"adqlgeo": tuple(_GEOMETRY)} | _OPTIONAL
    for group, names in groups.items():
        features = child(language, "languageFeatures", type=f"{_FEATURES}{group}")
        for name in names:
            child(child(features, "feature"), "form", name)
    functions = child(language, "languageFeatures", type=f"{_FEATURES}udf")
    for form, description in _OWN_FUNCTIONS.items():
        feature = child(functions, "feature")
        child(feature, "form", form)
        child(feature, "description", description)


def availability() -> bytes:
    """The VOSI availability document: it answers, so it is available."""
    root = ET.Element("vosi:availability", {"xmlns:vosi": "http://www.ivoa.net/xml/VOSIAvailability/v1.0"})
    child(root, "vosi:available", "true")
    return document(root)


def tables(database: Database, only: str | None = None) -> bytes | None:
    """The VOSI table set, or one table's description (None if there is no such table).

    Columns are always listed, also where a client asks for ``detail=min``: pyvo would fetch each table
    by itself, and then not over the session it was given.
    """
    namespaces = {
        "xmlns:vosi": "http://www.ivoa.net/xml/VOSITables/v1.0",
        "xmlns:vs": "http://www.ivoa.net/xml/VODataService/v1.1",
        "xmlns:xsi": SCHEMA_INSTANCE,
    }
    keys = foreign_keys(database.info.schema, (relation.name for relation in database.relations))
    if only is not None:
        for relation in database.relations:
            if relation.name.lower() == only.lower():
                root = ET.Element("vosi:table", {**namespaces, "type": "table"})
                _describe(root, relation, keys)
                return document(root)
        return None
    root = ET.Element("vosi:tableset", namespaces)
    for name, title in (
        (database.info.schema, database.info.title),
        ("TAP_SCHEMA", "Tables that describe tables"),
    ):
        schema = child(root, "schema")
        child(schema, "name", name)
        child(schema, "description", title)
        for relation in database.relations:
            if relation.name.startswith(f"{name}."):
                _describe(child(schema, "table", type="table"), relation, keys)
    return document(root)


def _describe(element: ET.Element, relation: Relation, keys: Sequence[ForeignKey]) -> None:
    child(element, "name", relation.name)
    if relation.description:
        child(element, "description", relation.description)
    for field in relation.fields.values():
        _column(element, field, own=relation.name.startswith("TAP_SCHEMA."))
    for key in keys:
        if key.source == relation.name:
            entry = child(element, "foreignKey")
            child(entry, "targetTable", key.target)
            for source_column, target_column in key.columns:
                pair = child(entry, "fkColumn")
                child(pair, "fromColumn", source_column)
                child(pair, "targetColumn", target_column)


def _column(element: ET.Element, field: Field, *, own: bool) -> None:
    column = child(element, "column", std=str(own).lower())
    child(column, "name", f'"{field.name}"' if field.name == "size" else field.name)
    for tag in ("description", "unit", "ucd"):
        if value := getattr(field, tag):
            child(column, tag, value)
    shape = {"arraysize": field.arraysize} if field.arraysize else {}
    child(column, "dataType", field.datatype, xsi_type="vs:VOTableType", **shape)
    if not own and field.name in INDEXED:
        child(column, "flag", "indexed")
    if not own and field.name in PRINCIPAL:
        child(column, "flag", "principal")


def examples(database: Database) -> bytes:
    """A DALI examples page with queries that this archive answers."""
    schema = database.info.schema
    queries = {
        "Brightest sources": f"SELECT TOP 10 * FROM {schema}.master_source ORDER BY flux_aper_b DESC",
        "Sources in a cone": (
            f"SELECT name, ra, dec, significance FROM {schema}.master_source"
            " WHERE 1 = CONTAINS(POINT('ICRS', ra, dec), CIRCLE('ICRS', 23.462, 30.660, 0.5))"
        ),
        "Tables and columns": "SELECT table_name, column_name, unit, description FROM TAP_SCHEMA.columns",
    }
    blocks = "".join(
        f'<div id="q{number}" resource="#q{number}" typeof="example"><h2 property="name">{escape(name)}</h2>'
        f'<pre property="query">{escape(query)}</pre></div>\n'
        for number, (name, query) in enumerate(queries.items(), start=1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Examples</title></head>\n'
        f'<body vocab="ivo://ivoa.net/std/DALI#examples">\n<h1>Examples</h1>\n{blocks}</body></html>\n'
    ).encode()
