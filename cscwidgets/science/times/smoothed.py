"""Keep smoothed light curves out of statistics that need independent measurements."""

from __future__ import annotations

from typing import Any

from cscwidgets.errors import CscError

__all__ = ["SMOOTHED", "require_independent"]

SMOOTHED = "smoothed"
"""Key in a table's ``meta`` that marks its rows as correlated."""


def require_independent(data: Any, purpose: str) -> None:
    """Refuse a smoothed light curve, its table, or a column still in that table.

    Raises
    ------
    CscError
        If the points are those of a Gregory-Loredo curve.
    """
    parent = getattr(getattr(data, "info", None), "parent_table", None)
    if any(SMOOTHED in (getattr(owner, "meta", None) or {}) for owner in (data, parent)):
        raise CscError(
            f"This light curve cannot be used for {purpose}",
            "it is the smoothed Gregory-Loredo posterior mean: neighbouring points share the same events, so they are "
            "no independent measurements and any significance would be wrong",
            "Use the events (regevt3), binned with science.times.binning or unbinned.",
        )
