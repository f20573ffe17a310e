"""The cone search: what comes lies in the circle, is what TAP knows there, and grows with the verbosity."""

from __future__ import annotations

from collections.abc import Mapping

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import QTable

from cscwidgets.archive.monitor import SILENT
from cscwidgets.archive.repeated import once_each
from cscwidgets.archive.services import cone_search
from cscwidgets.sky.region import Region
from cscwidgets.sky.sphere import separation

from ..findings import REPORT
from ..visit import NothingToAsk, Step, Visit
from .repeated import say_repeated

__all__ = ["CONE"]

_CLOSE = 1e-4  # degrees by which a service may round


def _cone(visit: Visit) -> None:
    if not visit.connection.release.cone:
        raise NothingToAsk("the archive has no cone search")
    answers: dict[int, QTable] = {}
    for verbosity in (1, 2, 3):
        with visit.part(f"The cone search of verbosity {verbosity}"):
            # Not Archive.cone, which mends what it can.
            answers[verbosity] = once_each(
                cone_search(visit.connection, visit.area, verbosity=verbosity, monitor=SILENT)
            )
    with visit.part("What the cone search brings"):
        for verbosity, rows in answers.items():
            visit.remark(f"Verbosity {verbosity}: {len(rows):,} sources, {len(rows.colnames)} columns.")
        if answers:
            rows = next(iter(answers.values()))
            _case(visit, rows)
            if _placed(visit, rows):
                if "name" in (by_lower := _columns(rows)):
                    say_repeated(visit, "The cone search", rows, by_lower["name"], "Use search(). " + REPORT)
                _against_tap(visit, rows)
        if len(answers) == 3:
            _verbosity(visit, {level: len(rows.colnames) for level, rows in answers.items()})


def _columns(rows: QTable) -> Mapping[str, str]:
    return {name.lower(): name for name in rows.colnames}


def _case(visit: Visit, rows: QTable) -> None:
    if other := [name for lower, name in _columns(rows).items() if lower in {"name", "ra", "dec"} and name != lower]:
        visit.deviates(
            f"The cone search spells columns in another case: {', '.join(other)}",
            expected="name, ra, dec",
            found=", ".join(other),
            follows="The package spells them as the catalogue does; other programs do not.",
            do="In other programs, write names as they come.",
        )


def _position(rows: QTable) -> tuple[np.ndarray, np.ndarray]:
    by_lower = _columns(rows)
    ra, dec = (np.ma.filled(u.Quantity(rows[by_lower[axis]], u.deg).value, np.nan) for axis in ("ra", "dec"))
    return ra, dec


def _placed(visit: Visit, rows: QTable) -> bool:
    """Whether the rows lie where they were asked for; says what is wrong if not."""
    ra0, dec0 = visit.area.centre
    if not len(rows):
        expected = len(visit.sources)
        if not expected:
            return False
        if _swapped(visit):
            return False
        visit.deviates(
            "The cone search finds nothing",
            expected=f"{expected} sources within {visit.area.radius:g} deg of {ra0:.4f} {dec0:+.4f}, as TAP has them",
            found="no rows",
            follows="cone() brings nothing; search() asks TAP, and is not touched.",
            do="Use search(), and attach this report to an issue.",
        )
        return False
    ra, dec = _position(rows)
    apart = separation(ra, dec, ra0, dec0)
    far = ~(apart <= visit.area.radius + _CLOSE)
    if not far.any():
        return True
    of_other = np.nan_to_num(separation(ra, dec, dec0 % 360, np.clip(ra0, -90, 90)), nan=180.0)
    if abs(ra0) <= 90 and (of_other <= visit.area.radius + _CLOSE).all():
        _say_swapped(visit)
    else:
        visit.deviates(
            "The cone search ignores its radius",
            expected=f"sources within {visit.area.radius:g} deg",
            found=f"{np.count_nonzero(far):,} of {len(rows):,} lie outside, up to {np.nanmax(apart):.3g} deg away",
            follows="cone() brings sources that were not asked for; search() cuts by itself, and is not touched.",
            do="Use search(), or cut the rows of cone(), and attach this report to an issue.",
        )
    return False


def _swapped(visit: Visit) -> bool:
    """Whether sources come where right ascension and declination are exchanged."""
    ra0, dec0 = visit.area.centre
    if not (0 <= ra0 <= 90 and 0 <= dec0 <= 90):
        return False
    other = visit.archive.cone(Region.circle(SkyCoord(dec0, ra0, unit="deg"), visit.area.radius).shape, verbosity=1)
    if not len(other):
        return False
    ra, dec = _position(other)
    if not (separation(ra, dec, ra0, dec0) <= visit.area.radius + _CLOSE).all():
        return False
    _say_swapped(visit)
    return True


def _say_swapped(visit: Visit) -> None:
    ra0, dec0 = visit.area.centre
    visit.deviates(
        "The cone search takes right ascension and declination in swapped order",
        expected=f"sources around RA={ra0:.4f} DEC={dec0:.4f}",
        found=f"those around RA={dec0:.4f} DEC={ra0:.4f}",
        follows="cone() brings the sources of another place; search() asks TAP, and is not touched.",
        do="Use search(), and attach this report to an issue.",
    )


def _against_tap(visit: Visit, rows: QTable) -> None:
    by_lower = _columns(rows)
    if "name" not in by_lower or not visit.has("master_source", "name", "ra", "dec"):
        return
    here, there = ({str(name).strip() for name in table} for table in (rows[by_lower["name"]], visit.sources["name"]))
    if lacking := there - here:
        visit.deviates(
            "The cone search does not bring all sources",
            expected=f"the {len(there)} sources that TAP has in the same circle",
            found=f"{len(there & here)} of them; {min(lacking)!r} does not come",
            follows="cone() and search() give different samples.",
            do="Use search(), and attach this report to an issue.",
        )
    if further := here - there:
        visit.deviates(
            "The cone search brings sources that TAP does not have there",
            expected=f"the {len(there)} sources that TAP has in the same circle",
            found=f"{len(further)} more, {min(further)!r} among them",
            follows="cone() and search() give different samples.",
            do="Attach this report to an issue.",
        )


def _verbosity(visit: Visit, columns: Mapping[int, int]) -> None:
    held = len(visit.tables.get("master_source", {}))
    if len(set(columns.values())) == 1 and columns[1] > 3:
        visit.deviates(
            "The cone search ignores its verbosity",
            expected="more columns from VERB=1 to VERB=3",
            found=f"{columns[1]} columns at each",
            follows="cone(verbosity=...) has no effect; more, or fewer, columns come than asked for.",
            do="Choose the columns with search(columns=...).",
        )
    elif columns[3] < min(held, columns[2]) or (columns[3] == columns[1] and held > 3):
        visit.deviates(
            "The cone search ignores its verbosity: with VERB=3 not all columns come",
            expected=f"{held} columns, as TAP lists them",
            found=f"{columns[1]}, {columns[2]} and {columns[3]} at VERB 1, 2 and 3",
            follows="cone(verbosity=3) lacks columns.",
            do="Choose the columns with search(columns=...).",
        )


CONE = Step("cone", "Cone search at three verbosities", _cone, seconds=30.0)
