"""Readers under damaged files, in a process of its own: ``python -m tests.filefuzz READER FIRST COUNT FOLDER``.

The process may not take more than a gigabyte beyond what it has when it begins, a file not more than five seconds, and
nothing outside the folder may be opened, asked or started. What is wrong is printed, a JSON line for each such file,
and at the end how many were read, and how many refused.
"""

from __future__ import annotations

import json
import resource
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from cscwidgets.errors import CscError

from . import filereaders

SECONDS = 5.0  # of a processor: others may be at work. Who waits in vain is found out by the process's own time limit
MEMORY = 1_000_000_000
ROOT = Path(__file__).resolve().parents[1]


class Hang(BaseException):
    """A file took too long."""


def fuzz(reader: str, folder: Path, count: int, first: int = 0) -> Counter[str]:
    """Try a reader in a process of its own; what went wrong by kind, besides the numbers read and refused."""
    command = [sys.executable, "-m", "tests.filefuzz", reader, str(first), str(count), str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60 + count * SECONDS, check=False)
    assert done.returncode == 0, f"{reader}: the process died with {done.returncode}\n{done.stderr[-3000:]}"
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert not lines[:-1], "\n".join(f"{line['seed']}: {line['what']}" for line in lines[:-1])
    return Counter(lines[-1])


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


def attempt(read: Callable[[Path], None], folder: Path, guard: Guard) -> tuple[str, str]:
    """What a reader made of a file, and what was wrong with that."""
    guard.seen.clear()
    outcome, wrong, start = "refused", "", time.process_time()
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    guard.armed = True
    try:
        read(folder)
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
    return outcome, f"reaches outside: {guard.seen[:3]}" if guard.seen else wrong


def main(name: str, first: int, count: int, folder: Path) -> None:
    """Try one reader."""
    reader = (filereaders.READERS | filereaders.STAGED)[name]
    warnings.simplefilter("ignore")
    reader.read(folder)  # as it is it can be read, and all that is imported is there
    originals = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    victims = [path for path in originals if path.match(reader.victims)]
    guard = Guard(folder)
    signal.signal(signal.SIGPROF, _alarm)
    resource.setrlimit(resource.RLIMIT_AS, (_virtual() + MEMORY, resource.RLIM_INFINITY))
    outcomes: Counter[str] = Counter()
    for seed in range(first, first + count):
        rng = np.random.default_rng([seed, len(name)])
        victim = victims[int(rng.integers(len(victims)))]
        victim.write_bytes(reader.damage(originals[victim], rng))
        outcome, wrong = attempt(reader.read, folder, guard)
        outcomes[outcome] += 1
        if wrong:
            print(json.dumps({"seed": seed, "what": f"{victim.name}: {wrong}"}), flush=True)
        victim.write_bytes(originals[victim])
        for other in set(folder.iterdir()) - set(originals):
            shutil.rmtree(other) if other.is_dir() else other.unlink()
    print(json.dumps(outcomes))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
