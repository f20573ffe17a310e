"""Parts of cells inside regions, against areas on the sphere."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import Latitude, Longitude, SkyCoord
from hypothesis import example, given
from hypothesis import strategies as st
from mocpy import MOC
from regions import CircleSkyRegion, PolygonSkyRegion

from cscwidgets.science.maps.healpix_tiles import BITS, SIDE, cell_area
from cscwidgets.science.maps.sky_clip import inside_fraction
from cscwidgets.sky.shapes import contains

DEPTH = 13  # cells of 26 arcsec in tiles of 1.8 degrees


def _area(region, lon: float, lat: float, reach: float) -> float:
    around = MOC.from_cone(Longitude(lon * u.deg), Latitude(lat * u.deg), radius=reach * u.deg, max_depth=DEPTH - BITS)
    parts = [inside_fraction(int(tile), DEPTH, lambda ra, dec: contains(region, ra, dec)) for tile in around.flatten()]
    return sum(SIDE**2 if part is None else part.sum() for part in parts) * cell_area(DEPTH)


@example(0.0, 90.0, 0.2)  # its edge runs along a ring of cells
@example(0.0, 90.0, 0.2109375)  # the four tiles about a pole lie alike: their errors must not add up
@given(st.floats(0, 360, exclude_max=True), st.floats(-90, 90), st.floats(0.2, 1.5))
def test_a_circle_anywhere_has_the_area_of_its_cap(lon, lat, radius):
    region = CircleSkyRegion(SkyCoord(lon, lat, unit="deg"), radius * u.deg)
    cap = 2 * np.pi * (1 - np.cos(np.radians(radius))) * np.degrees(1) ** 2
    assert _area(region, lon, lat, radius + 0.1) == pytest.approx(cap, rel=5e-4)


@pytest.mark.parametrize("lat", [0.0, 57.2, -88.0])
def test_a_polygon_has_the_area_of_its_triangle(lat):
    """Girard: the angles of a triangle of great circles exceed two right ones by its area."""
    east = np.array([-1.0, 1.3, 0.1]) / np.cos(np.radians(lat))
    corners = SkyCoord(east % 360, [lat, lat - 0.4, lat + 1.1], unit="deg")
    angles = []
    for index in range(3):
        here, there, other = (corners[(index + step) % 3] for step in range(3))
        angle = (here.position_angle(there) - here.position_angle(other)).wrap_at(180 * u.deg)
        angles.append(abs(angle.radian))
    excess = (sum(angles) - np.pi) * np.degrees(1) ** 2
    area = _area(PolygonSkyRegion(corners), 0, lat, 2.5)
    assert area == pytest.approx(excess, rel=1e-3)


def test_a_tile_wholly_inside_is_told_so():
    assert inside_fraction(1000, DEPTH, lambda ra, dec: np.ones(len(ra), bool)) is None
    assert not inside_fraction(1000, DEPTH, lambda ra, dec: np.zeros(len(ra), bool)).any()
