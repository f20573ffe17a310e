"""`make trust`: the whole fault matrix, thousands of damaged inputs to every parser, and `docs/reliability.md` of it.

Environment: ``TRUST_SEED`` (a new one each time unless told), ``TRUST_COUNT`` (inputs a parser), ``TRUST_AT_ONCE``
(processes), ``TRUST_PARTS`` ("matrix", "fuzz", both, or "again" for what went wrong the last time),
``TRUST_ONLY`` (steps and parsers by name, with commas between: the rest of the document stays as it was found).
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ..filefuzz import ROOT, try_reader
from ..filereaders import READERS
from ..fileseeds import REAL_SEEDS, make_seeds
from .findings import FINDINGS, write_document
from .matrix import all_cells, run_everywhere
from .steps import STEPS

REAL = ROOT.parent / "shared" / "real"
CASES = ROOT / "tests" / "cases_found"
SHARE = 2_000  # inputs of one process: what it may take of memory begins anew


def run_matrix(at_once: int, only: set[str]) -> tuple[list[dict[str, Any]], int]:
    """All cells, or those of some steps, and the memory in kB of the largest process."""
    places, cells, memory = [place for place in all_cells() if not only or place[0] in only], [], 0
    for cell, taken in run_everywhere(places, at_once):
        cells.append(cell.as_dict())
        memory = max(memory, taken)
        if cell.outcome == "WRONG":
            print(f"WRONG {cell.step} / {cell.fault} / {cell.often}: {cell.why}", flush=True)
        if len(cells) % 200 == 0:
            print(f"{len(cells):,} of {len(places):,} cells", flush=True)
    return cells, memory


def run_parser(name: str, seeds: str, seed: int, count: int) -> dict[str, Any]:
    """One parser; what fails is shrunk and kept, if it was made of made-up seeds."""
    row: dict[str, Any] = {"parser": name, "seeds": seeds, "inputs": 0, "read": 0, "refused": 0, "failed": 0}
    row |= {"slowest": 0.0, "memory": 0, "wrong": []}
    keep = CASES / name.replace(" ", "-") if seeds == "made up" else None
    for start in range(0, count, SHARE):
        part = min(SHARE, count - start)
        with tempfile.TemporaryDirectory() as folder:
            make_seeds(name, Path(folder), None if seeds == "made up" else REAL)
            tried = try_reader(name, Path(folder), part, seed + start, keep)
        row["inputs"] += tried.outcomes.total()
        row["read"] += tried.outcomes["read"]
        row["refused"] += tried.outcomes["refused"]
        row["failed"] += len(tried.wrong)
        row["compared"] = row.get("compared", 0) + tried.compared if READERS[name].judge is not None else None
        row["slowest"], row["memory"] = max(row["slowest"], tried.slowest), max(row["memory"], tried.memory)
        row["wrong"] += tried.wrong
    print(f"{name} ({seeds}): {row['read']:,} read, {row['refused']:,} refused, {row['failed']} failed", flush=True)
    for line in row["wrong"][:5]:
        print(f"  {line[:600]}", flush=True)
    return row


def run_parsers(seed: int, count: int, at_once: int, only: set[str]) -> list[dict[str, Any]]:
    """All parsers, or some, with made-up and with real seeds: half of the inputs each where there are both."""
    both = [name for name in READERS if name in REAL_SEEDS and REAL.is_dir()]
    jobs = [(name, "made up", count // 2 if name in both else count) for name in READERS]
    jobs += [(name, "real", count - count // 2) for name in both]
    jobs = [job for job in jobs if not only or job[0] in only]
    with ThreadPoolExecutor(at_once) as threads:
        return list(threads.map(lambda job: run_parser(job[0], job[1], seed, job[2]), jobs))


def main() -> int:
    """Run all, write the document, and say whether all was as promised."""
    seed = int(os.environ.get("TRUST_SEED") or secrets.randbelow(10**9))
    count = int(os.environ.get("TRUST_COUNT") or 10_000)
    at_once = int(os.environ.get("TRUST_AT_ONCE") or min(4, os.cpu_count() or 1))
    parts = os.environ.get("TRUST_PARTS") or "matrix fuzz"
    print(f"TRUST_SEED={seed} TRUST_COUNT={count}", flush=True)
    only = {name.strip() for name in os.environ.get("TRUST_ONLY", "").split(",") if name.strip()}
    if unknown := only - {*STEPS, *READERS}:
        sys.exit(f"TRUST_ONLY names no step and no parser: {', '.join(sorted(unknown))}")
    found: dict[str, Any] = {}
    if "fuzz" in parts:
        found |= {"parsers": run_parsers(seed, count, at_once, only), "seed": seed}
    if "matrix" in parts:
        begun = time.monotonic()
        found["cells"], found["memory"] = run_matrix(at_once, only)
        found["matrix_seconds"] = time.monotonic() - begun
    if "again" in parts:
        earlier = json.loads(FINDINGS.read_text())
        wrong = [cell for cell in earlier.get("cells", []) if cell["outcome"] == "WRONG"]
        failed = [row for row in earlier.get("parsers", []) if row["failed"]]
        found["again"] = earlier.get("again", 0) + len(wrong) + len(failed)
        found["cells"] = again(earlier.get("cells", []))
        found["parsers"] = [
            run_parser(row["parser"], row["seeds"], earlier["seed"], row["inputs"]) if row["failed"] else row
            for row in earlier.get("parsers", [])
        ]
    if only:
        found = beside_the_rest(json.loads(FINDINGS.read_text()), found, only)
    write_document(found)
    wrong = [cell for cell in found.get("cells", []) if cell["outcome"] == "WRONG"]
    return 1 if wrong or any(row["failed"] for row in found.get("parsers", [])) else 0


def beside_the_rest(earlier: dict[str, Any], found: dict[str, Any], only: set[str]) -> dict[str, Any]:
    """What was found of some steps and parsers, with what was found earlier of the others."""
    rest = [row for row in earlier.get("parsers", []) if row["parser"] not in only]
    rows = [*rest, *found.get("parsers", [])]
    order = {name: place for place, name in enumerate(READERS)}
    cells = [cell for cell in earlier.get("cells", []) if cell["step"] not in only]
    later = {"names": sorted(only), "seed": found.get("seed")}
    return {
        **found,
        "parsers": sorted(rows, key=lambda row: (row["seeds"] == "real", order[row["parser"]])),
        "cells": [*cells, *found.get("cells", [])],
        "seed": earlier["seed"],
        "memory": max(earlier.get("memory", 0), found.get("memory", 0)),
        "again": earlier.get("again", 0),
        "later": [*_without(earlier.get("later", []), only), later],
        "matrix_seconds": earlier["matrix_seconds"] + found.get("matrix_seconds", 0.0),
    }


def _without(runs: list[dict[str, Any]], only: set[str]) -> list[dict[str, Any]]:
    """Earlier runs with what was not run again."""
    left = [run | {"names": [name for name in run["names"] if name not in only]} for run in runs]
    return [run for run in left if run["names"]]


def again(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Cells with those anew that went wrong the last time, one after the other."""
    places = [(cell["step"], cell["fault"], cell["often"]) for cell in cells if cell["outcome"] == "WRONG"]
    anew = {(cell.step, cell.fault, cell.often): cell.as_dict() for cell, _ in run_everywhere(places, 1)}
    for cell in anew.values():
        print(f"{cell['outcome']} {cell['step']} / {cell['fault']} / {cell['often']}: {cell['why']}", flush=True)
    return [anew.get((cell["step"], cell["fault"], cell["often"]), cell) for cell in cells]


if __name__ == "__main__":
    sys.exit(main())
