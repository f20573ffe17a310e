"""What a user may ask of a match, checked."""

from __future__ import annotations

import astropy.units as u

from cscwidgets.errors import CscError

__all__ = ["angle", "check_completeness", "per_area", "search_radius"]


def search_radius(radius: u.Quantity) -> float:
    """Arcsec."""
    arcsec = angle(radius, "search radius")
    if not 0 < arcsec <= 3600:
        raise CscError(
            "There is no match", f"the search radius is {radius}", "Give one up to a degree, such as 5 arcsec."
        )
    return arcsec


def check_completeness(completeness: float | None) -> None:
    """A fraction above 0, or none."""
    if completeness is not None and not 0 < completeness <= 1:
        raise CscError("There is no match", f"the completeness {completeness:g} is not between 0 and 1")


def angle(value: u.Quantity, what: str) -> float:
    """Arcsec."""
    try:
        return float(value.to_value(u.arcsec))
    except (AttributeError, TypeError, u.UnitConversionError) as error:
        raise CscError(
            "There is no match", f"the {what}, {value}, is no angle", "Give one like 5 * u.arcsec."
        ) from error


def per_area(density: u.Quantity) -> float:
    """Objects per arcsec**2."""
    try:
        value = float(density.to_value(u.arcsec**-2))
    except (AttributeError, TypeError, u.UnitConversionError) as error:
        raise CscError(
            "There is no match", f"the density {density} is not per solid angle", "Give one like 3000 / u.deg**2."
        ) from error
    if not value > 0:
        raise CscError("There is no match", f"the density {density} is not above 0")
    return value
