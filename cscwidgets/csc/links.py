"""Pages elsewhere about a position or an observation."""

from __future__ import annotations

from urllib.parse import urlencode

from .releases import RELEASES

__all__ = ["links", "observation_page"]

_SIMBAD_DEGREES = 5.0 / 3600
_ESASKY_DEGREES = 0.05
_CONE_DEGREES = 2.0 / 3600
_ROOM = 2.4  # widths of a view to the radius of what it shows


def links(ra: float, dec: float, release: str = "current", radius: float | None = None) -> dict[str, str]:
    """Addresses of pages about a position, or a circle around it, by the name of the service.

    Parameters
    ----------
    ra, dec : float
        ICRS, degrees.
    release : str
        The catalogue release to ask; the present one where it has none.
    radius : float, optional
        Degrees; that which fits a source unless told.

    Examples
    --------
    >>> links(10.5, -41.2, radius=0.25)["ESASky"]
    'https://sky.esa.int/?target=10.500000+-41.200000&fov=0.6&cooframe=J2000&sci=true'
    """
    place = f"{ra:.6f} {dec:+.6f}"
    cone = RELEASES.get(release, RELEASES["current"]).cone
    simbad = {"Coord": place, "CooFrame": "ICRS", **_simbad_radius(radius or _SIMBAD_DEGREES)}
    esasky = {
        "target": place,
        "fov": _ESASKY_DEGREES if radius is None else round(_ROOM * radius, 6),
        "cooframe": "J2000",
        "sci": "true",
    }
    csc = {"RA": f"{ra:.6f}", "DEC": f"{dec:.6f}", "SR": f"{radius or _CONE_DEGREES:.6f}", "VERB": 3}
    return {
        "SIMBAD": f"https://simbad.cds.unistra.fr/simbad/sim-coo?{urlencode(simbad)}",
        "ESASky": f"https://sky.esa.int/?{urlencode(esasky)}",
        "CSC": f"{cone}?{urlencode(csc)}",
    }


def _simbad_radius(degrees: float) -> dict[str, object]:
    unit, scale = ("arcmin", 60) if degrees > 1 / 60 else ("arcsec", 3600)
    return {"Radius": round(scale * degrees, 4), "Radius.unit": unit}


def observation_page(obsid: int) -> str:
    """Address of the page of the Chandra archive about an observation."""
    query = urlencode({"menuItem": "details", "obsid": obsid})
    return f"https://cda.harvard.edu/chaser/startViewer.do?{query}"
