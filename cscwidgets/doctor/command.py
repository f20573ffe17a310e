"""The command ``cscwidgets doctor``: each question before it is sent, each finding when it is known, a summary."""

from __future__ import annotations

import argparse
import sys
import threading

from .findings import StepResult
from .questions import Question
from .steps import STEPS
from .subject import subject_of
from .visit import Step
from .walk import Examination, chosen_steps
from .written_report import step_lines, summary, write_report

__all__ = ["run"]

_STOPPED = 130


def run(options: argparse.Namespace) -> int:
    """Do what the command says; returns the exit status: 0 where all was asked and nothing that matters deviates.

    Raises
    ------
    CscError
        If there is no such archive or step, or the report cannot be written.
    """
    if options.list:
        _print(*(f"{step.name:13} {step.title}" for step in STEPS))
        return 0
    subject = subject_of(options.archive, cone=options.cone, products=options.products, release=options.release)
    examination = Examination(subject, chosen_steps(subject, options.only))
    stopped = False
    try:
        examination.walk(tell=_told, begin=_begun, done=_done)
    except KeyboardInterrupt:
        stopped = True
        _print("", "Stopped.")
    _print("", summary(examination))
    if options.report is not None:
        _print(f"{write_report(examination, options.report)} holds the report.")
    return _STOPPED if stopped else int(not examination.well)


_lock = threading.Lock()


def _print(*lines: str) -> None:
    with _lock:
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()


def _begun(step: Step) -> None:
    _print("", f"{step.title} ({step.name})")


def _told(question: Question) -> None:
    _print(str(question))


def _done(result: StepResult) -> None:
    _print(*step_lines(result), f"= {result.outcome}")
