"""Sources that come more than once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ..visit import Visit

__all__ = ["say_repeated"]


def say_repeated(visit: Visit, what: str, names: Iterable[object], do: str) -> None:
    """Say which sources an answer has twice, if it has any."""
    counts = Counter(map(str, names))
    total = counts.total()
    if total == len(counts):
        return
    name, _ = counts.most_common(1)[0]
    visit.deviates(
        f"{what} brings sources twice",
        expected="each source once",
        found=f"{total - len(counts)} duplicate rows of {total}, of {name!r} among them",
        follows="Counts and plots have too many points.",
        do=do,
    )
