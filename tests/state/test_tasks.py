"""Tasks: results in order, cancelled results dropped, failures in words."""

import asyncio
import threading
import time

import pytest

from cscwidgets.errors import CscWarning, QueryCancelled, QueryError, warn
from cscwidgets.state.messages import Messages
from cscwidgets.state.tasks import Tasks


@pytest.fixture
def messages():
    return Messages()


@pytest.fixture
def tasks(messages):
    return Tasks(messages)


def test_result_arrives_and_the_task_leaves_the_list(tasks):
    got = []
    task = tasks.run("adding", lambda monitor: 1 + 1, got.append)
    tasks.wait(5)
    assert got == [2]
    assert task.state == "done"
    assert tasks.running == ()


def test_failure_becomes_a_message(tasks, messages):
    def fail(monitor):
        raise QueryError("The query was refused", "no such column", "Check it")

    task = tasks.run("asking", fail, lambda result: pytest.fail("no result was expected"))
    tasks.wait(5)
    assert task.state == "failed"
    assert [str(entry) for entry in messages.entries] == ["The query was refused. No such column. Check it."]


def test_an_error_in_taking_the_result_is_shown_too(tasks, messages):
    tasks.run("asking", lambda monitor: 0, lambda result: 1 / result)
    tasks.wait(5)
    assert "ZeroDivisionError" in messages.entries[-1].why


def test_cancel_is_at_once_and_the_late_result_is_dropped(tasks, messages):
    release, got = threading.Event(), []
    task = tasks.run("waiting", lambda monitor: release.wait(10), got.append)
    started = time.monotonic()
    task.cancel()
    assert task.state == "cancelled"
    assert time.monotonic() - started < 0.5
    release.set()
    tasks.wait(5)
    time.sleep(0.05)
    assert got == []
    assert messages.entries == ()


def test_cancelled_work_stops_at_its_next_check(tasks):
    steps = []
    stopped = threading.Event()

    def work(monitor):
        try:
            for step in range(10_000):
                monitor.check()
                steps.append(step)
                time.sleep(0.005)
        finally:
            stopped.set()

    task = tasks.run("stepping", work, steps.append)
    time.sleep(0.05)
    task.cancel()
    assert stopped.wait(1)
    assert 0 < len(steps) < 1000


def test_a_new_question_replaces_the_one_of_the_same_key(tasks):
    release, got = threading.Event(), []
    first = tasks.run("first", lambda monitor: release.wait(10) and "first", got.append, key="search")
    tasks.run("second", lambda monitor: "second", got.append, key="search")
    tasks.wait(5)
    release.set()
    time.sleep(0.05)
    assert first.state == "cancelled"
    assert got == ["second"]


def test_progress_is_seen_while_the_work_runs(tasks):
    seen = []
    go = threading.Event()

    def work(monitor):
        go.wait(5)
        monitor.report("half", 0.5)
        time.sleep(0.15)
        monitor.report("all", 1.0)

    task = tasks.run("working", work, lambda result: None)
    task.observe(lambda change: seen.append(change["new"]), "fraction")
    go.set()
    tasks.wait(5)
    assert seen == [0.5, 1.0]


def test_results_enter_on_the_loops_thread_and_wait_takes_them_in_a_busy_cell(tasks):
    threads = []
    finished = []

    async def cell():
        tasks.run("one", lambda monitor: 1, lambda result: threads.append(threading.current_thread()))
        await asyncio.sleep(0.2)  # an idle notebook
        tasks.run("two", lambda monitor: 2, lambda result: threads.append(threading.current_thread()))
        tasks.wait(5)  # a cell that needs the result now

    def kernel():
        asyncio.run(cell())
        finished.append(True)

    # A thread of its own: the browser tests leave a running loop in this one.
    notebook = threading.Thread(target=kernel)
    notebook.start()
    notebook.join(20)
    assert finished
    assert threads == [notebook] * 2


def test_wait_gives_up_in_words(tasks):
    release = threading.Event()
    tasks.run("sleeping", lambda monitor: release.wait(10), lambda result: None)
    with pytest.raises(TimeoutError, match="sleeping"):
        tasks.wait(0.05)
    release.set()
    tasks.wait(5)


def fail(words):
    def work(monitor):
        raise QueryError(words)

    return work


def test_a_failure_is_raised_until_the_same_question_succeeds(tasks, messages):
    tasks.run("asking", fail("no network"), print, key="search")
    for _ in range(3):
        with pytest.raises(QueryError, match="no network"):
            tasks.settle("search")
    assert len(messages.entries) == 1
    tasks.run("matching", lambda monitor: 1, lambda result: None, key="match")
    with pytest.raises(QueryError, match="no network"):
        tasks.settle("search")
    tasks.run("asking again", lambda monitor: 1, lambda result: None, key="search")
    tasks.settle("search")
    tasks.settle()


def test_a_failure_is_raised_to_those_only_who_need_the_answer(tasks):
    tasks.run("matching", fail("no catalogue"), print, key="match")
    tasks.settle("search")
    with pytest.raises(QueryError, match="no catalogue"):
        tasks.settle("search", "match")
    with pytest.raises(QueryError, match="no catalogue"):
        tasks.settle()


