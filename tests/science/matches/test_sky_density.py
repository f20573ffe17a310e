"""Local density of catalogues whose density is known, inside them and at their edges."""

import numpy as np
import pytest
from astropy.coordinates import offset_by
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.science.matches.sky_density import local_density

from ..conftest import king, king_density


def _cap(rng, number, lon, lat, size):
    """Uniform in a circle of `size` degrees about a position, anywhere on the sphere."""
    away = np.arccos(1 - rng.random(number) * (1 - np.cos(np.radians(size))))
    x, y = offset_by(np.radians(lon), np.radians(lat), rng.uniform(0, 2 * np.pi, number), away)
    return np.mod(x.to_value("deg"), 360), y.to_value("deg")


def _density(number, size):
    return number / (2 * np.pi * (1 - np.cos(np.radians(size))) * np.degrees(1) ** 2 * 3600**2)


@pytest.mark.parametrize("lat", [0, 89.9, -41])
@pytest.mark.parametrize(("number", "size"), [(300, 8 / 60), (10_000, 8 / 60), (60_000, 4), (80, 1)])
def test_density_inside_a_catalogue_and_at_its_edge(number, size, lat):
    rng = np.random.default_rng(1)
    objects, sources = _cap(rng, number, 1, lat, size), _cap(rng, 2_000, 1, lat, size)
    ratio = local_density(*sources, *objects)[0] / _density(number, size)
    assert np.median(ratio) == pytest.approx(1, abs=0.2 if number < 1000 else 0.05)
    assert np.quantile(ratio, 0.01) > 0.6
    assert np.quantile(ratio, 0.99) < 1.7


def test_density_is_local():
    rng = np.random.default_rng(2)
    sparse, dense = _cap(rng, 3_000, 0, 0, 0.5), _cap(rng, 30_000, 40, -30, 0.5)
    objects = np.concatenate([sparse, dense], axis=1)
    for lon, lat, number in ((0, 0, 3_000), (40, -30, 30_000)):
        here, _ = local_density(*_cap(rng, 1_000, lon, lat, 0.4), *objects)
        assert np.median(here) == pytest.approx(_density(number, 0.5), rel=0.05)
        assert here.std() < 0.2 * _density(number, 0.5)


def test_a_gradient_is_followed():
    rng = np.random.default_rng(3)
    x = 4 * np.sqrt(rng.random(200_000))  # density in proportion to x
    y = rng.uniform(-1, 1, len(x))
    at = np.array([0.5, 1, 2, 3])
    per_area = len(x) / (4 * 2 * 3600**2) * at / 2
    np.testing.assert_allclose(local_density(at, np.zeros(4), x, y)[0], per_area, rtol=0.3)


@pytest.mark.parametrize("lat", [0, 60, -89])
def test_the_profile_of_a_cluster_is_followed(lat):
    """Cores of 30 arcsec in fields of 20 arcmin: from there to the edge, the density falls by a factor of 1,000."""
    rng = np.random.default_rng(4)
    ratios, distances = [], []
    for lon in range(0, 360, 12):
        stars, at = king(rng, 2_500, 30, 1200), np.append(king(rng, 300, 20, 1000), 1000 * np.sqrt(rng.random(300)))
        places = [
            offset_by(np.radians(lon), np.radians(lat), rng.uniform(0, 2 * np.pi, len(r)), np.radians(r / 3600))
            for r in (stars, at)
        ]
        objects, sources = ([axis.to_value("deg") for axis in place] for place in places)
        density, number = local_density(*sources, *objects)
        assert number.min() >= 20
        ratios.append(density / king_density(at, 2_500, 30, 1200))
        distances.append(at)
    ratio, distance = np.concatenate(ratios), np.concatenate(distances)
    for low, high, bias in ((0, 15, 0.16), (15, 60, 0.05), (60, 300, 0.2), (300, 1000, 0.2)):
        some = ratio[(distance >= low) & (distance < high)]
        assert np.median(some) == pytest.approx(1, abs=bias), (low, high)
        assert np.mean((some < 0.5) | (some > 2)) < 0.05, (low, high)


@given(st.integers(1, 300), st.floats(0, 360), st.floats(-90, 90))
def test_a_catalogue_of_any_size_has_a_density_everywhere(number, lon, lat):
    rng = np.random.default_rng(number)
    objects = _cap(rng, number, 1, 40, 0.5)
    density, of = local_density(np.array([lon]), np.array([lat]), *objects)
    assert 0 < density[0] < 100 * _density(number, 0.5)
    assert min(number, 20) <= of[0] <= number


def test_an_empty_catalogue_has_no_density():
    assert local_density(np.zeros(3), np.zeros(3), np.zeros(0), np.zeros(0))[0].tolist() == [0, 0, 0]
