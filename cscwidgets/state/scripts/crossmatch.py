"""The match with a catalogue as code."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import fields

import astropy.units as u
import numpy as np

from cscwidgets.archive.catalogues.table_catalogue import TableCatalogue
from cscwidgets.errors import CscError
from cscwidgets.export.script import Code, literal
from cscwidgets.science.matches.column_roles import ColumnRoles

from ..crossmatch import CrossmatchState
from ..match import Match, margin_of
from .sources import region_code, selection_code, sources_code

__all__ = ["crossmatch_code"]

_MATCHES = "from cscwidgets.science.matches import {}"


def crossmatch_code(state: CrossmatchState, variables: Container[str]) -> Code:
    """The last match and its verdicts; a table of the notebook is called by its variable.

    Raises
    ------
    CscError
        If nothing was matched.
    """
    match = state.match
    if match is None:
        raise CscError("There is no script", "nothing was matched yet", "Choose a catalogue and match.")
    explorer = state.explorer
    code = sources_code(explorer) + region_code(explorer) + _catalogue(match, variables)
    sources = "sources"
    if len(match.sources) < len(explorer.table):
        names = [str(name) for name in match.sources["name"]]
        members = f'np.isin(np.asarray(sources["name"], str), {literal(names)})'
        code += Code.of(f"chosen_sources = sources[{members}]", "import numpy as np")
        sources = "chosen_sources"
    return code + _match(state, match, sources) + selection_code(explorer)


def _catalogue(match: Match, variables: Container[str]) -> Code:
    catalogue = match.catalogue
    text = catalogue.reference
    if text:
        line = f"catalogue = find_catalogue({literal(text)}, archive)"
        return Code.of(line, "from cscwidgets.archive import find_catalogue", works=(f"catalogue:{catalogue.name}",))
    if isinstance(catalogue, TableCatalogue) and catalogue.title in variables:
        lines = [f"# {catalogue.title} is a table of your notebook."]
        lines.append(f"catalogue = TableCatalogue({catalogue.title}, {literal(catalogue.title)})")
        return Code.of("\n".join(lines), "from cscwidgets.archive import TableCatalogue")
    raise CscError(
        "There is no script", f"{catalogue.title} is a table of this session alone", "Write it to a file, match that."
    )


def _match(state: CrossmatchState, match: Match, sources: str) -> Code:
    cuts = state.thresholds
    margin = margin_of(match.radius)
    options = ["catalogue_roles=roles"]
    options += [f"prior={literal(match.prior)}"] if match.prior else []
    options += [] if np.isnan(match.epoch) else [f"source_epoch={match.epoch!r}"]
    decisions = {row: int(chosen) for row, chosen in state.decided_rows.items()}
    decided = f", decisions={literal(decisions)}" if decisions else ""
    lines = [
        f'positions = SkyCoord({sources}["ra"], {sources}["dec"])',
        f"objects = catalogue.near(region, {literal(margin.to(u.arcsec))}, sources=positions)",
        f"roles = {_roles(match)}",
        "found = crossmatch(",
        f"    {sources}, objects, {literal(match.radius.to(u.arcsec))}, {', '.join(options)},",
        '    density=objects.meta.get("density"),',
        ")",
        f"thresholds = Thresholds(matched={cuts.matched!r}, none={cuts.none!r})",
        "table = counterpart_table(",
        f"    {sources}, objects, found, {literal(match.catalogue.name)}, thresholds=thresholds{decided}",
        ")",
        'matched = table[np.asarray(table["verdict"]) == "matched"]',
        "false = found.false_matches()",
        'print(f"completeness {found.completeness} +- {found.completeness_error}")',
        "print(matched)",
    ]
    return Code.of(
        "\n".join(lines),
        "import astropy.units as u",
        "import numpy as np",
        "from astropy.coordinates import SkyCoord",
        "from cscwidgets.science.crossmatch import crossmatch",
        *(_MATCHES.format(name) for name in ("ColumnRoles", "Thresholds", "counterpart_table")),
        works=("budavari-szalay",),
    )


def _roles(match: Match) -> str:
    if match.roles == ColumnRoles.guess(match.objects):
        return "ColumnRoles.guess(objects)"
    changed = [
        f"{one.name}={f'u.Unit({literal(value.to_string())})' if isinstance(value, u.UnitBase) else literal(value)}"
        for one in fields(match.roles)
        if (value := getattr(match.roles, one.name)) not in ("", None)
    ]
    return f"ColumnRoles({', '.join(changed)})"
