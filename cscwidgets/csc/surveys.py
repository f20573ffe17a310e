"""Images of the whole sky to lay below the sources, and where they are. A further survey is one more row.

All are HiPS (https://www.ivoa.net/documents/HiPS/). Identifiers are those of the HiPS network; addresses, the preferred
one first, are of its servers at CDS and of the missions' own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["DEFAULT_SURVEY", "MOCSERVERS", "SURVEYS", "Survey", "plain_identifier"]

MOCSERVERS = (
    "https://alasky.cds.unistra.fr/MocServer/query",
    "https://alaskybis.cds.unistra.fr/MocServer/query",
)
"""CDS's list of all HiPS, and its mirror."""

DEFAULT_SURVEY = "CDS/P/DSS2/color"
"""What lies below the sources of an archive that is asked over the network, unless something else is chosen."""


@dataclass(frozen=True, slots=True)
class Survey:
    """A HiPS: what it is called in the HiPS network and by people, where it is, and whose it is."""

    identifier: str
    name: str
    addresses: tuple[str, ...]
    credit: str


def _cds(identifier: str, name: str, path: str, credit: str) -> Survey:
    hosts = ("https://alasky.cds.unistra.fr", "https://alaskybis.cds.unistra.fr")
    return Survey(identifier, name, tuple(f"{host}/{path}" for host in hosts), f"{credit}; HiPS by CDS")


SURVEYS: Mapping[str, Survey] = MappingProxyType(
    {
        survey.identifier: survey
        for survey in (
            _cds(DEFAULT_SURVEY, "DSS2 colour", "DSS/DSSColor", "Digitized Sky Survey, STScI/NASA"),
            Survey(
                "cxc.harvard.edu/P/cda/hips/allsky/rgb",
                "Chandra",
                ("https://cdaftp.cfa.harvard.edu/cxc-hips",),
                "NASA/CXC/SAO",
            ),
            _cds("xcatdb/P/XMM/PN/color", "XMM-Newton PN colour", "SSC/xcatdb_P_XMM_PN_color", "ESA/XMM-Newton SSC"),
            Survey(
                "erosita/dr1/rate/rgb",
                "eROSITA DR1 colour",
                ("https://erosita.mpe.mpg.de/dr1/erodat/static/hips/eRASS1_RGB_Rate_c010",),
                "eROSITA-DE, MPE",
            ),
            _cds("CDS/P/2MASS/color", "2MASS colour", "2MASS/Color", "UMass, IPAC/Caltech, NASA, NSF"),
            _cds("CDS/P/allWISE/color", "AllWISE colour", "AllWISE/RGB-W4-W2-W1", "NASA/JPL-Caltech, UCLA"),
            _cds(
                "CDS/P/PanSTARRS/DR1/color-z-zg-g",
                "Pan-STARRS DR1 colour",
                "Pan-STARRS/DR1/color-z-zg-g",
                "Pan-STARRS1 Surveys, STScI",
            ),
            _cds("CDS/P/SDSS9/color", "SDSS9 colour", "SDSS/DR9/color", "Sloan Digital Sky Survey"),
            _cds("CDS/P/GALEXGR6_7/color", "GALEX colour", "GALEX/GALEXGR6_7_color", "GALEX, NASA/JPL-Caltech"),
        )
    }
)
"""Surveys by their identifiers, as they are offered."""


def plain_identifier(text: str) -> str:
    """An identifier without the ``ivo://`` of the virtual observatory.

    >>> plain_identifier(" ivo://CDS/P/DSS2/color ")
    'CDS/P/DSS2/color'
    """
    return re.sub(r"^ivo://", "", text.strip())
