"""The last action as one line of Python: what a reader did with the mouse, code can do."""

from __future__ import annotations

from typing import Any

from cscwidgets.export.script import literal

__all__ = ["Calls"]


class Calls:
    """What was done last; it is put into words only when somebody asks.

    Examples
    --------
    >>> calls = Calls()
    >>> calls.did("search", "M33", "1 deg")
    >>> calls.line("app")
    'app.search("M33", "1 deg")'
    >>> calls.was_set("focus", "SIM J013449.9+305532")
    >>> calls.line("app")
    'app.focus = "SIM J013449.9+305532"'
    """

    def __init__(self) -> None:
        self._name = ""
        self._arguments: tuple[Any, ...] = ()
        self._options: dict[str, Any] | None = None

    def did(self, name: str, *arguments: Any, **options: Any) -> None:
        """Something was called: a method of the explorer, with these arguments; those that are None are left out."""
        self._name = name
        self._arguments = tuple(one for one in arguments if one is not None)
        self._options = {key: one for key, one in options.items() if one not in (None, (), "")}

    def was_set(self, name: str, value: Any) -> None:
        """An attribute of the explorer was set."""
        self._name, self._arguments, self._options = name, (value,), None

    def line(self, variable: str) -> str:
        """The action, of an explorer that a variable holds; empty before the first one."""
        if not self._name:
            return ""
        if self._options is None:
            return f"{variable}.{self._name} = {literal(self._arguments[0])}"
        written = [literal(one) for one in self._arguments]
        written += [f"{key}={literal(one)}" for key, one in self._options.items()]
        return f"{variable}.{self._name}({', '.join(written)})"
