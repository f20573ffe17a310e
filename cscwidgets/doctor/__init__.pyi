from .findings import Deviation, Outcome, StepResult
from .questions import Question
from .reference import Published, Reference
from .steps import STEPS
from .subject import Companions, Subject, subject_of
from .visit import Step
from .walk import Examination, Pace, examine
from .written_report import report, summary, write_report

__all__ = [
    "STEPS",
    "Companions",
    "Deviation",
    "Examination",
    "Outcome",
    "Pace",
    "Published",
    "Question",
    "Reference",
    "Step",
    "StepResult",
    "Subject",
    "examine",
    "report",
    "subject_of",
    "summary",
    "write_report",
]
