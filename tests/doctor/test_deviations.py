"""Each way to deviate is found and told by name: of a service that answers otherwise, of an archive that is another."""

import subprocess

import pytest

from cscwidgets import doctor
from cscwidgets.doctor.findings import Outcome

from .conftest import made
from .deviating import Fault, relaying
from .faults import ANSWERS
from .table_faults import TABLES

# Of one step, the first may be all that is seen.
PAIRS = [pair for pair in zip(ANSWERS, ANSWERS[7:] + ANSWERS[:7], strict=True) if pair[0].step != pair[1].step]
PACE = doctor.Pace(pause=0.0)
QUICK = doctor.Pace(total=110.0, step=0.1, pause=0.0)  # two seconds a step: what does not come is waited for


def pace(*faults):
    return PACE if {"slow", "endless job"}.isdisjoint(faults) else QUICK


def named(examination, words):
    """The words of a report that name it, in a finding and no question."""
    report = doctor.report(examination)
    findings = "\n".join(line for line in report.splitlines() if not line.startswith(">"))
    assert [word for word in words if word not in findings] == [], findings
    assert not examination.well or all(not deviation.matters for deviation in examination.deviations)
    assert examination.deviations
    for deviation in examination.deviations:
        assert all((deviation.what, deviation.expected, deviation.found, deviation.follows, deviation.do))


@pytest.mark.parametrize("deviation", ANSWERS, ids=lambda deviation: deviation.fault.name)
def test_an_answer_that_deviates_is_named(deviation, application, examined):
    with relaying(application, deviation.fault) as (base, relay):
        examination = examined(base, [deviation.step], pace=pace(deviation.fault.name))
    named(examination, deviation.words)
    assert relay.questions == list(examination.results[0].questions)


@pytest.mark.parametrize("deviation", TABLES, ids=lambda deviation: deviation.name)
def test_an_archive_that_deviates_is_named(deviation, small_tables, demo_folder, examined, tmp_path):
    application = made(deviation.change(small_tables), demo_folder, tmp_path / "other")
    with relaying(application) as (base, _):
        named(examined(base, [deviation.step], pace=PACE), deviation.words)


def test_there_are_more_than_two_dozen():
    assert len({deviation.fault.name for deviation in ANSWERS} | {deviation.name for deviation in TABLES}) >= 24


@pytest.mark.slow
@pytest.mark.parametrize(
    "two",
    [*PAIRS[:5], *(pytest.param(pair, marks=pytest.mark.long) for pair in PAIRS[5:])],
    ids=lambda two: " and ".join(one.fault.name for one in two),
)
def test_two_deviations_at_once_are_both_named(two, application, examined):
    one, other = two
    with relaying(application, one.fault, other.fault) as (base, _):
        examination = examined(base, [one.step, other.step], pace=pace(one.fault.name, other.fault.name))
    named(examination, one.words + other.words)


def test_a_certificate_that_is_not_trusted_is_named(application, examined, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    with relaying(application, certificate=(str(certificate), str(key))) as (base, _):
        examination = examined(base, ["availability", "box", "listing"])
    named(examination, ("the certificate of 127.0.0.1 was not accepted", "a certificate that this machine trusts"))
    assert [result.outcome for result in examination.results] == [Outcome.DEVIATES] * 3


def test_what_the_standard_leaves_open_does_not_matter(application, examined):
    faults = [deviation.fault for deviation in ANSWERS if deviation.fault.name in {"no geometry", "no upload"}]
    absent = Fault(
        "no availability", lambda asked, answer: answer.saying("", 404) if "availability" in asked.path else answer
    )
    with relaying(application, *faults, absent) as (base, _):
        examination = examined(base, ["availability", "geometry", "upload"])
    assert [result.outcome for result in examination.results] == [Outcome.WELL, Outcome.DEVIATES, Outcome.DEVIATES]
    assert examination.well
