"""Which of the catalogue's sources number counts may count, given the sky coverage that they are weighted with.

The area at a flux is that where the limit is at most this flux. What is counted must be chosen in the same way: sources
at least as bright as the limit at their places, of the class that the limit is for. Those of the catalogue that another
band, or a fluctuation, raised above the threshold are not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import astropy.units as u
import numpy as np
from astropy.table import QTable

from cscwidgets.arrays import Flags
from cscwidgets.errors import CscError

from .maps.coverage_curve import CoverageCurve
from .maps.flux_calibration import ENERGY_FLUX, in_unit
from .maps.sensitivity_map import PHOTON_FLUX
from .maps.sky_mosaic import Mosaic
from .masked import plain
from .number_counts import NumberCounts, number_counts
from .photometry import Flux, is_upper_limit

__all__ = ["CountedSources", "count_sources", "flux_columns"]


@dataclass(frozen=True)
class CountedSources:
    """The fluxes to count.

    Attributes
    ----------
    flux : Quantity, shape (n,)
        Of all sources; NaN for those that do not count.
    counted : ndarray of bool, shape (n,)
    left_out : dict of str to int
        The others, by the first reason that holds.
    """

    flux: u.Quantity
    counted: Flags
    left_out: dict[str, int]

    @classmethod
    def of(cls, sources: QTable, mosaic: Mosaic, curve: CoverageCurve) -> CountedSources:
        """Choose among sources.

        Parameters
        ----------
        sources : QTable, shape (n,)
            ``ra``, ``dec``, the `flux_columns` of the mosaic's band, and ``likelihood_class`` where TRUE limits are
            asked for.
        mosaic : Mosaic
        curve : CoverageCurve
            Energy fluxes are counted where it has a calibration, photon fluxes elsewhere.

        Raises
        ------
        CscError
            If a column is missing.
        """
        energy = curve.calibration is not None
        unit = ENERGY_FLUX if energy else PHOTON_FLUX
        value_name, lower_name, _ = names = flux_columns(mosaic.band, energy=energy)
        only_true = mosaic.threshold == "TRUE"
        required = {"ra", "dec", *names[:2], *(["likelihood_class"] if only_true else [])}
        if missing := required - set(sources.colnames):
            raise CscError("No number counts", f"the sources have no column {', '.join(sorted(missing))}")
        value = plain(sources[value_name].to_value(unit))
        ra, dec = (plain(sources[name].to_value(u.deg)) for name in ("ra", "dec"))
        limit, stack = mosaic.at(ra, dec)
        with np.errstate(invalid="ignore"):
            faint = value < in_unit(limit * PHOTON_FLUX, unit, mosaic.band, curve.calibration).value
        classes = np.asarray(sources["likelihood_class"], str) if only_true else np.full(len(sources), "TRUE")
        reasons = {
            "where no map observed": stack < 0,
            f"without a flux in the {mosaic.band} band": ~np.isfinite(value) | (value <= 0),
            "upper limits": is_upper_limit(value, plain(sources[lower_name].to_value(unit))),
            "MARGINAL": np.char.strip(classes) != "TRUE",
            "fainter than the limit at their places": faint,
        }
        counted, left_out = np.ones(len(value), bool), {}
        for why, out in reasons.items():
            if number := int((counted & out).sum()):
                left_out[why] = number
            counted &= ~out
        return cls(np.where(counted, value, np.nan) * unit, counted, left_out)


def flux_columns(band: str, *, energy: bool) -> tuple[str, str, str]:
    """The catalogue's aperture flux and the ends of its interval.

    Parameters
    ----------
    band : str
        One letter, such as ``b``.
    energy : bool
        Energy flux (erg/s/cm**2), or photon flux (photon/s/cm**2).

    Returns
    -------
    tuple of str
        Columns of the value, the lower and the upper end.

    Examples
    --------
    >>> from cscwidgets.science import counted_sources
    >>> counted_sources.flux_columns("b", energy=True)
    ('flux_aper_b', 'flux_aper_lolim_b', 'flux_aper_hilim_b')
    """
    family = "flux_aper" if energy else "photflux_aper"
    return f"{family}_{band}", f"{family}_lolim_{band}", f"{family}_hilim_{band}"


def count_sources(
    sources: QTable, mosaic: Mosaic, curve: CoverageCurve, detection: CoverageCurve | None = None
) -> NumberCounts:
    """Number counts of a catalogue table in a region, in the area of the curve.

    Parameters
    ----------
    sources : QTable, shape (n,)
        With ``ra``, ``dec``, the `flux_columns` of the band, and ``likelihood_class`` where TRUE limits are asked for.
    mosaic : Mosaic
        Of the maps that touch the region.
    curve : CoverageCurve
        Of the mosaic in the region; energy fluxes are counted where it has a calibration, photon fluxes elsewhere.
    detection : CoverageCurve, optional
        `detection_curve` of the same region: counts are then corrected for Eddington bias.

    Returns
    -------
    NumberCounts
        Of the sources that can be counted; its ``left_out`` tells of the others.

    Raises
    ------
    CscError
        If a column is missing, or no source counts.

    Examples
    --------
    >>> import astropy.units as u
    >>> from astropy.table import QTable
    >>> from cscwidgets.science import counted_sources, coverage, maps
    >>> mosaic = coverage.mosaic(["stack1_sens3.fits"], depth=12)
    >>> sources = QTable({"ra": [0.014, 0.02] * u.deg, "dec": [-0.42, -0.43] * u.deg})
    >>> sources["likelihood_class"] = "TRUE"
    >>> columns = counted_sources.flux_columns("b", energy=False)
    >>> for name, flux in zip(columns, ([4e-6, 1e-9], [3e-6, 5e-10], [5e-6, 2e-9]), strict=True):
    ...     sources[name] = flux * maps.PHOTON_FLUX
    >>> counts = counted_sources.count_sources(sources, mosaic, mosaic.curve())
    >>> counts.left_out
    {'fainter than the limit at their places': 1}
    """
    chosen = CountedSources.of(sources, mosaic, curve)
    if not chosen.counted.any():
        said = ", ".join(f"{number} {why}" for why, number in chosen.left_out.items())
        raise CscError("No number counts", f"no source can be counted: {said or 'there are none'}")
    flux = chosen.flux[chosen.counted]
    if detection is None:
        counts = number_counts(flux, curve)
    else:
        names = flux_columns(mosaic.band, energy=curve.calibration is not None)
        measured = Flux.of(*(plain(sources[name][chosen.counted].to_value(flux.unit)) for name in names))
        counts = number_counts(flux, detection, measured)
    return replace(counts, left_out=chosen.left_out)
