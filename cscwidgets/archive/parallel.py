"""Work in threads that a cancelled call, or an interrupted kernel, leaves behind at once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextvars import copy_context
from typing import TypeVar

from cscwidgets.errors import QueryCancelled

from .monitor import Monitor, watched

__all__ = ["AT_ONCE", "for_each", "run_interruptibly"]

AT_ONCE = 4
"""Requests an archive gets at the same time: its maintainers ask not to be loaded."""

T = TypeVar("T")

_HEARD_SECONDS = 0.1


def run_interruptibly(work: Callable[[], T], abandoned: Callable[[], None] = lambda: None) -> T:
    """Do work that does not come back to Python, so that a kernel interrupt (Ctrl-C) is heard while it runs.

    Only the main thread hears of interrupts, between two steps of Python: there the work is done in another thread,
    with the same context variables, while this one waits. In any other thread it is simply done.

    Parameters
    ----------
    work : callable
    abandoned : callable
        Called when the wait was interrupted: to make the work end. It may do so any time later, its result is lost.

    Raises
    ------
    KeyboardInterrupt
        If the kernel was interrupted.
    BaseException
        What the work raised.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    result: list[T] = []
    failure: list[BaseException] = []
    done = threading.Event()
    context = copy_context()

    def body() -> None:
        try:
            result.append(context.run(work))
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            failure.append(error)
        finally:
            done.set()

    threading.Thread(target=body, name="cscwidgets work", daemon=True).start()
    try:
        while not done.wait(_HEARD_SECONDS):
            pass
    except BaseException:
        abandoned()
        raise
    if failure:
        raise failure[0]
    return result[0]


class _Until:
    """The monitor of the threads: they stop with the call that started them."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def report(self, message: str, fraction: float | None = None) -> None:
        pass

    def check(self) -> None:
        if self._stop.is_set():
            raise QueryCancelled("It was cancelled")


def for_each(
    work: Callable[[T], None],
    items: Iterable[T],
    monitor: Monitor,
    *,
    tell: Callable[[], None] = lambda: None,
    at_once: int = AT_ONCE,
) -> None:
    """Do some work on each item, several at a time.

    When the monitor says stop, this returns at once with its exception; threads that wait for a service end when that
    answers, or in their time-out, and change nothing any more that was not complete.

    Parameters
    ----------
    work : callable
        Called with each item in a thread, with the context variables of this one; `current_monitor` is there to be
        checked.
    items : iterable
    monitor : Monitor
        Asked whether to stop.
    tell : callable
        Called from time to time, in this thread, to report progress.
    at_once : int
        How many threads.

    Raises
    ------
    QueryCancelled
        If the monitor said so.
    Exception
        The first that the work raised; what was not begun is left out.
    """
    waiting = deque(items)
    stop, change = threading.Event(), threading.Condition()
    failures: list[BaseException] = []
    running = min(at_once, len(waiting))

    def body() -> None:
        nonlocal running
        try:
            with watched(_Until(stop)):
                while not stop.is_set():
                    try:
                        item = waiting.popleft()
                    except IndexError:
                        return
                    work(item)
        except QueryCancelled:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            failures.append(error)
            stop.set()
        finally:
            with change:
                running -= 1
                change.notify_all()

    # Daemons: a thread that hangs on a silent service does not keep Python from ending.
    for number in range(running):
        threading.Thread(target=copy_context().run, args=(body,), name=f"cscwidgets-{number}", daemon=True).start()
    try:
        while True:
            with change:
                done = running == 0 or change.wait_for(lambda: running == 0, timeout=0.1)
            monitor.check()
            tell()
            if done:
                break
    finally:
        stop.set()
    if failures:
        raise failures[0]
