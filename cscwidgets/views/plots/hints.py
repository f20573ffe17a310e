"""What a plot says about the point under the pointer: columns that are sent once, written by the browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import Formatter
from typing import Any

import numpy as np

from cscwidgets.arrays import Floats

__all__ = ["Hints", "literal"]


@dataclass(frozen=True)
class Hints:
    """Words beside each of n points.

    Attributes
    ----------
    x, y : ndarray, shape (n,)
        Where the points are, in data units.
    lines : sequence of sequence of str
        Each line in several wordings, as for `str.format`: "flux {value:.3g}", "no flux". The first is taken whose
        numbers are all finite. Formats are ``.2f``, ``.3g`` and ``.0%``; ``{x}`` and ``{y}`` are the place.
    numbers : dict of str to ndarray, shape (n,)
        Columns of numbers.
    texts : dict of str to sequence of str
        Columns of texts, which have no format.
    along : bool
        Whether the points make a curve, x not decreasing, that is read wherever the pointer is; between points numbers
        are interpolated, on a logarithmic axis in the logarithm.
    """

    x: Floats
    y: Floats
    lines: Sequence[Sequence[str]]
    numbers: Mapping[str, Floats] = field(default_factory=dict)
    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    along: bool = False

    def __len__(self) -> int:
        return len(self.x)

    def packed(self) -> dict[str, Any]:
        """As the browser takes it."""
        return {
            "along": self.along,
            "positions": np.concatenate([self.x, self.y], dtype=np.float64).tobytes(),
            "numbers": {name: np.asarray(column, np.float64).tobytes() for name, column in self.numbers.items()},
            "texts": {name: "\0".join(column).encode() for name, column in self.texts.items()},
            "lines": [[_pieces(wording) for wording in wordings] for wordings in self.lines],
        }


def literal(text: str) -> str:
    """A text that is none of a wording's columns, whatever it holds."""
    return text.replace("{", "{{").replace("}", "}}")


def _pieces(wording: str) -> list[str | tuple[str, str]]:
    pieces: list[str | tuple[str, str]] = []
    for text, column, spec, _ in Formatter().parse(wording):
        if text:
            pieces.append(text)
        if column:
            pieces.append((column, spec or ""))
    return pieces
