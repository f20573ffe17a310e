"""Error ellipses as outlines on the sky."""

from __future__ import annotations

import astropy.units as u
import numpy as np
from astropy.coordinates import offset_by
from numpy.typing import ArrayLike

from cscwidgets.arrays import Floats
from cscwidgets.sky.sphere import right_ascension

from .position_error import Covariance, sigmas_of

__all__ = ["ellipse_outline", "offset_position"]


_CORNERS = 48


def ellipse_outline(ra: float, dec: float, errors: Covariance, content: float = 0.95) -> tuple[Floats, Floats]:
    """Corners of the ellipse that holds a fraction of the positions.

    Parameters
    ----------
    ra, dec : float
        Centre, degrees.
    errors : Covariance
        Of one position.
    content : float
        The fraction.

    Returns
    -------
    ra, dec : ndarray, shape (corners,)
        Degrees.

    Examples
    --------
    >>> from cscwidgets.science import matches
    >>> errors = matches.Covariance.of_ellipse([2.0], [1.0], [0.0])
    >>> ra, dec = matches.ellipse_outline(10.0, 41.0, errors, content=0.95)
    >>> f"{(dec.max() - 41.0) * 3600:.2f}"
    '4.90'
    """
    major, minor, angle = (float(part[0]) for part in errors.axes)
    turn = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    along, across = major * np.cos(turn), minor * np.sin(turn)
    position_angle = np.degrees(np.arctan2(across, along)) + angle
    return offset_position(ra, dec, position_angle, sigmas_of(content) * np.hypot(along, across))


def offset_position(
    ra: ArrayLike, dec: ArrayLike, position_angle: ArrayLike, distance: ArrayLike
) -> tuple[Floats, Floats]:
    """Positions so many arcsec away in a direction (degrees, north through east), in degrees."""
    lon, lat = offset_by(
        *(np.asarray(part, float) * u.deg for part in (ra, dec, position_angle)), np.asarray(distance) * u.arcsec
    )
    return right_ascension(lon.to_value("deg")), np.asarray(lat.to_value("deg"))
