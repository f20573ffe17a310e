"""What the commands found: `docs/reliability.json`, of which `docs/reliability.md` is written.

The findings are kept with the code, so that a step, a parser or a soak that is run alone takes the place of what was
found of it before, wherever the others were run.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from ..filefuzz import ROOT

__all__ = ["FINDINGS", "Findings", "as_text", "cells_of", "libraries", "read_findings", "today"]

FINDINGS = ROOT / "docs" / "reliability.json"
LIBRARIES = ("numpy", "astropy", "pyarrow", "duckdb", "requests", "pyvo")

Findings = dict[str, dict[str, Any]]
"""By section, then by step, by parser and seeds, or by what was measured."""


def read_findings() -> Findings:
    """What was found until now."""
    return json.loads(FINDINGS.read_text(encoding="utf-8")) if FINDINGS.is_file() else {}


def cells_of(findings: Findings) -> Iterator[tuple[str, str, str, str]]:
    """Step, fault, how often it happens, and how the cell ended: "WRONG: …" with what is wrong."""
    for step, row in findings.get("matrix", {}).items():
        for fault, cells in row["faults"].items():
            for often, ended in cells.items():
                yield step, fault, often, ended


def as_text(findings: Findings) -> str:
    """JSON with a line for each step, parser or figure, so that versions can be compared."""
    sections = [
        f"{json.dumps(name)}: {{\n" + ",\n".join(f" {json.dumps(key)}: {json.dumps(rows[key])}" for key in sorted(rows))
        + "\n}"
        for name, rows in sorted(findings.items())
    ]  # fmt: skip
    return "{\n" + ",\n".join(sections) + "\n}\n"


def libraries() -> dict[str, str]:
    """Python and what most depends on."""
    return {"Python": platform.python_version()} | {name: version(name) for name in LIBRARIES}


def today() -> str:
    """The day, in UTC."""
    return datetime.now(UTC).date().isoformat()
