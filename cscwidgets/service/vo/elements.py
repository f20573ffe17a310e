"""Small XML documents of the VO interfaces."""

from __future__ import annotations

from xml.etree import ElementTree as ET

__all__ = ["SCHEMA_INSTANCE", "child", "document"]

SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"


def child(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    """Add an element; ``xsi_type`` and ``ivo_id`` become ``xsi:type`` and ``ivo-id``."""
    names = {"xsi_type": "xsi:type", "ivo_id": "ivo-id", "xsi_nil": "xsi:nil", "xlink_href": "xlink:href"}
    element = ET.SubElement(parent, tag, {names.get(key, key): value for key, value in attributes.items()})
    element.text = text
    return element


def document(root: ET.Element) -> bytes:
    """Serialise a document with its declaration."""
    text: bytes = ET.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + text
