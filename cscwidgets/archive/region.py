"""Where regions were: the names of `cscwidgets.sky` work here once more, with a warning."""

from __future__ import annotations

import warnings
from typing import Any

from cscwidgets.sky import region as _region
from cscwidgets.sky import shapes as _shapes


def __getattr__(name: str) -> Any:
    found = getattr(_shapes if name in _shapes.__all__ else _region, name)
    warnings.warn(f"cscwidgets.archive.region.{name} is cscwidgets.sky.{name} now", DeprecationWarning, stacklevel=2)
    return found
