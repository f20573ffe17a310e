"""What a step of the walk found: whether all is well, what deviates, or why nothing could be asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from .questions import Question

__all__ = ["NEWER", "REPORT", "Deviation", "Outcome", "StepResult"]

REPORT = "Attach this report to an issue."
NEWER = "Look for a newer cscwidgets; if there is none, attach this report to an issue."
"""What to do where the service has changed, and this package has not followed."""


class Outcome(StrEnum):
    """How a step ended.

    Examples
    --------
    >>> from cscwidgets import doctor
    >>> str(doctor.Outcome.UNASKED)
    'could not be asked'
    """

    WELL = "well"
    DEVIATES = "deviates"
    UNASKED = "could not be asked"


@dataclass(frozen=True)
class Deviation:
    """One thing that is not as the package expects it.

    Attributes
    ----------
    what : str
        What deviates.
    expected, found : str
        What should have come, and what came.
    follows : str
        What that means for who uses the package.
    do : str
        What to do about it.
    matters : bool
        False where the standard leaves it open, or the package does without.
    """

    what: str
    expected: str
    found: str
    follows: str
    do: str
    matters: bool = True


@dataclass(frozen=True)
class StepResult:
    """One step of the walk, and how it ended.

    Attributes
    ----------
    name, title : str
        What the step is called, for short and in full.
    outcome : Outcome
        Well, deviates, or could not be asked.
    deviations : tuple of Deviation
        What deviates, where anything does.
    reason : str
        Why it could not be asked, or not to its end.
    absent : bool
        Whether it could not because the archive does not have what it asks for, which is no fault.
    remarks : tuple of str
        What is worth knowing of a step that is well too.
    questions : tuple of Question
        What was sent.
    seconds : float
        How long it took.
    """

    name: str
    title: str
    outcome: Outcome
    deviations: tuple[Deviation, ...] = ()
    reason: str = ""
    absent: bool = False
    remarks: tuple[str, ...] = ()
    questions: tuple[Question, ...] = field(default=(), repr=False)
    seconds: float = 0.0
