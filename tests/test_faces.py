"""The public faces: what a user imports is one level deep, described, and shown by an example that runs."""

import inspect
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


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_says_what_it_takes_and_gives_and_shows_it(function):
    text = inspect.getdoc(function)
    signature = inspect.signature(function)
    assert "Parameters\n----------" in text
    assert signature.return_annotation == "None" or "Returns\n-------" in text
    assert re.search(r"Examples\n--------\n>>> ", text)
    assert "+SKIP" not in text
