"""Readers under damaged files, each in a process of its own.

The process may not take more than a gigabyte beyond what it has when it begins, a file not more than five seconds, and
nothing outside the folder may be opened, asked or started. What is wrong is printed, a JSON line for each such file,
and at the end how many were read, and how many refused. Where there is a folder KEEP, such files are made as small as
they can be and kept there; with FIRST "replay", the files that are there are tried instead.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import re
import resource
import shutil
import signal
import sys
import sysconfig
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np

from cscwidgets.errors import CscError

from . import filereaders
from .fitsbytes import NoJudge

SECONDS = 5.0  # of a processor: others may be at work. Who waits in vain is found out by the process's own time limit
MEMORY = 1_000_000_000
ROOT = Path(__file__).resolve().parents[1]


class Hang(BaseException):
    """A file took too long."""


@dataclass(frozen=True)
class Tried:
    """What came of many files: how many were read and refused, what was wrong, the slowest, and the memory taken.

    `compared` are those that another reader read too.
    """

    outcomes: Counter[str]
    wrong: list[str]
    slowest: float
    memory: int
    compared: int = 0


def fuzz(reader: str, folder: Path, count: int, first: int = 0) -> Counter[str]:
    """Try a reader in a process of its own: how many files were read, and how many refused; fails over all else."""
    tried = try_reader(reader, folder, count, first)
    assert not tried.wrong, "\n".join(tried.wrong)
    return tried.outcomes


def try_reader(reader: str, folder: Path, count: int, first: int | str = 0, keep: Path | None = None) -> Tried:
    """The same, with all that was found; see `main`."""
    process_of_its_own = multiprocessing.get_context("forkserver")
    process_of_its_own.set_forkserver_preload(["tests.filereaders"])  # two seconds each, else
    with NamedTemporaryFile("r") as said, NamedTemporaryFile("r") as complained:
        process = process_of_its_own.Process(
            target=_apart, args=(said.name, complained.name, reader, str(first), count, folder, keep)
        )
        process.start()
        process.join(120 + count * SECONDS)
        process.kill()
        process.join()
        lines = [json.loads(line) for line in said if line.startswith("{")]
        complaint = complained.read()[-3000:]
    wrong = [f"{line['seed']}: {line['what']}" for line in lines if "what" in line]
    if process.exitcode:
        died = f"the process died with {process.exitcode} after {len(wrong)} others\n{complaint}"
        return Tried(Counter(), [*wrong, f"{reader}: {died}"], 0.0, 0)
    last = lines[-1]
    return Tried(Counter(last["outcomes"]), wrong, last["slowest"], last["memory"], last["compared"])


def _apart(said: str, complained: str, *arguments: Any) -> None:
    """Try one reader in this process, whose outputs go to these files."""
    for stream, path in ((sys.stdout, said), (sys.stderr, complained)):
        os.dup2(os.open(path, os.O_WRONLY), stream.fileno())
    main(*arguments)
    sys.stdout.flush()


class Guard:
    """What is reached for outside of a folder while it is armed."""

    def __init__(self, folder: Path) -> None:
        inside = [folder, ROOT, sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()]
        self.allowed = tuple(str(Path(place).resolve()) for place in inside)
        self.seen: list[str] = []
        self.armed = False
        sys.addaudithook(self._hook)

    def _hook(self, event: str, args: tuple[object, ...]) -> None:
        if not self.armed:
            return
        if event == "open" and isinstance(args[0], str | bytes):
            path = args[0].decode() if isinstance(args[0], bytes) else args[0]
            if not str(Path(path).absolute()).startswith(self.allowed):
                self.seen.append(f"opens {path}")
        elif event.partition(".")[0] in _OUTSIDE or event in _STARTS:
            self.seen.append(event)


_OUTSIDE = {"socket", "subprocess", "urllib", "ftplib", "http"}
_STARTS = {"os.system", "os.exec", "os.posix_spawn", "os.fork"}


def _out_of_memory(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, MemoryError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _virtual() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def _alarm(*_: object) -> None:
    raise Hang


def _kind(wrong: str) -> str:
    """What kind of wrong it is, down to the error's name: a smaller file must have the same."""
    return wrong.partition(":")[0] + "".join(
        re.findall(r"^(\w+(?:\.\w+)*(?:Error|Exception|Warning)|KeyError)", wrong, re.MULTILINE)[-1:]
    )


def shrink(content: bytes, is_same: Callable[[bytes], bool], seconds: float = 40.0) -> bytes:
    """A smaller content that fails in the same way: parts are left out, ever smaller ones."""
    end, size = time.monotonic() + seconds, len(content) // 2
    while size and time.monotonic() < end:
        at, changed = 0, False
        while at < len(content) and time.monotonic() < end:
            smaller = content[:at] + content[at + size :]
            if is_same(smaller):
                content, changed = smaller, True
            else:
                at += size
        size = size if changed and size > 1 else size // 2
    return content


