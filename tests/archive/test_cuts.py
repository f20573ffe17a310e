"""Cuts: what they become, units by astropy, and which word is refused and why."""

import astropy.units as u
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cscwidgets import Archive
from cscwidgets.archive import Cut
from cscwidgets.csc.columns import TABLES
from cscwidgets.errors import QueryError
from cscwidgets.io.adql.syntax import read_condition

MASTER = TABLES["master_source"]
ASTROPY = {"erg/s/cm2": "erg s-1 cm-2", "keV/s/cm**2": "keV s-1 cm-2", "erg.s**-1.cm**-2": "erg s-1 cm-2"}


@pytest.mark.parametrize(
    ("cut", "words"),
    [
        (Cut("powlaw_gama", ">", 1), ("'powlaw_gama'", "Did you mean powlaw_gamma")),
        (Cut("powlaw_gamma", ">", "steep"), ("'steep'", "numbers")),
        (Cut("powlaw_gamma", ">", 2, "keV"), ("'keV'", "has no unit")),
        (Cut("flux_aper_b", ">", 1, "keV"), ("'keV'", "erg")),
        (Cut("flux_aper_b", ">", 1, "furlong/h"), ("'furlong/h'", "no unit")),
        (Cut("flux_aper_b", "about", 1), ("'about'", "between")),
        (Cut("flux_aper_b", "between", "1"), ("'1'", "1.5 .. 2.5")),
        (Cut("flux_aper_b", "between", "3 .. 1"), ("between 3 and 1", "lower")),
        (Cut("flux_aper_b", "is true"), ("no flag",)),
        (Cut("var_flag", ">", 3), ("is a flag",)),
        (Cut("likelihood_class", "between", "1 .. 2"), ("texts",)),
        (Cut("likelihood_class", "=", "TRUE", "keV"), ("texts", "keV")),
        (Cut("flux_aper_b", ">", float("nan")), ("nan",)),
        (Cut("", ">", 1), ("names no column",)),
    ],
)
def test_a_refused_cut_says_which_word_and_why(cut, words):
    with pytest.raises(QueryError) as caught:
        cut.condition(MASTER)
    for word in words:
        assert word in str(caught.value)


@given(st.floats(1e-25, 1e-5), st.sampled_from(["erg/s/cm2", "mW/m2", "W/m^2", "keV/s/cm**2", "erg.s**-1.cm**-2"]))
def test_values_in_other_units_are_astropys(value, unit):
    text = Cut("flux_aper_b", ">", value, unit).condition(MASTER)
    expected = (value * u.Unit(ASTROPY.get(unit, unit))).to_value("erg s-1 cm-2")
    assert float(text.rpartition(" ")[2]) == pytest.approx(expected, rel=1e-12)
    quantity = Cut("flux_aper_b", ">", value * u.Unit(ASTROPY.get(unit, unit))).condition(MASTER)
    assert float(quantity.rpartition(" ")[2]) == pytest.approx(expected, rel=1e-12)


@given(st.text(max_size=40))
def test_no_text_leaves_its_quotes(text):
    try:
        condition = Cut("name", "=", text).condition(MASTER)
    except QueryError:
        assert text == ""
        return
    assert read_condition(condition).expression.this == text or "\\" in text or not text.isprintable()


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("flux_apr_b > 1", ("'flux_apr_b'", "Did you mean flux_aper_b")),
        ("flux_aper_b > 1) OR (1 = 1", ("cannot be read",)),
        ("flux_aper_b > 1 ORDER BY name", ("ORDER", "no part of a condition")),
        ("flux_aper_b > 1 -- all", ("comment",)),
        ("flux_aper_b > 1; DROP TABLE t", ("several statements",)),
        ("flux_aper_b >", ("cannot be read",)),
        ("x.flux_aper_b > 1", ("'x'",)),
    ],
)
def test_a_refused_condition_says_which_word_and_why(warm_demo, where, words):
    with pytest.raises(QueryError) as caught:
        warm_demo.search("M33", where=where)
    for word in words:
        assert word in str(caught.value)


