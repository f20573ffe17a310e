"""Explorers that are open and left alone, in as many kernels as a hub may have: ``python -m tests.soak.idle``."""

from __future__ import annotations

import argparse
import json
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psutil

from ..kernels import Kernel, kernel
from ..trust.report import write_findings

__all__ = ["idle"]

OPEN = """
apps = globals().get("apps", [])
apps.append(Explorer("47 Tuc", radius="3 arcmin", archive="demo"))
apps[-1].wait(120)
"""


def idle(folder: Path, kernels: int, each: int, rest: float = 20.0) -> dict[str, float]:
    """Memory, and what is computed while nobody does anything.

    Parameters
    ----------
    folder : Path
        For the kernels' own files.
    kernels, each : int
        Number of kernels, and of explorers in each.
    rest : float
        Seconds to leave them alone.

    Returns
    -------
    dict
        MB that belong to one kernel alone or are its share of what several use: before and after the import, with one
        explorer over the demo, and with all of its own; all kernels together; and the fraction of a processor that they
        take altogether.
    """
    with ExitStack() as stack:
        running = []
        for number in range(kernels):
            place = folder / str(number)
            place.mkdir()
            running.append(stack.enter_context(kernel(place, {})))
        plain = _median(running)
        _everywhere(running, "from cscwidgets import Explorer")
        imported = _median(running)
        _everywhere(running, OPEN)
        time.sleep(rest)  # what was only needed to open the first is given back
        first = _median(running)
        for _ in range(each - 1):
            _everywhere(running, OPEN)
        last = _median(running)
        before = _processor(running)
        time.sleep(rest)
        processor = (_processor(running) - before) / rest
        return {
            "kernels": kernels,
            "explorers": kernels * each,
            "a kernel": plain,
            "with the package": imported,
            "with one explorer": first,
            "with all its explorers": last,
            "all together": sum(map(_megabytes, running)),
            "processor": processor,
        }


def _everywhere(running: list[Kernel], code: str) -> None:
    for one in running:
        one.run(code, timeout=300)


def _megabytes(one: Kernel) -> float:
    one.run("import gc; gc.collect()")
    return float(psutil.Process(one.pid).memory_full_info().pss) / 1e6


def _median(running: list[Kernel]) -> float:
    return median(map(_megabytes, running))


def _processor(running: list[Kernel]) -> float:
    times = [psutil.Process(one.pid).cpu_times() for one in running]
    return sum(one.user + one.system for one in times)


def main() -> None:
    """Print and write down what it is."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.idle", description=sys.modules[__name__].__doc__)
    parser.add_argument("--kernels", type=int, default=20)
    parser.add_argument("--each", type=int, default=5, help="explorers in a kernel")
    args = parser.parse_args()
    with TemporaryDirectory() as folder:
        found = idle(Path(folder), args.kernels, args.each)
    print(json.dumps(found, indent=1))
    write_findings("idle", found)


if __name__ == "__main__":
    main()
