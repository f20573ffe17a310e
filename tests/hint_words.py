"""What the browser would say beside a point, by Python's own formatting."""

from __future__ import annotations

import numpy as np


def hint_words(selector, row):
    """The lines said beside a point of a `PlotSelector`, from a hyphen for each minus sign."""
    hints = selector.hints
    values = {"x": hints.x[row], "y": hints.y[row], **{name: column[row] for name, column in hints.numbers.items()}}
    texts = {name: column[row] for name, column in hints.texts.items()}
    return [next(filter(None, (_written(wording, values, texts) for wording in line)), "") for line in hints.lines]


def _written(wording, values, texts):
    needed = [name for name in values if f"{{{name}:" in wording]
    return wording.format(**values, **texts) if all(np.isfinite(values[name]) for name in needed) else ""


def hint_row(selector, x, y):
    """The row that is drawn at a place."""
    (row,) = np.flatnonzero(np.isclose(selector.hints.x, x) & np.isclose(selector.hints.y, y))
    return int(row)
