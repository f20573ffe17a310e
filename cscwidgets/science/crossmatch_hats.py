"""The match beyond one machine: two catalogues in the format HATS, partition by partition, through LSDB on Dask."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import Any

import astropy.units as u
import numpy as np
import pandas as pd
from astropy.table import QTable, Table
from astropy.time import Time

from cscwidgets.arrays import Floats
from cscwidgets.errors import CscError

from .matches.bayes_match import completeness as learn_completeness
from .matches.candidates import without_errors
from .matches.column_roles import ColumnRoles
from .matches.crossmatch_options import check_completeness, per_area, search_radius
from .matches.hats import HatsCatalogue, hats_catalogue
from .matches.hats_algorithm import SUFFIXES, Counterparts, Evidence, Plan, gains, variances
from .matches.sky_table import read_positions
from .matches.verdicts import Thresholds

__all__ = ["HatsCatalogue", "HatsMatch", "hats_catalogue", "match_hats"]

_LEARNT_FROM = 2_000_000  # rows, evenly spread over all partitions


@dataclass(frozen=True)
class HatsMatch:
    """A match of two catalogues, not yet made: its partitions are computed when asked for.

    Attributes
    ----------
    candidates : lsdb.Catalog
        One row per pair within the radius, lazy. The columns of the sources end in ``_source``, those of the
        catalogue in ``_catalogue``; the others are those of `science.crossmatch.match`, angles in arcsec. Write it
        with ``candidates.write_catalog(path)``.
    completeness, completeness_error : float
        Fraction of sources whose counterpart is in the catalogue, learnt from the data or as given (error NaN).
    """

    candidates: Any
    completeness: float
    completeness_error: float
    _plan: Plan
    _client: Any

    def table(self) -> QTable:
        """All candidates in memory, with the columns and in the order of `science.crossmatch.match`.

        Rows are numbered where they came from a table.
        """
        with _on(self._client):
            frame = self.candidates.compute(progress_bar=False)
        sources = frame.get("row_source", frame.index)
        frame = frame.iloc[np.lexsort((frame["separation"].to_numpy(), np.asarray(sources)))]
        plan = self._plan
        table = QTable()
        for suffix, roles, name in zip(
            SUFFIXES, (plan.source_roles, plan.catalogue_roles), ("name", "catalogue_name"), strict=True
        ):
            if roles.name:
                table[name] = frame[f"{roles.name}{suffix}"].to_numpy()
            if f"row{suffix}" in frame:
                table[f"{suffix[1:]}_row"] = frame[f"row{suffix}"].to_numpy()
        for name in Counterparts.extra_columns:
            table[name] = frame[name].to_numpy()
        for name in ("separation", "offset_ra", "offset_dec"):
            table[name] = table[name] * u.arcsec
        table["verdict"] = table["verdict"].astype(str)
        table.meta["crossmatch"] = {
            "radius_arcsec": plan.radius,
            "completeness": self.completeness,
            "completeness_error": self.completeness_error,
            "matched_from": plan.thresholds.matched,
            "none_below": plan.thresholds.none,
        }
        return table


def match_hats(
    sources: Any,
    catalogue: Any,
    radius: u.Quantity = 5 * u.arcsec,
    *,
    source_roles: ColumnRoles | None = None,
    catalogue_roles: ColumnRoles | None = None,
    source_error: u.Quantity | None = None,
    catalogue_error: u.Quantity | None = None,
    source_epoch: Time | float | None = None,
    completeness: float | None = None,
    density: u.Quantity | None = None,
    thresholds: Thresholds | None = None,
    client: Any = None,
) -> HatsMatch:
    """Match two catalogues of any size with the options and probabilities of `crossmatch.crossmatch`.

    Each partition is matched with the other catalogue's partition there and its margin, by LSDB and Dask. The typical
    errors and the completeness are learnt first, from two million rows at most that are spread over all partitions.
    Where some sources have an epoch, others are taken at the median one of their partition.

    Parameters
    ----------
    sources, catalogue : str, Path, lsdb.Catalog or Table
        Path or address of a catalogue in the format HATS, such a catalogue opened with the columns to keep, or a table.
        The catalogue has a margin as wide as the radius, and wider by what its objects move between the epochs.
    radius, source_roles, catalogue_roles, source_error, catalogue_error, source_epoch
        As of `crossmatch.crossmatch`. Roles are guessed from the columns' names.
    completeness, density, thresholds
        As of `crossmatch.crossmatch`.
    client : dask.distributed.Client, optional
        Where to compute; the current one, or else this process.

    Raises
    ------
    CscError
        As `crossmatch.crossmatch`, or if a catalogue cannot be opened, or lacks a margin.
    """
    arcsec = search_radius(radius)
    check_completeness(completeness)
    left = hats_catalogue(sources, "sources", source_roles, error=source_error, margin=arcsec, epoch=source_epoch)
    right = hats_catalogue(catalogue, "catalogue", catalogue_roles, error=catalogue_error, margin=2 * arcsec)
    _check(left, source_error)
    _check(right, catalogue_error)
    _check_margin(right, arcsec)
    with _on(client):
        typical = _typical(right, catalogue_error)
        plan = Plan(
            radius=arcsec,
            source_roles=left.roles,
            catalogue_roles=right.roles,
            source_error=_or_median(source_error, _typical(left, source_error)),
            catalogue_error=_or_median(catalogue_error, typical),
            source_epoch=source_epoch,
            typical=typical,
            density=None if density is None else per_area(density),
            completeness=0.5 if completeness is None else completeness,
            thresholds=thresholds or Thresholds(),
        )
        error = np.nan
        if completeness is None:
            share, error = learn_completeness(*_learnt(left, right, plan))
            plan = replace(plan, completeness=share)
    return HatsMatch(_joined(left, right, Counterparts(plan), "inner"), plan.completeness, error, plan, client)


def _on(client: Any) -> contextlib.AbstractContextManager[Any]:
    return contextlib.nullcontext() if client is None else client.as_current()


def _check(one: HatsCatalogue, error: u.Quantity | None) -> None:
    """Whether all columns are there, before any are read."""
    columns = Table(names=list(one.catalog.columns))
    if read_positions(columns, one.roles, one.what, error).errors is None:
        raise without_errors(one.what)


def _check_margin(catalogue: HatsCatalogue, radius: float) -> None:
    margin = catalogue.catalog.margin
    wide = 0.0 if margin is None else float(margin.hc_structure.catalog_info.margin_threshold)
    if wide < radius:
        raise CscError(
            "The catalogue cannot be matched",
            f"its partitions overlap by {wide:g} arcsec, and the search radius is {radius:g} arcsec",
            "Open it with a wider margin: lsdb.open_catalog(path, margin_cache=...); hats-import makes one.",
        )


def _typical(one: HatsCatalogue, error: u.Quantity | None) -> tuple[float, float]:
    nothing = pd.DataFrame({"east": np.zeros(0), "north": np.zeros(0)})
    spread = one.catalog.map_partitions(variances, one.roles, one.what, error, _step(one), meta=nothing).compute(
        progress_bar=False
    )
    if not len(spread):
        raise without_errors(one.what)
    return float(np.median(spread["east"])), float(np.median(spread["north"]))


def _or_median(error: u.Quantity | None, typical: tuple[float, float]) -> u.Quantity:
    return np.sqrt(np.mean(typical)) * u.arcsec if error is None else error


def _learnt(left: HatsCatalogue, right: HatsCatalogue, plan: Plan) -> tuple[Floats, Floats]:
    """Of the sources: sums of likelihood ratios, and fractions within the radius."""
    evidence = _joined(left, right, Evidence(plan), "left")
    nothing = pd.DataFrame({"ratio": np.zeros(0), "within": np.zeros(0)})
    learnt = evidence.map_partitions(gains, plan, _step(left), meta=nothing).compute(progress_bar=False)
    return learnt["ratio"].to_numpy(), learnt["within"].to_numpy()


def _joined(left: HatsCatalogue, right: HatsCatalogue, algorithm: Evidence | Counterparts, how: str) -> Any:
    return left.catalog.crossmatch(
        right.catalog, algorithm=algorithm, how=how, suffixes=SUFFIXES, suffix_method="all_columns"
    )


def _step(one: HatsCatalogue) -> int:
    return max(1, -(-one.rows // _LEARNT_FROM))
