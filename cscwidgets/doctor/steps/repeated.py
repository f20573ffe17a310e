"""Sources that come more than once."""

from __future__ import annotations

from collections import Counter

from astropy.table import QTable

from ..visit import Visit

__all__ = ["say_repeated"]


def say_repeated(visit: Visit, what: str, rows: QTable, name: str, do: str) -> None:
    """Say how many sources an answer has twice, if it has any: rows that are the same, or others of one name."""
    counts = Counter(map(str, rows[name]))
    same, others = rows.meta["provenance"].repeated, counts.total() - len(counts)
    if same + others == 0:
        return
    example = f", of {counts.most_common(1)[0][0]!r} among them" if others else ""
    visit.deviates(
        f"{what} brings sources twice",
        expected="each source once",
        found=f"{same + others} duplicate rows of {counts.total() + same}{example}",
        follows="The package leaves rows out that are the same; others make too many points in plots.",
        do=do,
    )
