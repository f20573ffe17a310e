"""Simple Cone Search (SCS 1.03) with the CSC's column lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from xml.sax.saxutils import quoteattr

import pyarrow as pa

from cscwidgets.csc.columns import describe
from cscwidgets.errors import CscError, QueryError
from cscwidgets.io.adql.relations import Field

from ..database import Database
from ..limits import HARD_MAXREC
from ..result import Result
from .formats import archive_infos, find_format, write
from .parameters import real_number

__all__ = ["VERBOSITY_1", "VERBOSITY_2", "cone_search", "error_document"]

VERBOSITY_1 = ("name", "ra", "dec")
VERBOSITY_2 = (
    *VERBOSITY_1,
    *["err_ellipse_r0", "conf_flag", "extent_flag", "sat_src_flag"],
    *["flux_aper_b", "flux_aper_lolim_b", "flux_aper_hilim_b", "flux_aper_w", "flux_aper_lolim_w", "flux_aper_hilim_w"],
    *["significance", "hard_hm", "hard_hm_lolim", "hard_hm_hilim", "hard_ms", "hard_ms_lolim", "hard_ms_hilim"],
    *["var_intra_index_b", "var_intra_index_w", "var_inter_index_b", "var_inter_index_w"],
)
"""The columns the CSC answers with by default, in its order."""

# Cone search still speaks UCD1 (SCS 1.03, section 2.2).
_UCD1 = {"name": "ID_MAIN", "ra": "POS_EQ_RA_MAIN", "dec": "POS_EQ_DEC_MAIN"}
_ARROW = {"char": pa.string(), "boolean": pa.bool_(), "int": pa.int32(), "double": pa.float64()}


def cone_search(database: Database, parameters: Mapping[str, str]) -> tuple[str, Iterator[bytes]]:
    """Answer RA, DEC, SR (degrees) and VERB (1, 2 or 3; 2 if absent).

    Returns
    -------
    (str, iterator of bytes)
        Media type and document.

    Raises
    ------
    QueryError
        In the CSC's words where the parameters are wrong.
    """
    values = {name.upper(): value for name, value in parameters.items()}
    ra, dec, radius = (_number(values.get(name, "")) for name in ("RA", "DEC", "SR"))
    if abs(dec) > 90 or not 0 <= radius <= 180:
        raise _wrong_position()
    verbosity = values.get("VERB", "").strip() or "2"
    if verbosity not in ("1", "2", "3"):
        raise QueryError("Illegal value for verb.", "", "It is 1, 2 or 3.")
    output = find_format(values.get("RESPONSEFORMAT", ""))
    full_name = f"{database.info.schema}.master_source"
    table = next((relation for relation in database.relations if relation.name == full_name), None)
    if table is None or not {"ra", "dec"} <= set(table.fields):
        raise QueryError("This archive has no master sources with positions", "", "Use its TAP service.")
    names = {"1": VERBOSITY_1, "2": VERBOSITY_2, "3": tuple(table.fields)}[verbosity]
    present = [f'"{table.fields[name].name}"' for name in names if name in table.fields]
    order = ' ORDER BY "name"' if "name" in table.fields else ""
    result = database.query(
        f"SELECT {', '.join(present)} FROM {table.name}"
        f" WHERE DISTANCE(POINT(ra, dec), POINT({ra!r}, {dec!r})) <= {radius!r}{order}",
        # A radius of 0 asks for the columns alone.
        maxrec=HARD_MAXREC if radius else 0,
    )
    result = replace(_complete(result, names), truncated=result.truncated and radius > 0)
    description = f"{database.info.title}: Simple Cone Search"
    return output.mime, write(result, output, archive_infos(database.info), description)


def error_document(error: CscError) -> bytes:
    """The CSC's answer to wrong parameters: HTTP 200 and an INFO named Error."""
    message = str(error) if error.why or error.hint else error.what
    return (
        '<?xml version="1.0"?>\n<VOTABLE version="1.2" xmlns="http://www.ivoa.net/xml/VOTable/v1.2">\n'
        f'  <INFO ID="Error" name="Error" value={quoteattr(message)}/>\n</VOTABLE>\n'
    ).encode()


def _wrong_position() -> QueryError:
    return QueryError("Illegal format for ra, dec or sr.")


def _number(text: str) -> float:
    try:
        return real_number("a position", text, "degrees")
    except QueryError:
        raise _wrong_position() from None


def _complete(result: Result, names: tuple[str, ...]) -> Result:
    """Put the columns in order; those the archive does not have are null."""
    index_of = {field.name.lower(): index for index, field in enumerate(result.fields)}
    columns, fields = [], []
    for name in names:
        if name in index_of:
            field = result.fields[index_of[name]]
            columns.append(result.table.column(index_of[name]))
        else:
            column = describe(name, "master_source")
            kind = column.datatype if column else "double"
            field = Field(name, kind, "*" if kind == "char" else "", column.unit if column else "")
            columns.append(pa.nulls(result.table.num_rows, _ARROW[kind]))
        fields.append(replace(field, ucd=_UCD1.get(name, field.ucd)))
    return Result(pa.table(columns, names=[field.name for field in fields]), tuple(fields), result.truncated)
