"""The report: what was found and what to do, in words that tell nothing of who asked, to be attached to an issue."""

from __future__ import annotations

import getpass
import os
import platform
import re
import tempfile
from collections.abc import Iterator
from importlib.metadata import metadata
from pathlib import Path

from cscwidgets.archive.cache_folder import cache_root
from cscwidgets.io.atomic import write_whole

from .findings import Deviation, Outcome, StepResult
from .walk import Examination

__all__ = ["report", "summary", "write_report"]

_MARKS = {Outcome.WELL: "well", Outcome.DEVIATES: "DEVIATES", Outcome.UNASKED: "not asked"}


def report(examination: Examination) -> str:
    """A walk as text in Markdown, without anything that tells who asked, where, or by which machine.

    Parameters
    ----------
    examination : Examination
        What `examine` returned, or one that was interrupted.

    Returns
    -------
    str
        The summary, each step with its findings, the questions, and versions.

    Examples
    --------
    >>> from cscwidgets import doctor
    >>> print(doctor.report(doctor.examine("http://127.0.0.1:9", ["availability"])).splitlines()[0])
    # cscwidgets doctor: the archive at this address
    """
    return _without_persons("\n".join(_lines(examination)) + "\n", examination)


def write_report(examination: Examination, path: str | os.PathLike[str]) -> Path:
    """Write the report of a walk to a file, whole or not at all; one that is there is replaced.

    Parameters
    ----------
    examination : Examination
        What `examine` returned.
    path : path
        The file, text or Markdown.

    Returns
    -------
    Path
        Where it is.

    Raises
    ------
    CscError
        If it cannot be written.

    Examples
    --------
    >>> from cscwidgets import doctor
    >>> nobody = doctor.examine("http://127.0.0.1:9", ["availability"])
    >>> doctor.write_report(nobody, "report.md").read_text(encoding="utf-8").splitlines()[-3]
    '## Versions'
    """
    text = report(examination)
    return write_whole(path, lambda part: part.write_text(text, encoding="utf-8"), overwrite=True)


def summary(examination: Examination) -> str:
    """How many steps are well, and what to do next.

    Parameters
    ----------
    examination : Examination
        What `examine` returned.

    Returns
    -------
    str
        Two or three lines.

    Examples
    --------
    >>> from cscwidgets import doctor
    >>> print(doctor.summary(doctor.examine("http://127.0.0.1:9", ["availability"])).splitlines()[0])
    0 steps are well, 0 deviate, 1 could not be asked.
    """
    return _without_persons("\n".join(_summary(examination)), examination)


def _summary(examination: Examination) -> Iterator[str]:
    number = {outcome: sum(result.outcome is outcome for result in examination.results) for outcome in Outcome}
    yield (
        f"{number[Outcome.WELL]} steps are well, {number[Outcome.DEVIATES]} deviate,"
        f" {number[Outcome.UNASKED]} could not be asked."
    )
    if missing := examination.steps[len(examination.results) :]:
        yield f"It was stopped before: {', '.join(step.name for step in missing)}."
    yield f"What to do next: {_next(examination)}"


def _next(examination: Examination) -> str:
    matter = [deviation for deviation in examination.deviations if deviation.matters]
    unasked = examination.unasked
    issues = next(
        (
            url.partition(", ")[2]
            for url in metadata("cscwidgets").get_all("Project-URL") or ()
            if url.startswith("Issues")
        ),
        "",
    )
    if examination.results and len(unasked) == len(examination.results):
        return f"nothing could be asked: {examination.subject.release.advice or 'check the network.'}"
    if matter:
        return (
            f"{len(matter)} findings matter, each with what to do about it; for those that stay, open an issue at"
            f" {issues} and attach the report (--report FILE)."
        )
    if unasked:
        return f"nothing that was asked deviates; ask again for {', '.join(result.name for result in unasked)} later."
    return "nothing; all that matters is well."


def _lines(examination: Examination) -> Iterator[str]:
    release = examination.subject.release
    yield f"# cscwidgets doctor: {release.title}"
    yield ""
    yield f"{examination.started:%Y-%m-%d %H:%M} UTC. TAP {release.tap}, cone search {release.cone or 'none'},"
    yield f"files {release.csccli or 'none'}."
    yield ""
    yield from _summary(examination)
    yield ""
    yield "| step | outcome | seconds |"
    yield "|---|---|---|"
    for result in examination.results:
        yield f"| {result.name} | {result.outcome} | {result.seconds:.1f} |"
    for result in examination.results:
        yield ""
        yield f"## {result.title} ({result.name}): {result.outcome}"
        yield ""
        yield from step_lines(result)
        if result.questions:
            yield ""
            yield "```"
            yield from (line for question in result.questions for line in str(question).splitlines())
            yield "```"
    yield ""
    yield "## Versions"
    yield ""
    yield ", ".join(f"{name} {number}" for name, number in examination.versions.items()) + "."


def step_lines(result: StepResult) -> Iterator[str]:
    """What a step found, as lines."""
    if result.reason:
        yield f"- could not be asked: {result.reason}"
    for deviation in result.deviations:
        yield from _deviation(deviation)
    yield from (f"- {remark}" for remark in result.remarks)


def _deviation(deviation: Deviation) -> Iterator[str]:
    yield f"- **{deviation.what}**" + ("" if deviation.matters else " (allowed, or the package does without)")
    yield f"  - expected: {deviation.expected}"
    yield f"  - found: {deviation.found}"
    yield f"  - follows: {deviation.follows}"
    yield f"  - do: {deviation.do}"


def _without_persons(text: str, examination: Examination) -> str:
    """Leave out paths, the names of user and machine, and an address that was given by hand."""
    folders = [Path.home(), cache_root(), Path(tempfile.gettempdir()), Path.cwd()]
    for path in sorted({str(folder) for folder in folders if len(folder.parts) > 1}, key=len, reverse=True):
        text = re.sub(rf"{re.escape(path)}(?:[/\\][\w.+-]+)*[/\\]?", "…", text)
    for hidden in examination.subject.hidden:
        text = text.replace(hidden, "ARCHIVE")
    for name in _names():
        text = re.sub(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", "…", text, flags=re.IGNORECASE)
    return text


def _names() -> Iterator[str]:
    try:
        user = getpass.getuser()
    except (KeyError, OSError, ImportError):  # a user without a name
        user = ""
    host = platform.node()
    for name in (user, host, host.partition(".")[0]):
        if len(name) > 1 and name.lower() not in {"root", "user", "localhost"}:
            yield name
