"""Whole tables mirrored in pieces: complete, nothing twice, killed at any moment and gone on with."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from cscwidgets import Archive
from cscwidgets.__main__ import main
from cscwidgets.archive import mirror_plan
from cscwidgets.archive.folder import ArchiveInfo, FolderError, read_info, write_folder
from cscwidgets.archive.tables_on_disk import stored_table
from cscwidgets.errors import QueryCancelled, QueryError

from ..whole_catalogue import whole_catalogue

SOURCES = 3000
TABLES = ["master_source", "master_stack_assoc", "detect_stack"]
ROWS_A_PIECE = 8000  # values of an answer, so that a small table has many pieces


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Sources, crowded as the catalogue's are, at the poles and at RA 0 too, and a stack for each hundred of them."""
    sources = whole_catalogue(SOURCES, seed=5).select(["name", "ra", "dec", "significance", "flux_aper_b", "var_flag"])
    ra, dec = sources["ra"].to_numpy().copy(), sources["dec"].to_numpy().copy()
    ra[:4], dec[:4] = [0.0, 359.9999999, 180.0, 0.0], [90.0, -90.0, 0.0, 0.0]
    sources = sources.set_column(1, "ra", pa.array(ra)).set_column(2, "dec", pa.array(dec))
    row = np.arange(SOURCES)
    stacks = [f"acisfJ{number // 100:07d}p000000_001" for number in row]
    stacks[5] = None  # a row of no stack is a row
    links = {"name": sources["name"], "detect_stack_id": stacks, "region_id": pa.array(row % 100 + 1, pa.int32())}
    stack = sorted({one for one in stacks if one})
    members = {"detect_stack_id": stack, "obsid": pa.array(range(len(stack)), pa.int32()), "obi": [0] * len(stack)}
    place = tmp_path_factory.mktemp("whole") / "archive"
    info = ArchiveInfo("Whole", "csc2.1", "csc21", "drawn for a test", True, "2026-11-27")
    tables = dict(zip(TABLES, (sources, pa.table(links), pa.table(members)), strict=True))
    write_folder(place, tables, info)
    return place


@pytest.fixture
def small_pieces(monkeypatch):
    monkeypatch.setattr(mirror_plan, "_VALUES", ROWS_A_PIECE)
    monkeypatch.setattr(mirror_plan, "NAMES_PER_QUERY", 3)


def rows_of(folder, table):
    rows = stored_table(folder, table).read()
    keys = [(name, "ascending") for name in rows.column_names if name in {"name", "detect_stack_id", "obsid"}]
    return rows.sort_by(keys)


def assert_same(mirror, folder):
    for table in TABLES:
        ours, theirs = rows_of(mirror, table), rows_of(folder, table)
        assert ours.column_names == theirs.column_names
        for name in theirs.column_names:
            assert (
                ours[name].to_pylist()
                == pc.if_else(pc.equal(theirs[name], theirs[name]), theirs[name], None).to_pylist()
            )
    assert read_info(mirror).tables == {table: rows_of(folder, table).num_rows for table in TABLES}


@pytest.mark.usefixtures("small_pieces")
def test_a_whole_mirror_holds_what_the_archive_does(folder, tmp_path, capsys):
    place = tmp_path / "csc21"
    assert main(["mirror", "--all", "--tables", ",".join(TABLES), "--from", str(folder), "--into", str(place)]) == 0
    assert "opens it" in capsys.readouterr().out
    assert_same(place, folder)
    info = read_info(place)
    assert info.simulated
    assert info.origin.startswith("Mirrored from Whole on 20")
    assert "2.1.1" in info.details["mirror"]["note"]  # the service does not tell, and that is said
    assert sorted(path.name for path in place.iterdir()) == [
        "archive.json", "detect_stack.parquet", "master_source", "master_stack_assoc.parquet", "products",
    ]  # fmt: skip
    search = [Archive(one).search("0 0", radius="30 deg") for one in (folder, place)]
    assert sorted(search[0]["name"]) == sorted(search[1]["name"])
    assert len(search[0]) > 10
    assert main(["mirror", "--all", "--tables", ",".join(TABLES), "--from", str(folder), "--into", str(place)]) == 0
    assert main(["mirror", "--all", "--from", str(folder), "--into", str(place)]) == 1
    assert "something else is there" in capsys.readouterr().err.lower()


@pytest.mark.parametrize(
    "options", [[], ["M33", "--all"], ["--all", "--kinds", "lc"], ["M33", "--tables", "master_source"]]
)
def test_what_is_not_clear_is_not_mirrored(options, tmp_path, capsys):
    assert main(["mirror", *options, "--into", str(tmp_path / "x")]) == 1
    assert "Nothing was mirrored" in capsys.readouterr().err


def test_a_table_that_is_not_there_is_named(folder, tmp_path):
    with pytest.raises(QueryError, match="no table 'stack_sources'"):
        Archive(folder).mirror(None, tmp_path / "x", tables=["stack_sources"])


class StopAt:
    def __init__(self, count):
        self.left = count

    def report(self, message, fraction=None):
        assert fraction is None or 0 <= fraction <= 1

    def check(self):
        self.left -= 1
        if self.left < 0:
            raise QueryCancelled("Mirroring was cancelled")