def attempt(reader: filereaders.Reader, folder: Path, guard: Guard) -> tuple[str, str, bool]:
    """What a reader made of a file, what was wrong with that, and whether another one was asked."""
    guard.seen.clear()
    outcome, wrong, start = "refused", "", time.process_time()
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    guard.armed = True
    try:
        answer = reader.read(folder)
        outcome = "read"
    except CscError as error:
        if _out_of_memory(error):
            wrong = f"takes more than {MEMORY / 1e9:g} GB: {error}"
    except Hang:
        wrong = f"hangs: {traceback.format_exc()[-1500:]}"
    except Exception:  # noqa: BLE001 (this is what must not happen)
        wrong = f"raw: {traceback.format_exc()[-1500:]}"
    finally:
        guard.armed = False
        signal.setitimer(signal.ITIMER_PROF, 0)
    if time.process_time() - start > SECONDS:
        wrong = wrong or f"took {time.process_time() - start:.1f} s"
    wrong = f"reaches outside: {guard.seen[:3]}" if guard.seen else wrong
    said = judged(reader, folder, answer) if outcome == "read" and not wrong else None
    return outcome, wrong or said or "", said is not None


def judged(reader: filereaders.Reader, folder: Path, answer: Any) -> str | None:
    """What another reader of the same file says against an answer; None where there is none, or it cannot read it."""
    if reader.judge is None:
        return None
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        reader.judge(folder, answer)
    except AssertionError as error:
        return f"silently wrong: {error}"
    except (NoJudge, LookupError, TypeError, ValueError, StopIteration, Hang, MemoryError):  # it stumbles itself
        return None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return ""


def main(name: str, first: str, count: int, folder: Path, keep: Path | None) -> None:
    """Try one reader."""
    reader = (filereaders.READERS | filereaders.STAGED)[name]
    warnings.simplefilter("ignore")
    usual = set(folder.iterdir())
    answer = reader.read(folder)  # as it is it can be read, and all that is imported is there
    if reader.judge is not None:
        reader.judge(folder, answer)
    tidy(folder, usual)
    originals = {path: path.read_bytes() for path in usual if path.is_file()}
    victims = sorted(path for path in originals if path.match(reader.victims))
    guard = Guard(folder)
    signal.signal(signal.SIGPROF, _alarm)
    resource.setrlimit(resource.RLIMIT_AS, (_virtual() + MEMORY, resource.RLIM_INFINITY))
    outcomes: Counter[str] = Counter()
    slowest = 0.0

    def tried(victim: Path, content: bytes) -> tuple[str, str, bool]:
        nonlocal slowest
        victim.write_bytes(content)
        begun = time.process_time()
        done = attempt(reader, folder, guard)
        slowest = max(slowest, time.process_time() - begun)
        victim.write_bytes(originals[victim])
        tidy(folder, usual)
        return done

    compared = 0
    for seed, victim, content in _inputs(name, first, count, victims, originals, keep):
        outcome, wrong, asked = tried(victim, content)
        outcomes[outcome] += 1
        compared += asked
        if wrong:
            print(json.dumps({"seed": seed, "what": f"{victim.name}: {wrong}"}), flush=True)
            if keep is not None and first != "replay":
                kind = _kind(wrong)
                small = shrink(content, lambda part, at=victim, kind=kind: _kind(tried(at, part)[1]) == kind)
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{hashlib.sha256(small).hexdigest()[:12]}.{victim.name}").write_bytes(small)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"outcomes": outcomes, "slowest": slowest, "memory": memory, "compared": compared}))


def tidy(folder: Path, usual: set[Path]) -> None:
    """Remove what a reader has made."""
    for other in set(folder.iterdir()) - usual:
        shutil.rmtree(other) if other.is_dir() else other.unlink()


def _inputs(
    name: str, first: str, count: int, victims: list[Path], originals: dict[Path, bytes], keep: Path | None
) -> Iterator[tuple[int | str, Path, bytes]]:
    """What to put in place of which file: damaged by chance, or what was found before."""
    if first == "replay":
        assert keep is not None
        for path in sorted(keep.iterdir()):
            victim = next(one for one in victims if path.name.partition(".")[2] == one.name)
            yield path.name, victim, path.read_bytes()
        return
    damage = filereaders.READERS.get(name, filereaders.STAGED.get(name)).damage
    for seed in range(int(first), int(first) + count):
        rng = np.random.default_rng([seed, len(name)])
        victim = victims[int(rng.integers(len(victims)))]
        yield seed, victim, damage(originals[victim], rng)
