"""What the service says of itself: that it is up, what it can, which tables it has."""

from __future__ import annotations

import io
from typing import Any

from pyvo.io import vosi

from cscwidgets.csc.releases import RELEASES

from ..findings import NEWER
from ..reference import Reference
from ..visit import NothingToAsk, Step, Visit

__all__ = ["AVAILABILITY", "CAPABILITIES", "TABLES"]

_GEOMETRY = "features-adqlgeo"


def _availability(visit: Visit) -> None:
    address = f"{visit.connection.release.tap}/availability"
    with visit.part("The availability"):
        content = visit.document(address)
        said = vosi.parse_availability(io.BytesIO(content).read)
        if said.available:
            visit.remark("It says that it is available.")
            return
        notes = "; ".join(str(getattr(note, "content", note)) for note in said.notes or ())
        visit.deviates(
            "The service says that it is not available",
            expected="available true",
            found=f"available false{f': {notes}' if notes else ''}",
            follows="Answers may be missing, or old.",
            do=f"Wait until it is back{f', announced for {said.backat}' if said.backat else ''}.",
        )
    _leave_open(visit, {404, 501}, "TAP 1.1 leaves it open whether a service tells its availability.")


def _leave_open(visit: Visit, statuses: set[int], words: str) -> None:
    """Take what the standard leaves open for no fault."""
    if visit.session.exchanges and visit.last.status in statuses and visit.deviations:
        visit.deviations.pop()
        visit.remark(f"HTTP status {visit.last.status}: {words}")


def _capabilities(visit: Visit) -> None:
    address = f"{visit.connection.release.tap}/capabilities"
    with visit.part("The capabilities"):
        described = vosi.parse_capabilities(io.BytesIO(visit.document(address)).read)
        standards = [str(one.standardid or "").lower() for one in described]
        taps = [
            one for one, name in zip(described, standards, strict=True) if name.startswith("ivo://ivoa.net/std/tap")
        ]
        if not taps:
            visit.deviates(
                "The capabilities name no TAP service",
                expected="a capability ivo://ivoa.net/std/TAP",
                found=f"{', '.join(filter(None, standards)) or 'none'}",
                follows="Other programs, such as TOPCAT, cannot tell what the service can.",
                do="Check that the address is that of a TAP service.",
            )
            return
        _language(visit, taps[0])
        _uploads(visit, taps[0])
        _limit(visit, taps[0], visit.subject.reference)


def _language(visit: Visit, capability: Any) -> None:
    versions = sorted({str(interface.version) for interface in capability.interfaces if interface.version})
    languages = [f"{one.name} {'/'.join(str(v.content) for v in one.versions)}".strip() for one in capability.languages]
    visit.remark(
        f"TAP {', '.join(versions) or 'of a version it does not say'}; languages {', '.join(languages) or 'none'}."
    )
    if languages and not any(language.upper().startswith("ADQL") for language in languages):
        visit.deviates(
            "The language ADQL is not offered",
            expected="ADQL",
            found=", ".join(languages),
            follows="No question of this package is understood.",
            do="Check that the address is that of the archive.",
        )
    geometry = [
        feature.form
        for language in capability.languages
        for features in language.languagefeaturelists
        if str(features.type or "").endswith(_GEOMETRY)
        for feature in features
    ]
    visit.remark(f"Geometry functions: {', '.join(geometry) or 'it names none'}.")


def _uploads(visit: Visit, capability: Any) -> None:
    methods = [str(method.ivo_id or "").rpartition("#")[2] for method in capability.uploadmethods]
    visit.remark(f"Ways to upload tables: {', '.join(methods) or 'it names none'}.")
    formats = [str(one.mime) for one in capability.outputformats]
    visit.remark(f"Formats: {', '.join(formats[:8]) or 'it names none'}.")
    if formats and not any("votable" in one.lower() or "xml" in one.lower() for one in formats):
        visit.deviates(
            "VOTable is not among the formats of answers",
            expected="application/x-votable+xml",
            found=", ".join(formats[:8]),
            follows="The client reads VOTables only.",
            do="Nothing, if the queries below are well.",
        )


