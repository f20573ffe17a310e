"""How the tiles of a survey become colours.

FITS tiles have cuts, a stretch and a colour map; pictures have brightness and contrast.
"""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

from traitlets import Dict, HasTraits, TraitError

from cscwidgets.io.json_schema import listed, number, one_of, record

__all__ = ["COLORMAPS", "LOOK", "STRETCHES", "LookTrait", "read_look"]

COLORMAPS = ("grayscale", "viridis", "magma", "inferno", "plasma", "cividis", "cubehelix", "redtemperature")
"""Colour maps of Aladin Lite that are offered."""

STRETCHES = ("linear", "sqrt", "asinh", "log", "pow2")
"""Its transfer functions."""


class LookTrait(Dict):
    """What differs from how a survey comes: any of these keys.

    ``cuts``, a pair of pixel values; ``stretch``, ``colormap`` and ``reversed`` for FITS tiles; ``brightness`` and
    ``contrast``, -1 to 1, for PNG, JPEG and WebP.
    """

    def validate(self, obj: HasTraits | None, value: Any) -> dict[str, Any]:
        """Take it if every key and value is of these, and raise what is wrong else."""
        look = super().validate(obj, value) or {}
        for key, one in look.items():
            if key not in _CHECKS:
                raise TraitError(f"A survey has no {key!r}, only {', '.join(_CHECKS)}")
            if not _CHECKS[key](one):
                raise TraitError(f"The {key} of a survey cannot be {one!r}")
        return look


def _are_cuts(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(isinstance(one, Real) and math.isfinite(one) for one in value)
        and value[0] < value[1]
    )


def _is_part(value: Any) -> bool:
    return isinstance(value, Real) and -1 <= float(value) <= 1


_CHECKS = {
    "cuts": _are_cuts,
    "stretch": lambda value: value in STRETCHES,
    "colormap": lambda value: value in COLORMAPS,
    "reversed": lambda value: isinstance(value, bool),
    "brightness": _is_part,
    "contrast": _is_part,
}

_PROPERTIES = {
    "cuts": listed(number(), 2, fewest=2),
    "stretch": one_of(STRETCHES),
    "colormap": one_of(COLORMAPS),
    "reversed": {"type": "boolean"},
    "brightness": number(-1, 1),
    "contrast": number(-1, 1),
}

LOOK = record(_PROPERTIES, optional=_PROPERTIES)
"""A look in JSON."""


def read_look(kept: dict[str, Any]) -> dict[str, Any]:
    """The look of a record; raises `TraitError` if it is none."""
    return LookTrait().validate(None, kept)
