"""Warnings that are left out are left out where that was asked for, whatever other threads do meanwhile."""

import io
import threading
import warnings
from contextvars import copy_context

import numpy as np
import pytest
from astropy.table import Table

from cscwidgets.io.quiet import quiet
from cscwidgets.io.tables.read import read_tables
from cscwidgets.io.votable import parse_votable


def written(kind):
    buffer = io.BytesIO()
    Table({"ra": np.arange(50.0)}).write(buffer, format=kind)
    return buffer.getvalue()


def in_threads(work, number=6):
    threads = [threading.Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_files_that_are_read_side_by_side_leave_warnings_as_they_were():
    votable, fits = written("votable"), written("fits")

    def read():
        for _ in range(20):
            parse_votable(votable)
            read_tables(fits, "a.fits")

    in_threads(read)
    with pytest.warns(UserWarning, match="still heard"):
        warnings.warn("still heard", stacklevel=1)
    assert [one[:3] for one in warnings.filters].count(("ignore", None, Warning)) == 0


def test_another_thread_is_heard_meanwhile():
    begun, heard, problems = threading.Event(), threading.Event(), []

    def read():
        try:
            with quiet() as left_out:
                begun.set()
                heard.wait(10)
                warnings.warn("left out", stacklevel=1)
            assert left_out == ["left out"]
        except Exception as error:  # noqa: BLE001 - seen below
            problems.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    begun.wait(10)
    with pytest.warns(UserWarning, match="of this thread"):
        warnings.warn("of this thread", stacklevel=1)
    heard.set()
    thread.join()
    assert not problems


def test_threads_that_work_for_it_are_quiet_too():
    with quiet() as left_out:
        context = copy_context()
        thread = threading.Thread(target=context.run, args=(warnings.warn, "of a helper"))
        thread.start()
        thread.join()
    assert left_out == ["of a helper"]


@pytest.mark.parametrize("action", ["error", "always", "default", "once"])
def test_filters_of_others_do_not_count(action):
    with warnings.catch_warnings():
        warnings.simplefilter(action)
        for _ in range(2):
            with quiet() as left_out:
                warnings.warn("left out", stacklevel=1)
            assert left_out == ["left out"]


def test_what_was_shown_before_is_told_all_the_same():
    def warn():
        warnings.warn("once more", stacklevel=1)

    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("default")
        warn()
        with quiet() as left_out:
            warn()
    assert (len(shown), left_out) == (1, ["once more"])


def test_one_within_another_keeps_its_own():
    with quiet() as outer:
        with quiet() as inner:
            warnings.warn("inner", stacklevel=1)
        warnings.warn("outer", stacklevel=1)
    assert (inner, outer) == (["inner"], ["outer"])


def test_so_many_texts_are_kept_and_no_more():
    with quiet() as left_out:
        for number in range(1000):
            warnings.warn(f"number {number}", stacklevel=1)
    assert len(left_out) == 100
