"""The walk through all steps: one after the other, each in its time, none keeping the others from being asked."""

from __future__ import annotations

import os
import platform
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from cscwidgets.csc.releases import Release
from cscwidgets.errors import CscError, heard
from cscwidgets.io.quiet import quiet

from .diagnosis import mispacked, moved, too_slow
from .findings import Deviation, Outcome, StepResult
from .questions import Question
from .session import AskingSession, StepOver
from .steps import STEPS
from .subject import Subject, subject_of
from .visit import Ground, Step, Visit

__all__ = ["Examination", "Pace", "chosen_steps", "examine"]

_GRACE = 1.0  # seconds a step that was ended has to come back
_HEARD = 0.1
_SHARE = 3.0  # a step may take so many shares of the time that is left for it and those after it
_PACKAGES = ("cscwidgets", "astropy", "pyvo", "requests", "urllib3", "numpy", "duckdb")


@dataclass(frozen=True)
class Pace:
    """How long the walk may take, and how it treats the services.

    Attributes
    ----------
    total : float
        Seconds for all steps.
    step : float
        By how much a step's own time is scaled.
    pause : float
        Seconds between two questions over a network.
    """

    total: float = 110.0
    step: float = 1.0
    pause: float = 0.3


@dataclass
class Examination:
    """What a walk found, as far as it has come.

    Attributes
    ----------
    subject : Subject
        Whom it examines.
    steps : sequence of Step
        What it asks.
    pace : Pace
        Its times.
    results : list of StepResult
        One a step, in order.
    started : datetime
        When it began.
    """

    subject: Subject
    steps: Sequence[Step] = STEPS
    pace: Pace = field(default_factory=Pace)
    results: list[StepResult] = field(default_factory=list)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def deviations(self) -> list[Deviation]:
        """All that deviates."""
        return [deviation for result in self.results for deviation in result.deviations]

    @property
    def well(self) -> bool:
        """Whether all that is there was asked, and nothing deviates that matters."""
        asked = len(self.results) == len(self.steps) and not self.unasked
        return asked and not any(deviation.matters for deviation in self.deviations)

    @property
    def unasked(self) -> list[StepResult]:
        """The steps that could not be asked although the archive has what they ask for."""
        return [result for result in self.results if result.outcome is Outcome.UNASKED and not result.absent]

    @property
    def versions(self) -> dict[str, str]:
        """Versions of the packages, of Python and the kind of system: all that is told of this machine."""
        packages = {name: version(name) for name in _PACKAGES}
        return packages | {"Python": platform.python_version(), "system": platform.system()}

    def walk(
        self,
        *,
        tell: Callable[[Question], None] = lambda _: None,
        begin: Callable[[Step], None] = lambda _: None,
        done: Callable[[StepResult], None] = lambda _: None,
    ) -> None:
        """Ask all steps; what was found so far is in ``results`` also when this is interrupted.

        Parameters
        ----------
        tell : callable
            Called with each question before it is sent.
        begin, done : callable
            Called with each step before it begins, and with its result.
        """
        session = AskingSession(tell, seconds=self.pace.total)
        connection = self.subject.connect(session)
        end = time.monotonic() + self.pace.total
        with session, tempfile.TemporaryDirectory(prefix="cscwidgets-", ignore_cleanup_errors=True) as folder:
            ground = Ground(self.subject, connection, Path(folder))
            for index, step in enumerate(self.steps):
                left = max(0.0, end - time.monotonic() - _GRACE)
                seconds = min(step.seconds * self.pace.step, _SHARE * left / (len(self.steps) - index), left)
                begin(step)
                result = _Run(step, ground, seconds, tell, self.pace.pause).result()
                self.results.append(result)
                done(result)


