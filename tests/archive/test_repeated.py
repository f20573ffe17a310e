"""Rows that come more than once: numpy's own unique tells which they are."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import MaskedColumn, QTable, vstack

from cscwidgets.archive.provenance import Provenance
from cscwidgets.archive.repeated import first_of_each, once_each


def answer(number=200, positions=20):
    rng = np.random.default_rng(2)
    place = rng.integers(positions, size=number)
    table = QTable({"name": [f"S{row}" for row in place], "ra": place * 1.5 * u.deg, "dec": -place * 2.0 * u.deg})
    table["region_id"] = rng.integers(4, size=number)
    table["flux"] = np.where(rng.random(number) < 0.5, np.nan, 1e-14) * u.erg
    table["flag"] = MaskedColumn(rng.random(number) < 0.5, mask=rng.random(number) < 0.3)
    table.meta["provenance"] = Provenance(
        release="x", service="x", query="x", requested=number, returned=number, origin="a test"
    )
    return table


def as_texts(table):
    return [repr([str(value) for value in row]) for row in table]


@pytest.mark.parametrize("by", [(), ("ra", "dec"), ("name",)])
def test_the_first_of_each_is_kept_in_its_place(by):
    table = answer()
    _, first = np.unique(as_texts(table), return_index=True)
    assert len(first) < len(table)
    np.testing.assert_array_equal(first_of_each(table, *by), np.sort(first))


def test_how_many_were_left_out_is_said():
    once = once_each(answer())
    twice = vstack([once, once], metadata_conflicts="silent")
    twice.meta["provenance"] = Provenance(
        release="x", service="x", query="x", requested=len(twice), returned=len(twice), origin="a test"
    )
    kept = once_each(twice, "ra", "dec")
    assert as_texts(kept) == as_texts(once)
    assert kept.meta["provenance"].returned == kept.meta["provenance"].requested == len(once)
    assert kept.meta["provenance"].repeated == len(once)
    assert f"{len(once)} that came more than once left out" in str(kept.meta["provenance"])


def test_what_is_once_is_left_as_it_is():
    once = once_each(answer())
    assert once_each(once) is once
    assert once_each(once[:1])["name"] == once["name"][:1]
    assert len(once_each(once[:0])) == 0
