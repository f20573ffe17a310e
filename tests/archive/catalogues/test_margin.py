"""Rows within a margin of a region: every one is accounted for, or why they cannot be placed."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import MaskedColumn, QTable
from regions import CircleSkyRegion

from cscwidgets.archive.catalogues.margin import Position, cut_to_margin, margin_degrees
from cscwidgets.archive.provenance import Provenance
from cscwidgets.errors import CscError, RegionError
from cscwidgets.sky.region import Region


@pytest.mark.parametrize("margin", [-1 * u.arcsec, 31 * u.deg, np.nan * u.deg, 5 * u.s, 3])
def test_what_is_no_margin(margin):
    with pytest.raises(RegionError):
        margin_degrees(margin)


def table_of(ra, dec):
    table = QTable({"ra": ra, "dec": dec})
    table.meta["provenance"] = Provenance(release="t", service="", query="", requested=len(table), returned=len(table))
    return table


def cut(region, degrees, table):
    return cut_to_margin(Region.of(region), degrees, table, Position.of(table, "ra", "dec"))


def test_every_row_is_accounted_for():
    ra = MaskedColumn([10.0, 10.0, 10.0, 11.0, 12.0], mask=[False, False, True, False, False], unit="deg")
    dec = MaskedColumn([0.0, 0.1001, 0.0, 0.0, np.nan], unit="deg")
    region = CircleSkyRegion(SkyCoord(10, 0, unit="deg"), 0.1 * u.deg)
    rows = cut(region, 1 / 3600, table_of(ra, dec))
    assert len(rows) == 2
    provenance = rows.meta["provenance"]
    assert (provenance.returned, provenance.outside, provenance.unplaced) == (5, 1, 2)
    assert "2 rows; 1 more in the box around the region; 2 without a position left out" in str(provenance)


@pytest.mark.parametrize(
    ("ra", "dec", "words"),
    [
        ([83.8, 83.9], [-5.4, -5.3], None),
        ([-5.4, -5.3], [83.8, 83.9], "some would be with ra and dec swapped"),
        ([83.8, 83.9], [-5.4, 120.0], "1 of its 2 rows lie nowhere: row 2 has ra 83.9 and dec 120 degrees"),
        ([83.8, -999.0], [-5.4, -5.3], "row 2 has ra -999 and dec -5.3 degrees"),
        ([-2.756e304, 83.8], [-5.4, -5.3], r"row 1 has ra -2.756e\+304"),
        ([83.8, 83.9] * u.m, [-5.4, -5.3] * u.deg, "ra is in m, which is not an angle"),
        (["a", "b"], [-5.4, -5.3], "ra holds no numbers"),
    ],
)
def test_columns_that_cannot_be_positions(ra, dec, words):
    region = CircleSkyRegion(SkyCoord(83.85, -5.35, unit="deg"), 1 * u.deg)
    if words is None:
        assert len(cut(region, 0.0, table_of(ra, dec))) == 2
        return
    with pytest.raises(CscError, match=words):
        cut(region, 0.0, table_of(ra, dec))


def test_other_units_are_turned_into_degrees():
    region = CircleSkyRegion(SkyCoord(180, 0, unit="deg"), 1 * u.deg)
    table = table_of([np.pi, 1.0] * u.rad, [0.0, 0.0] * u.rad)
    assert len(cut(region, 0.0, table)) == 1
