"""Colours of labels and subsets."""

from __future__ import annotations

from collections.abc import Collection

__all__ = ["PALETTE", "next_colour"]

PALETTE = {
    "#01bdb6": "teal",
    "#ab494e": "red",
    "#42a9e0": "blue",
    "#c7a97f": "sand",
    "#7a23e4": "violet",
    "#a03622": "brown",
    "#7cbe4e": "green",
    "#41549e": "indigo",
}
"""Told apart by colour-blind eyes, on light and on dark paper; none is the selection's or an end of a scale."""


def next_colour(taken: Collection[str]) -> str:
    """The first colour that is not taken; from the beginning when all are."""
    return next((colour for colour in PALETTE if colour not in taken), list(PALETTE)[len(taken) % len(PALETTE)])
