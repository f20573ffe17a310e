"""The command: each question before its answer, an exit status, a report, and Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
from functools import partial

import pytest

from cscwidgets import doctor
from cscwidgets.__main__ import main

from .deviating import Fault, relaying
from .faults import ANSWERS


def test_it_lists_its_steps_and_asks_nothing(capsys):
    assert main(["doctor", "--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [step.name for step in doctor.STEPS]


def test_it_prints_what_it_asks_and_finds(application, capsys, tmp_path):
    with relaying(application) as (base, relay):
        status = main(["doctor", base, "--only", "limit", "--only", "availability", "--report", str(tmp_path / "r.md")])
    printed = capsys.readouterr().out
    assert status == 0
    lines = [line for line in printed.splitlines() if line.startswith(">")]
    assert lines == [line for question in relay.questions for line in str(question).splitlines()]
    assert printed.index("> GET") < printed.index("- It says that it is available.") < printed.index("= well")
    assert "2 steps are well, 0 deviate" in (tmp_path / "r.md").read_text()


def test_its_status_tells_of_what_matters(application, capsys):
    faults = {deviation.fault.name: deviation.fault for deviation in ANSWERS}
    for name, step, expected in (("no geometry", "geometry", 0), ("no overflow", "limit", 1)):
        with relaying(application, faults[name]) as (base, _):
            assert main(["doctor", base, "--only", step]) == expected
    assert main(["doctor", "http://127.0.0.1:9", "--only", "availability"]) == 1
    assert main(["doctor", "nowhere"]) == 1
    assert "There is no archive 'nowhere'" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="it is another signal there")
def test_ctrl_c_stops_it_at_once_with_a_report(application, tmp_path):
    hangs = Fault("hangs", slow=lambda asked: asked.path.endswith("capabilities"))
    with relaying(application, hangs) as (base, relay):
        command = [sys.executable, "-m", "cscwidgets", "doctor", base, "--report", str(tmp_path / "r.md")]
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # Ignored in the background of a script.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
        )
        end = time.monotonic() + 60
        while len(relay.questions) < 2 and time.monotonic() < end:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        started = time.monotonic()
        printed, _ = process.communicate(timeout=30)
    assert time.monotonic() - started < 5
    assert process.returncode == 130
    assert "Stopped." in printed
    assert "Traceback" not in printed
    assert "1 steps are well" in (tmp_path / "r.md").read_text()
