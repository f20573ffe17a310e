"""How the detector stood to the telescope, as observers name it."""

from __future__ import annotations

import re

__all__ = ["CONFIGURATIONS", "configuration"]

CONFIGURATIONS = ("ACIS-I", "ACIS-S", "HRC", "ACIS")
"""What `configuration` tells apart; "ACIS" is either of its two."""


def configuration(instrument: str, detector: str = "") -> str:
    """One of `CONFIGURATIONS`, or empty for an instrument that is neither.

    Parameters
    ----------
    instrument : str
        "ACIS" or "HRC"; a detector's or a stack's name will do too.
    detector : str
        ACIS with the numbers of the chips that were read out (the keyword DETNAM, the column ``detector``). The aim
        point is on ACIS-I where only chips 0 to 3 are on, or all its other corner chips with others.

    Examples
    --------
    >>> configuration("ACIS", "ACIS-012367"), configuration("ACIS", "ACIS-235678"), configuration("HRC", "HRC-I")
    ('ACIS-I', 'ACIS-S', 'HRC')
    """
    name = (instrument.strip() or detector.strip()).upper()
    if name.startswith("HRC"):
        return "HRC"
    if not name.startswith("ACIS"):
        return ""
    chips = re.fullmatch(r"ACIS-(\d+)", detector.strip().upper())
    if chips is None:
        return "ACIS"
    on = set(chips[1])
    return "ACIS-I" if on <= set("0123") or {"0", "1"} <= on else "ACIS-S"