@pytest.mark.usefixtures("small_pieces")
def test_pieces_that_came_are_not_asked_for_again(folder, tmp_path):
    place = tmp_path / "csc21"
    seen = {}
    for checks in (40, 80, 160, 160, 160):
        with suppress(QueryCancelled):
            Archive(folder).mirror(None, place, tables=TABLES, monitor=StopAt(checks))
        now = {path: path.stat().st_ino for path in place.rglob("*.parquet")}
        assert seen.items() <= now.items()
        seen = now
    assert seen
    Archive(folder).mirror(None, place, tables=TABLES)
    assert_same(place, folder)


@pytest.mark.usefixtures("small_pieces")
def test_an_archive_that_changes_meanwhile_is_no_mirror(folder, tmp_path, monkeypatch):
    query = Archive.query

    def with_one_more(self, adql, **how):
        answer = query(self, adql, **how)
        if adql == "SELECT COUNT(*) AS n FROM csc21.master_source t":
            counts.append(1)
            answer["n"] = answer["n"] + (len(counts) > 1)
        return answer

    counts = []
    monkeypatch.setattr(Archive, "query", with_one_more)
    with pytest.raises(QueryError, match=r"had 3,000 rows when it was begun, and has 3,001 now"):
        Archive(folder).mirror(None, tmp_path / "x", tables=["master_source"])
    assert not (tmp_path / "x" / "archive.json").exists()


@pytest.mark.usefixtures("small_pieces")
def test_rows_that_are_missing_or_come_twice_are_noticed(folder, tmp_path, monkeypatch):
    query = Archive.query

    def damaged(self, adql, **how):
        answer = query(self, adql, **how)
        if "t.significance" in adql and len(answer) > 3:
            answer = answer[:-1] if mode == "missing" else answer
            if mode == "twice":
                answer["name"][:2] = "SIM J000000.0+000000"
        return answer

    monkeypatch.setattr(Archive, "query", damaged)
    mode = "missing"
    with pytest.raises(QueryError, match=r"counted .* rows and sent"):
        Archive(folder).mirror(None, tmp_path / "missing", tables=["master_source"])
    mode = "twice"
    with pytest.raises(QueryError, match=r"came twice, by name"):
        Archive(folder).mirror(None, tmp_path / "twice", tables=["master_source"])


def test_other_things_are_left_alone(folder, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(FolderError, match="omething else is there"):
        Archive(folder).mirror(None, tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"request": 1}', "[" * 100_000])
def test_a_damaged_journal_is_one_error(folder, tmp_path, content):
    place = tmp_path / "csc21"
    with suppress(QueryCancelled):
        Archive(folder).mirror(None, place, tables=["master_source"], monitor=StopAt(30))
    journal = place / "mirror.json"
    written = json.loads(journal.read_text())
    for damage in (content, json.dumps(written | {"plans": {"master_source": [1]}})):
        journal.write_text(damage)
        with pytest.raises((QueryError, FolderError), match=r"is damaged|omething else is there"):
            Archive(folder).mirror(None, place, tables=["master_source"])


# Killed

MIRROR = """
import os, sys
from cscwidgets import Archive
from cscwidgets.archive import mirror_plan, whole_mirror
import cscwidgets.service.opening, pyvo
mirror_plan._VALUES, mirror_plan.NAMES_PER_QUERY = 8000, 3
folder, *tables = sys.argv[1:]
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        Archive(folder).mirror(None, line.strip(), tables=tables)
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def kill_many(folder, place, times, seed):
    """Kill so many mirrors, each folder's until it is complete, and look at each."""
    rng = random.Random(seed)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    arguments = [sys.executable, "-c", MIRROR, str(folder), *TABLES]
    killed = number = 0
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as one:

        def mirror(target, kill_after=None):
            one.stdin.write(f"{target}\n")
            one.stdin.flush()
            child = int(one.stdout.readline())
            if kill_after is not None:
                time.sleep(kill_after)
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            return int(one.stdout.readline())

        started = time.monotonic()
        assert mirror(place / "whole") == 0
        whole = time.monotonic() - started
        while killed < times:
            number += 1
            target = place / f"mirror{number}"
            pieces = {}
            for _ in range(6):
                killed += mirror(target, rng.uniform(0.05, 0.6) * whole) == -signal.SIGKILL
                if (target / "archive.json").exists():
                    break
                now = {path: path.stat().st_ino for path in target.rglob("pieces/*/0*.parquet")}
                assert pieces.items() <= now.items()
                if (target / "mirror.json").exists():
                    json.loads((target / "mirror.json").read_text())
                pieces = now
            assert mirror(target) == 0
            assert_same(target, folder)
            assert not [path for path in place.iterdir() if path.name.startswith(f".mirror{number}.")]
        one.stdin.close()


@pytest.mark.slow
def test_killed_now_and_then(folder, tmp_path):
    kill_many(folder, tmp_path, 1, seed=5)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_killed_thirty_times(folder, tmp_path):
    kill_many(folder, tmp_path, 30, seed=6)
