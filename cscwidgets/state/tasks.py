"""Background work: progress, cancel, and results that arrive in one place.

A task runs in a thread of its own. It sets its progress directly, which reaches the browser even
while a cell runs; its result goes through `Tasks.entrance`, so that everything that changes the
explorer happens one at a time and never from a cancelled task.

A failure is a message for whoever looks, and stays until the same question succeeds: what code asks
of an explorer goes through `Tasks.settle`, which raises it, so that nobody computes with the answer
before. A cancelled question was given up: only the call that waits for it is told, and what was
there before, the region with its table, stands.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from traitlets import Enum, Float, HasTraits, Tuple, Unicode

from cscwidgets.errors import CscWarning, QueryCancelled, heard, warn

from .messages import Messages

__all__ = ["Task", "Tasks"]

T = TypeVar("T")


class Task(HasTraits):
    """One piece of background work; also the monitor its code reports to.

    Attributes
    ----------
    state : str
        running, done, failed or cancelled.
    fraction : float
        How much is done, 0 to 1; negative where that is not known.
    replaced : bool
        Whether it was cancelled because the same was asked anew.
    said : list of CscWarning
        What its code warned of.
    """

    state = Enum(("running", "done", "failed", "cancelled"), default_value="running")
    fraction = Float(-1.0)
    message = Unicode("")

    def __init__(self, label: str, key: str) -> None:
        super().__init__()
        self.label = label
        self.key = key
        self.started = time.monotonic()
        self.replaced = False
        self.said: list[CscWarning] = []
        self._stop = threading.Event()
        self._settled = threading.Event()
        self._reported = 0.0

    def report(self, message: str, fraction: float | None = None) -> None:
        """Tell how far the work is; more than ten times a second is not passed on."""
        now = time.monotonic()
        if self.state == "running" and (now - self._reported > 0.1 or fraction in {0.0, 1.0}):
            self._reported = now
            self.message = message
            self.fraction = -1.0 if fraction is None else min(1.0, max(0.0, fraction))

    def check(self) -> None:
        """Raise `QueryCancelled` if the task was cancelled."""
        if self._stop.is_set():
            raise QueryCancelled(f"{self.label} was cancelled")

    def cancel(self) -> None:
        """Stop: at once for the user, at its next check for the thread; its result is dropped."""
        self._stop.set()
        if self.state == "running":
            self.settle("cancelled")

    @property
    def cancelled(self) -> bool:
        """Whether the task was asked to stop."""
        return self._stop.is_set()

    def settle(self, state: str) -> None:
        """Reach a final state."""
        self.state = state
        self._settled.set()

    def is_settled(self) -> bool:
        """Whether the task has come to its end, one way or another."""
        return self._settled.is_set()


@dataclass(frozen=True, slots=True)
class _Failure:
    """An error, whether what failed is still asked, and how to ask it again."""

    error: Exception
    stands: Callable[[], bool]
    again: Callable[[], object]


class Tasks(HasTraits):
    """The tasks of an explorer.

    Parameters
    ----------
    messages : Messages
        Where failures are shown.
    """

    running = Tuple()

    def __init__(self, messages: Messages) -> None:
        super().__init__()
        self._messages = messages
        self._inbox: queue.SimpleQueue[Callable[[], Any]] = queue.SimpleQueue()
        self._turn = threading.RLock()
        self._list_lock = threading.Lock()
        self._failures: dict[str, _Failure] = {}

    def run(
        self,
        label: str,
        work: Callable[[Task], T],
        done: Callable[[T], None],
        *,
        key: str = "",
        stands: Callable[[], bool] = lambda: True,
        late: Callable[[], None] = lambda: None,
    ) -> Task:
        """Start work in a thread and hand its result to ``done``.

        Parameters
        ----------
        label : str
            What the user reads.
        work : callable
            Called with the task as its monitor, in the thread.
        done : callable
            Called with the result, where results enter; never for a cancelled task.
        key : str
            Names the question. A new task cancels the running one of the same key: the latest question counts.
        stands : callable
            Whether this is still what is asked: an answer that comes too late is dropped, and a failure is forgotten
            as soon as something else is asked. Always unless told.
        late : callable
            Called in place of ``done`` for an answer that is dropped.
        """
        task = Task(label, key)
        again = partial(self.run, label, work, done, key=key, stands=stands, late=late)
        with self._list_lock:
            replaced = [other for other in self.running if key and other.key == key]
            self.running = (*(other for other in self.running if other not in replaced), task)
        for other in replaced:
            other.replaced = True
            other.cancel()
        loop = _running_loop()

        def body() -> None:
            def take() -> None:
                if stands():
                    self._tell(task)
                    done(result)
                else:
                    late()

            try:
                with heard() as task.said:
                    result = work(task)
            except Exception as error:  # noqa: BLE001 - whatever it is, the user must read it
                self._post(loop, lambda error=error: self._failed(task, _Failure(error, stands, again)))  # type: ignore[misc]
            else:
                self._post(loop, lambda: self._finished(task, take, stands, again))

        threading.Thread(target=body, name=f"cscwidgets {label}", daemon=True).start()
        return task

    def wait(self, timeout: float | None = None) -> tuple[Task, ...]:
        """Wait until nothing is running, taking results in as they come.

        A kernel interrupt (Ctrl-C) ends the wait, not the tasks: each has its own button for that.

        Returns
        -------
        tuple of Task
            The tasks that were waited for.

        Raises
        ------
        TimeoutError
            If tasks still run after ``timeout`` seconds.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        waited: dict[Task, None] = {}
        while any(not task.is_settled() for task in self.running):
            waited |= dict.fromkeys(self.running)
            self._drain()
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError(", ".join(task.label for task in self.running))
            time.sleep(0.01)
        self._drain()
        return tuple(waited)

    def settle(self, *keys: str, timeout: float | None = None) -> None:
        """Wait until nothing is running, and let nobody go on with a failed answer, or unaware of a warning.

        Parameters
        ----------
        *keys : str
            The questions that the caller needs; all of them unless told.
        timeout : float, optional
            Seconds to wait at most.

        Raises
        ------
        TimeoutError
            If tasks still run after ``timeout`` seconds.
        QueryCancelled
            If one of the questions was cancelled while it was waited for.
        Exception
            What one of them failed with, until it succeeds or something else is asked: see `run`.
        """
        waited = self.wait(timeout)
        self.check(*keys)
        for task in waited:
            if task.state == "done" and (not keys or task.key in keys):
                for warning in task.said:
                    warn(warning, stacklevel=3)
            if task.state == "cancelled" and not task.replaced and (not keys or task.key in keys):
                raise QueryCancelled(f"{task.label} was cancelled", "", "The previous result is kept. Ask again.")

    def check(self, *keys: str) -> None:
        """Raise what one of some questions, or of all, failed with; see `settle`."""
        failures = dict(self._failures)
        for key in keys or tuple(failures):
            failure = failures.get(key)
            if failure is not None and failure.stands():
                # Without the traces of earlier raises, which would hold whatever those callers held.
                raise failure.error.with_traceback(None)

    def try_again(self, worth: Callable[[Exception], bool] = lambda _: True) -> None:
        """Ask once more what failed and is still asked, where that is worth it by the error."""
        for failure in tuple(self._failures.values()):
            if failure.stands() and worth(failure.error):
                failure.again()

    def in_turn(self, act: Callable[[], T], loop: asyncio.AbstractEventLoop | None) -> T:
        """Do something where results are taken in, one at a time, and wait for what it gives; for a task's thread."""
        outcome: Future[T] = Future()

        def acted() -> None:
            try:
                outcome.set_result(act())
            except BaseException as error:  # noqa: BLE001 - it is raised in the thread that asked
                outcome.set_exception(error)

        self._post(loop, acted)
        return outcome.result()

    def entrance(self) -> Callable[[Callable[[], Any]], None]:
        """The way in for what comes from outside, by any thread: each action is done where results enter.

        Ask for it where a cell or a callback runs: in a notebook, actions enter between cells. What they fail with
        becomes a message.
        """
        loop = _running_loop()
        return lambda action: self._post(loop, self._messages.guard(action))

    def cancel_all(self) -> None:
        """Cancel everything."""
        for task in self.running:
            task.cancel()
            self._forget(task)

    def _post(self, loop: asyncio.AbstractEventLoop | None, action: Callable[[], Any]) -> None:
        self._inbox.put(action)
        if loop is not None and loop.is_running():
            # In a notebook, results enter between cells: on the loop's thread, in order.
            loop.call_soon_threadsafe(self._drain)
        else:
            self._drain()

    def _drain(self) -> None:
        with self._turn:
            while True:
                try:
                    action = self._inbox.get_nowait()
                except queue.Empty:
                    return
                action()

    def _finished(
        self, task: Task, take: Callable[[], None], stands: Callable[[], bool], again: Callable[[], object]
    ) -> None:
        try:
            if not task.cancelled:
                self._failures.pop(task.key or task.label, None)
                take()
                task.settle("done")
        except Exception as error:  # noqa: BLE001 - as for the work itself
            self._failed(task, _Failure(error, stands, again))
        except BaseException:
            # Ctrl-C while an answer was taken in: part of it may be missing.
            interrupted = QueryCancelled(f"{task.label} was interrupted", "", "Ask again.")
            self._failed(task, _Failure(interrupted, stands, again))
            raise
        finally:
            self._forget(task)

    def _tell(self, task: Task) -> None:
        """What is to be known of an answer is read before it is used."""
        for warning in task.said:
            self._messages.warn(str(warning))

    def _failed(self, task: Task, failure: _Failure) -> None:
        if not task.cancelled:
            self._messages.error(failure.error)
            self._failures[task.key or task.label] = failure
            task.settle("failed")  # last: whoever waits finds the failure
        self._forget(task)

    def _forget(self, task: Task) -> None:
        with self._list_lock:
            self.running = tuple(other for other in self.running if other is not task)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    # Asked anew for every task: which thread and loop run a callback differs between kernels.
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
