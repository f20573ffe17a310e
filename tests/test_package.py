"""The package as a whole."""

import json
import re
import subprocess
import sys
from pathlib import Path

import cscwidgets

ROOT = Path(__file__).resolve().parents[1]


def test_the_explorer_loads_what_its_first_view_needs():
    later = (
        "matplotlib.figure",
        "scipy.spatial",
        "scipy.special",
        "scipy.fft",
        "scipy.optimize",
        "scipy.stats",
        "duckdb",
        "sherpa",
        "ipykernel",
    )
    code = f"import sys, cscwidgets.explorer; print([name for name in {later} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_importing_the_package_loads_neither_widgets_nor_services():
    heavy = ["ipywidgets", "bqplot", "ipyaladin", "duckdb", "pyvo", "matplotlib", "sherpa"]
    code = f"import sys, cscwidgets; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_the_client_loads_no_widgets():
    code = (
        "import sys; from cscwidgets import Archive; print([n for n in ('ipywidgets', 'bqplot') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_all_but_fits_works_without_sherpa():
    science = "coverage, crossmatch, hardness, lightcurve, number_counts, spectrum"
    code = f"import sys; sys.modules['sherpa'] = None; from cscwidgets.science import {science}"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)


def test_python_and_front_end_have_one_version():
    assert json.loads((ROOT / "package.json").read_text())["version"] == cscwidgets.__version__


def test_the_lock_holds_every_platform_and_no_address():
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    assert not any("resolved" in package for package in lock["packages"].values())
    optional = {"esbuild": "@esbuild/", "@biomejs/biome": "@biomejs/cli-", "@rspack/binding": "@rspack/binding-"}
    for name, prefix in optional.items():
        builds = lock["packages"][f"node_modules/{name}"]["optionalDependencies"]
        assert {f"node_modules/{build}" for build in builds} <= set(lock["packages"])
        for system in ("linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64"):
            assert any(build.startswith(f"{prefix}{system}") for build in builds), (name, system)


def test_the_readme_works_on_any_page():
    """PyPI shows it too, where relative links and pictures lead nowhere."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"""(?:src|srcset)="([^"]+)"|\]\(([^)]+)\)""", readme)
    home = "cscwidgets/cscwidgets/"
    for target in (one or other for one, other in targets):
        assert target.startswith(("https://", "#")), target
        if home in target:  # what lies in the repository is there
            place = re.sub(rf".*{home}(blob/)?main/", "", target).partition("#")[0]
            assert (ROOT / place).exists(), target


def test_addresses_of_services_are_spelled_in_one_file():
    spelled = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "cscwidgets").rglob("*.py")
        if "cda.cfa.harvard.edu" in path.read_text(encoding="utf-8")
    ]
    assert spelled == ["cscwidgets/csc/releases.py"]
