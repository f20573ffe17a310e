"""A database says nothing by itself, also where Python is interactive (``python -c`` is, to DuckDB)."""

import subprocess
import sys

PROGRAM = """
from cscwidgets.io.silent_duckdb import connect
asked = "SELECT value FROM duckdb_settings() WHERE name = 'enable_progress_bar'"
connection = connect()
print(connection.execute(asked).fetchall(), connection.cursor().execute(asked).fetchall())
"""


def test_no_bar_is_drawn():
    said = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout
    assert said == "[('false',)] [('false',)]\n"
