"""`docs/reliability.md`, from what `make trust` and `make soak` found: a section is a function."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cscwidgets.io.atomic import write_whole

from ..filereaders import READERS
from ..soak.words import idle_words, soak_words
from .faults import FAULTS
from .findings import FINDINGS, Findings, as_text, cells_of, libraries, read_findings
from .steps import STEPS

__all__ = ["DOCUMENT", "PROMISES", "SECTIONS", "document", "write_document", "write_findings"]

DOCUMENT = FINDINGS.with_suffix(".md")

PROMISES = (
    ("An answer is the right one, or there is one error that says what did not happen, why, and what to do.",
     "tests/trust/test_matrix.py"),
    ("An answer that is not whole says so, with a warning and in its provenance.", "tests/trust/test_matrix.py"),
    ("Nothing waits longer than its time-outs allow, however slowly something comes.", "tests/archive/test_endless.py"),
    ("No thread, connection, temporary or half file is left, and the next question is answered.",
     "tests/trust/test_matrix.py"),
    ("What is cached is right: a failed or strange answer is never kept.", "tests/trust/test_matrix.py"),
    ("A busy service is asked again, politely, and one that asks for a long pause is left alone.",
     "tests/archive/test_failures.py"),
    ("No file and no answer makes a reader fail without words, hang, take a gigabyte, or reach outside.",
     "tests/io/test_filefuzz.py"),
    ("Numbers that were read are those that another reader reads.", "tests/io/test_filefuzz.py"),
    ("What a fuzzer once found stays mended.", "tests/io/test_filefuzz.py"),
    ("Code never computes with a failed answer.", "tests/test_failed_answers.py"),
    ("An explorer stays usable, and keeps to its memory, threads, files and cache, whatever fails, for hours.",
     "tests/soak/test_soak.py"),
    ("A panel says what went wrong, and works at the next try.", "tests/browser/test_fault_cells.py"),
    ("An explorer that is left alone does nothing.", "tests/soak/test_soak.py"),
    ("What changed at a service is found and named by `cscwidgets doctor`.", "tests/doctor/test_deviations.py"),
    ("Answers of another TAP service, DaCHS, are the same as the embedded one's, row by row (`make test-dachs`).",
     "tests/dachs/test_client.py"),
    ("Where images of the sky fail, a survey that cannot be shown says so.", "tests/browser/test_surveys.py"),
)  # fmt: skip
"""What is promised, and the test that holds it."""


def summary(found: Findings) -> str:
    """The figures in short."""
    cells, steps, parsers = list(cells_of(found)), found.get("matrix", {}), found.get("parsers", {}).values()
    wrong = sum(ended.startswith("WRONG") for *_, ended in cells)
    inputs, failed = sum(row["inputs"] for row in parsers), sum(row["failed"] for row in parsers)
    slowest = max((row["seconds"] for row in steps.values()), default=0.0)
    largest = max((row["memory"] for row in steps.values()), default=0)
    again = sum(row["again"] for row in (*steps.values(), *parsers))
    faults = len({fault for _, fault, _, _ in cells})
    ended = "of them ended otherwise than promised."
    lines = [
        f"- {len(cells):,} cells of the fault matrix: {len(steps)} steps under {faults} faults.",
        f"  {wrong} {ended} The slowest took {slowest:.0f} s, the largest process {largest / 1e6:.2f} GB.",
        f"- {inputs:,} damaged inputs to {len({row['parser'] for row in parsers})} parsers.",
        f"  {failed} {ended}",
        f"- Run with {', '.join(f'{name} {number}' for name, number in found.get('libraries', {}).items())}.",
    ]
    if again:
        lines.append(f"- Of the cells and parsers {again} went wrong at first, and were tried again alone.")
    return "\n".join(lines)


def promises(_: Findings) -> str:
    """What is promised."""
    rows = [f"| {words} | [`{test}`](../{test}) |" for words, test in PROMISES]
    return "\n".join(["| promise | test |", "|---|---|", *rows])


def matrix(found: Findings) -> str:
    """Outcomes by step and by fault."""
    by_step, by_fault = defaultdict(Counter), defaultdict(Counter)
    for step, fault, _, ended in cells_of(found):
        by_step[step][ended.partition(":")[0]] += 1
        by_fault[fault][ended.partition(":")[0]] += 1
    text = (
        "A real server on loopback stands before the embedded archive and the protocols of CDS, HEASARC and Sesame, and"
        " does to one kind of answer what a fault says; the rest of the conversation is undisturbed. *Recovered* is"
        " the same answer as without the fault; *told* an answer with a warning that it is not whole; *refused* one"
        " error in words. Whatever else happens is *wrong*: another answer without a word, an error of a library, more"
        " than a minute, a thread, a line or a half file that is left, or a client that cannot be used afterwards.\n"
    )
    steps = [_row(name, STEPS[name].words, by_step[name]) for name in STEPS]
    faults = [_row(name, fault.words, by_fault[name]) for name, fault in FAULTS.items()]
    head = "recovered | told | refused | wrong |\n|---|---|---|---|---|---|"
    wrong = [f"{step} / {fault} / {often}: {ended}" for step, fault, often, ended in cells_of(found)
             if ended.startswith("WRONG")]  # fmt: skip
    return "\n".join(
        [
            text,
            f"| step | what is asked | {head}",
            *steps,
            f"\n| fault | what happens | {head}",
            *faults,
            "",
            _wrong(wrong),
        ]
    )


def _row(name: str, words: str, counts: Counter[str]) -> str:
    figures = " | ".join(str(counts[outcome]) for outcome in ("recovered", "told", "refused", "WRONG"))
    return f"| {name} | {words} | {figures} |"


def unknowable(_: Findings) -> str:
    """What no client can know."""
    rows = [
        f"- {step.words}: {', '.join(FAULTS[fault].words for fault in step.unknowable)}."
        for step in STEPS.values()
        if step.unknowable
    ]
    return "\n".join(
        [
            "These cells are left out, since nobody could tell such an answer from a right one:\n",
            *rows,
            "- Any table: numbers that were changed on their way to other numbers. VOTable and TAP have no checksum.",
            "- Any table: rows that a service leaves out without a word, at a number that is not the limit asked for",
            "  nor, of catalogues to match with, a multiple of 1000.",
        ]
    )


def fuzzers(found: Findings) -> str:
    """Parsers, and what they made of damaged inputs."""
    text = (
        "Each input is a file or an answer, damaged in one to four ways: dangerous values of keywords and cells, lost,"
        " doubled and exchanged parts, wrong bytes, other encodings, packings and types. A parser may read it or refuse"
        " it in words; it may not take more than five seconds of a processor or one gigabyte, nor open, ask or start"
        " anything outside. Answers in VOTable are compared with what ElementTree and numpy read, tables with what"
        " astropy reads, files of a tar with what was packed. Of files of the catalogue *compared* are those that other"
        " readers read too, and whose numbers they must give: one of the bytes by the letter of FITS and OGIP's memos,"
        " Sherpa for spectra and responses, `regions` for shapes, astropy and wcslib for places."
        " *Real* seeds are files of the catalogue, where they are beside the checkout. A parser with the same number"
        " of inputs and seed of the generator gets the same again.\n"
    )
    order = {name: place for place, name in enumerate(READERS)}
    parsers = sorted(found.get("parsers", {}).values(), key=lambda row: (row["seeds"] == "real", order[row["parser"]]))
    rows = [
        f"| {row['parser']} | {row['seeds']} | {row['inputs']:,} | {row['read']:,} | {row['refused']:,}"
        f" | {_count(row['compared'])} | {row['failed']} | {row['slowest']:.2f} | {row['memory'] / 1e3:,.0f}"
        f" | {row['day']} | {row['seed']} |"
        for row in parsers
    ]
    columns = "inputs | read | refused | compared | failed | slowest (s) | memory (MB) | run on | seed of the generator"
    head = f"| parser | seeds | {columns} |\n{'|---' * 11}|"
    wrong = [f"{row['parser']}: {line}" for row in parsers for line in row["wrong"]]
    return "\n".join([text, head, *rows, "", _wrong(wrong)])


def _count(number: int | None) -> str:
    return "–" if number is None else f"{number:,}"


def _wrong(lines: list[str]) -> str:
    return "\n".join(f"- **wrong** {' '.join(line.split())[:300]}" for line in lines[:50])


def taplint(_: Findings) -> str:
    """What the IVOA's validator says of the embedded service."""
    return (
        "`taplint` of STILTS finds no error, no failure and no warning in the embedded service, in all its stages but"
        " one ([`tests/service/test_server.py`](../tests/service/test_server.py)). The stage ObsLoc (LOC) asks for the"
        " table `ivoa.obsplan` of ObsLocTAP: observations that are planned or scheduled, which a catalogue of sources"
        " has not. The service does not declare that standard, and the absence of the table is all that the stage says."
    )


