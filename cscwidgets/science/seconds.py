"""Times that may come with a unit of their own: numpy would take them for seconds without a word."""

from __future__ import annotations

from typing import Any

import astropy.units as u
import numpy as np
from astropy.time import Time
from numpy.typing import ArrayLike

from cscwidgets.arrays import Floats
from cscwidgets.errors import CscError

from .masked import plain

__all__ = ["seconds"]


def seconds(times: ArrayLike | u.Quantity) -> Floats:
    """Times or lengths of time as plain numbers in s, NaN where they are masked.

    Parameters
    ----------
    times : array_like or Quantity
        Numbers without a unit are s.

    Raises
    ------
    CscError
        If they have another kind of unit, or are moments on the calendar.

    Examples
    --------
    >>> import astropy.units as u
    >>> seconds([1.0, 2.0] * u.ks)
    array([1000., 2000.])
    """
    values: Any = times
    unit = getattr(values, "unit", None)
    if isinstance(values, Time):
        raise CscError(
            "These times cannot be used",
            "they are moments of the calendar (astropy's Time), where seconds of mission time are needed",
            "An event list has them as `time`.",
        )
    if unit is None:
        return plain(values)
    try:
        factor = u.Unit(unit).to(u.s)
    except (u.UnitConversionError, ValueError) as error:
        raise CscError("These times cannot be used", f"they are in {unit}, where s are needed") from error
    return np.asarray(plain(getattr(values, "value", values)) * factor)