def test_a_failure_is_forgotten_when_something_else_is_asked(tasks):
    focus = ["a"]
    tasks.run("opening a", fail("a is not there"), print, key="source", stands=lambda: focus == ["a"])
    with pytest.raises(QueryError):
        tasks.settle("source")
    focus[0] = "b"
    tasks.settle("source")


def test_what_failed_and_is_still_asked_is_tried_again(tasks):
    network, asked, got = [False], {"a", "b"}, []

    def work(monitor):
        if not network[0]:
            raise QueryError("no network")
        return 1

    for name in ("a", "b", "c"):
        tasks.run(
            f"opening {name}",
            work,
            lambda result, name=name: got.append(name),
            key=name,
            stands=lambda name=name: name in asked,
        )
    tasks.wait()
    tasks.try_again()
    with pytest.raises(QueryError, match="no network"):
        tasks.settle("a")
    network[0] = True
    asked.remove("b")
    tasks.try_again()
    tasks.settle()
    tasks.try_again()  # all is well: nothing is asked
    assert not tasks.running
    assert got == ["a"]


def test_an_answer_to_something_no_longer_asked_is_dropped(tasks):
    got, dropped, go, asked = [], [], threading.Event(), [True]
    tasks.run(
        "asking", lambda monitor: go.wait(5), got.append, stands=lambda: asked[0], late=lambda: dropped.append(True)
    )
    asked[0] = False
    go.set()
    tasks.settle()
    assert (got, dropped) == ([], [True])


def test_an_answer_that_cannot_be_taken_in_is_a_failure(tasks):
    task = tasks.run("asking", lambda monitor: 0, lambda result: 1 / result, key="search")
    with pytest.raises(ZeroDivisionError):
        tasks.settle("search")
    assert task.state == "failed"


def test_a_raised_failure_holds_nothing_of_who_asked_before(tasks):
    tasks.run("asking", fail("no network"), print)
    depths = []
    for _ in range(3):
        with pytest.raises(QueryError) as told:
            tasks.settle()
        depths.append(len(told.traceback))
    assert len(set(depths)) == 1


def test_a_cancelled_question_is_told_to_who_waits_for_it_and_is_no_failure_afterwards(tasks, messages):
    release = threading.Event()
    task = tasks.run("searching", lambda monitor: release.wait(10), print, key="search")
    threading.Timer(0.2, task.cancel).start()
    with pytest.raises(QueryCancelled, match="searching was cancelled"):
        tasks.settle("search")
    tasks.settle("search")
    tasks.settle()
    assert messages.entries == ()
    release.set()


def test_a_question_that_another_replaces_is_not_cancelled_to_who_waits(tasks):
    release, got = threading.Event(), []
    tasks.run("first", lambda monitor: release.wait(10), got.append, key="search")
    threading.Timer(0.2, lambda: tasks.run("second", lambda monitor: 2, got.append, key="search")).start()
    tasks.settle("search")
    assert got == [2]
    release.set()


def test_cancelling_does_not_make_an_earlier_failure_good(tasks):
    tasks.run("asking", fail("no network"), print, key="search")
    tasks.wait(5)
    release = threading.Event()
    tasks.run("asking again", lambda monitor: release.wait(10), print, key="search").cancel()
    with pytest.raises(QueryError, match="no network"):
        tasks.settle("search")
    release.set()


def test_an_interrupt_while_an_answer_is_taken_in_leaves_no_half_answer(tasks):
    def interrupted(result):
        raise KeyboardInterrupt

    go = threading.Event()

    async def cell():  # in a notebook the cell's own wait takes answers in
        tasks.run("asking", lambda monitor: go.wait(5), interrupted, key="search")
        threading.Timer(0.1, go.set).start()
        tasks.wait(5)

    def kernel():
        with pytest.raises(KeyboardInterrupt):
            asyncio.run(cell())
        ended.append(True)

    ended = []
    notebook = threading.Thread(target=kernel)
    notebook.start()
    notebook.join(20)
    assert ended
    assert tasks.running == ()
    with pytest.raises(QueryCancelled, match="interrupted"):
        tasks.settle("search")


def warned(monitor):
    warn(CscWarning("Half of it is missing."))
    return 7


def test_what_a_task_warns_of_is_read_before_its_answer_is_used(tasks, messages):
    seen = []
    tasks.run("asking", warned, lambda answer: seen.append((answer, len(messages.entries))))
    tasks.wait(5)
    assert seen == [(7, 1)]
    assert (messages.entries[0].level, str(messages.entries[0])) == ("warning", "Half of it is missing.")


def test_what_a_task_warns_of_is_told_to_the_code_that_waits_for_it(tasks):
    begin = threading.Event()

    def late(monitor):
        begin.wait(5)
        return warned(monitor)

    tasks.run("asking", late, lambda answer: None, key="search")
    tasks.run("matching", late, lambda answer: None, key="match")
    begin.set()
    with pytest.warns(CscWarning, match="Half of it is missing") as caught:
        tasks.settle("search")
    assert len(caught) == 1


def test_what_a_dropped_answer_warned_of_is_of_no_interest(tasks, messages):
    tasks.run("asking", warned, lambda answer: None, stands=lambda: False)
    tasks.wait(5)
    assert messages.entries == ()
