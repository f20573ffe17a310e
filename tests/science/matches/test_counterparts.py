"""Sources and counterparts side by side: nothing is lost, the rest is masked, decisions go first."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import MaskedColumn, QTable, Table, vstack
from astropy.time import Time

from cscwidgets.errors import CscError
from cscwidgets.science.crossmatch import crossmatch
from cscwidgets.science.matches.counterparts import NO_COUNTERPART, counterpart_table
from cscwidgets.science.matches.verdicts import Thresholds


@pytest.fixture(scope="module")
def tables():
    """Three sources: one with a clear counterpart, one with two alike, one with none near; one without position."""
    sources = QTable(
        {
            "name": ["clear", "double", "lonely", "nowhere"],
            "ra": [10.0, 10.02, 10.04, np.nan] * u.deg,
            "dec": [0.0, 0.0, 0.0, 0.0] * u.deg,
            "separation": [1, 2, 3, 4],
        }
    )
    second = 1 / 3600
    ra = [10.0 + 0.05 * second, 10.02 - 0.3 * second, 10.02 + 0.3 * second, 10.2]
    objects = QTable(
        {
            "id": ["A", "B", "C", "D"],
            "ra": ra * u.deg,
            "dec": np.zeros(4) * u.deg,
            "Kmag": MaskedColumn([9.0, 10.0, 11.0, 12.0], mask=[False, False, True, False], unit="mag"),
            "class": ["star", "star", "galaxy", "star"],
            "seen": Time([2000.0, 2001.0, 2002.0, 2003.0], format="jyear"),
        }
    )
    options = {"source_error": 0.3 * u.arcsec, "catalogue_error": 0.1 * u.arcsec, "density": 1000 / u.deg**2}
    return sources, objects, crossmatch(sources, objects, 3 * u.arcsec, completeness=0.7, **options)


def test_every_source_has_a_row_with_its_best_candidate(tables):
    sources, objects, match = tables
    table = counterpart_table(sources, objects, match, "opt")
    assert list(table["name"]) == list(sources["name"])
    assert list(table["separation_source"]) == [1, 2, 3, 4]
    assert list(table["candidates"]) == [1, 2, 0, 0]
    assert list(table["verdict"]) == ["matched", "to review", "none", "none"]
    assert table["id"].tolist() == ["A", table["id"][1], None, None]
    expected = SkyCoord(sources["ra"][:1], sources["dec"][:1]).separation(
        SkyCoord(objects["ra"][:1], objects["dec"][:1])
    )
    assert table["separation"][0].to_value("arcsec") == pytest.approx(expected.arcsec[0], abs=1e-9)
    assert table["p_match"][0] == pytest.approx(table["p_any"][0] * table["p_i"][0])
    assert list(np.asarray(table["Kmag"].mask)) == [False, table["id"][1] == "C", True, True]
    assert table["ra_opt"].unit == u.deg
    assert float(table["seen"].jyear[0]) == pytest.approx(2000.0)
    assert table.meta["crossmatch"]["counts"]["matched"] == 1


def test_thresholds_of_the_reader_and_decisions_change_verdicts(tables):
    sources, objects, match = tables
    looser = counterpart_table(sources, objects, match, "opt", thresholds=Thresholds(0.3, 0.1))
    assert list(looser["verdict"]) == ["matched", "matched", "none", "none"]
    decided = counterpart_table(sources, objects, match, "opt", decisions={0: NO_COUNTERPART, 1: 2})
    assert list(decided["verdict"]) == ["none", "matched", "none", "none"]
    assert list(decided["reviewed"]) == [True, True, False, False]
    assert decided["id"].tolist() == [None, "C", None, None]
    assert decided.meta["crossmatch"]["reviewed"] == 2
    assert decided.meta["crossmatch"]["counts"]["matched"] == 1
    assert np.isnan(decided["p_match"][0])
    with pytest.raises(CscError, match="no candidate of source 0"):
        counterpart_table(sources, objects, match, "opt", decisions={0: 3})


def test_without_candidates_there_are_the_columns_and_no_values(tables):
    sources, objects, _ = tables
    options = {"source_error": 0.3 * u.arcsec, "catalogue_error": 0.1 * u.arcsec, "completeness": 0.5}
    match = crossmatch(sources[2:3], objects, 1 * u.arcsec, **options)
    table = counterpart_table(sources[2:3], objects, match, "opt")
    assert len(table) == 1
    assert table["id"].tolist() == [None]
    assert table["verdict"].tolist() == ["none"]


def test_a_table_of_many_rows_keeps_their_order(tables):
    sources, objects, _ = tables
    many = vstack([QTable(sources[["name", "ra", "dec"]])[:3]] * 4)
    many["name"] = [f"s{row}" for row in range(len(many))]
    match = crossmatch(many, Table(objects), 3 * u.arcsec, source_error=0.3 * u.arcsec, catalogue_error=0.1 * u.arcsec)
    table = counterpart_table(many, objects, match, "opt")
    assert list(table["name"]) == list(many["name"])
    assert table["id"][::3].tolist() == ["A"] * 4
