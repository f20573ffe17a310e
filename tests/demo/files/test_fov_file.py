"""The demo's fields of view agree with where its telescope looks, and with its sources."""

import gzip
import hashlib
import io
import subprocess
import sys

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets.csc.products import KINDS, Observation, ProductId, Stack
from cscwidgets.demo.files.product_store import demo_store
from cscwidgets.demo.telescope.observations import stacks
from cscwidgets.science.maps.field_of_view import read_field_of_view
from cscwidgets.sky.sphere import deproject

ARCSEC = 1 / 3600


def content(owner, kind):
    (file,) = demo_store().browse(ProductId(owner, KINDS[kind]))
    return demo_store().read(KINDS[kind].filetype, file.filename)


@pytest.fixture(scope="module")
def fields(tmp_path_factory):
    """Field of view of each observation, and of its stack, by the observation."""
    folder = tmp_path_factory.mktemp("fov")

    def field(owner, kind):
        path = folder / f"{owner}.fits.gz"
        if not path.exists():
            path.write_bytes(content(owner, kind))
        return read_field_of_view(path)

    return [
        (one, field(Observation(one.obsid, one.obi), "fov"), field(Stack(stack.stack_id), "stkfov"), stack)
        for stack in stacks()
        for one in stack.observations
    ]


@given(st.data())
def test_the_outline_is_where_the_telescope_looks_to_an_arcsecond(fields, data):
    observation, field, *_ = data.draw(st.sampled_from(fields))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    place = rng.uniform(-0.4, 0.4, (2, 200))
    ra, dec = deproject(*np.radians(place), observation.ra, observation.dec)
    around = [
        deproject(*np.radians(place + shift), observation.ra, observation.dec)
        for shift in ARCSEC * np.array([[[1.0], [0]], [[-1.0], [0]], [[0], [1.0]], [[0], [-1.0]]])
    ]
    sees = observation.sees(ra, dec)
    clear = np.all([observation.sees(*one) == sees for one in around], axis=0)
    assert clear.sum() > 150
    np.testing.assert_array_equal(field.contains(ra, dec)[clear], sees[clear])


def test_the_chips_are_those_that_events_are_on(fields):
    for observation, field, *_ in fields:
        for polygon in field.polygons:
            middle = float(polygon.ra.mean()), float(polygon.dec.mean())
            assert polygon.chip == observation.chips(*observation.sky_pixels(*np.array(middle)[:, None]))[0]
        assert field.instrument == {"0": "ACIS-I", "2": "ACIS-S", "I": "HRC"}[observation.detector.split("-")[1][0]]
        assert field.simulated


def test_a_stack_sees_what_any_of_its_observations_sees(fields):
    rng = np.random.default_rng(3)
    for *_, stack_field, stack in fields:
        ra, dec = deproject(*np.radians(rng.uniform(-0.4, 0.4, (2, 300))), stack.ra, stack.dec)
        sees = np.any([one.sees(ra, dec) for one in stack.observations], axis=0)
        assert (stack_field.contains(ra, dec) == sees).mean() > 0.99
        assert stack_field.simulated


def test_the_detections_of_a_stack_lie_in_its_field(fields, tables):
    rows = tables["stack_source"].select(["detect_stack_id", "ra", "dec"]).to_pandas()
    fields_of = {stack.stack_id: field for *_, field, stack in fields}
    for name, detections in rows.groupby("detect_stack_id"):
        # Fitted positions are off by their errors.
        assert fields_of[name].contains(detections["ra"], detections["dec"]).mean() > 0.97


def test_files_say_that_they_are_simulated_and_are_the_same_bytes_in_another_process():
    stack = stacks()[0]
    asked = [(Stack(stack.stack_id), "stkfov"), (Observation(90001, 0), "fov")]
    script = (
        "import hashlib; from cscwidgets.demo.files.fov_file import fov_file\n"
        "from cscwidgets.csc.products import Observation, Stack\n"
        f"for owner in {[owner for owner, _ in asked]!r}: print(hashlib.sha256(fov_file(owner)).hexdigest())"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert said == [hashlib.sha256(content(*one)).hexdigest() for one in asked]
    for one in asked:
        with fits.open(io.BytesIO(gzip.decompress(content(*one)))) as hdus:
            hdus.verify("exception")
            assert [hdu.header["OBJECT"] for hdu in hdus] == ["SIMULATED"] * 2
            assert hdus["FOV"].columns.names[:3] == ["SHAPE", "X", "Y"]


def test_there_is_none_of_what_was_not_observed():
    assert demo_store().browse(ProductId(Observation(1, 0), KINDS["fov"])) == []
    assert demo_store().browse(ProductId(Stack("acisfJ0000000p000000_001"), KINDS["stkfov"])) == []
    with pytest.raises(KeyError):
        demo_store().read("fov3", "acisf00001_000N001_fov3.fits")
