"""A region's record gives the same region back, to the last digit."""

import json

import astropy.units as u
import hypothesis.strategies as st
from astropy.coordinates import SkyCoord
from hypothesis import given
from regions import CircleSkyRegion, EllipseSkyRegion, PolygonSkyRegion, RectangleSkyRegion

from cscwidgets.io.json_schema import require_schema
from cscwidgets.sky.region import Region
from cscwidgets.sky.region_record import REGION, region_of_record, region_record

RA, DEC, SIZE, ANGLE = st.floats(0, 359.9), st.floats(-80, 80), st.floats(0.001, 5), st.floats(-180, 180)


@given(RA, DEC, SIZE, SIZE, ANGLE, st.sampled_from(["circle", "ellipse", "box", "polygon"]))
def test_a_record_is_the_region(ra, dec, width, height, angle, kind):
    at = SkyCoord(ra, dec, unit="deg")
    shape = {
        "circle": lambda: CircleSkyRegion(at, width * u.deg),
        "ellipse": lambda: EllipseSkyRegion(at, width * u.deg, height * u.deg, angle * u.deg),
        "box": lambda: RectangleSkyRegion(at, width * u.deg, height * u.deg, angle * u.deg),
        "polygon": lambda: PolygonSkyRegion(SkyCoord([ra, ra + width, ra], [dec, dec, dec + height], unit="deg")),
    }[kind]()
    kept = json.loads(json.dumps(region_record(Region.of(shape))))
    require_schema(kept, REGION)
    assert region_record(region_of_record(kept)) == kept
    assert repr(region_of_record(kept).shape) == repr(Region.of(shape).shape)


def test_all_of_the_sky_is_a_record_too():
    assert region_of_record(region_record(Region.all_sky())).is_all_sky
