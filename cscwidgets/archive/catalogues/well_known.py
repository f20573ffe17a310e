"""Catalogues people match X-ray sources with, and where they are.

With `csc/releases.py` and `csc/surveys.py` the only file with addresses. VizieR holds all of them but the newest of
XMM-Newton with whole answers; the Gaia archive itself ends a synchronous answer after 2000 rows. Columns are those of
the service. A further catalogue is one more row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["CATALOGUES", "VIZIER_TAP", "XMATCH", "KnownCatalogue"]

VIZIER_TAP = "https://tapvizier.cds.unistra.fr/TAPVizieR/tap"
"""TAP service of VizieR (CDS, Strasbourg)."""

HEASARC_TAP = "https://heasarc.gsfc.nasa.gov/xamin/vo/tap"
"""TAP service of HEASARC (NASA); it ends an answer after 100,000 rows without a word."""

XMATCH = "http://cdsxmatch.cds.unistra.fr/xmatch/api/v1/sync"
"""CDS X-Match: https://cds.unistra.fr/help/documentation/xmatch-more/api/ (this address has no https)."""


@dataclass(frozen=True, slots=True)
class KnownCatalogue:
    """A catalogue and how to ask for it.

    Attributes
    ----------
    key, title : str
        What to call it for short, and in full.
    table : str
        Its VizieR table, which is also its name in CDS X-Match.
    ra, dec : str
        Columns of the position (ICRS, degrees).
    columns : tuple of str
        Columns worth having for a match; empty to let the service's own list decide.
    band : str
        "optical", "infrared" or "X-ray".
    epoch : float or None
        Julian year of all positions, None where they have one each or it is not known.
    paper : str
        Bibcode.
    where : str
        ADQL condition for rows that stand for an object.
    service : str
        TAP service.
    error : str
        What its error of a position means, for people; empty where the columns say all.
    content : float or None
        The fraction of all positions within that radius; None for 1 sigma of each axis.
    """

    key: str
    title: str
    table: str
    ra: str
    dec: str
    columns: tuple[str, ...]
    band: str
    epoch: float | None
    paper: str
    where: str = ""
    service: str = VIZIER_TAP
    error: str = ""
    content: float | None = None


def _magnitudes(*bands: str, end: str = "mag") -> tuple[str, ...]:
    return tuple(name for band in bands for name in (f"{band}{end}", f"e_{band}{end}"))


# sqrt(s_x^2 + s_y^2) holds 1 - exp(-1) of all positions where both axes are alike.
_XMM, _RAYLEIGH = "the root of the sum of both axes' squared 1 sigma errors: a radius that holds 63 %", 0.632

CATALOGUES: Mapping[str, KnownCatalogue] = MappingProxyType(
    {
        catalogue.key: catalogue
        for catalogue in (
            KnownCatalogue(
                key="2mass",
                title="2MASS All-Sky Point Sources",
                table="II/246/out",
                ra="RAJ2000",
                dec="DEJ2000",
                columns=("2MASS", "errMaj", "errMin", "errPA", *_magnitudes("J", "H", "K"), "Qflg"),
                band="infrared",
                epoch=None,
                paper="2006AJ....131.1163S",
            ),
            KnownCatalogue(
                key="gaia-dr3",
                title="Gaia DR3",
                table="I/355/gaiadr3",
                ra="RA_ICRS",
                dec="DE_ICRS",
                columns=(
                    *("Source", "e_RA_ICRS", "e_DE_ICRS", "RADEcor", "Plx", "e_Plx"),
                    *("pmRA", "e_pmRA", "pmDE", "e_pmDE", "Gmag", "BPmag", "RPmag", "BP-RP"),
                ),
                band="optical",
                epoch=2016.0,
                paper="2023A&A...674A...1G",
            ),
            KnownCatalogue(
                key="allwise",
                title="AllWISE",
                table="II/328/allwise",
                ra="RAJ2000",
                dec="DEJ2000",
                columns=("AllWISE", "eeMaj", "eeMin", "eePA", *_magnitudes("W1", "W2", "W3", "W4"), "ccf", "qph"),
                band="infrared",
                epoch=2010.5589,
                paper="2010AJ....140.1868W",
            ),
            KnownCatalogue(
                key="catwise",
                title="CatWISE2020",
                table="II/365/catwise",
                ra="RA_ICRS",
                dec="DE_ICRS",
                columns=("Name", "e_RA_ICRS", "e_DE_ICRS", "pmRA", "pmDE", *_magnitudes("W1", "W2", end="mproPM")),
                band="infrared",
                epoch=None,
                paper="2021ApJS..253....8M",
            ),
            KnownCatalogue(
                key="sdss",
                title="SDSS DR16 photometry",
                table="V/154/sdss16",
                ra="RA_ICRS",
                dec="DE_ICRS",
                columns=("objID", "e_RA_ICRS", "e_DE_ICRS", "class", *_magnitudes("u", "g", "r", "i", "z"), "zsp"),
                band="optical",
                epoch=None,
                paper="2020ApJS..249....3A",
                where='"mode" = 1',
            ),
            KnownCatalogue(
                key="panstarrs",
                title="Pan-STARRS DR1",
                table="II/349/ps1",
                ra="RAJ2000",
                dec="DEJ2000",
                columns=("objID", "e_RAJ2000", "e_DEJ2000", "Epoch", *_magnitudes("g", "r", "i", "z", "y")),
                band="optical",
                epoch=None,
                paper="2016arXiv161205560C",
            ),
            KnownCatalogue(
                key="4xmm",
                title="4XMM-DR13 sources",
                table="IX/69/xmm4d13s",
                ra="RA_ICRS",
                dec="DE_ICRS",
                columns=(),
                band="X-ray",
                epoch=None,
                paper="2020A&A...641A.136W",
                error=_XMM,
                content=_RAYLEIGH,
            ),
            KnownCatalogue(
                key="5xmm",
                title="5XMM-DR15 sources",
                table="xmmstack",
                ra="ra",
                dec="dec",
                columns=(),
                band="X-ray",
                epoch=None,
                paper="",  # Webb, Traulsen et al. 2026, in press
                where="n_obs IS NOT NULL",  # rows of sources; the others are of their observations
                service=HEASARC_TAP,
                error=_XMM,
                content=_RAYLEIGH,
            ),
            KnownCatalogue(
                key="erass1",
                title="eRASS1 main catalogue",
                table="J/A+A/682/A34/erass1-m",
                ra="RA_ICRS",
                dec="DE_ICRS",
                columns=(),
                band="X-ray",
                epoch=2020.2,
                paper="2024A&A...682A..34M",
                error="posErr: 1 sigma of each axis, corrected with counterparts",
            ),
            KnownCatalogue(
                key="lsxps",
                title="LSXPS (Swift-XRT)",
                table="J/MNRAS/518/174/sources",
                ra="",
                dec="",
                columns=(),
                band="X-ray",
                epoch=None,
                paper="2023MNRAS.518..174E",
                error="Err90: a radius that holds 90 % of all positions",
                content=0.9,
            ),
        )
    }
)
"""Well-known catalogues by their keys."""
