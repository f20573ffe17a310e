"""Detect stacks by position: each stack's name carries the position of its tangent point."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import QTable, Table

from cscwidgets.arrays import Flags, Floats
from cscwidgets.sky.region import Region
from cscwidgets.sky.sphere import separation

__all__ = ["STACK_RADIUS", "stack_label", "stack_positions", "stacks_in", "stacks_touching"]

STACK_RADIUS = 0.5
"""Degrees from the position in a stack's name that hold its whole field of view.

Observations are stacked when their aim points agree within 1 arcmin. The far end of the outermost ACIS chip, S0, is
28 arcmin from the aim point on S3. Real names differ from the tangent points by up to 67 arcsec.
"""

_NAME = re.compile(r"(?:acis|hrc)fJ(\d{2})(\d{2})(\d{2})(\d)([pm])(\d{2})(\d{2})(\d{2})_\d{3}")


def stack_positions(identifiers: Sequence[str]) -> SkyCoord:
    """Tangent points of stacks from their names; NaN for a name that is none.

    Parameters
    ----------
    identifiers : sequence of str, length n
        ``{acis|hrc}fJhhmmsss{p|m}ddmmss_nnn``: seconds of right ascension carry a tenth.

    Returns
    -------
    SkyCoord, shape (n,)
    """
    ra, dec = np.full(len(identifiers), np.nan), np.full(len(identifiers), np.nan)
    for row, identifier in enumerate(identifiers):
        match = _NAME.fullmatch(str(identifier))
        if match:
            hours, minutes, seconds, tenth, sign, degrees, arcmin, arcsec = match.groups()
            ra[row] = 15 * (int(hours) + int(minutes) / 60 + (int(seconds) + int(tenth) / 10) / 3600)
            dec[row] = (int(degrees) + int(arcmin) / 60 + int(arcsec) / 3600) * (1 if sign == "p" else -1)
    return SkyCoord(ra, dec, unit="deg")


def stack_label(identifier: str) -> str:
    """A stack's name as short as a label: its position to the minute, which near stacks may share.

    >>> stack_label("acisfJ0133508p303936_001")
    'J0133+3039'
    """
    match = _NAME.fullmatch(identifier)
    if match is None:
        return identifier
    hours, minutes, _, _, sign, degrees, arcmin, _ = match.groups()
    return f"J{hours}{minutes}{'+' if sign == 'p' else '−'}{degrees}{arcmin}"


def stacks_touching(members: QTable, region: Region, reach: float = STACK_RADIUS) -> Table:
    """Stacks whose field of view may touch a region.

    Parameters
    ----------
    members : QTable
        ``detect_stack``: one row per stack and observation.
    region : Region
    reach : float
        Radius of a stack's field of view in degrees.

    Returns
    -------
    Table
        ``detect_stack_id``, ``ra``, ``dec`` (deg, tangent point), ``separation`` (deg, from the
        region's centre), ``n_observations``, ``obsids``; nearest first. A stack whose name
        cannot be read is kept with a position of NaN rather than lost.
    """
    identifiers, inverse = np.unique(np.asarray(members["detect_stack_id"], str), return_inverse=True)
    positions = stack_positions(list(identifiers))
    ra, dec = positions.ra.deg, positions.dec.deg
    near = _touches(region, ra, dec, reach) | np.isnan(ra)
    rows = np.flatnonzero(near)
    obsids = np.asarray(members["obsid"])
    observations = [sorted({int(obsid) for obsid in obsids[inverse == row]}) for row in rows]
    table = Table(
        {
            "detect_stack_id": identifiers[rows],
            "ra": ra[rows],
            "dec": dec[rows],
            "separation": separation(ra[rows], dec[rows], *region.centre),
            "n_observations": np.array([len(ids) for ids in observations], int),
            "obsids": np.array([" ".join(map(str, ids)) for ids in observations], str),
        },
        units={"ra": "deg", "dec": "deg", "separation": "deg"},
    )
    table.sort("separation")
    return table


def stacks_in(members: QTable, region: Region) -> Table:
    """`stacks_touching` of an archive's whole table, with its provenance."""
    stacks = stacks_touching(members, region)
    stacks.meta["provenance"] = replace(
        members.meta["provenance"],
        outside=len(members) - int(np.sum(stacks["n_observations"])) if len(stacks) else 0,
        region=region.ds9,
    )
    return stacks


def _touches(region: Region, ra: Floats, dec: Floats, reach: float) -> Flags:
    """Whether a disc around each position overlaps the region: it holds the centre or meets the edge."""
    touches = region.contains(ra, dec)
    edge_ra, edge_dec = region.boundary(360)
    # A disc may meet the edge between two of its points: none is further from it than half the gap.
    gap = float(separation(edge_ra, edge_dec, np.roll(edge_ra, 1), np.roll(edge_dec, 1)).max())
    for point_ra, point_dec in zip(edge_ra, edge_dec, strict=True):
        touches = touches | (separation(ra, dec, point_ra, point_dec) <= reach + gap / 2)
    return touches
