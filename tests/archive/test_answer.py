"""Answers real services gave, read back: rows, units, nulls."""

import io
import warnings

import astropy.units as u
import numpy as np
import pytest
from astropy.io.votable import parse

from cscwidgets.archive.answer import read_answer, to_qtable
from cscwidgets.errors import CscWarning, QueryError
from cscwidgets.io.votable import all_infos, error_words


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


@pytest.mark.parametrize(
    ("version", "flux", "column_density"),
    [
        ("1.2", "erg/s/cm**2", "10**20/cm**2"),  # the CSC's own
        ("1.3", "erg.s-1.cm-2", "10+20cm-2"),  # as CDS
        ("1.4", "erg.s**-1.cm**-2", "1e+20cm**-2"),  # VOUnit
    ],
)
def test_units_are_the_same_in_every_spelling(version, flux, column_density):
    document = f"""<VOTABLE version="{version}"><RESOURCE type="results"><TABLE>
    <FIELD name="flux_aper_b" datatype="double" unit="{flux}"/>
    <FIELD name="nh_gal" datatype="double" unit="{column_density}"/>
    <FIELD name="of_no_catalogue" datatype="double" unit="{column_density}"/>
    <DATA><TABLEDATA><TR><TD>1e-14</TD><TD>3</TD><TD>4</TD></TR></TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"""
    table = to_qtable(read_answer(document.encode(), "a service").get_first_table(), "master_source")
    assert table["flux_aper_b"][0] == 1e-14 * u.erg / u.s / u.cm**2
    assert table["nh_gal"][0] == 3e20 / u.cm**2
    assert table["of_no_catalogue"][0] == 4e20 / u.cm**2


def test_fields_are_read_by_name_not_by_id(real):
    table = to_qtable(parse(real / "tables" / "cscview_field_ids_col0.vot").get_first_table())
    assert not any(name.startswith("col") for name in table.colnames)


def test_error_documents(real):
    assert (
        error_words(all_infos(parse(real / "scs" / "error_illegal_format.vot"))) == "Illegal format for ra, dec or sr."
    )
    assert error_words(all_infos(parse(real / "scs" / "m4_csccli_20arcmin.xml"))) is None


def test_two_columns_of_one_name_are_refused():
    from io import BytesIO

    votable = b"""<VOTABLE version="1.3"><RESOURCE><TABLE><FIELD ID="a" name="x" datatype="int"/>
    <FIELD ID="b" name="x" datatype="int"/><DATA><TABLEDATA><TR><TD>1</TD><TD>2</TD></TR></TABLEDATA></DATA>
    </TABLE></RESOURCE></VOTABLE>"""
    with pytest.raises(QueryError, match="several columns of one name: x"):
        to_qtable(parse(BytesIO(votable)).get_first_table())


def document(*fields):
    """A VOTable of one row, of (name, datatype, unit, value)."""
    size = {"char": "arraysize='*'"}
    heads = "".join(f"<FIELD name='{n}' datatype='{t}' {size.get(t, '')} unit='{unit}'/>" for n, t, unit, _ in fields)
    cells = "".join(f"<TD>{value}</TD>" for *_, value in fields)
    text = (
        "<VOTABLE xmlns='http://www.ivoa.net/xml/VOTable/v1.3' version='1.4'><RESOURCE><TABLE>"
        f"{heads}<DATA><TABLEDATA><TR>{cells}</TR></TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return parse(io.BytesIO(text.encode()), verify="ignore").get_first_table()


@pytest.mark.parametrize(
    ("name", "unit", "value", "right"),
    [
        ("ra", "rad", 1.0, np.degrees(1.0)),
        ("ra", "arcmin", 60.0, 1.0),
        ("ra", "hourangle", 2.0, 30.0),
        ("ra", "hours", 2.0, 30.0),
        ("ra", "degrees", 83.5, 83.5),
        ("ra", "DEG", 83.5, 83.5),
        ("ra", "", 83.5, 83.5),
        ("ra", "---", 83.5, 83.5),
        ("flux_aper_b", "W m-2", 1.0, 1000.0),
        ("flux_aper_b", "mW/m2", 2.0, 2.0),
        ("flux_aper_b", "erg/s/cm^2", 2.0, 2.0),
        ("err_ellipse_r0", "deg", 1 / 3600, 1.0),
    ],
)
def test_a_unit_that_the_service_declares_is_converted(name, unit, value, right):
    column = to_qtable(document((name, "double", unit, value)), "master_source")[name]
    assert column.unit == u.Unit({"ra": "deg", "err_ellipse_r0": "arcsec"}.get(name, "erg s-1 cm-2"))
    np.testing.assert_allclose(column.value, right, rtol=1e-12)


def test_numbers_in_no_unit_or_another_do_not_pass_for_the_catalogue_s():
    with pytest.warns(CscWarning, match="flux_aper_b is in 'furlongs', which is no unit"):
        table = to_qtable(document(("flux_aper_b", "double", "furlongs", 1)), "master_source")
    assert not hasattr(table["flux_aper_b"], "unit") or table["flux_aper_b"].unit is None
    with pytest.warns(CscWarning, match="flux_aper_b is in 'Jy', which is no erg"):
        table = to_qtable(document(("flux_aper_b", "double", "Jy", 1)), "master_source")
    assert table["flux_aper_b"].unit == u.Jy


def test_positions_in_hours_minutes_and_seconds_are_degrees():
    hours = ("RAJ2000", "char", "&quot;h:m:s&quot;", "05 30 00")
    degrees = ("DEJ2000", "char", "&quot;d:m:s&quot;", "-05 30 00")
    table = to_qtable(document(hours, degrees))
    assert (table["RAJ2000"][0], table["DEJ2000"][0]) == (82.5 * u.deg, -5.5 * u.deg)


def test_logarithms_of_an_answer_are_logarithms():
    """CDS, "Standards for Astronomical Catalogues", 3.2: brackets mean the decimal logarithm of the unit within."""
    column = to_qtable(document(("logg", "double", "[cm/s2]", "4.5")), "vizier")["logg"]
    assert (column[0].value, column.unit) == (4.5, u.dex(u.cm / u.s**2))
