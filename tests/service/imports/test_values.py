"""Cells in the catalogue's types: what is no flag is none, and logarithms are not multiplied."""

import math

import pyarrow as pa
import pytest

from cscwidgets.service.imports.values import convert, unit_factor


@pytest.mark.parametrize(
    ("numbers", "flags", "lost"),
    [
        ([1.0, 0.0, math.nan, None], [True, False, None, None], 0),  # pandas makes NaN of a flag that is missing
        ([1, 0, -999, 255], [True, False, None, None], 2),
        ([True, None], [True, None], 0),
    ],
)
def test_numbers_that_are_neither_0_nor_1_are_no_flags(numbers, flags, lost):
    values, not_understood = convert(pa.array(numbers), "boolean")
    assert (values.to_pylist(), not_understood) == (flags, lost)


@pytest.mark.parametrize("unit", ["[erg/s/cm2]", "dex(erg/s/cm2)", "[mW/m2]"])  # CDS brackets logarithms
def test_logarithms_are_in_no_unit_of_the_catalogue(unit):
    assert unit_factor(unit, "erg/s/cm**2") is None


@pytest.mark.parametrize("written", [[True, True, None], ["True", "True", None], ["TRUE", "TRUE", None]])
def test_a_likelihood_class_that_passed_through_pandas_is_the_catalogue_s_word(written):
    """The catalogue has TRUE and MARGINAL (CSC 2.1, "likelihood_class"); of TRUE alone pandas makes flags."""
    values, lost = convert(pa.array(written), "char")
    assert (values.to_pylist(), lost) == (["TRUE", "TRUE", None], 0)


def test_other_words_keep_their_case():
    assert convert(pa.array(["True", "u"]), "char")[0].to_pylist() == ["True", "u"]
    assert convert(pa.array([None], pa.string()), "char")[0].to_pylist() == [None]
