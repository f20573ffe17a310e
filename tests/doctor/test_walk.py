"""The walk over a service that is as it should be: all is well, and nothing is sent but what is told."""

import _thread
import signal
import threading
import time
import warnings
from dataclasses import replace

import pytest

from cscwidgets import doctor
from cscwidgets.doctor.findings import Outcome
from cscwidgets.errors import CscError, CscWarning, warn

from .deviating import Fault, relaying

ARCHIVE_STEPS = [step.name for step in doctor.STEPS if not step.companion]


def test_all_is_well_and_what_was_asked_is_what_was_told(application, examined):
    told = []
    with relaying(application) as (base, relay):
        examination = examined(base, tell=told.append)
    assert {result.name: result.deviations for result in examination.results} == dict.fromkeys(ARCHIVE_STEPS, ())
    assert [result.outcome for result in examination.results] == [Outcome.WELL] * len(ARCHIVE_STEPS)
    assert examination.well
    assert relay.questions == told == [question for result in examination.results for question in result.questions]
    assert relay.agents == {"cscwidgets (https://pypi.org/project/cscwidgets)"}
    assert 30 < len(told) < 60
    for question in told:
        assert str(question) in doctor.report(examination).replace("ARCHIVE", base)


def test_what_the_client_and_libraries_warn_of_is_remarked():
    def ask(visit):
        warn(CscWarning("The client says so."))
        warnings.warn("A library says so.", UserWarning, stacklevel=1)

    examination = doctor.Examination(doctor.subject_of("demo"), steps=[replace(doctor.STEPS[0], ask=ask)])
    examination.walk()
    assert examination.results[0].remarks == ("The client says so.", "A library says so.")


def test_questions_are_told_before_they_are_sent(application, examined):
    with relaying(application) as (base, relay):
        order = []
        examined(base, ["availability", "limit"], tell=lambda question: order.append(len(relay.questions)))
    # When the n-th question is told, n - 1 have come.
    assert order == list(range(len(order)))
    assert len(order) == 4


def test_steps_can_be_chosen_and_are_refused_where_there_are_none(application, examined):
    with relaying(application) as (base, _):
        examination = examined(base, ["box", "availability"])
    assert [result.name for result in examination.results] == ["availability", "box"]
    with pytest.raises(CscError, match=r"There is no step 'gravity'\. There are availability, capabilities"):
        doctor.examine("demo", ["gravity"])


def test_a_service_that_hangs_at_every_step_is_told_in_time(application, examined):
    with relaying(application, Fault("hangs", slow=lambda asked: True)) as (base, _):
        started = time.monotonic()
        examination = examined(base, pace=doctor.Pace(total=12.0, step=0.05, pause=0.0))
        took = time.monotonic() - started
    assert took < 13.5
    assert [result.name for result in examination.results] == ARCHIVE_STEPS
    slow = {result.name for result in examination.results if "too slow" in str(result.deviations)}
    # Nothing was published in a step that asks nothing; all others are named.
    assert slow == set(ARCHIVE_STEPS)
    assert not examination.well


@pytest.fixture
def interruptible():
    """Where a script runs the tests in its background, interrupts are ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_ends_it_at_once_with_what_was_seen(application):
    with relaying(application, Fault("hangs", slow=lambda asked: asked.path.endswith("/tables"))) as (base, relay):
        subject = doctor.subject_of(base)
        examination = doctor.Examination(subject, doctor.STEPS[:5])

        def tell(question):
            if question.address.endswith("/tables"):
                threading.Timer(0.3, _thread.interrupt_main).start()

        started = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            examination.walk(tell=tell)
        asked = len(relay.questions)
        assert time.monotonic() - started < 8
        time.sleep(0.5)
        assert len(relay.questions) == asked
    assert [result.name for result in examination.results] == ["availability", "capabilities"]
    assert "It was stopped before: tables, columns, counts." in doctor.report(examination)


def test_nobody_answers(examined):
    examination = examined("http://127.0.0.1:9")
    assert {result.outcome for result in examination.results} == {Outcome.UNASKED}
    assert all("the connection was refused" in result.reason for result in examination.results)
    assert "nothing could be asked" in doctor.summary(examination)
    assert not examination.well
