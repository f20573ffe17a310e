"""Asynchronous queries: jobs after the Universal Worker Service pattern (UWS 1.1)."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from xml.etree import ElementTree as ET

from cscwidgets.errors import CscError, QueryCancelled, QueryError
from cscwidgets.io.adql.refusals import refusal

from ..database import Database, TookTooLong
from ..limits import EXECUTION_SECONDS, RETENTION
from .elements import SCHEMA_INSTANCE, child, document
from .tap import TapRequest, run

__all__ = ["ACTIVE", "Job", "Jobs", "parse_time", "timestamp"]

ACTIVE = ("PENDING", "QUEUED", "EXECUTING")

PENDING_LIFE = timedelta(hours=1)

_LONG_AT_ONCE = 4
_SHORT_AT_ONCE = 2
_SHORT_SECONDS = 3
_KEPT = 200  # jobs
_KEPT_BYTES = 1_000_000_000  # of their results together
_LARGEST_RESULT = 500_000_000
_MOST_PENDING = 100
_MOST_ACTIVE = 100  # that run or wait for it
_MOST_UPLOADED = 1_000_000_000  # bytes of the tables of all jobs that are not over
_LONGEST_WAIT = 60.0
_NAMESPACES = {
    "xmlns:uws": "http://www.ivoa.net/xml/UWS/v1.0",
    "xmlns:xlink": "http://www.w3.org/1999/xlink",
    "xmlns:xsi": SCHEMA_INSTANCE,
    "version": "1.1",
}


def timestamp(time: datetime) -> str:
    """A time as DALI writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_time(text: str) -> datetime:
    """A DALI timestamp, in UTC.

    Raises
    ------
    QueryError
        For anything that is not one.
    """
    try:
        time = datetime.fromisoformat(text.strip())
        time = time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise refusal(f"{text!r} is not a time", "Write it as 2026-01-31T12:00:00Z.") from None
    return time


@dataclass
class Lanes:
    """Where jobs run: some for a few seconds, some for as long as they may."""

    short: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_SHORT_AT_ONCE))
    long: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_LONG_AT_ONCE))


@dataclass
class Job:
    """One query with its phase and, in the end, its document or its error."""

    request: TapRequest
    job_id: str = field(default_factory=lambda: secrets.token_hex(8))
    phase: str = "PENDING"
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    started: datetime | None = None
    ended: datetime | None = None
    destruction: datetime = field(default_factory=lambda: datetime.now(UTC) + RETENTION)
    seconds: int = EXECUTION_SECONDS
    error: str = ""
    media_type: str = ""
    content: bytes = b""
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _interrupt: Callable[[], None] | None = None

    def run(self, database: Database, lanes: Lanes) -> None:
        """Answer the query in this thread, when there is room.

        Each job begins with a few seconds in a lane where none stays longer: however many long ones run, a small one
        is soon answered. What does not end there begins again among the long ones.
        """
        try:
            with lanes.short:
                if not self._enter("EXECUTING", only_from=("QUEUED",)):
                    return
                self.started = datetime.now(UTC)
                done = self._answer(database, min(self.seconds, _SHORT_SECONDS))
            if not done:
                with lanes.long:
                    self._answer(database, self.seconds)
            self._enter("COMPLETED", only_from=("EXECUTING",))
        except QueryCancelled:
            self._enter("ABORTED", only_from=("EXECUTING",))
        except CscError as error:
            self.error = str(error)
            self._enter("ERROR", only_from=("EXECUTING",))
        except Exception as error:  # a job must end in a phase, whatever happened
            self.error = f"The service failed: {error!r}"
            self._enter("ERROR", only_from=("EXECUTING",))
            raise
        finally:
            self._interrupt = None

    def _answer(self, database: Database, seconds: int) -> bool:
        """Run the query for so long; False if it needs longer, and may have it."""
        if self.phase != "EXECUTING":
            raise QueryCancelled("The job was aborted")
        try:
            media_type, pieces = run(database, self.request, seconds=seconds, started=self._interruptible)
        except TookTooLong:
            if seconds < self.seconds:
                return False
            raise
        content = bytearray()
        for piece in pieces:
            content += piece
            if len(content) > _LARGEST_RESULT:
                raise QueryError(
                    "The result is too large to be kept", f"it has more than {_LARGEST_RESULT} bytes", "Ask for less."
                )
        self.media_type, self.content = media_type, bytes(content)
        return True

    @property
    def uploaded(self) -> int:
        """Bytes of its tables."""
        return sum(table.nbytes for table in list(self.request.uploads.values()))

    def _interruptible(self, interrupt: Callable[[], None]) -> None:
        self._interrupt = interrupt
        if self.phase == "ABORTED":
            raise QueryCancelled("The job was aborted")

    def queue(self) -> None:
        """Make the job ready to run."""
        if not self._enter("QUEUED", only_from=("PENDING",)):
            raise refusal(f"the job is {self.phase} and cannot be started")

    def abort(self) -> None:
        """Stop the query; a finished job stays as it is."""
        if self._enter("ABORTED", only_from=ACTIVE) and (interrupt := self._interrupt) is not None:
            interrupt()

    def wait(self, seconds: float, phase: str = "") -> None:
        """Block until the phase changes or the time is over."""
        with self._changed:
            first = phase or self.phase
            if first in ACTIVE:
                self._changed.wait_for(lambda: self.phase != first, min(seconds, _LONGEST_WAIT))

    def _enter(self, phase: str, *, only_from: tuple[str, ...]) -> bool:
        with self._changed:
            if self.phase not in only_from:
                return False
            self.phase = phase
            if phase not in ACTIVE:
                self.ended = datetime.now(UTC)
                self.request.uploads = {}
            self._changed.notify_all()
            return True

    def document(self, url: str) -> bytes:
        """The UWS job document, where ``url`` is the job's own."""
        root = ET.Element("uws:job", _NAMESPACES)
        child(root, "uws:jobId", self.job_id)
        if run_id := self.request.parameters.get("RUNID"):
            child(root, "uws:runId", run_id)
        child(root, "uws:ownerId", xsi_nil="true")
        child(root, "uws:phase", self.phase)
        child(root, "uws:quote", xsi_nil="true")
        child(root, "uws:creationTime", timestamp(self.created))
        for tag, time in (("uws:startTime", self.started), ("uws:endTime", self.ended)):
            if time is None:
                child(root, tag, xsi_nil="true")
            else:
                child(root, tag, timestamp(time))
        child(root, "uws:executionDuration", str(self.seconds))
        child(root, "uws:destruction", timestamp(self.destruction))
        self._parameters(child(root, "uws:parameters"))
        self._results(child(root, "uws:results"), url)
        if self.error:
            summary = child(root, "uws:errorSummary", type="fatal", hasDetail="true")
            child(summary, "uws:message", self.error)
        return document(root)

    def parameters_document(self) -> bytes:
        """The UWS parameter list."""
        root = ET.Element("uws:parameters", _NAMESPACES)
        self._parameters(root)
        return document(root)

    def results_document(self, url: str) -> bytes:
        """The UWS result list."""
        root = ET.Element("uws:results", _NAMESPACES)
        self._results(root, url)
        return document(root)

    def _parameters(self, element: ET.Element) -> None:
        for name, value in self.request.parameters.items():
            if name not in ("PHASE", "ACTION"):
                child(element, "uws:parameter", value, id=name)

    def _results(self, element: ET.Element, url: str) -> None:
        if self.phase == "COMPLETED":
            child(element, "uws:result", id="result", xlink_href=f"{url}/results/result")


