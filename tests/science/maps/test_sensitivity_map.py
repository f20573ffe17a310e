"""Reading sens3 files: the right image, the right unit, and words for what cannot be used."""

import gzip

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from cscwidgets.errors import CscError
from cscwidgets.science.maps.sensitivity_map import SensitivityMap, observed, read_sensitivity_map

from ...sensitivity_fields import Fields, write_map


@pytest.fixture(scope="module")
def one() -> SensitivityMap:
    return Fields.simulate(1).map(0, 100)


@pytest.fixture
def path(one, tmp_path):
    return write_map(tmp_path / "acisfJ1052487p571215_001N022_s_sens3.fits", one)


def test_the_second_image_is_true_and_the_first_marginal(one, path):
    true, marginal = read_sensitivity_map(path), read_sensitivity_map(path, "MARGINAL")
    np.testing.assert_array_equal(true.limit, one.limit)
    good = np.isfinite(one.limit)
    assert (marginal.limit[good] < true.limit[good]).all()
    assert (true.threshold, marginal.threshold) == ("TRUE", "MARGINAL")
    assert (true.stack, true.band, true.file) == (one.stack, "b", str(path))
    assert true.pixel == pytest.approx(one.pixel)


def test_a_compressed_file_is_the_same(one, path, tmp_path):
    packed = tmp_path / "packed.fits.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    np.testing.assert_array_equal(read_sensitivity_map(packed).limit, one.limit)


def test_the_name_tells_stack_and_band_where_the_header_is_silent(one, tmp_path):
    path = tmp_path / "acisfJ1052487p571215_001N022_s_sens3.fits"
    found = read_sensitivity_map(write_map(path, one, STACK_ID=None, BAND=None))
    assert (found.stack, found.band) == ("acisfJ1052487p571215_001", "s")


def test_pixels_without_a_limit_are_masked():
    values = [[np.nan, 0.0, -1e-7, np.inf], [3.4e38, 1e-30, 2e-7, 1e-6]]
    np.testing.assert_array_equal(np.isfinite(observed(values)), [[False] * 4, [False, False, True, True]])


def test_another_photon_unit_is_converted(one, tmp_path):
    found = read_sensitivity_map(write_map(tmp_path / "a_sens3.fits", one, BUNIT="photons/m**2/s"))
    np.testing.assert_allclose(found.limit, one.limit * 1e-4, rtol=1e-6)


@pytest.mark.parametrize(
    ("keywords", "word"),
    [
        ({"BUNIT": "erg/cm**2/s"}, "unit"),
        ({"BUNIT": "nonsense here"}, "unit"),
        ({"CTYPE1": None, "CTYPE2": None}, "coordinates"),
        ({"CDELT1": 0.0}, "coordinates"),
        ({"PC1_1": 1.0, "PC1_2": 1.0, "PC2_1": 1.0, "PC2_2": 1.0}, "coordinates"),
        ({"CRVAL1": "nowhere"}, "coordinates"),
        ({"BAND": "octarine"}, "band"),
    ],
)
def test_a_wrong_header_is_told_with_the_file(one, tmp_path, keywords, word):
    path = write_map(tmp_path / "bad.fits", one, **keywords)
    with pytest.raises(CscError, match=word) as caught:
        read_sensitivity_map(path)
    assert str(path) in str(caught.value)


def test_swapped_images_are_told(one, tmp_path):
    path = write_map(tmp_path / "swapped_sens3.fits", one, marginal=1.7)
    with pytest.raises(CscError, match="swapped"):
        read_sensitivity_map(path)


def test_equal_images_are_not_swapped(one, tmp_path):
    assert np.isfinite(read_sensitivity_map(write_map(tmp_path / "equal.fits", one, marginal=1.0)).limit).any()


def test_a_truncated_file_is_told(path):
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(CscError, match="end is missing") as caught:
        read_sensitivity_map(path)
    assert str(path) in str(caught.value)


def test_other_files_are_told(tmp_path):
    (tmp_path / "words.fits").write_text("no FITS")
    fits.PrimaryHDU(np.ones((3, 3), np.float32)).writeto(tmp_path / "one.fits")
    for name, word in (("words.fits", "intact"), ("one.fits", "1 images"), ("absent.fits", "not there")):
        with pytest.raises(CscError, match=word):
            read_sensitivity_map(tmp_path / name)


def test_a_map_of_nothing_is_told(one, tmp_path):
    empty = SensitivityMap(np.zeros_like(one.limit), one.wcs, "x", "b")
    with pytest.raises(CscError, match="None of its pixels"):
        read_sensitivity_map(write_map(tmp_path / "empty.fits", empty))


def test_an_unknown_threshold_is_told(path):
    with pytest.raises(CscError, match="MARGINAL and TRUE"):
        read_sensitivity_map(path, "BOTH")


def test_a_cube_is_no_map():
    with pytest.raises(CscError, match="2-D"):
        SensitivityMap(np.zeros((2, 2, 2), np.float32), WCS(naxis=2), "x", "b")


@pytest.mark.parametrize(("key", "other"), [("BAND", "hard"), ("STACK_ID", "acisfJ1052487p571215_002")])
def test_of_two_bands_or_stacks_none_wins(path, key, other):
    with fits.open(path, mode="update") as hdus:
        hdus[1].header[key] = other
    with pytest.raises(CscError, match=f"images are of .*{other}.* \\({key}\\)"):
        read_sensitivity_map(path)
