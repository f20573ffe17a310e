"""Colours of labels and subsets."""

from __future__ import annotations

from collections.abc import Collection

__all__ = ["PALETTE", "next_colour"]

PALETTE = ("#2a9d6f", "#c94f6d", "#1a8fc4", "#b08900", "#7a5bc7", "#b5531d", "#4f8a10", "#6b7a8f")
"""Told apart by colour-blind eyes, on light and on dark paper; none is the selection's or an end of a scale."""


def next_colour(taken: Collection[str]) -> str:
    """The first colour that is not taken; from the beginning when all are."""
    return next((colour for colour in PALETTE if colour not in taken), PALETTE[len(taken) % len(PALETTE)])