def _limit(visit: Visit, capability: Any, reference: Reference) -> None:
    limit = capability.outputlimit
    parts = [] if limit is None else [part for part in (limit.default, limit.hard) if part is not None]
    if not parts:
        visit.remark("It does not say how many rows it answers at most (MAXREC).")
        return
    rows = [int(part.content) for part in parts if str(part.unit or "row") == "row" and part.content is not None]
    visit.remark(f"Rows of an answer (MAXREC, default and at most): {' and '.join(f'{number:,}' for number in rows)}.")
    if rows and rows[0] < reference.most_rows:
        visit.deviates(
            "The service answers fewer rows at once (MAXREC)",
            expected=f"{reference.most_rows:,} rows",
            found=f"{rows[0]:,} rows",
            follows="Large regions come cut, with a warning; complete=True asks for the rest in parts.",
            do="Nothing for small regions; attach this report to an issue.",
        )


def _tables(visit: Visit) -> None:
    names = visit.subject.reference.tables
    rows: set[tuple[str, str]] = set()
    with visit.part("The list of tables (TAP_SCHEMA)"):
        answer = visit.tap("SELECT schema_name, table_name FROM TAP_SCHEMA.tables")
        columns = {name.lower(): answer[name] for name in answer.colnames}
        rows = {
            (str(schema).strip('"'), str(table).strip('"'))
            for schema, table in zip(columns["schema_name"], columns["table_name"], strict=True)
        }
        _compare(visit, rows, set(names))
    with visit.part("The list of tables (VOSI)"):
        described = vosi.parse_tables(io.BytesIO(visit.document(f"{visit.connection.release.tap}/tables")).read)
        said = {_bare(str(table.name)) for table in described.iter_tables()}
        listed = {_bare(table) for _, table in rows}
        if rows and (other := sorted((said ^ listed) & set(names))):
            visit.deviates(
                "The service's two lists of tables differ",
                expected="the same in /tables as in TAP_SCHEMA",
                found=f"{', '.join(other)} in one of them only",
                follows="Other programs see other tables than this package.",
                do="Nothing.",
                matters=False,
            )
    _leave_open(visit, {501}, "it describes its tables in TAP_SCHEMA alone.")


def _compare(visit: Visit, rows: set[tuple[str, str]], names: set[str]) -> None:
    schema = visit.schema.lower()
    here = {_bare(table) for said, table in rows if said.lower() == schema or table.lower().startswith(f"{schema}.")}
    held = sorted(names & here)
    visit.remark(f"The schema {visit.schema} holds {len(held)} of the catalogue's {len(names)} tables.")
    if not here:
        _other_release(visit, {said.lower() for said, _ in rows})
    elif visit.subject.reference.complete and (missing := sorted(names - here)):
        visit.deviates(
            f"The table {', '.join(missing)} is missing",
            expected=f"{visit.schema}.{missing[0]} in TAP_SCHEMA.tables",
            found=f"{len(held)} of {len(names)} tables: {', '.join(held)}",
            follows="Questions about it fail: sources, stacks or detections do not come.",
            do=NEWER,
        )
    elif not held and not visit.subject.reference.complete:
        raise NothingToAsk("the archive holds none of the catalogue's tables")


def _other_release(visit: Visit, schemas: set[str]) -> None:
    others = list(dict.fromkeys(release.title for release in RELEASES.values() if release.schema in schemas))
    found = ", ".join(others) or "no release of the CSC"
    visit.deviates(
        f"The schema {visit.schema} is not there" + (": another release answers" if others else ""),
        expected=f"the schema {visit.schema} of {visit.connection.release.title}",
        found=f"{found} ({', '.join(sorted(schemas)) or 'no schema'})",
        follows="No question to this archive is answered.",
        do=f"Open another release: {', '.join(RELEASES)}." if others else "Check the address.",
    )


def _bare(table: str) -> str:
    return table.rpartition(".")[2].strip('"').lower()


AVAILABILITY = Step("availability", "Availability of the TAP service", _availability)
CAPABILITIES = Step("capabilities", "What the TAP service can", _capabilities)
TABLES = Step("tables", "Tables", _tables)
