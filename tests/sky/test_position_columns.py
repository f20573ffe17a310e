"""Positions are found by the names and UCDs that catalogues, services and tools write, the same for all who ask."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import Angle, SkyCoord
from astropy.table import MaskedColumn, QTable, Table
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from cscwidgets.archive.catalogues.table_catalogue import TableCatalogue
from cscwidgets.io.reading import Unreadable
from cscwidgets.science.matches.column_roles import ColumnRoles
from cscwidgets.sky.position_columns import position_columns, position_columns_of, read_position
from cscwidgets.sky.usable import circle

# As the services and tools of that name write them, in their order; what follows are the columns of the position.
HEADERS = {
    "CSC cone search": "name ra dec err_ellipse_r0 conf_flag -> ra dec",
    "CSCview": "separation name ra dec conf_flag flux_aper_b -> ra dec",
    "CSC 2 in VizieR, IX/57": "_Glon _Glat 2CXO RAICRS DEICRS r0 r1 PA -> RAICRS DEICRS",
    "CSC in HEASARC": "name ra dec lii bii error_ellipse_angle class -> ra dec",
    "Gaia archive": "solution_id source_id ra ra_error dec dec_error pmra pmdec l b -> ra dec",
    "Gaia in VizieR, I/355": "DR3Name RA_ICRS DE_ICRS e_RA_ICRS e_DE_ICRS Source pmRA pmDE -> RA_ICRS DE_ICRS",
    "Gaia in VizieR, computed": "_RA_icrs _DE_icrs RA_ICRS DE_ICRS Source RAJ2000 DEJ2000 -> RA_ICRS DE_ICRS",
    "2MASS in VizieR, II/246": "_RAJ2000 _DEJ2000 RAJ2000 DEJ2000 errMaj errMin errPA 2MASS -> RAJ2000 DEJ2000",
    "2MASS in IRSA": "ra dec err_maj err_min err_ang designation j_m -> ra dec",
    "AllWISE in IRSA": "designation ra dec sigra sigdec w1mpro pmra pmdec -> ra dec",
    "AllWISE in VizieR, II/328": "AllWISE RAJ2000 DEJ2000 eeMaj eeMin eePA W1mag -> RAJ2000 DEJ2000",
    "Pan-STARRS in MAST": "objID raMean decMean raMeanErr decMeanErr nDetections gMeanPSFMag -> raMean decMean",
    "Pan-STARRS stacks": "objID raStack decStack gPSFMag -> raStack decStack",
    "Pan-STARRS in VizieR, II/349": "RAJ2000 DEJ2000 objID f_objID Qual e_RAJ2000 e_DEJ2000 -> RAJ2000 DEJ2000",
    "SDSS CasJobs": "objid run rerun camcol ra dec raErr decErr u g r i z -> ra dec",
    "SDSS spectra": "PLATE MJD FIBERID PLUG_RA PLUG_DEC Z CLASS -> PLUG_RA PLUG_DEC",
    "SDSS in VizieR, V/154": "objID RA_ICRS DE_ICRS mode class clean e_RA_ICRS -> RA_ICRS DE_ICRS",
    "DESI": "TARGETID TARGET_RA TARGET_DEC Z ZERR SPECTYPE -> TARGET_RA TARGET_DEC",
    "DES": "COADD_OBJECT_ID RA DEC ALPHAWIN_J2000 DELTAWIN_J2000 MAG_AUTO_G -> RA DEC",
    "Legacy Survey": "release brickid objid type ra dec ra_ivar dec_ivar flux_g -> ra dec",
    "HSC": "object_id i_ra i_dec i_cmodel_mag -> i_ra i_dec",
    "Rubin": "objectId coord_ra coord_dec g_psfFlux -> coord_ra coord_dec",
    "SkyMapper": "object_id raj2000 dej2000 e_raj2000 e_dej2000 u_psf -> raj2000 dej2000",
    "UKIDSS, VISTA": "sourceID RA2000 DEC2000 jAperMag3 -> RA2000 DEC2000",
    "eROSITA, eRASS1": "IAUNAME DETUID RA DEC RADEC_ERR POS_ERR LII BII ELON -> RA DEC",
    "eROSITA, eFEDS": "SRC_NAME RA_CORR DEC_CORR RADEC_ERR_CORR -> RA_CORR DEC_CORR",
    "4XMM slim": "SRCID IAUNAME SC_RA SC_DEC SC_POSERR SC_DET_ML -> SC_RA SC_DEC",
    "4XMM detections": "DETID SRCID IAUNAME RA DEC POSERR SC_RA SC_DEC SC_POSERR -> RA DEC",
    "4XMM in VizieR, IX/69": "4XMM RA_ICRS DE_ICRS ePos Flux8 -> RA_ICRS DE_ICRS",
    "2SXPS": "2SXPS_ID IAUName RA Decl Err90 -> RA Decl",
    "2RXS": "IAU_NAME EXI_ML CTS RA_DEG DEC_DEG -> RA_DEG DEC_DEG",
    "4FGL": "Source_Name RAJ2000 DEJ2000 GLON GLAT Conf_68_SemiMajor -> RAJ2000 DEJ2000",
    "NuSTAR in HEASARC": "__row name ra dec lii bii error_radius -> ra dec",
    "AAS tables in degrees": "ID RAdeg DEdeg e_RAdeg Mag -> RAdeg DEdeg",
    "AAS tables in parts": "Name RAh RAm RAs DE- DEd DEm DEs Vmag -> RAh:RAm:RAs DE-:DEd:DEm:DEs",
    "AAS tables, sign at the degrees": "Name RAh RAm RAs DEd DEm DEs -> RAh:RAm:RAs DEd:DEm:DEs",
    "VizieR, computed": "_r _RA _DE Name Bmag -> _RA _DE",
    "VizieR with dots": "_RA.icrs _DE.icrs recno Name -> _RA.icrs _DE.icrs",
    "ObsCore": "obs_id s_ra s_dec s_fov t_min em_min -> s_ra s_dec",
    "SIMBAD": "MAIN_ID RA DEC RA_PREC DEC_PREC COO_ERR_MAJA -> RA DEC",
    "SIMBAD in degrees": "MAIN_ID RA_d DEC_d OTYPE -> RA_d DEC_d",
    "NED": "No. Object_Name RA(deg) DEC(deg) Type Velocity -> RA(deg) DEC(deg)",
    "NASA exoplanets": "pl_name hostname ra dec sy_dist st_teff -> ra dec",
    "ATNF psrcat": "NAME PSRJ RAJD DECJD P0 -> RAJD DECJD",
    "SExtractor": "NUMBER ALPHA_J2000 DELTA_J2000 FLUX_AUTO -> ALPHA_J2000 DELTA_J2000",
    "CIAO wavdetect": "RA DEC RA_ERR DEC_ERR POS(X,Y) X Y NET_COUNTS -> RA DEC",
    "TOPCAT join": "name_1 ra_1 dec_1 source_id ra_2 dec_2 Separation -> ra_1 dec_1",
    "TOPCAT join of two": "2CXO RAICRS DEICRS ra_x dec_x RAJ2000_1 -> RAICRS DEICRS",
    "pandas merge": "name ra_x dec_x ra_y dec_y -> ra_x dec_x",
    "astropy, ECSV": "name coord.ra coord.dec flux -> coord.ra coord.dec",
    "by hand": "star right_ascension declination V -> right_ascension declination",
    "by hand, with units": "star|RA (J2000)|Dec (J2000)|V -> RA (J2000)|Dec (J2000)",
    "by hand, J2000": "star RA_J2000 DEC_J2000 V -> RA_J2000 DEC_J2000",
    "by hand, degrees": "star ra_deg dec_deg V -> ra_deg dec_deg",
}
NONE = [
    "l b",
    "glon glat",
    "x y",
    "pm_ra pm_dec",
    "e_ra e_dec",
    "ra_error dec_error",
    "RAB1950 DEB1950",
    "c_ra c_dec g_ra g_dec",
]


def _words(text):
    return text.split("|") if "|" in text else text.split()


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_positions_of_real_tables_are_found_by_search_and_match_alike(header):
    names, expected = (_words(side) for side in header.split(" -> "))
    assert len(HEADERS) >= 50
    assert position_columns([(name, "") for name in names]) == tuple(expected)
    table = Table({name: [10.0] for name in names})
    for role in expected[1].split(":"):
        table[role] = [20.0]
    if "DE-" in names:
        table["DE-"] = ["+"]
    roles = ColumnRoles.guess(table)
    assert [roles.ra, roles.dec] == expected
    position = TableCatalogue(table).position(QTable(table))
    assert position.names == tuple(expected)
    for found, both in zip(read_position(table, roles.ra, roles.dec), (position.ra, position.dec), strict=True):
        assert_allclose(found, both)
        assert np.isfinite(found).all()


@pytest.mark.parametrize("header", NONE)
def test_what_is_no_position_in_icrs_or_which_of_two_is_not_known_is_not_guessed(header):
    assert position_columns([(name, "") for name in header.split()]) is None


@pytest.mark.parametrize(
    ("columns", "position"),
    [
        ([("a", "pos.eq.ra"), ("RA", ""), ("Dec", ""), ("b", "pos.eq.dec")], ("RA", "Dec")),
        ([("ra", ""), ("dec", ""), ("x", "pos.eq.ra;meta.main"), ("y", "pos.eq.dec;meta.main")], ("x", "y")),
        ([("alpha", "POS_EQ_RA_MAIN"), ("delta", "POS_EQ_DEC_MAIN")], ("alpha", "delta")),
        ([("x", "pos.eq.ra"), ("y", "pos.eq.dec")], ("x", "y")),
        ([('"_RAJ2000"', ""), ('"_DEJ2000"', "")], ('"_RAJ2000"', '"_DEJ2000"')),
        ([("l", "pos.galactic.lon"), ("b", "pos.galactic.lat")], None),
    ],
)
def test_main_ucds_come_first_and_others_last(columns, position):
    assert position_columns(columns) == position


WRITTEN = {
    "spaces": {"sep": " "},
    "colons": {"sep": ":"},
    "letters": {"sep": "fromunit"},
    "signed": {"sep": ":", "alwayssign": True, "pad": True},
}


@given(
    st.lists(st.tuples(st.floats(0, 359.99), st.floats(-89.99, 89.99)), min_size=1, max_size=8),
    st.sampled_from(list(WRITTEN)),
)
def test_sexagesimal_positions_are_those_that_astropy_wrote(positions, how):
    ra, dec = np.transpose(positions)
    table = Table(
        {
            "ra": Angle(ra, u.deg).to_string(u.hourangle, precision=6, **WRITTEN[how]),
            "dec": Angle(dec, u.deg).to_string(u.deg, precision=6, **WRITTEN[how]),
        }
    )
    found = read_position(table, "ra", "dec")
    assert_allclose(found[0], ra, atol=1e-8)
    assert_allclose(found[1], dec, atol=1e-9)


@given(st.lists(st.tuples(st.floats(0, 359.99), st.floats(-89.99, 89.99)), min_size=1, max_size=8), st.booleans())
def test_positions_in_parts_are_those_that_astropy_took_apart(positions, sign):
    sky = SkyCoord(*np.transpose(positions), unit="deg")
    hours, degrees = sky.ra.hms, sky.dec.signed_dms
    table = Table(dict(zip(("RAh", "RAm", "RAs"), hours, strict=True)))
    if sign:
        table["DE-"] = np.where(degrees.sign < 0, "-", "+")
    table["DEd"] = degrees.d if sign else np.copysign(degrees.d, degrees.sign)
    table["DEm"], table["DEs"] = degrees.m, degrees.s
    ra, dec = read_position(table, *position_columns_of(table))
    assert_allclose(ra, sky.ra.deg, atol=1e-9)
    assert_allclose(dec, sky.dec.deg, atol=1e-9)


def test_a_position_known_to_the_minute_is_one_and_one_without_hours_is_none():
    table = Table({"RAh": MaskedColumn([5, 5], mask=[False, True]), "RAm": [30, 30]})
    table["RAs"] = MaskedColumn([0.0, 0.0], mask=[True, True])
    table["DEd"], table["DEm"], table["DEs"] = [1, 1], [0, 0], [0.0, 0.0]
    assert_allclose(read_position(table, *position_columns_of(table))[0], [82.5, np.nan])


@pytest.mark.parametrize("frame", ["icrs", "galactic", "fk5"])
def test_a_column_of_coordinates_is_both(frame):
    sky = SkyCoord([10.0] * u.deg, [20.0] * u.deg)
    table = QTable({"place": sky.transform_to(frame)})
    assert position_columns_of(table) == ("place", "place")
    assert_allclose(np.ravel(read_position(table, "place", "place")), [10, 20])


@pytest.mark.parametrize(
    ("ra", "unit", "degrees"),
    [
        ("05 30 00", None, 82.5),
        ("82.5", None, 82.5),
        ("82d30m", None, 82.5),
        ("05h30m", None, 82.5),
        ("5.5", u.hourangle, 82.5),
        ("05:30:00", u.hourangle, 82.5),
        ("82 30 00", u.deg, 82.5),
    ],
)
def test_text_counts_hours_unless_it_or_its_unit_says_degrees(ra, unit, degrees):
    table = Table({"ra": [ra], "dec": ["-00 30 00"]})
    table["ra"].unit = unit
    assert_allclose(np.ravel(read_position(table, "ra", "dec")), [degrees, -0.5])


@pytest.mark.parametrize(
    ("ra", "words"),
    [
        (["a"], "ra holds no numbers"),
        ([1.0] * u.mag, "in mag, which is not an angle"),
        (None, "there is no column ra"),
    ],
)
def test_what_is_no_position_is_said(ra, words):
    table = QTable({"dec": [1.0]} if ra is None else {"ra": ra, "dec": [1.0]})
    with pytest.raises(Unreadable, match=words):
        read_position(table, "ra", "dec")


@pytest.mark.parametrize(
    ("ra", "dec"),
    [
        ([10.0, 11], [-1.0, 2]),
        (["00:40:00", "00:44:00"], ["-01:00:00", "02:00:00"]),
    ],
)
def test_a_position_in_an_array_of_its_own_is_one_and_of_several_none_is_taken(ra, dec):
    one, several = ([[value] * number for value in ra] for number in (1, 2))
    assert np.all(read_position(Table({"ra": one, "dec": dec}), "ra", "dec") == np.array([[10.0, 11], [-1, 2]]))
    with pytest.raises(Unreadable, match="ra holds arrays of 2 values"):
        read_position(Table({"ra": several, "dec": dec}), "ra", "dec")
    sky = SkyCoord(several, several, unit=("hourangle" if isinstance(ra[0], str) else "deg", "deg"))
    with pytest.raises(Unreadable, match="arrays of 2"):
        read_position(Table({"place": sky}), "place", "place")


def test_one_word_among_positions_leaves_out_its_row_alone():
    table = Table({"name": ["a", "b"], "ra": ["10.0", "unknown"], "dec": ["20.0", "20.1"]})
    found = TableCatalogue(table).near(circle(10, 20, 0.5), 0 * u.deg)
    assert list(found["name"]) == ["a"]
    assert found.meta["provenance"].unplaced == 1
