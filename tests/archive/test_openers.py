"""Archives of other packages open by entry points, as the demo and folders do."""

import os
import subprocess
import sys

import pytest

from cscwidgets import Archive
from cscwidgets.archive.openers import opener, openers
from cscwidgets.errors import CscError

PACKAGE = """
from pathlib import Path
from cscwidgets.service.opening import mount

def open_survey(session, name, monitor):
    folder = Path({folder!r})
    return folder, mount(session, folder)
"""

ASK = """
from cscwidgets import Archive
archive = Archive("our_survey")
print(archive.name, len(archive.search("10 20", radius="5 deg")), archive.open().name)
"""


def test_the_demo_and_folders_are_entry_points():
    assert {"demo", "folder"} <= set(openers())


def test_an_archive_of_another_package(awkward_sky, tmp_path):
    (tmp_path / "our_survey.py").write_text(PACKAGE.format(folder=str(awkward_sky[0])))
    metadata = tmp_path / "our_survey-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: our_survey\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[cscwidgets.archives]\nour_survey = our_survey:open_survey\n")
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)])},
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    rows = len(Archive(awkward_sky[0]).search("10 20", radius="5 deg"))
    assert done.stdout.split() == ["our_survey", str(rows), "our_survey"]


def test_what_nobody_opens_is_said():
    with pytest.raises(CscError, match=r"cannot be opened\. No installed package .*Install cscwidgets itself"):
        opener("csc9")
    with pytest.raises(CscError, match=r"Use one of csc2\.0, csc2\.1, current, demo, or the path"):
        Archive("csc9")
