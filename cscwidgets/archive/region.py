"""Where regions were: the names of `cscwidgets.sky` work here once more, with a warning."""

from __future__ import annotations

import warnings
from typing import Any

from cscwidgets.sky import region, shapes, target, usable

_ROOMS = (target, shapes, usable, region)


def __getattr__(name: str) -> Any:
    for room in _ROOMS:
        if name in room.__all__:
            warnings.warn(
                f"cscwidgets.archive.region.{name} is {room.__name__}.{name} now", DeprecationWarning, stacklevel=2
            )
            return getattr(room, name)
    raise AttributeError(f"cscwidgets.archive.region has no {name}")
