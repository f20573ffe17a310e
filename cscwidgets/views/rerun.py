"""Cells that are run again: what they made before makes way, unless a variable still holds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from ..export.variable import variables
from .cells import notebook_shell

__all__ = ["replace_when_rerun"]


class _Closable(Protocol):
    def close(self) -> None: ...


_made_in: WeakKeyDictionary[_Closable, tuple[str, int]] = WeakKeyDictionary()
"""The cell that made each thing, and which of the kernel's executions that was."""


def replace_when_rerun(thing: _Closable) -> None:
    """Close what the running cell made in an earlier run, when this one ends and no variable holds it.

    IPython keeps everything that was displayed, and ipywidgets every widget: without this they would stay for the
    kernel's life. Outside a notebook there are no cells, and nothing is closed.
    """
    shell = notebook_shell()
    cell = _running_cell(shell)
    if cell is None:
        return
    earlier = [other for other, (name, run) in _made_in.items() if name == cell[0] and run != cell[1]]
    _made_in[thing] = cell

    def close_earlier(_result: Any) -> None:
        shell.events.unregister("post_run_cell", close_earlier)
        for other in earlier:
            if not _is_held(other, shell.user_ns):
                del _made_in[other]
                other.close()
        earlier.clear()

    if earlier:
        shell.events.register("post_run_cell", close_earlier)


def _running_cell(shell: Any) -> tuple[str, int] | None:
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    name = (parent.get("metadata") or {}).get("cellId")
    return (str(name), shell.execution_count) if name else None


def _is_held(thing: object, namespace: Mapping[str, Any]) -> bool:
    """Whether a variable holds it, or a list or dictionary that is one."""
    return any(value is thing or any(part is thing for part in _parts(value)) for _, value in variables(namespace))


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list | tuple | set | frozenset) else ()
