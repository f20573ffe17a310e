"""Columns and keywords that are to be numbers."""

import astropy.units as u
import numpy as np
import pytest
from astropy.io import fits

from cscwidgets.io.fits_values import integers, number, numbers, whole_number
from cscwidgets.io.reading import Unreadable


def _hdu(form, values, **options):
    return fits.BinTableHDU.from_columns([fits.Column("A", form, array=np.array(values), **options)], name="T")


@pytest.mark.parametrize(
    ("form", "values"), [("E", [1.5, 2]), ("D", [-1.0, 0]), ("J", [1, 2]), ("I", [3, 4]), ("B", [5, 6])]
)
def test_numbers_are_read_whatever_they_are_stored_as(form, values):
    found = numbers(_hdu(form, values), "a")
    np.testing.assert_array_equal(found, values)
    assert found.dtype == np.float64


@pytest.mark.parametrize(
    ("form", "values", "options", "words"),
    [
        ("D", [1, np.nan, 3], {}, "A is nan in row 2"),
        ("E", [1, 2, -np.inf], {}, "A is -inf in row 3"),
        ("J", [1, -99, 3], {"null": -99}, "A is -99 in row 2"),
        ("5A", ["a", "b"], {}, "column A of the T table does not hold a number"),
        ("2D", [[1.0, 2], [3, 4]], {}, "does not hold a number in each row"),
        ("L", [True, False], {}, "does not hold a number"),
    ],
)
def test_what_is_no_number_is_told_with_its_row(form, values, options, words):
    with pytest.raises(Unreadable, match=words):
        numbers(_hdu(form, values, **options), "A")


def test_ranges_are_told_apart():
    hdu = _hdu("D", [1.0, 0.0, -1.0])
    with pytest.raises(Unreadable, match="A is -1 in row 3"):
        numbers(hdu, "A", least=0)
    with pytest.raises(Unreadable, match="A is 0 in row 2"):
        numbers(hdu, "A", above=0)
    with pytest.raises(Unreadable, match="the T table has no column B"):
        numbers(hdu, "B")
    with pytest.raises(Unreadable, match="is no table"):
        numbers(fits.ImageHDU(name="I"), "A")


def test_whole_numbers_may_be_stored_as_real_ones():
    np.testing.assert_array_equal(integers(_hdu("E", [1.0, 2.0]), "A"), [1, 2])
    with pytest.raises(Unreadable, match=r"A is 1\.5 in row 2, no whole number"):
        integers(_hdu("E", [1.0, 1.5]), "A")


def test_keywords_are_numbers_or_are_named():
    header = fits.Header([("N", 3), ("TEXT", "'x"), ("WORD", "7"), ("ZERO", 0.0)])
    assert (number(header, "N"), number(header, "WORD"), number(header, "M", 5.0)) == (3, 7, 5)
    for key, words in (("M", "has no M"), ("TEXT", "its TEXT is .*no number"), ("ZERO", "its ZERO is 0")):
        with pytest.raises(Unreadable, match=words):
            number(header, key, above=0)


def test_a_column_is_read_in_the_unit_that_is_wanted():
    hdu = _hdu("D", [1.0, 2.0], unit="ks")
    np.testing.assert_allclose(numbers(hdu, "A", u.s), [1000, 2000])
    np.testing.assert_allclose(numbers(_hdu("D", [1.0, 2.0]), "A", u.s), [1, 2])
    for told in ("keV", "furlongs"):
        with pytest.raises(Unreadable, match=f"its A is in {told}"):
            numbers(_hdu("D", [1.0], unit=told), "A", u.s)


def test_a_number_that_is_there_twice_is_not_determined():
    header = fits.Header([("N", 3), ("N", 3), ("M", 3), ("M", 4)])
    assert number(header, "N") == 3
    with pytest.raises(Unreadable, match="its M is there 2 times, with different values"):
        number(header, "M")


def test_a_half_is_no_whole_number_of_a_header():
    header = fits.Header({"INDEX": 6.0, "HALF": 6.5})
    assert whole_number(header, "INDEX") == 6
    assert isinstance(whole_number(header, "INDEX"), int)
    assert whole_number(header, "ABSENT", 3) == 3
    with pytest.raises(Unreadable, match=r"HALF is 6\.5, no whole number"):
        whole_number(header, "HALF")
