"""Write a table into a variable of the notebook."""

from __future__ import annotations

import keyword
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from cscwidgets.errors import CscError

__all__ = ["VariableExists", "free_name", "notebook_namespace", "to_variable", "variable_of", "variables"]


class VariableExists(CscError):
    """The chosen variable already holds something."""


def to_variable(value: Any, name: str, namespace: MutableMapping[str, Any], *, overwrite: bool = False) -> None:
    """Set a variable, never silently over another.

    Parameters
    ----------
    value : object
        What to store.
    name : str
        Name of the variable.
    namespace : mutable mapping
        The notebook's globals.
    overwrite : bool
        Replace what the name holds.

    Raises
    ------
    VariableExists
        If the name is taken and ``overwrite`` is false.
    CscError
        If the name cannot be a variable.

    Examples
    --------
    >>> from cscwidgets import export
    >>> namespace = {}
    >>> export.to_variable([1, 2], "binaries", namespace)
    >>> namespace
    {'binaries': [1, 2]}
    """
    if not name.isidentifier() or keyword.iskeyword(name):
        raise CscError(
            "The table was not exported",
            f"{name!r} is not the name of a variable",
            "Use letters, digits and underscores.",
        )
    if name in namespace and not overwrite:
        raise VariableExists(
            "The table was not exported",
            f"the variable {name} already holds a {type(namespace[name]).__name__}",
            "Choose another name, or allow overwriting.",
        )
    namespace[name] = value


def free_name(name: str, namespace: Mapping[str, Any]) -> str:
    """A name of no variable yet: this one, or with a number.

    >>> free_name("sources", {"sources": 1, "sources_2": 2})
    'sources_3'
    """
    names = (name, *(f"{name}_{number}" for number in range(2, len(namespace) + 3)))
    return next(one for one in names if one not in namespace)


def notebook_namespace() -> MutableMapping[str, Any]:
    """Globals of the notebook, or of the script that made the explorer."""
    try:
        from IPython import get_ipython  # noqa: PLC0415 - scripts need no IPython
    except ImportError:
        shell = None
    else:
        shell = get_ipython()
    if shell is None:
        return vars(sys.modules["__main__"])
    namespace: MutableMapping[str, Any] = shell.user_ns
    return namespace


def variables(namespace: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Names and values of the reader's own variables: those of IPython begin with an underscore, or are its history."""
    for name, value in list(namespace.items()):
        if not name.startswith("_") and name not in {"In", "Out"}:
            yield name, value


def variable_of(value: object, namespace: Mapping[str, Any]) -> str:
    """The name of the variable that holds something, or nothing."""
    return next((name for name, held in variables(namespace) if held is value), "")
