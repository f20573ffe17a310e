"""What the commands found, one file of all, and the document that is written of it."""

from __future__ import annotations

import json
from typing import Any

from cscwidgets.io.atomic import write_whole

from ..filefuzz import ROOT
from .report import document

__all__ = ["FINDINGS", "write_document"]

FINDINGS = ROOT / "test-results" / "trust.json"


def write_document(found: dict[str, Any]) -> None:
    """Write the document; of a part that was not run this time, as it was found the last time."""
    FINDINGS.parent.mkdir(exist_ok=True)
    earlier = json.loads(FINDINGS.read_text()) if FINDINGS.is_file() else {}
    found = earlier | ({"again": 0} if {"cells", "parsers"} <= set(found) and "again" not in found else {}) | found
    write_whole(FINDINGS, lambda path: path.write_text(json.dumps(found)), overwrite=True)
    if {"cells", "parsers"} <= set(found):
        place = ROOT / "docs" / "reliability.md"
        write_whole(place, lambda path: path.write_text(document(found), encoding="utf-8"), overwrite=True)
