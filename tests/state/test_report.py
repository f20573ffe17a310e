"""What the list of explorers is told."""

import threading
import time

import numpy as np
import pytest

from cscwidgets.errors import CscError
from cscwidgets.sky.target import in_words, region_of
from cscwidgets.state.report import Report


@pytest.fixture
def report(warm_workspace):
    report = Report(warm_workspace.explorer, lambda: "app")
    yield report
    report.close()


def until(report, true, seconds=5):
    deadline = time.monotonic() + seconds
    while not true(report.value):
        assert time.monotonic() < deadline, report.value
        time.sleep(0.02)


def test_nothing_asked_yet(report):
    value = dict(report.value)
    assert time.time() - value.pop("made") < 60
    assert value == {
        "variable": "app",
        "place": "",
        "archive": "demo",
        "title": "",
        "simulated": False,
        "sources": None,
        "complete": True,
        "selected": 0,
        "tasks": [],
        "errors": 0,
    }


def test_it_follows_search_and_selection(report, warm_workspace):
    explorer = warm_workspace.explorer
    explorer.search("M33", "20 arcmin")
    explorer.settle()
    explorer.select(explorer.table["name"][:3], "new")
    until(report, lambda value: value["selected"] == 3)
    assert report.value["place"] == "M33, 20 arcmin"
    assert report.value["title"] == "Simulated demo sky"
    assert report.value["simulated"]
    assert report.value["sources"] == len(explorer.table) > 3
    assert report.value["complete"]
    explorer.search(explorer.region, complete=True)  # the same region keeps its name
    explorer.settle()
    assert explorer.place == "M33, 20 arcmin"


def test_an_answer_that_was_cut_is_not_complete(report, warm_workspace):
    from dataclasses import replace

    explorer = warm_workspace.explorer
    explorer.search("M33", "20 arcmin")
    explorer.settle()
    table = explorer.table.copy()
    table.meta["provenance"] = replace(explorer.provenance, truncated=5)
    explorer.table = table
    until(report, lambda value: not value["complete"])


def test_tasks_and_errors(report, warm_workspace):
    desk, stop = warm_workspace.desk, threading.Event()

    def work(task):
        task.report("3 of 5", 0.6)
        stop.wait(30)
        raise CscError("It did not work")

    desk.tasks.run("Light curves", work, lambda _: None)
    until(report, lambda value: value["tasks"] == [{"label": "Light curves", "message": "3 of 5", "fraction": 0.6}])
    stop.set()
    desk.tasks.wait(10)
    until(report, lambda value: value["errors"] == 1 and not value["tasks"])
    desk.messages.note("All is well")
    desk.messages.clear()
    until(report, lambda value: value["errors"] == 0)


def test_many_changes_make_few_reports(report, warm_workspace):
    seen, selection = [], warm_workspace.desk.selection
    report.observe(seen.append, "value")
    names = [f"SIM J{i:06d}" for i in range(1000)]
    begin = time.monotonic()
    for number in range(1, 1000):
        selection.publish("sky", names[:number], "new")
    until(report, lambda value: value["selected"] == 999)
    assert len(seen) <= 3 + (time.monotonic() - begin) / 0.1


def test_a_closed_report_stays_as_it_is(report, warm_workspace):
    report.close()
    before = report.value
    warm_workspace.desk.selection.publish("sky", ["SIM J000001"])
    time.sleep(0.3)
    assert report.value is before
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("M33", "M33, 12 arcmin"),
        ("23.46 30.66", "23.46 30.66, 12 arcmin"),
        ("icrs; box(23.5, 30.65, 20', 10', 30)", "box 23.50000 +30.65000, 20 arcmin x 10 arcmin, angle 30.0 deg"),
        ((23.46, 30.66), "circle 23.46000 +30.66000, radius 12 arcmin"),
    ],
)
def test_a_region_in_words(target, words):
    region = region_of(target, "12 arcmin")
    assert in_words(target, region) == words
    assert np.isfinite(region.radius)
