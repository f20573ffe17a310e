"""The catalogue's releases and where each is served.

With `surveys` and `archive/catalogues/well_known.py` the only file that spells a service address. These are of
https://cxc.cfa.harvard.edu/csc/download/vo.html. A new release is one more row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["RELEASES", "Release"]

_CDA = "https://cda.cfa.harvard.edu"
_OFFLINE = (
    'Check the network. Without one, open "demo" (a simulated sky) or an archive folder you imported: '
    'Archive("demo"), Archive("path/to/folder").'
)


@dataclass(frozen=True, slots=True)
class Release:
    """One way to reach the catalogue.

    ``schema`` prefixes table names in ADQL, ``version`` is the tag csccli wants, ``advice`` what to do where nothing
    answers, ``pictures`` where there are pictures; the CXC has none.
    """

    name: str
    title: str
    tap: str
    cone: str
    csccli: str
    schema: str
    version: str
    advice: str = ""
    pictures: str = ""


def _cxc(name: str, title: str, tag: str, version: str) -> Release:
    return Release(
        name=name,
        title=title,
        tap=f"{_CDA}/{tag}tap",
        cone=f"{_CDA}/{tag}scs/coneSearch",
        csccli=f"{_CDA}/csccli",
        schema=tag,
        version=version,
        advice=_OFFLINE,
    )


RELEASES: Mapping[str, Release] = MappingProxyType(
    {
        release.name: release
        for release in (
            _cxc("csc2.0", "Chandra Source Catalog 2.0", "csc2", "rel2.0"),
            _cxc("csc2.1", "Chandra Source Catalog 2.1", "csc21", "rel2.1"),
            # "current" is the newest release above; csccli also knows it by a tag of its own.
            _cxc("current", "Chandra Source Catalog 2.1 (current)", "csc21", "cur"),
        )
    }
)
"""Releases by the name ``Archive`` takes."""
