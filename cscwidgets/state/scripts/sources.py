"""The explorer's sources as code: the archive, the region, the table and the reader's own columns, the selection."""

from __future__ import annotations

from collections.abc import Sequence

from regions import CircleSkyRegion, PolygonSkyRegion, SkyRegion

from cscwidgets.archive import Archive
from cscwidgets.archive.cuts import Cut
from cscwidgets.archive.query import chosen_columns
from cscwidgets.errors import CscError
from cscwidgets.export.script import Code, literal, named
from cscwidgets.sky.region import Region

from ..explorer import ExplorerState
from ..own_columns import LABEL, NOTE

__all__ = ["archive_code", "conditions_code", "region_code", "selection_code", "sources_code"]

_UNITS = "import astropy.units as u"
_NUMPY = "import numpy as np"
_COORDINATES = "from astropy.coordinates import SkyCoord"


def archive_code(archive: Archive) -> Code:
    """The archive that is asked."""
    return Code.of(
        f"archive = Archive({literal(archive.name)})", "from cscwidgets import Archive", works=("csc", "cscwidgets")
    )


def region_code(explorer: ExplorerState, region: Region | None = None) -> Code:
    """A region to the last digit; that which the table answers to unless told.

    Raises
    ------
    CscError
        If there is none.
    """
    region = region or explorer.region
    if region is None:
        raise CscError("There is no script", "no region is chosen", "Search a place, or draw a region on the sky.")
    shape = region.shape
    kind = type(shape).__name__
    imports = [_COORDINATES, f"from regions import {kind}"]
    if isinstance(shape, PolygonSkyRegion):
        corners = (named(name, getattr(shape.vertices, name).deg.tolist()) for name in ("ra", "dec"))
        return Code.of("\n".join([*corners, f'region = {kind}(SkyCoord(ra, dec, unit="deg"))']), *imports)
    return Code.of(f"region = {kind}({', '.join(_measures(shape))})", *imports, _UNITS)


def _measures(shape: SkyRegion) -> list[str]:
    centre = f'SkyCoord({literal(float(shape.center.ra.deg))}, {literal(float(shape.center.dec.deg))}, unit="deg")'
    names = ("radius",) if isinstance(shape, CircleSkyRegion) else ("width", "height", "angle")
    return [centre, *(f"{name}={literal(getattr(shape, name))}" for name in names)]


def conditions_code(conditions: Sequence[str | Cut]) -> tuple[str, list[str]]:
    """What must hold, as an argument, and its imports."""
    written: list[str] = []
    imports: list[str] = []
    for one in conditions:
        if isinstance(one, Cut):
            values = [one.column, one.comparison, one.value, one.unit]
            while values and values[-1] in (None, ""):
                values.pop()
            written.append(f"Cut({', '.join(map(literal, values))})")
            imports = ["from cscwidgets.archive import Cut", _UNITS] if "u." in written[-1] else imports
            imports = imports or ["from cscwidgets.archive import Cut"]
        else:
            written.append(literal(one))
    return (f"[{', '.join(written)}]" if written else ""), imports


def sources_code(explorer: ExplorerState) -> Code:
    """The explorer's table.

    Raises
    ------
    CscError
        If there is none.
    """
    table = explorer.table
    if not len(table.colnames):
        raise CscError("There is no script", "no sources were searched", "Search a place first.")
    archive = explorer.desk.archive
    here = archive.columns()
    columns = [name for name in table.colnames if name in here and name not in explorer.own_columns.names]
    usual = set(columns) <= {*chosen_columns(None, here), "name", "ra", "dec"}
    where, imports = conditions_code(explorer.applied)
    options = [*([] if usual else ["columns=columns"]), *([f"where={where}"] if where else [])]
    lines = [] if usual else [named("columns", columns)]
    code = archive_code(archive)
    if explorer.asked == "region":
        pieces = ["complete=True"] if explorer.in_pieces else []
        code += region_code(explorer)
        lines.append(f"sources = archive.search({', '.join(['region', *options, *pieces])})")
    else:  # a list, or a query of the reader's own: by their names
        names = [str(name) for name in table["name"]]
        lines += [named("names", names), f"answer = archive.search_list({', '.join(['names', *options])})"]
        lines += ['sources = QTable(answer.meta["sources"])']
        imports.append("from astropy.table import QTable")
    lines.append('print(sources.meta["provenance"])')
    return code + Code.of("\n".join(lines), *imports) + _own_columns(explorer)


def _own_columns(explorer: ExplorerState) -> Code:
    """Columns of the reader's own: formulas, subsets, labels and notes; of those assigned it is said that they lack."""
    own, code = explorer.own_columns, Code()
    names = 'names = np.asarray(sources["name"], str)'
    for one in own.expressions:
        code += Code.of(
            f"add_column(sources, {literal(one['name'])}, {literal(one['formula'])})",
            "from cscwidgets.science.column_expression import add_column",
        )
    for subset in own.subsets.subsets:
        name = literal(subset["name"])
        if "condition" in subset:
            line = f"sources[{name}] = condition({literal(subset['condition'])}, sources)"
            code += Code.of(line, "from cscwidgets.science.column_expression import condition")
        else:
            members = named("members", list(subset["names"]))
            code += Code.of(f'{members}\nsources[{name}] = np.isin(np.asarray(sources["name"], str), members)', _NUMPY)
    for column, texts in ((LABEL, own.annotations.labels), (NOTE, own.annotations.notes)):
        if texts:
            lines = [
                named(f"{column}s", dict(texts)),
                names,
                f'texts = np.array([{column}s.get(name, "") for name in names])',
                f'sources[{literal(column)}] = MaskedColumn(texts, mask=texts == "")',
            ]
            code += Code.of("\n".join(lines), _NUMPY, "from astropy.table import MaskedColumn")
    if own.values:
        assigned = ", ".join(own.values)
        code += Code.of(f"# Not here: values that were assigned by hand to {assigned}.")
    return code


def selection_code(explorer: ExplorerState) -> Code:
    """The selected sources; nothing where none is selected."""
    chosen = [str(name) for name in explorer.selected["name"]] if len(explorer.selected) else []
    if not chosen:
        return Code()
    lines = [named("chosen", chosen), 'selected = sources[np.isin(np.asarray(sources["name"], str), chosen)]']
    return Code.of("\n".join(lines), _NUMPY)