def test_cuts_and_conditions_hold_together(warm_demo):
    everyone = warm_demo.search("M33", "flux_aper_b, var_flag, powlaw_nh", radius="10 arcmin")
    flux = everyone["flux_aper_b"].to_value("erg s-1 cm-2")
    variable = np.ma.filled(np.ma.asarray(everyone["var_flag"]), False).astype(bool)
    kept = warm_demo.search(
        "M33", (), [Cut("flux_aper_b", ">=", 2, "1e-15 erg/s/cm2"), "var_flag = 1"], radius="10 arcmin"
    )
    assert set(kept["name"]) == set(everyone["name"][(flux >= 2e-15) & variable])
    assert 0 < len(kept) < len(everyone)


def test_cuts_of_detections_are_on_the_detections(warm_demo):
    rows = warm_demo.search("M33", ["theta", "m.flux_aper_b"], table="observation_source", radius="3 arcmin")
    cuts = [Cut("theta", "<", 120, "arcsec"), Cut("m.flux_aper_b", ">", 1e-15)]
    kept = warm_demo.search("M33", ["theta"], cuts, table="observation_source", radius="3 arcmin")
    expected = (rows["theta"] < 2 * u.arcmin) & (rows["mstr_flux_aper_b"].value > 1e-15)
    assert len(kept) == np.sum(expected) > 0
    with pytest.raises(QueryError, match="none of the tables"):
        warm_demo.search("M33", ["ra"], Cut("o.theta", "<", 1), radius="3 arcmin")


def test_a_count_is_what_the_service_sends(warm_demo):
    rows = warm_demo.search("M33", radius="10 arcmin")
    assert warm_demo.count("M33", radius="10 arcmin") == rows.meta["provenance"].returned
    assert warm_demo.adql("M33", radius="10 arcmin") == rows.meta["provenance"].query


def test_columns_come_later_as_they_would_have_come_at_first(warm_demo):
    rows = warm_demo.search("M33", radius="12 arcmin")
    later = warm_demo.with_columns(rows, ["powlaw_gamma", "powlaw_nh", "flux_aper_b"])
    at_once = warm_demo.search("M33", ["powlaw_gamma", "powlaw_nh"], radius="12 arcmin")
    assert len(rows) > 200  # more than one piece
    assert list(later["name"]) == list(rows["name"])
    by_name = {str(name): row for row, name in enumerate(at_once["name"])}
    order = [by_name[str(name)] for name in later["name"]]
    for name in ("powlaw_gamma", "powlaw_nh"):
        np.testing.assert_array_equal(later[name], at_once[name][order])
        assert later[name].info.description == MASTER[name].description
        assert getattr(later[name], "unit", None) == getattr(at_once[name], "unit", None)
    assert "powlaw_gamma" not in rows.colnames
    assert later.meta["provenance"].query.count("SELECT") == 1 + -(-len(rows) // 200)
    with pytest.raises(QueryError, match="Did you mean powlaw_gamma"):
        warm_demo.with_columns(rows, ["powlaw_gamm"])


def test_a_service_that_does_not_list_its_columns_has_those_of_the_reference(monkeypatch):
    archive = Archive("csc2.1", connect_timeout=0.2)
    monkeypatch.setattr(archive, "_tap", lambda *_: (_ for _ in ()).throw(QueryError("refused")))
    schema = archive.schema()
    assert "reference" in schema.origin
    assert len(schema.columns()) == 515
    schema.check("SELECT x.anything FROM ivoa.ObsCore AS x")  # nothing is known of it: the service decides
    with pytest.raises(QueryError, match="Did you mean powlaw_gamma"):
        schema.check("SELECT powlaw_gammma FROM csc21.master_source")
