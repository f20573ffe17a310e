"""`make trust`: the whole fault matrix, thousands of damaged inputs to every parser, and `docs/reliability.md` of it.

Environment: ``TRUST_SEED`` (a new one each time unless told), ``TRUST_COUNT`` (inputs a parser), ``TRUST_AT_ONCE``
(processes), ``TRUST_PARTS`` ("matrix", "fuzz", both, or "again" for what went wrong the last time).
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

REAL = ROOT.parent / "shared" / "real"
CASES = ROOT / "tests" / "cases_found"
SHARE = 2_000  # inputs of one process: what it may take of memory begins anew


def run_matrix(at_once: int) -> tuple[list[dict[str, Any]], int]:
    """All cells, and the memory in kB of the largest process."""
    places, cells, memory = all_cells(), [], 0
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
        row["slowest"], row["memory"] = max(row["slowest"], tried.slowest), max(row["memory"], tried.memory)
        row["wrong"] += tried.wrong
    print(f"{name} ({seeds}): {row['read']:,} read, {row['refused']:,} refused, {row['failed']} failed", flush=True)
    for line in row["wrong"][:5]:
        print(f"  {line[:600]}", flush=True)
    return row


def run_parsers(seed: int, count: int, at_once: int) -> list[dict[str, Any]]:
    """All parsers, with made-up and with real seeds: half of the inputs each where there are both."""
    both = [name for name in READERS if name in REAL_SEEDS and REAL.is_dir()]
    jobs = [(name, "made up", count // 2 if name in both else count) for name in READERS]
    jobs += [(name, "real", count - count // 2) for name in both]
    with ThreadPoolExecutor(at_once) as threads:
        return list(threads.map(lambda job: run_parser(job[0], job[1], seed, job[2]), jobs))


def main() -> int:
    """Run all, write the document, and say whether all was as promised."""
    seed = int(os.environ.get("TRUST_SEED") or secrets.randbelow(10**9))
    count = int(os.environ.get("TRUST_COUNT") or 10_000)
    at_once = int(os.environ.get("TRUST_AT_ONCE") or min(4, os.cpu_count() or 1))
    parts = os.environ.get("TRUST_PARTS") or "matrix fuzz"
    print(f"TRUST_SEED={seed} TRUST_COUNT={count}", flush=True)
    begun = time.monotonic()
    found: dict[str, Any] = {}
    if "fuzz" in parts:
        found |= {"parsers": run_parsers(seed, count, at_once), "seed": seed}
        found["fuzz_seconds"] = time.monotonic() - begun
    if "matrix" in parts:
        begun = time.monotonic()
        found["cells"], found["memory"] = run_matrix(at_once)
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
    write_document(found)
    wrong = [cell for cell in found.get("cells", []) if cell["outcome"] == "WRONG"]
    return 1 if wrong or any(row["failed"] for row in found.get("parsers", [])) else 0


def again(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Cells with those anew that went wrong the last time, one after the other."""
    places = [(cell["step"], cell["fault"], cell["often"]) for cell in cells if cell["outcome"] == "WRONG"]
    anew = {(cell.step, cell.fault, cell.often): cell.as_dict() for cell, _ in run_everywhere(places, 1)}
    for cell in anew.values():
        print(f"{cell['outcome']} {cell['step']} / {cell['fault']} / {cell['often']}: {cell['why']}", flush=True)
    return [anew.get((cell["step"], cell["fault"], cell["often"]), cell) for cell in cells]


if __name__ == "__main__":
    sys.exit(main())
