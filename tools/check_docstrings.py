"""Check with numpydoc the docstrings of all public names: those that the faces of the package hand on.

Usage: check_docstrings.py. Prints what is wrong and fails if anything is.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from numpydoc.validate import validate

import cscwidgets.doctor
import cscwidgets.export
import cscwidgets.science
import cscwidgets.sky

CLASSES = {"GL08", "SS06", "YD01"}
FUNCTIONS = CLASSES | {"EX01", "PR01", "PR02", "PR03", "PR04", "PR07", "RT01", "RT03"}


def faces() -> Iterator[ModuleType]:
    """The packages and modules whose ``__all__`` is public; that of `science` names its doors and rooms."""
    yield from (cscwidgets.sky, cscwidgets.export, cscwidgets.doctor)
    for name in cscwidgets.science.__all__:
        if name != "crossmatch_hats" or find_spec("lsdb") is not None:
            yield getattr(cscwidgets.science, name)


def public_names() -> Iterator[tuple[str, Any]]:
    """Functions and classes as a user imports them, with that name."""
    for face in faces():
        for name in face.__all__:
            item = getattr(face, name)
            if inspect.isfunction(item) or inspect.isclass(item):
                yield f"{face.__name__}.{name}", item


def faults() -> Iterator[str]:
    """What numpydoc finds, a line each, and fields of classes that their docstring does not name."""
    for name, item in public_names():
        checks = CLASSES if inspect.isclass(item) else FUNCTIONS
        for code, message in validate(name)["errors"]:
            if code in checks:
                yield f"{name}: {code} {message}"
        for field in dataclasses.fields(item) if dataclasses.is_dataclass(item) else ():
            if not field.name.startswith("_") and not re.search(rf"\b{field.name}\b", item.__doc__ or ""):
                yield f"{name}: the field {field.name} is not described"


if __name__ == "__main__":
    found = list(faults())
    print(*found, sep="\n")
    sys.exit(bool(found))
