"""How the tiles of a survey become colours.

FITS tiles have cuts, a stretch and a colour map; pictures have brightness and contrast.
"""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

from traitlets import Dict, HasTraits, TraitError

__all__ = ["COLORMAPS", "STRETCHES", "LookTrait"]

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
