"""The report: what was found and what to do, whole or not at all, and nothing of who asked."""

import getpass
import platform
import re

import pytest

from cscwidgets import doctor
from cscwidgets.errors import CscError

from .conftest import made
from .deviating import relaying
from .faults import ANSWERS

PERSON, MACHINE = "zaphod-quux", "heart-of-gold.example.org"
SECRET = "sesame-opens"


@pytest.fixture
def somebody(tmp_path, monkeypatch):
    """An odd user of an odd machine, with all that environment and file system know of them."""
    home = tmp_path / "home" / PERSON
    (home / "work").mkdir(parents=True)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for name in ("USER", "LOGNAME", "USERNAME", "LNAME"):
        monkeypatch.setenv(name, PERSON)
    monkeypatch.setenv("HOSTNAME", MACHINE)
    monkeypatch.setenv("API_TOKEN", SECRET)
    monkeypatch.setenv("CSCWIDGETS_CACHE", str(home / "cache"))
    monkeypatch.setattr(platform, "node", lambda: MACHINE)
    monkeypatch.chdir(home / "work")
    assert getpass.getuser() == PERSON
    return home


@pytest.mark.parametrize("fault", ["damaged gzip", "wrong content", "cut", "a page in 200", "no geometry"])
def test_it_tells_nothing_of_who_asked(fault, application, examined, somebody):
    (deviation,) = (one for one in ANSWERS if one.fault.name == fault)
    with relaying(application, deviation.fault) as (base, _):
        examination = examined(base, ["availability", deviation.step])
    path = doctor.write_report(examination, somebody / "work" / "report.md")
    text = path.read_text(encoding="utf-8")
    assert [word for word in deviation.words if word not in text] == []
    for word in (PERSON, MACHINE, "heart-of-gold", SECRET, str(somebody), "/home/", "/tmp/", "API_TOKEN", "pytest-of"):
        assert word.lower() not in text.lower(), word
    assert re.search(r"cscwidgets \d.*astropy \d.*Python 3\.\d+\.\d+, system \w+\.", text)


def test_a_folder_and_an_address_by_hand_are_left_out(application, somebody, small_tables, demo_folder):
    folder = somebody / "my archive"
    made(small_tables, demo_folder, folder)
    report = doctor.report(doctor.examine(folder, ["availability", "tables"]))
    assert "The schema csc21 holds 6 of the catalogue's 6 tables." in report
    assert "my archive" not in report
    assert PERSON not in report
    with relaying(application) as (base, _):
        report = doctor.report(doctor.examine(base, ["availability"]))
    assert "> GET ARCHIVE/tap/availability" in report
    assert base not in report


def test_a_name_that_is_a_word_of_the_report_is_left_out_as_a_whole_word(application, examined, monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "columns")
    with relaying(application) as (base, _):
        report = doctor.report(examined(base, ["columns"]))
    assert "columns" not in re.sub(r"[\w.]*(_columns|\.columns)\b", "", report.lower())


def test_it_says_what_to_do_next(application, examined):
    with relaying(application) as (base, _):
        well = doctor.summary(examined(base, ["availability"]))
    assert well.endswith("What to do next: nothing; all that matters is well.")
    (deviation,) = (one for one in ANSWERS if one.fault.name == "no overflow")
    with relaying(application, deviation.fault) as (base, _):
        summary = doctor.summary(examined(base, ["availability", "limit"]))
    assert summary.startswith("1 steps are well, 1 deviate, 0 could not be asked.")
    assert "1 findings matter" in summary
    assert "open an issue at https://" in summary


def test_it_is_written_whole_or_not_at_all(examined, tmp_path):
    nobody = examined("http://127.0.0.1:9", ["availability"])
    path = tmp_path / "report.txt"
    path.write_text("an older one")
    assert doctor.write_report(nobody, path).read_text().startswith("# cscwidgets doctor: The small catalogue")
    assert [file.name for file in tmp_path.iterdir()] == ["report.txt"]
    with pytest.raises(CscError, match="was not written"):
        doctor.write_report(nobody, tmp_path / "nowhere" / "report.txt")
