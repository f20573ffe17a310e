"""Where catalogues to match with were: the names of `cscwidgets.archive` work here once more, with a warning."""

from __future__ import annotations

import warnings
from typing import Any

from .catalogues import finder as _finder


def __getattr__(name: str) -> Any:
    value = getattr(_finder, name)
    warnings.warn(
        f"cscwidgets.archive.counterparts.{name} is cscwidgets.archive.{name} now", DeprecationWarning, stacklevel=2
    )
    return value
