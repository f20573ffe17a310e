"""What LSDB does with each pair of partitions: find candidates and weigh them, as `crossmatch` does with tables."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import astropy.units as u
import numpy as np
import pandas as pd
import pyarrow as pa
from astropy.time import Time

from cscwidgets.arrays import Floats, Integers
from cscwidgets.sky.position_columns import parts_of

from .bayes_match import match_flags, posterior, summed
from .candidates import Candidates, find_candidates
from .column_roles import ColumnRoles
from .hats import CrossmatchAlgorithm, as_table
from .match_model import density_around, log_ratio, within_of
from .sky_table import SkyTable, read_positions
from .verdicts import Thresholds

__all__ = ["SUFFIXES", "Counterparts", "Evidence", "Plan", "gains", "variances"]


SUFFIXES = ("_source", "_catalogue")
"""Of the two catalogues' columns in the answer."""


@dataclass(frozen=True)
class Plan:
    """What every partition has to know.

    Attributes
    ----------
    radius : float
        Arcsec.
    source_roles, catalogue_roles : ColumnRoles
    source_error, catalogue_error : Quantity
        Of rows without one.
    source_epoch : Time, float or None
    typical : tuple of float
        Median variances of the catalogue's positions to the east and north, arcsec**2.
    density : float or None
        Of the catalogue, per arcsec**2, in place of the local one.
    completeness : float
    thresholds : Thresholds
    """

    radius: float
    source_roles: ColumnRoles
    catalogue_roles: ColumnRoles
    source_error: u.Quantity
    catalogue_error: u.Quantity
    source_epoch: Time | float | None
    typical: tuple[float, float]
    density: float | None
    completeness: float
    thresholds: Thresholds

    def sources(self, frame: pd.DataFrame, suffix: str = "") -> SkyTable:
        """The sources of a partition, of columns with a suffix."""
        roles = _with_suffix(self.source_roles, suffix)
        return read_positions(
            as_table(frame, roles.columns), roles, "sources", self.source_error, epoch=self.source_epoch
        )

    def candidates(self, pixels: Any) -> tuple[SkyTable, SkyTable, Candidates, Floats]:
        """Sources, objects, candidates and the logarithms of their likelihood ratios of two partitions.

        The objects are those of the partition and its margin, and densities those of the whole catalogue but close to
        where the partition ends: what lies beyond its margin counts as not covered there.
        """
        source_positions = self.sources(pixels.left_df)
        catalogue_positions = read_positions(
            as_table(pixels.right_df, self.catalogue_roles.columns),
            self.catalogue_roles,
            "catalogue",
            self.catalogue_error,
            once=True,
        )
        near = find_candidates(source_positions, catalogue_positions, self.radius)
        around = density_around(near, source_positions, catalogue_positions, self.density)
        return source_positions, catalogue_positions, near, log_ratio(near, around)

    def within(self, sources: SkyTable) -> Floats:
        """Fraction of true offsets below the search radius."""
        return np.ones(0) if sources.errors is None else within_of(sources.errors, self.typical, self.radius)


class Evidence(CrossmatchAlgorithm):  # type: ignore[misc]
    """Each source with its best candidate, and the sum of the likelihood ratios of all.

    Parameters
    ----------
    plan : Plan
    """

    extra_columns = pd.DataFrame({"ratio": pd.Series(dtype=np.float64)})

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def perform_crossmatch(self, crossmatch_args: Any) -> tuple[Integers, Integers, pd.DataFrame]:
        """Rows of the left and of the right partition, and the extra columns."""
        source_positions, catalogue_positions, near, log_ratio = self.plan.candidates(crossmatch_args)
        order = np.lexsort((-log_ratio, near.source))
        best = order[np.diff(near.source[order], prepend=-1) != 0]
        source = near.source[best]
        ratio = summed(near.source, log_ratio, len(source_positions))[source]
        return (
            source_positions.row[source],
            catalogue_positions.row[near.candidate[best]],
            pd.DataFrame({"ratio": ratio}),
        )


class Counterparts(CrossmatchAlgorithm):  # type: ignore[misc]
    """Each source with all its candidates and their probabilities.

    Parameters
    ----------
    plan : Plan
    """

    extra_columns = pd.DataFrame(
        {
            **{name: pd.Series(dtype=np.float64) for name in ("separation", "offset_ra", "offset_dec", "sigmas")},
            **{name: pd.Series(dtype=np.float64) for name in ("p_any", "p_i")},
            "match_flag": pd.Series(dtype=np.int8),
            "verdict": pd.Series(dtype=pd.ArrowDtype(pa.string())),
        }
    )

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def perform_crossmatch(self, crossmatch_args: Any) -> tuple[Integers, Integers, pd.DataFrame]:
        """Rows of the left and of the right partition, and the extra columns."""
        plan = self.plan
        source_positions, catalogue_positions, near, log_ratio = plan.candidates(crossmatch_args)
        probabilities = posterior(near.source, log_ratio, plan.within(source_positions), plan.completeness)
        flags = match_flags(near.source, probabilities.p_i)
        best = np.zeros(len(source_positions))
        best[near.source[flags == 1]] = probabilities.p_i[flags == 1]
        verdicts = plan.thresholds.verdicts(probabilities.p_any, best)
        extra = {
            "separation": near.separation,
            "offset_ra": near.east,
            "offset_dec": near.north,
            "sigmas": near.sigmas,
            "p_any": probabilities.p_any[near.source],
            "p_i": probabilities.p_i,
            "match_flag": flags,
            "verdict": pd.array(verdicts[near.source].tolist(), dtype=self.extra_columns["verdict"].dtype),
        }
        return source_positions.row[near.source], catalogue_positions.row[near.candidate], pd.DataFrame(extra)


def gains(frame: pd.DataFrame, plan: Plan, step: int) -> pd.DataFrame:
    """Of every so many sources of an `Evidence`: the sum of likelihood ratios, and the fraction within the radius."""
    sources = plan.sources(frame, SUFFIXES[0])
    ratio = frame["ratio"].to_numpy(dtype=float, na_value=np.nan)[sources.row]
    return pd.DataFrame({"ratio": np.nan_to_num(ratio), "within": plan.within(sources)})[::step]


def variances(frame: pd.DataFrame, roles: ColumnRoles, what: str, error: u.Quantity | None, step: int) -> pd.DataFrame:
    """Of every so many rows: the variances of their positions to the east and north, arcsec**2."""
    errors = read_positions(as_table(frame, roles.columns), roles, what, error).errors
    east, north = (np.zeros(0), np.zeros(0)) if errors is None else (errors.east, errors.north)
    return pd.DataFrame({"east": east, "north": north})[::step]


def _with_suffix(roles: ColumnRoles, suffix: str) -> ColumnRoles:
    named: dict[str, Any] = {field.name: getattr(roles, field.name) for field in fields(roles)}
    names = {role: name for role, name in named.items() if name and isinstance(name, str)}
    named |= {role: ":".join(f"{part}{suffix}" for part in parts_of(name)) for role, name in names.items()}
    return ColumnRoles(**named)
