import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from filelock import FileLock

from cscwidgets.archive.folder import read_info
from cscwidgets.csc.columns import TABLES
from cscwidgets.demo import build
from cscwidgets.demo.code_version import code_version
from cscwidgets.errors import CscError, QueryCancelled
from cscwidgets.io import atomic

ROOT = Path(__file__).resolve().parents[2]
BUILD_AND_TELL = """
import sys
from cscwidgets.demo.build import demo_folder
demo_folder(lambda done, doing: print(f"{done:.3f} {doing}", file=sys.stderr))
"""


def test_the_folder_says_that_it_is_simulated(demo_folder):
    info = read_info(demo_folder)
    assert info.simulated
    assert info.title == "Simulated demo sky"
    assert (info.release, info.schema) == ("csc2.1", "csc21")
    assert "SIMULATED" in info.origin
    assert set(info.tables) == {*TABLES, "sim_optical", "sim_infrared", "sim_truth"}
    assert info.details == {"seed": 20260, "code": code_version()}


def test_a_built_demo_is_found_at_once(demo_folder, monkeypatch):
    monkeypatch.setenv(build.CACHE_VARIABLE, str(demo_folder.parent))
    assert build.demo_folder(progress=lambda done, doing: pytest.fail("built again")) == demo_folder


def test_cancelling_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setenv(build.CACHE_VARIABLE, str(tmp_path / "cache"))
    told = []

    def progress(done, doing):
        told.append((done, doing))

    with pytest.raises(QueryCancelled, match="not built"):
        build.demo_folder(progress, cancelled=lambda: len(told) >= 3)
    assert len(told) == 3
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_second_builder_waits_for_the_first(demo_folder, tmp_path, monkeypatch):
    """Three notebooks opened at once compute once."""
    monkeypatch.setenv(build.CACHE_VARIABLE, str(tmp_path))
    folder = tmp_path / demo_folder.name
    told = []

    def progress(done, doing):
        told.append((done, doing))
        if len(told) == 2:  # the first comes to its end
            shutil.copytree(demo_folder, folder)
            first.release()

    first = FileLock(tmp_path / f".{folder.name}.lock")
    with first:
        assert build.demo_folder(progress) == folder
    assert {doing for _, doing in told} == {"Another process builds the demo archive", "The demo archive is ready"}
    told.clear()
    shutil.rmtree(folder)
    with FileLock(tmp_path / f".{folder.name}.lock"), pytest.raises(QueryCancelled):
        build.demo_folder(cancelled=lambda: True)


def test_the_faster_of_two_builders_wins(tmp_path, monkeypatch):
    tables = {"detect_stack": pa.table({"obsid": [1, 2]})}
    folder = tmp_path / "cache" / "demo-x"
    build._publish(tables, folder)
    before = (folder / "archive.json").stat().st_ino
    build._publish(tables, folder)
    assert (folder / "archive.json").stat().st_ino == before
    assert [path.name for path in folder.parent.iterdir()] == ["demo-x"]


@pytest.mark.long  # what one process makes is compared in each run
@pytest.mark.timeout(600)
def test_another_process_makes_the_same_bytes(demo_folder, tmp_path):
    environment = os.environ | {
        build.CACHE_VARIABLE: str(tmp_path),
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONHASHSEED": "7",
        "PYTHONPATH": str(ROOT),
    }
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            BUILD_AND_TELL,
        ],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stderr.splitlines()
    fractions = [float(line.split()[0]) for line in told]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0
    assert fractions[-1] == 1
    assert len(fractions) > 20
    other = tmp_path / demo_folder.name
    for table in read_info(demo_folder).tables:
        ours, theirs = (hashlib.sha256((f / f"{table}.parquet").read_bytes()).hexdigest() for f in (demo_folder, other))
        assert ours == theirs, table


@pytest.mark.parametrize("folder", ["/proc/cscwidgets", __file__])
def test_a_cache_that_cannot_be_written_is_found_out_before_the_work(folder, monkeypatch):
    monkeypatch.setenv(build.CACHE_VARIABLE, folder)
    done = []
    with pytest.raises(
        CscError, match=r"The demo archive was not built\. The cache .* cannot be written.*CSCWIDGETS_CACHE"
    ):
        build.demo_folder(lambda *step: done.append(step))
    assert done == []


def test_what_a_killed_builder_left_is_swept(demo_folder, monkeypatch):
    ended = subprocess.Popen(["true"])
    ended.wait()
    left = demo_folder.with_name(f".demo-0123456789ab.{atomic._HOST}.{ended.pid}.abc")
    left.mkdir()
    monkeypatch.setenv(build.CACHE_VARIABLE, str(demo_folder.parent))
    build.demo_folder()
    assert not left.exists()
