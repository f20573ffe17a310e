"""What runs, as its rows show it."""

import threading
from contextlib import suppress

import pytest

from cscwidgets.state.messages import Messages
from cscwidgets.state.tasks import Tasks
from cscwidgets.views.screen.tasks import TasksPanel


class Held:
    """Work that ends when it is told to, or cancelled."""

    def __init__(self, tasks, label):
        self.end = threading.Event()
        self.task = tasks.run(label, self._work, lambda _: None)

    def _work(self, task):
        while not self.end.wait(0.01):
            task.check()


@pytest.fixture
def tasks():
    return Tasks(Messages())


@pytest.fixture
def rows(tasks):
    panel = TasksPanel(tasks, Messages())
    return lambda: panel._list.children


def shown(rows):
    return [row.children[-1].value for row in rows() if row.layout.display != "none"]


def ended(tasks, held):
    held.end.set()
    while held.task in tasks.running:
        with suppress(TimeoutError):
            tasks.wait(0.01)


def test_a_task_keeps_its_row_and_the_next_takes_a_free_one(tasks, rows):
    first, second = Held(tasks, "first"), Held(tasks, "second")
    boxes = rows()
    assert shown(rows) == ["first: ", "second: "]
    ended(tasks, first)
    assert shown(rows) == ["second: "]
    third = Held(tasks, "third")
    assert shown(rows) == ["third: ", "second: "]
    assert rows() == boxes
    second.end.set()
    third.end.set()
    tasks.wait(5)
    assert shown(rows) == []


def test_cancel_stops_the_task_its_row_shows_and_no_other(tasks, rows):
    first, second = Held(tasks, "first"), Held(tasks, "second")
    pressed_late = rows()[0].children[1]
    rows()[1].children[1].click()
    assert (first.task.state, second.task.state) == ("running", "cancelled")
    ended(tasks, first)
    third = Held(tasks, "third")
    pressed_late.click()
    assert third.task.state == "running"
    rows()[0].children[1].click()
    assert third.task.state == "cancelled"
    tasks.wait(5)
