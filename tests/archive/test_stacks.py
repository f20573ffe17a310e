"""Which detect stacks touch a region, on all 7287 of the real CSC 2.0."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import QTable
from regions import PolygonSkyRegion

from cscwidgets.archive.stacks import STACK_RADIUS, stack_positions, stacks_touching
from cscwidgets.sky.region import Region
from cscwidgets.sky.shapes import contains


@pytest.fixture(scope="module")
def observed(real):
    """Name, area (arcmin**2), tangent point and number of observations of every stack, and the table of its members."""
    lines = (real / "stacks" / "csc20_pd2_stacks_area_ra_dec.txt").read_text().splitlines()
    rows = [line.split() for line in lines if not line.startswith("#")]
    names, area, ra, dec = ([row[column] for row in rows] for column in (0, 1, 4, 5))
    members = [(row[0], int(one.split("_")[0])) for row in rows for one in row[7].split(",")]
    table = QTable(rows=members, names=["detect_stack_id", "obsid"])
    at = SkyCoord(np.array(ra, float), np.array(dec, float), unit="deg")
    return np.array(names), np.array(area, float), at, table


def test_names_hold_the_tangent_points(observed):
    names, _, at, _ = observed
    assert len(names) == 7287
    apart = stack_positions(list(names)).separation(at)
    assert (apart < 5 * u.arcsec).mean() > 0.95
    assert apart.max() < 70 * u.arcsec


def test_the_radius_holds_every_field_of_view(observed):
    names, area, at, _ = observed
    # A disc is the most compact a field can be, and no circle about a stack is smaller than the field.
    disc = np.sqrt(area / np.pi) / 60
    assert (stack_positions(list(names)).separation(at).deg + disc).max() < STACK_RADIUS
    # The corner of ACIS-S furthest from the aim point: 2 arcmin to the edge of S3, then S2 to S0, and half a chip.
    assert np.hypot(2 + 3 * 8.4, 4.2) / 60 + 1.2 / 60 < STACK_RADIUS


@pytest.mark.parametrize(
    ("centre", "radius"), [("0 0", 3), ("180 89", 5), ("83.8 -5.4", 0.2), ("266.4 -29", 1), ("10 41", 30)]
)
def test_no_stack_is_lost(observed, centre, radius):
    names, area, at, members = observed
    middle = SkyCoord(centre, unit="deg")
    found = set(stacks_touching(members, Region.circle(middle, radius))["detect_stack_id"])
    reach = np.sqrt(area / np.pi) / 60  # at least this far reaches a field somewhere
    assert set(names[middle.separation(at).deg < radius + reach]) <= found
    assert set(names[middle.separation(at).deg > radius + STACK_RADIUS * 1.1 + 0.01 * radius]).isdisjoint(found)


def test_a_long_edge_loses_nothing(observed):
    names, _, at, members = observed
    corners = SkyCoord([20, 120, 120, 20], [-30, -30, 30, 30], unit="deg")
    region = PolygonSkyRegion(corners)
    found = set(stacks_touching(members, Region.of(region))["detect_stack_id"])
    assert set(names[contains(region, at.ra.deg, at.dec.deg)]) <= found
    # Stacks outside whose disc meets the edge: some point of theirs is inside.
    angles = np.arange(0, 360, 10) * u.deg
    others = names[~np.isin(names, list(found))]
    around = stack_positions(list(others))[:, None].directional_offset_by(angles, STACK_RADIUS * u.deg)
    assert not contains(region, around.ra.deg.ravel(), around.dec.deg.ravel()).any()


def test_observations_are_those_of_the_stack(observed):
    _, _, _, members = observed
    found = stacks_touching(members, Region.circle(SkyCoord("83.8 -5.4", unit="deg"), 0.1))
    for row in found:
        own = {int(obsid) for obsid in members["obsid"][members["detect_stack_id"] == row["detect_stack_id"]]}
        assert {int(obsid) for obsid in row["obsids"].split()} == own
        assert row["n_observations"] == len(own)
