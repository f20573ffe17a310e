"""Mosaics of fields whose area and limits are known, wherever on the sky; and whatever cannot be read."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from cscwidgets.science.coverage import mosaic
from cscwidgets.science.sensitivitymap import PHOTON_FLUX

from ..sensitivity_fields import Fields

PLACES = {
    "across RA 0": Rotation.identity(),
    "in the north": Rotation.from_euler("ZYX", [150, -57.2, 30], degrees=True),
    "at the pole": Rotation.from_euler("ZYX", [20, -90, 0], degrees=True),
    "at the other pole, turned": Rotation.from_euler("ZYX", [200, 89.8, 70], degrees=True),
}


@pytest.fixture(scope="module")
def fields() -> Fields:
    return Fields.simulate(20)


@pytest.fixture(scope="module")
def few() -> Fields:
    return Fields.simulate(4, spread=0.2)


def _check(fields, made, tolerance=0.0015):
    curve = made.curve()
    assert curve.total.to_value("deg2") == pytest.approx(fields.area(), rel=tolerance)
    assert made.area.to_value("deg2") == pytest.approx(curve.total.to_value("deg2"))
    for flux in np.geomspace(1.05 * fields.faintest.min(), 5 * fields.faintest.max(), 25):
        truth = fields.area(flux)
        assert curve.at(flux * PHOTON_FLUX).to_value("deg2") == pytest.approx(truth, rel=tolerance), flux


@pytest.mark.parametrize("place", PLACES)
def test_area_and_curve_of_overlapping_fields(fields, place):
    _check(fields, mosaic(fields.maps(500, PLACES[place])))