Section = Callable[[Findings], str]

SECTIONS: dict[str, Section] = {
    "In short": summary,
    "What is promised, and how it is tested": promises,
    "The fault matrix": matrix,
    "What nobody can know": unknowable,
    "Damaged inputs": fuzzers,
    "taplint": taplint,
    "The journeys under faults": soak_words,
    "Explorers left alone": idle_words,
}
"""The sections of the document by their titles. What another command finds is one more function here."""


HEAD = """# Reliability

Written by `make trust` and `make soak` from what they found, which is in
[`reliability.json`](reliability.json); do not edit.
"""


def document(found: Findings) -> str:
    """The whole document."""
    parts = [f"## {title}\n\n{write(found).rstrip()}\n" for title, write in SECTIONS.items()]
    return "\n".join([HEAD, *parts])


def write_findings(section: str, found: dict[str, Any]) -> None:
    """Put what was found in the place of what was found of the same before, and write the document anew."""
    findings = read_findings()
    findings[section] = findings.get(section, {}) | found
    findings["libraries"] = libraries()
    _write(FINDINGS, as_text(findings))
    write_document()


def write_document() -> None:
    """Write the document of what was found until now."""
    _write(DOCUMENT, document(read_findings()))


def _write(place: Path, text: str) -> None:
    write_whole(place, lambda path: path.write_text(text, encoding="utf-8"), overwrite=True)
