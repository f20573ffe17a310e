"""The recipe of CONTRIBUTING.md, followed to the letter: one file, one test, and the panel is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def recipe() -> dict[str, str]:
    """The files that the recipe writes, by path."""
    blocks = re.findall(r"```python\n# (\S+)\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), flags=re.DOTALL)
    return dict(blocks)


@pytest.mark.slow
def test_a_panel_is_one_file_and_one_test(tmp_path, demo_folder):
    copy = tmp_path / "copy"
    built = shutil.ignore_patterns("__pycache__", "labextension")
    shutil.copytree(ROOT / "cscwidgets", copy / "cscwidgets", ignore=built)
    for name in ("conftest.py", "views/conftest.py"):
        (copy / "tests" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "tests" / name, copy / "tests" / name)
    shutil.copy(ROOT / "pyproject.toml", copy)
    written = recipe()
    assert [Path(path).parts[0] for path in written] == ["cscwidgets", "tests"]
    for path, text in written.items():
        assert not (ROOT / path).exists()
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        (copy / path).write_text(text)
    shutil.copytree(demo_folder.parent, copy / ".pytest_cache" / "cscwidgets", copy_function=os.link)
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    for command in (
        ["pytest", "-q", "-p", "no:cacheprovider", "tests"],
        ["ruff", "check", *written],
        ["ruff", "format", "--check", *written],
    ):
        run = subprocess.run(
            [sys.executable, "-m", *command],
            check=False,
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert run.returncode == 0, run.stdout + run.stderr
        assert "1 passed" in run.stdout or command[0] == "ruff"
