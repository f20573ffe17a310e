"""The notebook's shell, and what is to happen when a cell has ended."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

__all__ = ["after_each_cell", "notebook_shell"]


def notebook_shell() -> Any:
    """IPython's shell, or None outside of IPython."""
    ipython = sys.modules.get("IPython")  # what was never imported is no notebook
    return ipython.get_ipython() if ipython is not None else None


def after_each_cell(act: Callable[[], object]) -> Callable[[], None]:
    """Act whenever a cell has ended; call what is returned to stop it, once or more."""
    shell = notebook_shell()
    if shell is None:
        return lambda: None

    def ended(_result: Any) -> None:
        act()

    def stop() -> None:
        if ended in shell.events.callbacks["post_run_cell"]:
            shell.events.unregister("post_run_cell", ended)

    shell.events.register("post_run_cell", ended)
    return stop
