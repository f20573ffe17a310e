"""The public faces: what a user imports is one level deep, described, and shown by an example that runs."""

import ast
import inspect
import json
import pkgutil
import re
from importlib import import_module
from pathlib import Path

import pytest

import cscwidgets
from cscwidgets import science
from tools.check_docstrings import faces, public_names

ROOT = Path(__file__).resolve().parents[1]
FUNCTIONS = [pytest.param(item, id=name) for name, item in public_names() if not inspect.isclass(item)]


def imported(code: str) -> list[tuple[str, str]]:
    """Module and name of everything that code imports from the package."""
    nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.ImportFrom)]
    return [(node.module, one.name) for node in nodes for one in node.names if node.module.startswith("cscwidgets")]


def examples() -> list[tuple[str, str]]:
    """What README, tours and docstrings import."""
    texts = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    for path in (ROOT / "cscwidgets" / "tours").glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts += ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    for _, item in public_names():
        lines = re.findall(r">>> (from cscwidgets.*)", item.__doc__ or "")
        texts.append("\n".join(lines))
    return sorted({name for text in texts for name in imported(text)})


def test_science_has_doors_and_rooms():
    assert science.fit.fit is import_module("cscwidgets.science.fit").fit
    assert science.times.z_squared is import_module("cscwidgets.science.times.periods").z_squared
    assert "science" in dir(cscwidgets)
    assert {"spectrum", "fit", "times", "lightcurve", "crossmatch", "coverage", "hardness"} <= set(dir(science))


def test_a_face_hands_on_what_it_names():
    for face in faces():
        assert sorted(face.__all__) == sorted(set(face.__all__))
        for name in face.__all__:
            assert getattr(face, name) is not None


def test_no_module_of_a_room_hides_a_public_name():
    """A module that is imported becomes an attribute of its package, and would take the place of a function."""
    for face in faces():
        if hasattr(face, "__path__"):
            modules = {module.name for module in pkgutil.iter_modules(face.__path__)}
            assert not modules & set(face.__all__), face.__name__


def test_examples_import_public_names_one_level_deep():
    used = examples()
    assert {("cscwidgets", "Explorer"), ("cscwidgets", "science"), ("cscwidgets.sky", "read_region")} <= set(used)
    public = {"cscwidgets", "cscwidgets.errors", "cscwidgets.science", *(face.__name__ for face in faces())}
    for module, name in used:
        assert module in public | {"cscwidgets.archive"}, (module, name)
        assert module not in public or name in import_module(module).__all__, (module, name)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_says_what_it_takes_and_gives_and_shows_it(function):
    text = inspect.getdoc(function)
    signature = inspect.signature(function)
    assert "Parameters\n----------" in text
    assert signature.return_annotation == "None" or "Returns\n-------" in text
    assert re.search(r"Examples\n--------\n>>> ", text)
    assert "+SKIP" not in text
