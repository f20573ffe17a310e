"""`make trust`: the whole fault matrix, thousands of damaged inputs to every parser, and `docs/reliability.md` of it.

Each step and each parser is written down as it is done; the rest of the document stays as it was found before.

Environment: ``TRUST_SEED`` (a new one each time unless told), ``TRUST_COUNT`` (inputs a parser), ``TRUST_AT_ONCE``
(processes), ``TRUST_PARTS`` ("matrix", "fuzz", both, "again" for what went wrong the last time, one after the other,
or "document", which is written anew of what was found), ``TRUST_ONLY`` (steps and parsers by name, with commas
between).
"""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from ..filefuzz import ROOT, try_reader
from ..filereaders import READERS
from ..fileseeds import REAL_SEEDS, make_seeds
from .cells import Cell
from .findings import cells_of, read_findings, today
from .matrix import all_cells, run_everywhere
from .report import write_document, write_findings
from .steps import STEPS

REAL = ROOT.parent / "shared" / "real"
CASES = ROOT / "tests" / "cases_found"
SHARE = 2_000  # inputs of one process: what it may take of memory begins anew


def run_matrix(at_once: int, only: Iterable[str], again: Mapping[str, int] | None = None) -> None:
    """All cells, or those of some steps, of which so many went wrong before."""
    only = set(only)
    places = [place for place in all_cells() if not only or place[0] in only]
    waited, done = Counter(place[0] for place in places), defaultdict(list)
    for number, (cell, memory) in enumerate(run_everywhere(places, at_once), start=1):
        done[cell.step].append((cell, memory))
        if cell.outcome == "WRONG":
            print(f"WRONG {cell.step} / {cell.fault} / {cell.often}: {cell.why}", flush=True)
        if number % 200 == 0:
            print(f"{number:,} of {len(places):,} cells", flush=True)
        if len(done[cell.step]) == waited[cell.step]:
            row = step_row(done.pop(cell.step)) | {"again": (again or {}).get(cell.step, 0)}
            write_findings("matrix", {cell.step: row})


def step_row(cells: Iterable[tuple[Cell, int]]) -> dict[str, Any]:
    """What came of a step under all its faults; of what is wrong, what it is."""
    row: dict[str, Any] = {"day": today(), "seconds": 0.0, "memory": 0, "faults": defaultdict(dict)}
    for cell, memory in cells:
        ended = f"WRONG: {cell.why}" if cell.outcome == "WRONG" else cell.outcome
        row["faults"][cell.fault][cell.often] = ended
        row["seconds"], row["memory"] = max(row["seconds"], round(cell.seconds, 2)), max(row["memory"], memory)
    return row


def run_parser(name: str, seeds: str, seed: int, count: int) -> dict[str, Any]:
    """One parser; what fails is shrunk and kept, if it was made of made-up seeds."""
    row: dict[str, Any] = {"parser": name, "seeds": seeds, "inputs": 0, "read": 0, "refused": 0, "failed": 0}
    row |= {"slowest": 0.0, "memory": 0, "wrong": [], "seed": seed, "day": today()}
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


def run_parsers(seed: int, count: int, at_once: int, only: set[str]) -> None:
    """All parsers, or some, with made-up and with real seeds: half of the inputs each where there are both."""
    both = [name for name in READERS if name in REAL_SEEDS and REAL.is_dir()]
    jobs = [(name, "made up", seed, count // 2 if name in both else count) for name in READERS]
    jobs += [(name, "real", seed, count - count // 2) for name in both]
    run_jobs([job for job in jobs if not only or job[0] in only], at_once)


def run_jobs(jobs: Iterable[tuple[str, str, int, int]], at_once: int, again: int = 0) -> None:
    """Parsers with seeds, each written down as it is done."""
    with ThreadPoolExecutor(at_once) as threads:
        for done in as_completed([threads.submit(run_parser, *job) for job in jobs]):
            row = done.result() | {"again": again}
            write_findings("parsers", {f"{row['parser']}, {row['seeds']}": row})


def run_again() -> None:
    """What went wrong the last time, one after the other, with nothing beside it."""
    found = read_findings()
    if wrong := Counter(step for step, _, _, ended in cells_of(found) if ended.startswith("WRONG")):
        run_matrix(1, wrong, wrong)
    failed = [row for row in found.get("parsers", {}).values() if row["failed"]]
    run_jobs([(row["parser"], row["seeds"], row["seed"], row["inputs"]) for row in failed], 1, again=1)


def main() -> int:
    """Run all, and say whether all was as promised."""
    seed = int(os.environ.get("TRUST_SEED") or secrets.randbelow(10**9))
    count = int(os.environ.get("TRUST_COUNT") or 10_000)
    at_once = int(os.environ.get("TRUST_AT_ONCE") or min(4, os.cpu_count() or 1))
    parts = os.environ.get("TRUST_PARTS") or "matrix fuzz"
    print(f"TRUST_SEED={seed} TRUST_COUNT={count}", flush=True)
    only = {name.strip() for name in os.environ.get("TRUST_ONLY", "").split(",") if name.strip()}
    if unknown := only - {*STEPS, *READERS}:
        sys.exit(f"TRUST_ONLY names no step and no parser: {', '.join(sorted(unknown))}")
    if "fuzz" in parts:
        run_parsers(seed, count, at_once, only)
    if "matrix" in parts:
        run_matrix(at_once, only)
    if "again" in parts:
        run_again()
    write_document()
    found = read_findings()
    wrong = any(ended.startswith("WRONG") for *_, ended in cells_of(found))
    return int(wrong or any(row["failed"] for row in found.get("parsers", {}).values()))


if __name__ == "__main__":
    sys.exit(main())
