"""A kernel interrupt stops what the main thread waits for, whatever it is. Real signals to a real process."""

import os
import signal
import subprocess
import sys
import time

import pytest

SECONDS = 1.0

ENDLESS = """
SELECT COUNT(*) AS n FROM csc21.master_source a, csc21.master_source b, csc21.master_source c, csc21.master_source d
WHERE SIN(a.ra * b.dec + c.ra * d.dec) > 2
"""

PROGRAMS = {
    "a query": f"work = lambda: archive.query('''{ENDLESS}''')",
    "a search": (
        "work = lambda: archive.search('M33', where="
        "'0 < (SELECT COUNT(*) FROM csc21.master_source a, csc21.master_source b, csc21.master_source c,"
        " csc21.master_source d WHERE SIN(a.ra * b.dec + c.ra * d.dec) > 2)')"
    ),
    "a table that is waited for": f"""
from cscwidgets import Explorer
def endless(*args, **kwargs):
    return archive.query('''{ENDLESS}''', monitor=kwargs["monitor"])
app = Explorer(archive=archive)
archive.search = endless
app.search('M33')
work = lambda: app.table
""",
    "a wait": f"""
from cscwidgets import Explorer
app = Explorer(archive=archive)
app._state.desk.tasks.run("Waiting", lambda task: archive.query('''{ENDLESS}''', monitor=task), print)
work = app.wait
""",
}

FRAME = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background of a script
from cscwidgets import Archive
archive = Archive({archive!r})
{before}
{program}
print("ready", flush=True)
try:
    work()
except KeyboardInterrupt:
    print("interrupted", flush=True)
    {after}
else:
    print("went through")
sys.stdout.flush()
os._exit(0)  # a task that goes on would be waited for
"""


def interrupted(program, *, archive, after="pass", before="archive.open()", wait=1.0, variables=None):
    """What a program says that is interrupted while it works, and how long it took to hear that."""
    text = FRAME.format(archive=str(archive), program=program, before=before, after=after)
    with subprocess.Popen(
        [sys.executable, "-c", text], stdout=subprocess.PIPE, text=True, env=os.environ | (variables or {})
    ) as process:
        try:
            assert process.stdout.readline() == "ready\n"
            time.sleep(wait)
            assert process.poll() is None, "it was over before it was interrupted"
            sent = time.monotonic()
            process.send_signal(signal.SIGINT)
            said = process.stdout.readline()
            took = time.monotonic() - sent
            return said.strip(), took, process.stdout.read()
        finally:
            process.kill()


LONG = ("a search", "a wait")  # they wait as the others do


@pytest.mark.parametrize("what", [pytest.param(one, marks=[pytest.mark.long] * (one in LONG)) for one in PROGRAMS])
def test_the_kernel_is_free_within_a_second(demo_folder, what):
    said, took, _ = interrupted(PROGRAMS[what], archive=demo_folder)
    assert said == "interrupted"
    assert took < SECONDS


def test_the_demo_is_as_free_as_a_folder(demo_folder):
    said, took, _ = interrupted(
        PROGRAMS["a query"], archive="demo", variables={"CSCWIDGETS_CACHE": str(demo_folder.parent)}
    )
    assert said == "interrupted"
    assert took < SECONDS


def test_the_query_itself_ends_and_the_archive_answers_again(demo_folder):
    after = (
        "time.sleep(1); import threading; print([t.name for t in threading.enumerate() if 'cscwidgets' in t.name]);"
        " print(len(archive.query('SELECT TOP 3 name FROM csc21.master_source')))"
    )
    said, _, rest = interrupted(PROGRAMS["a query"], archive=demo_folder, after=after)
    assert said == "interrupted"
    assert rest.split("\n")[:2] == ["[]", "3"]


def test_a_task_goes_on_when_the_wait_for_it_is_interrupted(demo_folder):
    after = "print([task.state for task in app._state.desk.tasks.running])"
    _, _, rest = interrupted(PROGRAMS["a table that is waited for"], archive=demo_folder, after=after)
    assert rest.split("\n")[0] == "['running']"


def test_building_the_demo_is_interrupted_too_and_leaves_nothing(tmp_path):
    after = "time.sleep(8); print(os.listdir(os.environ['CSCWIDGETS_CACHE']))"
    said, took, rest = interrupted(
        "work = archive.open", archive="demo", before="", after=after, variables={"CSCWIDGETS_CACHE": str(tmp_path)}
    )
    assert said == "interrupted"
    assert took < SECONDS
    assert rest.split("\n")[0] == "[]"