class Jobs:
    """The jobs of one archive."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._lanes = Lanes()

    def add(self, request: TapRequest) -> Job:
        """A new job, not yet started; the oldest that wait for their start make room."""
        job = Job(request)
        with self._lock:
            self._jobs[job.job_id] = job
            self._forget()
        return job

    def find(self, job_id: str) -> Job | None:
        """A job that has not been destroyed."""
        with self._lock:
            self._forget()
            return self._jobs.get(job_id)

    def start(self, job: Job) -> None:
        """Run a job in the background.

        Raises
        ------
        QueryError
            If it is not waiting for its start, or too many others run or wait for their turn.
        """
        with self._lock:
            others = [other for other in self._jobs.values() if other.phase in ACTIVE[1:]]
            if len(others) >= _MOST_ACTIVE or job.uploaded + sum(map(_uploaded, others)) > _MOST_UPLOADED:
                raise refusal(f"{len(others)} jobs run or wait already", "Wait for one of them to end, or delete it.")
            job.queue()
        threading.Thread(target=job.run, args=(self._database, self._lanes), daemon=True, name="tap-job").start()

    def delete(self, job: Job) -> None:
        """Stop and forget a job."""
        job.abort()
        with self._lock:
            self._jobs.pop(job.job_id, None)

    def listing(self, url: str, phases: tuple[str, ...], after: datetime | None, last: int | None) -> bytes:
        """The UWS job list, newest first."""
        with self._lock:
            self._forget()
            jobs = sorted(self._jobs.values(), key=lambda job: job.created, reverse=True)
        jobs = [job for job in jobs if not phases or job.phase in phases]
        jobs = [job for job in jobs if after is None or job.created > after][:last]
        root = ET.Element("uws:jobs", _NAMESPACES)
        for job in jobs:
            reference = child(root, "uws:jobref", id=job.job_id, xlink_href=f"{url}/{job.job_id}")
            child(reference, "uws:phase", job.phase)
            child(reference, "uws:ownerId", xsi_nil="true")
            child(reference, "uws:creationTime", timestamp(job.created))
        return document(root)

    def _forget(self) -> None:
        """Destroy what is over, and the oldest of what is too much: of the finished, and of what was never started."""
        now = datetime.now(UTC)
        newest_first = list(self._jobs.values())[::-1]
        pending = [job for job in newest_first if job.phase == "PENDING"]
        finished = [job for job in newest_first if job.phase not in ACTIVE]
        over = [job for job in newest_first if job.destruction <= now]
        over += [job for job in pending if job.created + PENDING_LIFE <= now]
        over += _beyond(pending, _MOST_PENDING, _uploaded, _MOST_UPLOADED)
        # Finished ones make room for those that are not, but half of the room is theirs.
        room = max(_KEPT - (len(newest_first) - len(finished)), _KEPT // 2)
        over += _beyond(finished, room, lambda job: len(job.content), _KEPT_BYTES)
        for job in over:
            job.abort()
            self._jobs.pop(job.job_id, None)


def _uploaded(job: Job) -> int:
    return job.uploaded


def _beyond(jobs: list[Job], most: int, size: Callable[[Job], int], most_bytes: int) -> list[Job]:
    """The jobs that come after so many, or after so many bytes."""
    sums = list(accumulate(map(size, jobs)))
    return [
        job for number, (job, total) in enumerate(zip(jobs, sums, strict=True)) if number >= most or total > most_bytes
    ]
