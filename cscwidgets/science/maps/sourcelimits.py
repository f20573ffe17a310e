"""Two limits that are not the same: what was measured at a source's place, and what the survey could show there.

A measured upper limit comes from the counts in the aperture of one source, whatever made the catalogue look there. A
sensitivity limit is a property of the observation: the flux at which it would have detected a source. A source may
well be measured below the sensitivity limit of its place, where another band or stack detected it.
"""

from __future__ import annotations

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import QTable

from ..photometry import Flux, is_upper_limit
from .flux_calibration import FluxCalibration, in_unit
from .sky_mosaic import Mosaic

__all__ = ["source_limits"]


def source_limits(
    mosaic: Mosaic, coords: SkyCoord, measured: Flux, unit: u.UnitBase, calibration: FluxCalibration | None = None
) -> QTable:
    """Measured fluxes and upper limits of sources beside the sensitivity limits at their places.

    Parameters
    ----------
    mosaic : Mosaic
    coords : SkyCoord, shape (n,)
    measured : Flux, shape (n,)
        The catalogue's value, ``_lolim`` and ``_hilim`` in the mosaic's band.
    unit : unit
        Of `measured`.
    calibration : FluxCalibration, optional
        Needed where `unit` is that of an energy flux.

    Returns
    -------
    QTable
        All in `unit`, NaN where there is none: ``flux`` of what was measured, ``measured_upper_limit`` (68 %, where the
        catalogue has only that), ``sensitivity_limit`` with its ``stack``, ``threshold``, ``band`` and ``status``.

    Raises
    ------
    CscError
        If the unit is not that of a flux, or a calibration is missing.
    """
    found = mosaic.limit_at(coords)
    upper = is_upper_limit(measured.value, measured.lower)
    made = QTable(
        {
            "flux": np.where(upper, np.nan, measured.value) * unit,
            "measured_upper_limit": np.where(upper, measured.upper, np.nan) * unit,
            "sensitivity_limit": in_unit(found["limit"], unit, mosaic.band, calibration),
        }
    )
    for name in ("stack", "threshold", "band", "status"):
        made[name] = found[name]
    return made
