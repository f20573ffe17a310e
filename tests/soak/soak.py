"""Two kernels, one cache, one faulty service: what is true of them for as long as it goes."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_core.utils import ensure_event_loop

from ..kernels import Kernel, kernel
from .faults import faulty_demo
from .journeys import JOURNEYS, LIMIT

__all__ = ["Soak"]

READ_TIMEOUT = 8.0  # on a busy machine, too, longer than any answer without a fault
RATE = 0.08  # of all requests

EACH = 20  # journeys of a kernel between two looks at it
STEADY = ("objects", "widgets", "comms", "threads", "files")


@dataclass
class Soak:
    """Journeys of two kernels under faults.

    Attributes
    ----------
    wrong : list of str
        Whatever must not be: raw exceptions, other numbers than without faults, more and more of something.
    done, partial, refused : Counter
        Journeys that came to their end, those of them that said that something is missing, and those that ended with
        an error, by name.
    looks : dict
        By kernel, what it held each time that it was looked at.
    """

    demo: Path
    folder: Path
    seed: int
    wrong: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    partial: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    looks: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    cache: list[int] = field(default_factory=list)
    seconds: float = 0.0
    _truth: dict[tuple[str, float], str] = field(default_factory=dict)

    def travel(self, seconds: float, tell: Callable[[str], object] = lambda line: None, *, pause: float = 0.0) -> None:
        """Go on for so long; then all journeys are taken once more, without faults.

        Between two journeys a kernel has a `pause` in seconds, as who uses it looks at what came.
        """
        start = time.monotonic()
        with ExitStack() as stack:
            address, chances = stack.enter_context(faulty_demo(self.demo, self.seed))
            kernels = {}
            for name in ("first", "second"):
                place = self.folder / name
                place.mkdir(parents=True)
                running = stack.enter_context(kernel(place, {"MALLOC_ARENA_MAX": "2"}))
                running.run("from tests.kernel_state import state\nfrom tests.soak.journeys import Traveller")
                running.run(f"there = Traveller({address!r}, {str(self._cache)!r}, {READ_TIMEOUT})")
                kernels[name] = running
                self.looks[name] = []
            for journey, (_, radii) in JOURNEYS.items():
                self._go(kernels["second"], journey, radii[0])  # the demo's simulation is made at its first question
            self._without_faults(kernels["first"])
            chances.disturb(RATE)
            end = time.monotonic() + seconds
            threads = [
                threading.Thread(target=self._guarded, args=(name, running, end, pause, tell))
                for name, running in kernels.items()
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            chances.disturb(0)
            for running in kernels.values():
                self._without_faults(running)
            self.faults = chances.met
            self.wrong += chances.problems
        self.seconds = time.monotonic() - start
        self._judge()

    @property
    def _cache(self) -> Path:
        return self.folder / "cache"

    def _without_faults(self, running: Kernel) -> None:
        """Every journey must end, and come to what it came to before."""
        for journey, (_, radii) in JOURNEYS.items():
            for radius in radii:
                found = self._go(running, journey, radius)
                if "error" in found:
                    self.wrong.append(f"{journey}, {radius} deg, without faults: {found['error']}")
                elif self._truth.setdefault((journey, radius), found["found"]) != found["found"]:
                    self.wrong.append(f"{journey}, {radius} deg: another result without faults")

    def _go(self, running: Kernel, journey: str, radius: float) -> dict[str, str]:
        found: dict[str, str] = running.value(f"there.go({journey!r}, {radius})", timeout=600)
        return found

    def _guarded(self, name: str, running: Kernel, end: float, pause: float, tell: Callable[[str], object]) -> None:
        try:
            self._under_faults(name, running, end, pause, tell)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is told at the end)
            self.wrong.append(f"{name} kernel: {error}")
        finally:
            ensure_event_loop().close()  # the kernel's client made one for this thread, and leaves it

    def _under_faults(
        self, name: str, running: Kernel, end: float, pause: float, tell: Callable[[str], object]
    ) -> None:
        chance = random.Random(f"{self.seed} {name}")
        number = 0
        while time.monotonic() < end:
            journey = chance.choice([*JOURNEYS])
            radius = chance.choice(JOURNEYS[journey][1])
            try:
                found = self._go(running, journey, radius)
            except AssertionError as raised:
                self.wrong.append(f"{journey}, {radius} deg: {str(raised)[-2000:]}")
                found = {}
            if "error" in found:
                self.refused[journey] += 1
                self.errors[found["error"][:160]] += 1
            elif found:
                self.done[journey] += 1
                if found["found"] == self._truth.get((journey, radius)):
                    pass
                elif found["said"]:
                    self.partial[journey] += 1
                else:
                    self.wrong.append(f"{journey}, {radius} deg: another result than without faults, and nothing said")
            number += 1
            if number % EACH == 0:
                self._look(name, running, tell)
            time.sleep(pause)

    def _look(self, name: str, running: Kernel, tell: Callable[[str], object]) -> None:
        """What is held between two explorers."""
        running.run("there.close()")
        held = running.value("state()")
        self.looks[name].append(held)
        size = sum(file.stat().st_size for file in _files(self._cache))
        self.cache.append(size)
        tell(f"{name}: {sum(self.done.values())} done, {sum(self.refused.values())} refused, {held}, cache {size}")

    def _judge(self) -> None:
        """Nothing grows after the first look, at which all that is imported and kept is there."""
        for name, looks in self.looks.items():
            for what in STEADY:
                counts = [look[what] for look in looks]
                if counts and max(counts[1:], default=0) > counts[0]:
                    self.wrong.append(f"{name} kernel: {what} {counts}")
            held = [look["held"] for look in looks]
            if len(held) > 3 and max(held[-2:]) > min(held[1:3]) + 30:
                self.wrong.append(f"{name} kernel: what malloc has handed out grows, MB: {held}")
        if max(self.cache, default=0) > 2 * LIMIT:  # what a journey uses stays
            self.wrong.append(f"the cache is of {max(self.cache)} bytes, its limit {LIMIT}")
        half = [str(file) for file in _files(self._cache) if file.suffix in {".part", ".tmp"}]
        if half:
            self.wrong.append(f"half files in the cache: {half}")

    def summary(self) -> str:
        """In a few lines."""
        ends = {name: looks[-1] for name, looks in self.looks.items() if looks}
        ended = (
            f"{sum(self.done.values())} journeys came to their end, {sum(self.partial.values())} of them told what was"
            f" missing; {sum(self.refused.values())} ended with an error"
        )
        return "\n".join(
            [
                f"{self.seconds / 60:.1f} minutes, seed {self.seed}",
                ended,
                f"requests: {dict(self.faults)}",
                f"held at the end: {ends}",
                *(f"{number} x {error}" for error, number in self.errors.most_common(20)),
            ]
        )

    def as_dict(self) -> dict[str, Any]:
        """What was seen, in short, for `docs/reliability.md`."""
        return {
            "minutes": round(self.seconds / 60, 1),
            "seed": self.seed,
            "done": sum(self.done.values()),
            "partial": sum(self.partial.values()),
            "refused": sum(self.refused.values()),
            "requests": sum(self.faults.values()),
            "disturbed": sum(self.faults.values()) - self.faults.get("none", 0),
            "looks": {
                name: {"number": len(seen), "first": seen[0], "last": seen[-1]}
                for name, seen in self.looks.items()
                if seen
            },
            "cache": max(self.cache, default=0),
            "wrong": self.wrong,
        }


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()] if folder.is_dir() else []
