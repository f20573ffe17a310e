"""A whole catalogue in an explorer: which columns of so many rows are here."""

from __future__ import annotations

from collections.abc import Collection

from cscwidgets.archive import Archive
from cscwidgets.archive.openers import openers
from cscwidgets.csc.releases import RELEASES

__all__ = ["of_all_sky", "opens_on_all_sky"]

_COLUMNS = (
    *("name", "ra", "dec", "significance", "flux_aper_b", "hard_hm", "hard_hs", "hard_ms"),
    *("var_intra_prob_b", "var_inter_prob_b", "extent_flag", "conf_flag", "sat_src_flag"),
)


def of_all_sky(available: Collection[str]) -> list[str]:
    """The columns that are asked for of a whole catalogue: what is drawn, and no limits; 407,806 rows are 40 MB."""
    return [name for name in _COLUMNS if name in available]


def opens_on_all_sky(archive: Archive) -> bool:
    """Whether an explorer that is told no place shows all of an archive: a folder, which takes no network."""
    return archive.name not in RELEASES and archive.name not in openers()
