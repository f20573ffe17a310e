"""A DaCHS with a PostgreSQL of its own, in a folder that is gone afterwards; the machine's own are left alone."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pyarrow.csv as pc
import requests

from cscwidgets.archive.folder import read_info
from cscwidgets.archive.tables_on_disk import stored_table

from .descriptor import descriptor

__all__ = ["missing_programs", "running"]

_POSTGRES = "/usr/lib/postgresql/*/bin"
_START_SECONDS = 90


def missing_programs() -> str:
    """What is not there that is needed; empty where all is."""
    absent = [] if shutil.which("dachs") else ["DaCHS"]
    if not _binaries("initdb") or not _binaries("postgres"):
        absent.append("PostgreSQL")
    if not list(Path("/usr/share/postgresql").glob("*/extension/pg_sphere.control")):
        absent.append("pgSphere")
    return ", ".join(absent)


@contextmanager
def running(folders: Sequence[Path]) -> Iterator[str]:
    """The address of a DaCHS on this machine's loopback that serves archive folders, one a schema."""
    with ExitStack() as stack:
        # A socket's path may have a hundred characters, which pytest's folders do not leave.
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dachs-", ignore_cleanup_errors=True)))
        port = _free_port()
        owner = _Owner(root)
        owner.write(root / "gavo.rc", _settings(root, port, owner.group))
        _start_database(root, owner, stack)
        owner.run("dachs", "init", "-d", f"host={root} dbname=gavo")
        for folder in folders:
            _load(folder, root, owner)
        with (root / "server.log").open("wb") as log:
            stack.callback(_stop, owner.start("dachs", "serve", "start", "--foreground", log=log), signal.SIGTERM)
        address = f"http://127.0.0.1:{port}"
        _wait(lambda: requests.get(f"{address}/tap/availability", timeout=5).ok, "DaCHS", root / "server.log")
        yield address


class _Owner:
    """Who runs the programs: PostgreSQL refuses root, in whose place stands its own user."""

    def __init__(self, root: Path) -> None:
        self._user = pwd.getpwnam("postgres") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self._root = root
        self.group = grp.getgrgid(self._user.pw_gid).gr_name
        self.own(root)
        self._environment = {
            "PATH": os.pathsep.join([*_binaries("initdb"), "/usr/bin", "/bin"]),
            "HOME": str(root),
            "LANG": "C.UTF-8",
            "GAVOSETTINGS": str(root / "gavo.rc"),
            "PGHOST": str(root),
            "USER": self._user.pw_name,
        }

    def own(self, path: Path) -> None:
        os.chown(path, self._user.pw_uid, self._user.pw_gid)

    def write(self, path: Path, content: str | bytes) -> None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        self.own(path)

    def run(self, *command: str, stdin: Path | None = None) -> str:
        """Run a program to its end; its words where it fails."""
        with (stdin or Path(os.devnull)).open("rb") as given:
            done = subprocess.run(command, stdin=given, **self._how(), capture_output=True, check=False, timeout=600)
        if done.returncode:
            words = (done.stdout + done.stderr).decode(errors="replace")
            raise RuntimeError(f"{' '.join(command)} failed:\n{words[-3000:]}")
        return done.stdout.decode()

    def start(self, *command: str, log: object) -> subprocess.Popen[bytes]:
        """Start a program with a group of processes of its own, which ends when this process does."""
        guarded = ("setpriv", "--pdeathsig", "INT", "--", *command)
        return subprocess.Popen(
            guarded, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **self._how()
        )

    def _how(self) -> Mapping[str, object]:
        how = {"cwd": self._root, "env": self._environment}
        if os.getuid() == 0:
            how |= {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}
        return how


def _settings(root: Path, port: int, group: str) -> str:
    return (
        f"[general]\nrootDir: {root}/gavo\ngroup: {group}\ngavoGroup: {group}\n"
        f"maintainerAddress: invalid@example.com\nsendmail: true\n"
        f"[web]\nserverURL: http://127.0.0.1:{port}\nbindAddress: 127.0.0.1\nserverPort: {port}\n"
        "[ivoa]\nauthority: org.example.dachs\n"
        # A million rows as the CSC's own service; and few seconds, to see what comes of a query that takes longer.
        "[async]\ndefaultMAXREC: 1000000\ndefaultExecTimeSync: 10\n"
    )


def _start_database(root: Path, owner: _Owner, stack: ExitStack) -> None:
    data = root / "database"
    owner.run("initdb", "--pgdata", str(data), "--auth", "trust", "--encoding", "UTF8", "--no-sync")
    # Reached by a socket in this folder alone, and not made to last.
    settings = {"listen_addresses": "", "unix_socket_directories": str(root), "fsync": "off"}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (root / "database.log").open("wb") as log:
        stack.callback(_stop, owner.start("postgres", "-D", str(data), *options, log=log), signal.SIGINT)
    _wait(lambda: bool(owner.run("pg_isready")), "PostgreSQL", root / "database.log")
    owner.run("createdb", "--template", "template0", "gavo")


def _load(folder: Path, root: Path, owner: _Owner) -> None:
    info = read_info(folder)
    place = root / "gavo" / "inputs" / info.schema
    place.mkdir()
    owner.own(place)
    owner.write(place / "q.rd", descriptor(folder))
    owner.run("dachs", "imp", str(place / "q"))
    for name in info.tables:
        rows = stored_table(folder, name).read()
        cells = place / f"{name}.csv"
        pc.write_csv(rows, cells)
        owner.own(cells)
        columns = ", ".join(f'"{column.lower()}"' for column in rows.column_names)
        command = f"COPY {info.schema}.{name} ({columns}) FROM STDIN WITH (FORMAT csv, HEADER)"
        owner.run("psql", "--dbname", "gavo", "--set", "ON_ERROR_STOP=1", "--command", command, stdin=cells)
        cells.unlink()
    owner.run("psql", "--dbname", "gavo", "--command", "ANALYZE")


def _wait(ready: Callable[[], bool], program: str, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        with suppress(RuntimeError, requests.RequestException):
            if ready():
                return
        time.sleep(0.2)
    raise RuntimeError(f"{program} did not start:\n{log.read_text(errors='replace')[-3000:]}")


def _stop(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    """End a program and what it started."""
    process.send_signal(how)
    with suppress(subprocess.TimeoutExpired):
        process.wait(20)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def _binaries(program: str) -> list[str]:
    """Folders of PostgreSQL that have a program, the newest first."""
    return sorted((str(found.parent) for found in Path("/").glob(f"{_POSTGRES[1:]}/{program}")), reverse=True)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])
