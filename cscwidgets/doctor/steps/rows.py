"""A search by position as the explorer asks it: a box in ADQL; and what stands for numbers that are not there."""

from __future__ import annotations

from typing import Any

import numpy as np
from astropy.table import QTable

from cscwidgets.archive.answer_checks import single_count
from cscwidgets.archive.provenance import Provenance
from cscwidgets.archive.query import Query

from ..findings import REPORT
from ..visit import NothingToAsk, Step, Visit
from .repeated import say_repeated

__all__ = ["BOX", "NULLS"]

_STAND_INS = (-999.0, -9999.0, -99.0, -999.99, 3.4e38, -3.4e38, 1e30)
_OF_NOTHING = 1e29


def _box(visit: Visit) -> None:
    with visit.part("The query by a box"):
        if not visit.has("master_source", "name", "ra", "dec"):
            raise NothingToAsk("the archive has no sources with names and positions")
        rows, status = visit.rows, visit.facts.status
        provenance: Provenance = rows.meta["provenance"]
        visit.remark(f"{len(rows):,} sources in the circle, {provenance.outside:,} more in the box around it.")
        if status is None or status.upper() not in {"OK", "OVERFLOW"}:
            _status(visit, status)
        say_repeated(visit, "The query by a box", rows, "name", "Drop rows of the same name. " + REPORT)
    with visit.part("The number of rows in the box"):
        if visit.facts.rows is None:
            return
        query = Query(visit.schema, "master_source", (), visit.area.boxes())
        number, came = single_count(visit.tap(query.count())), provenance.returned + provenance.repeated
        status = visit.facts.status or "nothing"
        if came < number and status.upper() == "OVERFLOW":
            visit.deviates(
                "The query by a box is cut",
                expected=f"{number:,} rows, as COUNT(*) says",
                found=f"{came:,} rows, and QUERY_STATUS OVERFLOW",
                follows="Regions of this size come cut, with a warning; complete=True asks for the rest in parts.",
                do="Use complete=True. " + REPORT,
            )
        elif came != number:
            visit.deviates(
                "The query by a box does not bring as many rows as it has",
                expected=f"{number:,} rows, as COUNT(*) says",
                found=f"{came:,} rows, and QUERY_STATUS says {status}",
                follows="Answers are cut without a word: samples are not complete."
                if came < number
                else "Rows come more than once, or counts are wrong.",
                do="Ask for smaller regions and compare. " + REPORT,
            )


def _status(visit: Visit, status: str | None) -> None:
    visit.deviates(
        "QUERY_STATUS of an answer with rows is wrong",
        expected="OK, or OVERFLOW where rows are left out",
        found=repr(status) if status is not None else "no QUERY_STATUS at all",
        follows="Whether an answer is whole cannot be told.",
        do="Compare numbers of rows with COUNT(*). " + REPORT,
    )


def _nulls(visit: Visit) -> None:
    with visit.part("What stands for nulls"):
        rows = visit.rows
        if not len(rows):
            raise NothingToAsk("there are no sources in the circle that is asked about")
        for name in rows.colnames:
            values = _numbers(rows[name])
            if values is None or name in {"ra", "dec"}:
                continue
            strange = values[np.isin(values, _STAND_INS) | (np.abs(values) > _OF_NOTHING)]
            if strange.size:
                visit.deviates(
                    f"Nulls of {name} come as {strange[0]:g}",
                    expected="an empty cell, or NaN",
                    found=f"{strange[0]:g} in {strange.size} of {len(rows)} rows",
                    follows="Diagrams, hardness and fits take it for a measurement.",
                    do=f"Leave such rows out (where={name!r} + ' > -90'). " + REPORT,
                )
        _noughts(visit, rows)


def _noughts(visit: Visit, rows: QTable) -> None:
    """Fluxes of an instrument that never looked: null, and not nought."""
    for counted, flux in (("acis_num", "flux_aper_b"), ("hrc_num", "flux_aper_w")):
        if counted not in rows.colnames or flux not in rows.colnames:
            continue
        number, value = _numbers(rows[counted]), _numbers(rows[flux])
        if number is None or value is None:
            continue
        unseen = number == 0
        nought = unseen & (value == 0)
        if nought.any():
            instrument = counted.partition("_")[0].upper()
            visit.deviates(
                f"Nulls of {flux} come as 0",
                expected=f"null for sources that {instrument} never observed",
                found=f"0 in {np.count_nonzero(nought)} of {np.count_nonzero(unseen)} such rows",
                follows="They are taken for upper limits.",
                do=f"Leave rows with {counted} = 0 out. " + REPORT,
            )
    limits = ("flux_aper_b", "flux_aper_lolim_b", "flux_aper_hilim_b")
    triple = [_numbers(rows[name]) for name in limits if name in rows.colnames]
    if len(triple) == 3 and all(values is not None for values in triple):
        empty = np.logical_and.reduce([np.asarray(values) == 0 for values in triple])
        if empty.any():
            visit.deviates(
                "Nulls of flux_aper_b come as 0",
                expected="an upper limit above 0 where flux and lower limit are 0, or nulls",
                found=f"flux and both limits are 0 in {np.count_nonzero(empty)} of {len(rows)} rows",
                follows="They are taken for upper limits of nothing.",
                do="Leave rows with flux_aper_hilim_b = 0 out. " + REPORT,
            )


def _numbers(column: Any) -> np.ndarray | None:
    values = np.ma.asarray(getattr(column, "value", column))
    return np.ma.filled(values.astype(float), np.nan) if values.dtype.kind in "iuf" else None


BOX = Step("box", "Search by a box of right ascension and declination", _box)
NULLS = Step("nulls", "What stands for numbers that are not there", _nulls)
