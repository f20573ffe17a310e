"""An archive folder as DaCHS is told of it: a resource descriptor made of what the columns say."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from cscwidgets.archive.folder import ArchiveInfo
from cscwidgets.io.adql.relations import Field, Relation
from cscwidgets.service.database import Database
from cscwidgets.service.vo.scs import VERBOSITY_1, VERBOSITY_2

__all__ = ["descriptor"]

_TYPES = {
    "char": "text",
    "boolean": "boolean",
    "unsignedByte": "smallint",
    "short": "smallint",
    "int": "integer",
    "long": "bigint",
    "float": "real",
    "double": "double precision",
}
_INDEXES = (("name",), ("dec",), ("detect_stack_id", "region_id"), ("obsid", "obi", "region_id"))
# What no column holds: VOTable needs a number for nulls of whole numbers.
_NULLS = {"smallint": -32768, "integer": -(2**31), "bigint": -(2**63)}


def descriptor(folder: Path) -> bytes:
    """The resource descriptor: every table in ADQL, and a cone search over the master sources."""
    database = Database(folder)
    info = database.info
    relations = {r.name.partition(".")[2]: r for r in database.relations if r.name.startswith(f"{info.schema}.")}
    database.close()
    root = ET.Element("resource", schema=info.schema)
    about = {
        "title": info.title,
        "creationDate": info.created[:10] + "T00:00:00Z",
        "description": info.origin,
        "subject": "x-ray-sources",
        "creator.name": "cscwidgets",
    }
    for name, value in about.items():
        ET.SubElement(root, "meta", name=name).text = value
    for name, relation in relations.items():
        _table(root, name, relation)
    ET.SubElement(ET.SubElement(root, "data", id="make"), "nullGrammar")
    for name in relations:
        ET.SubElement(root.find("data"), "make", table=name)
    if {"ra", "dec"} <= set(relations["master_source"].fields):
        _cone_search(root, info)
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def _table(root: ET.Element, name: str, relation: Relation) -> None:
    table = ET.SubElement(root, "table", id=name, onDisk="True", adql="True")
    if name == "master_source" and {"ra", "dec"} <= set(relation.fields):
        table.set("mixin", "//scs#q3cindex")
    ET.SubElement(table, "meta", name="description").text = relation.description
    for columns in _INDEXES:
        if set(columns) <= set(relation.fields):
            ET.SubElement(table, "index", columns=",".join(columns))
    for field in relation.fields.values():
        _column(table, field)


def _column(table: ET.Element, field: Field) -> None:
    kind = _TYPES[field.datatype]
    level = 10 if field.name in VERBOSITY_1 else 20 if field.name in VERBOSITY_2 else 30
    column = ET.SubElement(table, "column", name=field.name, type=kind, verbLevel=str(level))
    for attribute in ("unit", "ucd", "description"):
        if value := getattr(field, attribute):
            column.set(attribute, value)
    if kind in _NULLS:
        ET.SubElement(column, "values", nullLiteral=str(_NULLS[kind]))


def _cone_search(root: ET.Element, info: ArchiveInfo) -> None:
    service = ET.SubElement(root, "service", id="cone", allowed="scs.xml")
    ET.SubElement(service, "meta", name="shortName").text = f"{info.schema} cone"
    for name, value in {"testQuery.ra": "0", "testQuery.dec": "0", "testQuery.sr": "1"}.items():
        ET.SubElement(service, "meta", name=name).text = value
    core = ET.SubElement(service, "scsCore", queriedTable="master_source")
    ET.SubElement(core, "FEED", source="//scs#coreDescs")
