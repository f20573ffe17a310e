"""Answers real services gave, read back: rows, units, nulls."""

import astropy.units as u
import numpy as np
import pytest
from astropy.io.votable import parse

from cscwidgets.archive.answer import error_document, to_qtable
from cscwidgets.errors import QueryError


def read(real, name, table="master_source"):
    return to_qtable(parse(real / "scs" / name).get_first_table(), table)


def test_cone_search_of_m4(real):
    table = read(real, "m4_ra245.89675_dec-26.52575_sr0.5_verb2.xml")
    assert len(table) == 140
    assert len(table.colnames) == 24
    assert table["ra"].unit == u.deg
    assert table["err_ellipse_r0"].unit == u.arcsec
    assert table["flux_aper_b"].unit == u.erg / u.s / u.cm**2
    assert table["conf_flag"].dtype == bool  # sent as int with a null value
    assert all(name.startswith("2CXO J") for name in table["name"])


def test_cone_search_and_csccli_agree(real):
    cone, cli = read(real, "m4_ra245.89675_dec-26.52575_sr0.5_verb2.xml"), read(real, "m4_csccli_20arcmin.xml")
    assert sorted(cone["name"]) == sorted(cli["name"])
    cone.sort("name")
    cli.sort("name")
    assert cli["ra"].unit == u.deg  # not said by csccli, known of the column
    np.testing.assert_allclose(cone["ra"].value, cli["ra"].value, atol=1e-5)
    both = np.isfinite(cone["flux_aper_b"].value)
    np.testing.assert_array_equal(both, np.isfinite(cli["flux_aper_b"].value))
    np.testing.assert_allclose(cone["flux_aper_b"].value[both], cli["flux_aper_b"].value[both], rtol=1e-3)


def test_names_and_positions_of_47_tuc(real):
    table = read(real, "47tuc_ra6.024_dec-72.081_sr0.5_verb1.xml")
    assert (len(table), table.colnames) == (479, ["name", "ra", "dec"])


def test_binary_answer_of_heasarc(real):
    table = read(real, "heasarc_tap_csc_m87.vot", None)
    assert len(table) == 13
    assert table["b_flux_ap"].unit == u.erg / u.s / u.cm**2


def test_fields_are_read_by_name_not_by_id(real):
    table = to_qtable(parse(real / "tables" / "cscview_field_ids_col0.vot").get_first_table())
    assert not any(name.startswith("col") for name in table.colnames)


def test_error_documents(real):
    assert error_document(parse(real / "scs" / "error_illegal_format.vot")) == "Illegal format for ra, dec or sr."
    assert error_document(parse(real / "scs" / "m4_csccli_20arcmin.xml")) is None


def test_two_columns_of_one_name_are_refused():
    from io import BytesIO

    votable = b"""<VOTABLE version="1.3"><RESOURCE><TABLE><FIELD ID="a" name="x" datatype="int"/>
    <FIELD ID="b" name="x" datatype="int"/><DATA><TABLEDATA><TR><TD>1</TD><TD>2</TD></TR></TABLEDATA></DATA>
    </TABLE></RESOURCE></VOTABLE>"""
    with pytest.raises(QueryError, match="several columns of one name: x"):
        to_qtable(parse(BytesIO(votable)).get_first_table())
