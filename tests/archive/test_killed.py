"""kill -9 while files are fetched: nothing damaged, nothing lost, nothing verified fetched twice."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from cscwidgets.archive.files.cache import Cache
from cscwidgets.archive.files.downloads import download
from cscwidgets.archive.monitor import SILENT

from .fileserver import FileServer, items, light_curves, serving

# Loads once and forks a process for every line it reads: a folder to fetch into.
FETCHER = """
import os, sys
from dataclasses import replace
from cscwidgets.archive.files.cache import Cache
from cscwidgets.archive.connection import Connection
from cscwidgets.archive.service_session import ServiceSession
from cscwidgets.archive.files.downloads import Item, download
from cscwidgets.csc.filenames import ProductFile
from cscwidgets.archive.monitor import SILENT
from cscwidgets.csc.releases import RELEASES

url, way, *names = sys.argv[1:]
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        release = replace(RELEASES["csc2.1"], csccli=url)
        connection = Connection(release, ServiceSession(), local=way == "singly", key="csc2.1")
        items = [Item(ProductFile(name), str(ProductFile(name).name.product)) for name in names]
        outcomes = download(connection, items, Cache(line.strip()), SILENT)
        os._exit(len(outcomes.failed) and 1)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Fetcher:
    """Processes that fetch, and can be killed."""

    def __init__(self, server, way):
        arguments = [sys.executable, "-c", FETCHER, f"{server.url}/csccli", way, *server.files]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
        self.process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def fetch(self, folder, kill_after=None):
        """Exit code of a process that fetches into a folder."""
        self.process.stdin.write(f"{folder}\n")
        self.process.stdin.flush()
        child = int(self.process.stdout.readline())
        if kill_after is not None:
            time.sleep(kill_after)
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        return int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.communicate()


def contents(folder):
    """Whole files in the cache; those on their way lie elsewhere."""
    return {path.name.removesuffix(".gz"): path.read_bytes() for path in folder.glob("csc2.1/*/*")}


def kill_many(folder, times, way, seed):
    """Kill so many fetches of 200 files, five of each cache in a row, and look after each."""
    files = light_curves(200, rows=150)
    rng = random.Random(seed)
    killed = 0
    with serving(FileServer(files)) as server, Fetcher(server, way) as fetcher:
        fetcher.fetch(folder / "loading")
        started = time.monotonic()
        assert fetcher.fetch(folder / "whole") == 0
        whole = time.monotonic() - started
        number = 0
        while killed < times:
            number += 1
            place = folder / f"cache{number}"
            present = {}
            for _ in range(5):
                killed += fetcher.fetch(place, kill_after=rng.uniform(0, 0.4 * whole)) == -signal.SIGKILL
                before, present = present, contents(place)
                assert all(content == files[name] for name, content in present.items())
                assert set(before) <= set(present)
                assert not asked_for(server) & set(before)
            connection = server.connection()
            outcomes = download(connection, items(files), Cache(place), SILENT)
            connection.session.close()
            assert outcomes.failed == {}
            assert {name: path.read_bytes() for name, path in outcomes.fetched.items()} == files
            assert not asked_for(server) & set(present)


def asked_for(server):
    """Files asked for since the last call."""
    with server.lock:
        asked, server.asked = server.asked, []
    names = set()
    for what, given in asked:
        names |= {given} if what == "retrieveFile" else set(server.named(given))
    return names


@pytest.mark.parametrize("way", ["tars", pytest.param("singly", marks=pytest.mark.long)])
def test_killed_now_and_then(tmp_path, way):
    kill_many(tmp_path, 2, way, seed=5)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("way", ["singly", "tars"])
def test_killed_a_hundred_times(tmp_path, way):
    kill_many(tmp_path, 50, way, seed=6)
