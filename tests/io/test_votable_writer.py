"""Tables are written as VOTables without a byte behind a buffer, whatever the length of their rows."""

import os
import subprocess
import sys

from astropy.io.votable import parse_single_table
from astropy.table import Table

from cscwidgets.io.votable_writer import votable_of

# Python's own check of what is written beside its blocks. Of some lengths a row fills the buffer of astropy's C.
EVERY_LENGTH = """
from astropy.table import Table
from cscwidgets.export import write_table
from cscwidgets.io.votable_writer import votable_of
for length in range(180, 1100):
    table = Table({"text": ["x" * length] * 2})
    votable_of(table)
    if 440 < length < 520:
        write_table(table, "table.vot", overwrite=True)
print("whole")
"""


def test_nothing_is_written_behind_a_buffer(tmp_path):
    environment = {**os.environ, "PYTHONMALLOC": "debug"}
    command = [sys.executable, "-W", "ignore", "-c", EVERY_LENGTH]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == "whole\n", done.stderr[-2000:]


def test_it_is_what_astropy_reads():
    table = Table({"name": ["a", "b & <c>"], "flux": [1.5, float("nan")]})
    read = parse_single_table(votable_of(table)).to_table()
    assert list(read["name"]) == list(table["name"])
    assert read["flux"][0] == 1.5
