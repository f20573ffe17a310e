"""Colours of labels and subsets."""

from __future__ import annotations

from collections.abc import Collection

__all__ = ["PALETTE", "next_colour"]

PALETTE = {
    "#2a9d6f": "green",
    "#c94f6d": "red",
    "#1a8fc4": "blue",
    "#b08900": "yellow",
    "#7a5bc7": "violet",
    "#b5531d": "brown",
    "#4f8a10": "olive",
    "#6b7a8f": "grey",
}
"""Told apart by colour-blind eyes, on light and on dark paper; none is the selection's or an end of a scale."""


def next_colour(taken: Collection[str]) -> str:
    """The first colour that is not taken; from the beginning when all are."""
    return next((colour for colour in PALETTE if colour not in taken), list(PALETTE)[len(taken) % len(PALETTE)])
