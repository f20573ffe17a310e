"""The fault matrix: all its cells, or a cross section of them, in this process or in several."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory, TemporaryFile

from cscwidgets.demo import build

from .cells import Cell, Undisturbed, run_cell
from .faults import FAULTS, faults_of
from .faulty_server import faulty
from .services import all_services, write_products, write_survey
from .step import FETCHED, HERE, OWNERS, Step
from .steps import STEPS

__all__ = ["all_cells", "behind_a_faulty_server", "cross_section", "run_everywhere"]

ROOT = Path(__file__).resolve().parents[2]
Place = tuple[str, str, str]


def all_cells() -> list[Place]:
    """Every step under every fault that can happen to its answer, once and always."""
    return [
        (name, fault, often)
        for name, step in STEPS.items()
        for fault in _faults_under(step)
        for often in (("always",) if FAULTS[fault].lasting else ("once", "always"))
    ]


def _faults_under(step: Step) -> list[str]:
    return [fault for fault in faults_of(step.kind) if fault not in step.unknowable]


def cross_section() -> list[Place]:
    """As few cells as have each step and each fault, and each of both that happens once and always."""
    chosen: list[Place] = []
    unmet = dict.fromkeys(FAULTS)
    for number, (name, step) in enumerate(STEPS.items()):
        possible = _faults_under(step)
        fault = next((fault for fault in unmet if fault in possible), possible[number % len(possible)])
        unmet.pop(fault, None)
        chosen.append((name, fault, "always" if FAULTS[fault].lasting or number % 2 else "once"))
    for fault in unmet:
        step = next(name for name, step in STEPS.items() if step.kind in FAULTS[fault].kinds)
        chosen.append((step, fault, "always"))
    return chosen


@contextmanager
def behind_a_faulty_server(folder: Path) -> Iterator[Undisturbed]:
    """All services over the demo, behind a faulty server."""
    products = folder / "products"
    write_products(products, OWNERS, FETCHED)
    services = all_services(build.demo_folder(), products, write_survey(folder / "survey", *HERE))
    with faulty(services) as server:
        yield Undisturbed(server, folder)


def run_everywhere(places: Iterable[Place], at_once: int) -> Iterator[tuple[Cell, int]]:
    """Run cells in several processes, which mostly wait: each cell as it is done, with its process's memory in kB."""
    places = list(places)
    lines: SimpleQueue[str] = SimpleQueue()
    with ThreadPoolExecutor(at_once) as threads:
        shares = [threads.submit(_run_share, places[start::at_once], lines) for start in range(at_once)]
        while not (all(share.done() for share in shares) and lines.empty()):
            with suppress(Empty):
                row = json.loads(lines.get(timeout=0.2))
                memory = row.pop("memory")
                yield Cell(**row), memory
        for share in shares:
            share.result()


def _run_share(places: list[Place], lines: SimpleQueue[str]) -> None:
    command = [sys.executable, "-m", "tests.trust.matrix"]
    with TemporaryFile("w+") as asked:
        json.dump(places, asked)
        asked.seek(0)
        with subprocess.Popen(command, cwd=ROOT, stdin=asked, stdout=subprocess.PIPE, text=True) as process:
            try:
                for line in process.stdout or ():
                    lines.put(line)
            except BaseException:
                process.kill()
                raise
    if process.returncode:
        raise RuntimeError(f"a process of the matrix died with {process.returncode}")


def main() -> None:
    """Run the cells that standard input names."""
    places = json.load(sys.stdin)
    with TemporaryDirectory() as name:
        os.environ.setdefault(build.CACHE_VARIABLE, str(ROOT / ".pytest_cache" / "cscwidgets"))
        with behind_a_faulty_server(Path(name)) as right:
            for place in places:
                cell = run_cell(*place, right)
                memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
                print(json.dumps(cell.as_dict() | {"memory": memory}), flush=True)


if __name__ == "__main__":
    main()
