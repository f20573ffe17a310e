"""The source in focus and its observations as code: its detections, and the files of those that are looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cscwidgets.archive.query import quote_text
from cscwidgets.csc.observation import ObservationKey
from cscwidgets.errors import CscError
from cscwidgets.export.script import Code, literal, named

from ..source import SourceState
from .sources import archive_code

__all__ = ["detections_code", "files_code", "focus_code", "row_query"]

_FETCHED = '''
def fetched(rows, kinds, bands="b"):
    """Paths of product files, by observation and kind."""
    products = archive.products(rows, kinds, bands=bands)
    files = {}
    for row, path in zip(products, archive.fetch(products), strict=True):
        key = f"{row['obsid']}.{row['obi']}.{row['region_id']}"
        files.setdefault(key, {})[str(row["kind"])] = path
    return files
'''


def focus_code(source: SourceState) -> Code:
    """The name of the source in focus.

    Raises
    ------
    CscError
        If there is none.
    """
    if not source.name:
        raise CscError("There is no script", "no source is in focus", "Click one, or type its name.")
    return archive_code(source.desk.archive) + Code.of(f"name = {literal(source.name)}")


def detections_code(source: SourceState) -> Code:
    """Its detections, each of an observation.

    Raises
    ------
    CscError
        If no source is in focus, or the archive has no detections of it.
    """
    code = focus_code(source)
    if not len(source.detections):
        raise CscError("There is no script", f"the archive has no detections of {source.name}")
    return code + Code.of("detections = archive.detections(name)")


def row_query(source: SourceState, columns: Sequence[str] = ("*",)) -> str:
    """The query of the source's row of the catalogue, as Python."""
    schema = source.desk.archive.open().schema
    named = quote_text(source.name)
    return literal(f"SELECT {', '.join(columns)} FROM {schema}.master_source WHERE name = {named}")


def files_code(keys: Iterable[ObservationKey], kinds: tuple[str, ...], variable: str, *, bands: str = "b") -> Code:
    """Files of some observations in a variable, by observation and kind, as ``fetched`` gives them."""
    chosen = named("observations", list(map(str, keys)))
    rows = (
        "chosen_rows = detections[\n"
        "    [f\"{row['obsid']}.{row['obi']}.{row['region_id']}\" in observations for row in detections]\n"
        "]"
    )
    asked = "" if bands == "b" else f", bands={literal(bands)}"
    call = f"{variable} = fetched(chosen_rows, {literal(kinds)}{asked})"
    return Code.of(_FETCHED) + Code.of(f"{chosen}\n{rows}\n{call}")
