"""Tables in text: which layout it is, and who reads it."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from textwrap import dedent

from astropy.io.ascii.ecsv import EcsvHeader
from astropy.table import Table

from ..quiet import quiet
from ..reading import Unreadable
from ..yaml_headers import require_plain_yaml
from .astropy_columns import columns_of_astropy
from .bounds import require_fair_lines
from .delimited import read_delimited
from .encoding import decoded
from .raw import RawTable

__all__ = ["read_text"]

# A column may be called "[Fe/H]" or "[3.6]".
_JSON = re.compile(r"\{|\[\s*([\[{\"]|-?\d[\d.]*\s*,|$)")
_FOREIGN = ((re.compile(r"<(!doctype )?html", re.IGNORECASE), "a web page"), (_JSON, "JSON"))

_BEGINNINGS = (
    (re.compile(r"=+( +=+)+$"), "ascii.rst"),
    (re.compile(r"#\s+1\s+[A-Za-z_]\w*"), "ascii.sextractor"),
    (re.compile("#K MERGERAD"), "ascii.daophot"),
)


def read_text(content: bytes, origin: str) -> list[RawTable]:
    """The tables of a file of text.

    Values separated by tabs, commas, semicolons, bars or blanks are read by `read_delimited`, the layouts with rules of
    their own (ECSV, IPAC, MRT and CDS, LaTeX, reStructuredText, SExtractor, fixed width) by astropy.

    Raises
    ------
    Unreadable
        If it is empty, no text, or no table.
    Exception
        Whatever astropy raises: call it inside `cscwidgets.io.reading.reading`.
    """
    text, notes = decoded(content)
    if not text.strip():
        raise Unreadable("it is empty")
    lines = re.split(r"\r\n|\r|\n", text)
    require_fair_lines(lines)
    layout = _layout(lines)
    tables = [_by_astropy("\n".join(lines), layout, origin)] if layout else read_delimited(lines, origin)
    return [_with_notes(table, notes) for table in tables] if notes else tables


def _with_notes(table: RawTable, notes: list[str]) -> RawTable:
    return replace(table, notes=(*notes, *table.notes))


def _layout(lines: list[str]) -> str:
    """The name that astropy has for a layout with rules of its own; empty for delimited values."""
    filled = [line for line in lines if line.strip()]
    first = filled[0].strip()
    if first.startswith("# %ECSV"):
        return "ascii.ecsv"
    for start, what in _FOREIGN:
        if start.match(first):
            raise Unreadable(f"it is {what}, and no table")
    if any(line.startswith("Byte-by-byte Description") for line in lines[:2000]):
        return "ascii.mrt"
    if first.startswith("\\begin{"):
        return "ascii.aastex" if "{deluxetable" in first else "ascii.latex"
    if first.startswith(("\\", "|")):
        return "ascii.fixed_width" if len(filled) > 1 and filled[-1].startswith("|") else "ascii.ipac"
    if len(filled) > 1 and re.fullmatch(r"-{2,}( +-+)+", filled[1].strip()):
        return "ascii.fixed_width_two_line"
    return next((layout for start, layout in _BEGINNINGS if start.match(first)), "")


def _by_astropy(text: str, layout: str, origin: str) -> RawTable:
    if layout == "ascii.ecsv":
        # As astropy finds its lines, which passes over empty ones; the first says the version of ECSV.
        _, *header = EcsvHeader().process_lines(text.splitlines())
        require_plain_yaml(dedent("\n".join(header)))
    with quiet():
        # Not as a string: astropy would take one line for the name of a file, or for an address.
        table = Table.read(io.BytesIO(text.encode()), format=layout, guess=False)
    columns, notes = columns_of_astropy(table)
    return RawTable(origin, tuple(columns), notes=tuple(notes), meta=dict(table.meta))
