"""Pages elsewhere about a position or an observation."""

from __future__ import annotations

from urllib.parse import urlencode

from .releases import RELEASES

__all__ = ["links", "observation_page"]

_SIMBAD_ARCSEC = 5.0
_ESASKY_DEGREES = 0.05
_CONE_DEGREES = 2.0 / 3600


def links(ra: float, dec: float, release: str = "current") -> dict[str, str]:
    """Addresses of pages about a position, by the name of the service.

    Parameters
    ----------
    ra, dec : float
        ICRS, degrees.
    release : str
        The catalogue release to ask; the present one where it has none.
    """
    place = f"{ra:.6f} {dec:+.6f}"
    cone = RELEASES.get(release, RELEASES["current"]).cone
    simbad = {"Coord": place, "CooFrame": "ICRS", "Radius": _SIMBAD_ARCSEC, "Radius.unit": "arcsec"}
    esasky = {"target": place, "fov": _ESASKY_DEGREES, "cooframe": "J2000", "sci": "true"}
    csc = {"RA": f"{ra:.6f}", "DEC": f"{dec:.6f}", "SR": f"{_CONE_DEGREES:.6f}", "VERB": 3}
    return {
        "SIMBAD": f"https://simbad.cds.unistra.fr/simbad/sim-coo?{urlencode(simbad)}",
        "ESASky": f"https://sky.esa.int/?{urlencode(esasky)}",
        "CSC": f"{cone}?{urlencode(csc)}",
    }


def observation_page(obsid: int) -> str:
    """Address of the page of the Chandra archive about an observation."""
    query = urlencode({"menuItem": "details", "obsid": obsid})
    return f"https://cda.harvard.edu/chaser/startViewer.do?{query}"