class _Run:
    """One step in a thread of its own, which is left behind where it does not come back."""

    def __init__(
        self, step: Step, ground: Ground, seconds: float, tell: Callable[[Question], None], pause: float
    ) -> None:
        self._step, self._seconds, self._tell = step, seconds, tell
        self._questions: list[Question] = []
        self._said: list[str] = []
        line = ground.connection
        self._session = AskingSession(
            self._told, seconds=seconds, pause=0.0 if line.local else pause, like=line.session
        )
        self._visit = Visit(step, ground, self._session, seconds)

    def result(self) -> StepResult:
        """What the step found."""
        started = time.monotonic()
        thread = threading.Thread(target=self._ask, name=f"cscwidgets doctor {self._step.name}", daemon=True)
        try:
            thread.start()
            end = started + self._seconds + _GRACE * min(1.0, self._seconds)
            while thread.is_alive() and time.monotonic() < end:
                thread.join(_HEARD)  # in short pieces: an interrupt is heard between two
        finally:
            self._session.end()
        visit = self._visit
        deviations, remarks = list(visit.deviations), list(visit.remarks)
        if not thread.is_alive():
            self._session.release()
        else:
            deviations.append(too_slow(self._step.title, self._seconds))
        for exchange in self._session.exchanges:
            deviations += filter(None, (moved(exchange), mispacked(exchange)))
        remarks += self._said
        reasons = dict.fromkeys([*visit.reasons, *visit.absent])
        outcome = Outcome.DEVIATES if deviations else Outcome.UNASKED if reasons else Outcome.WELL
        return StepResult(
            self._step.name,
            self._step.title,
            outcome,
            tuple(dict.fromkeys(deviations)),
            "; ".join(reasons),
            outcome is Outcome.UNASKED and not visit.reasons,
            tuple(dict.fromkeys(remarks)),
            tuple(self._questions),
            round(time.monotonic() - started, 2),
        )

    def _told(self, question: Question) -> None:
        self._questions.append(question)
        self._tell(question)

    def _ask(self) -> None:
        with heard() as said, quiet() as left_out:
            try:
                with self._visit.part(self._step.title):
                    self._step.ask(self._visit)
            except StepOver:
                pass
            finally:
                self._said += [*map(str, said), *left_out]


def examine(
    archive: str | os.PathLike[str] | Release | Subject = "csc2.1",
    steps: Sequence[str] | None = None,
    *,
    pace: Pace | None = None,
    tell: Callable[[Question], None] = lambda _: None,
) -> Examination:
    """Walk through an archive's services, and say what is not as this package expects it.

    Parameters
    ----------
    archive : str, path, Release or Subject
        What ``Archive`` takes, the address of a server, or what `subject_of` makes of one.
    steps : sequence of str, optional
        Names of the steps to ask, see `STEPS`; all that have sense for the archive unless told.
    pace : Pace, optional
        How long it may take, and how it treats the services.
    tell : callable
        Called with each question before it is sent, ``print`` for example. Nothing else is sent.

    Returns
    -------
    Examination
        With a result for each step.

    Raises
    ------
    CscError
        If there is no such archive, or no step of a name.

    Examples
    --------
    >>> from cscwidgets import doctor
    >>> nobody = doctor.examine("http://127.0.0.1:9", ["availability"])
    >>> nobody.results[0].outcome, nobody.results[0].reason
    (<Outcome.UNASKED: 'could not be asked'>, 'The availability: the connection was refused')
    """
    subject = archive if isinstance(archive, Subject) else subject_of(archive)
    examination = Examination(subject, chosen_steps(subject, steps), pace or Pace())
    examination.walk(tell=tell)
    return examination


def chosen_steps(subject: Subject, names: Sequence[str] | None) -> tuple[Step, ...]:
    """The steps of some names, or those that have sense for an archive.

    Raises
    ------
    CscError
        If there is no step of a name.
    """
    if names is None:
        return tuple(step for step in STEPS if subject.companions is not None or not step.companion)
    known = {step.name: step for step in STEPS}
    for name in names:
        if name not in known:
            raise CscError(f"There is no step {name!r}", "", f"There are {', '.join(known)}.")
    return tuple(step for step in STEPS if step.name in names)
