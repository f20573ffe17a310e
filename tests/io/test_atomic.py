"""Whole or not at all, also where the writer is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from cscwidgets.errors import CscError
from cscwidgets.io.atomic import place_folder, recover_folder, staging_folder, sweep, write_whole

KILLED = """
import os, signal, sys
from pathlib import Path
from cscwidgets.io.atomic import place_folder, staging_folder, write_whole
target, last = Path(sys.argv[1]), int(sys.argv[2])
renames = 0
def stop_after(event, arguments):
    global renames
    if event == "os.rename":
        if renames == last:
            os.kill(os.getpid(), signal.SIGKILL)
        renames += 1
sys.addaudithook(stop_after)
staging = staging_folder(target)
(staging / "content").write_text("new")
place_folder(staging, target)
"""


def killed(code, *arguments):
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize(("renames", "content"), [(0, "old"), (1, "new")])
def test_a_folder_that_was_being_replaced_is_there_again(tmp_path, renames, content):
    target = tmp_path / "archive"
    target.mkdir()
    (target / "content").write_text("old")
    killed(KILLED, target, renames)
    assert target.exists() == (renames == 0)
    recover_folder(target)
    assert (target / "content").read_text() == content
    assert [path.name for path in tmp_path.iterdir()] == ["archive"]


def test_a_folder_that_is_being_written_is_left_alone(tmp_path):
    staging = staging_folder(tmp_path / "archive")
    (staging / "content").write_text("half")
    sweep(tmp_path / "archive")
    recover_folder(tmp_path / "archive")
    assert [path.name for path in tmp_path.iterdir()] == [staging.name]
    place_folder(staging, tmp_path / "archive")
    assert (tmp_path / "archive" / "content").read_text() == "half"


def test_what_another_machine_writes_is_given_up_after_a_day(tmp_path):
    other = tmp_path / ".archive.elsewhere.17.abc"
    other.mkdir()
    sweep(tmp_path / "archive")
    assert other.exists()
    os.utime(other, (0, 0))
    sweep(tmp_path / "archive")
    assert not other.exists()


def test_files_of_others_are_not_touched(tmp_path):
    names = [".archive", ".archive.bak", ".archive.notes.txt", "archive.host.1.x", ".other.host.1.x"]
    for name in names:
        (tmp_path / name).write_text("mine")
        os.utime(tmp_path / name, (0, 0))
    sweep(tmp_path / "archive")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)


def test_a_killed_writer_leaves_the_file_and_the_next_one_sweeps(tmp_path):
    path = tmp_path / "table.fits"
    path.write_text("old")
    code = """
    import os, signal, sys
    from cscwidgets.io.atomic import write_whole
    def write(temporary):
        temporary.write_text("half")
        os.kill(os.getpid(), signal.SIGKILL)
    write_whole(sys.argv[1], write, overwrite=True)
    """
    killed(code, path)
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 2
    write_whole(path, lambda temporary: temporary.write_text("new"), overwrite=True)
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("table.fits", "new")]


def test_a_file_is_never_replaced_unasked(tmp_path):
    path = tmp_path / "table.fits"
    path.write_text("old")
    with pytest.raises(CscError, match="A file of that name exists"):
        write_whole(path, lambda temporary: temporary.write_text("new"))
    with pytest.raises(CscError, match="was not written"):
        write_whole(tmp_path / "absent" / "x.fits", lambda temporary: temporary.write_text("new"))
