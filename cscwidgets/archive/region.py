"""Where regions were: the names of `cscwidgets.sky.region` work here once more, with a warning."""

from __future__ import annotations

import warnings
from typing import Any

from cscwidgets.sky import region as _region


def __getattr__(name: str) -> Any:
    found = getattr(_region, name)
    warnings.warn("cscwidgets.archive.region is cscwidgets.sky.region now", DeprecationWarning, stacklevel=2)
    return found
