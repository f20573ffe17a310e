"""What the flags of the catalogue mean, in a word or two."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from astropy.table import Row

__all__ = ["MATCH_TYPES", "SOURCE_FLAGS", "flags_set"]

SOURCE_FLAGS: Mapping[str, str] = MappingProxyType(
    {
        "sat_src_flag": "saturated",
        "streak_src_flag": "on a readout streak",
        "pileup_flag": "piled up",
        "conf_flag": "confused",
        "extent_flag": "extended",
        "var_flag": "variable",
        "var_inter_hard_flag": "variable hardness",
        "dither_warning_flag": "period near the dither's",
        "man_add_flag": "added by hand",
        "man_inc_flag": "included by hand",
        "man_reg_flag": "region changed by hand",
        "man_match_flag": "matched by hand",
        "man_pos_flag": "position changed by hand",
    }
)
"""Flag columns of a source or a detection, the gravest first, and what a true one says."""

MATCH_TYPES: Mapping[str, str] = MappingProxyType({"u": "unique", "a": "ambiguous", "n": "not detected"})
"""How a detection belongs to a source (``match_type``)."""


def flags_set(row: Row) -> dict[str, str]:
    """The flags that are true in a row, column to words; an unknown (null) flag is none of them.

    Parameters
    ----------
    row : Row
        Of any catalogue table.
    """
    return {
        name: words
        for name, words in SOURCE_FLAGS.items()
        if name in row.colnames and not np.ma.is_masked(row[name]) and bool(row[name])
    }
