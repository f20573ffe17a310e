"""One line of the benchmark table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Measurement", "markdown"]


@dataclass(frozen=True)
class Measurement:
    """A time of ours beside a peer's, both medians in ms, and what ours should be."""

    what: str
    ours: float
    peer: str
    theirs: float
    target: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        return self.what, f"{self.ours:,.0f}", self.target, self.peer, f"{self.theirs:,.0f}"


def markdown(measurements: Iterable[Measurement]) -> str:
    """A Markdown table."""
    head = ("median times in ms", "cscwidgets", "target", "peer", "the peer's")
    rows = [head, ("---", "--:", "--:", "---", "--:"), *(row.cells for row in measurements)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
