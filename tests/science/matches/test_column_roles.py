"""Roles of columns guessed from tables of the usual catalogues."""

from dataclasses import replace

import astropy.units as u
import pytest
from astropy.coordinates import SkyCoord
from astropy.io.votable import parse_single_table
from astropy.table import QTable, Table

from cscwidgets.science.matches.column_roles import ColumnRoles


def _table(names):
    return Table({name: [1.0] for name in names.split()})


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (
            "name ra dec err_ellipse_r0 err_ellipse_r1 err_ellipse_ang",
            {
                "name": "name",
                "major": "err_ellipse_r0",
                "minor": "err_ellipse_r1",
                "angle": "err_ellipse_ang",
                "content": 0.95,
            },
        ),
        ("name ra dec err_ellipse_r0", {"major": "err_ellipse_r0", "minor": "", "content": 0.95}),
        (
            "source_id ra ra_error dec dec_error ra_dec_corr pmra pmdec ref_epoch",
            {
                "ra_error": "ra_error",
                "dec_error": "dec_error",
                "correlation": "ra_dec_corr",
                "error_unit": u.mas,
                "pmra": "pmra",
                "epoch": "ref_epoch",
                "name": "source_id",
                "content": None,
            },
        ),
        (
            "_RAJ2000 _DEJ2000 2MASS RAJ2000 DEJ2000 errMaj errMin errPA Jmag",
            {"ra": "RAJ2000", "dec": "DEJ2000", "name": "2MASS", "major": "errMaj", "angle": "errPA"},
        ),
        (
            "RA_ICRS e_RA_ICRS DE_ICRS e_DE_ICRS Source pmRA pmDE",
            {"ra": "RA_ICRS", "ra_error": "e_RA_ICRS", "pmdec": "pmDE"},
        ),
        ("designation RA DEC sigra sigdec w1mpro", {"ra": "RA", "dec": "DEC", "ra_error": "sigra"}),
        ("x y z", {"ra": "", "dec": "", "major": "", "name": ""}),
    ],
)
def test_the_usual_names(names, expected):
    roles = ColumnRoles.guess(_table(names))
    assert {role: getattr(roles, role) for role in expected} == expected


def test_ucds_where_names_say_nothing():
    table = _table("alpha delta mualpha mudelta")
    ucds = ("pos.eq.ra;meta.main", "pos.eq.dec;meta.main", "pos.pm;pos.eq.ra", "pos.pm;pos.eq.dec")
    for name, ucd in zip(table.colnames, ucds, strict=True):
        table[name].meta["ucd"] = ucd
    roles = ColumnRoles.guess(table)
    assert (roles.ra, roles.dec, roles.pmra, roles.pmdec) == tuple(table.colnames)


def test_coordinates_are_a_position():
    table = QTable({"name": ["a"], "where": SkyCoord([1] * u.deg, [2] * u.deg)})
    roles = ColumnRoles.guess(table)
    assert (roles.ra, roles.dec) == ("where", "where")
    assert replace(roles, name="").ra == "where"


def test_answers_of_real_services(real):
    m4 = parse_single_table(real / "scs" / "m4_ra245.89675_dec-26.52575_sr0.5_verb2.xml").to_table()
    assert ColumnRoles.guess(m4) == ColumnRoles(ra="ra", dec="dec", name="name", major="err_ellipse_r0", content=0.95)
    gaia = Table.read(real / "crossmatch" / "m4_gaia_2par.fits.gz", unit_parse_strict="silent")
    roles = ColumnRoles.guess(gaia)
    assert (roles.ra, roles.name, roles.ra_error, roles.pmra, roles.epoch) == (
        "ra",
        "source_id",
        "ra_error",
        "pmra",
        "ref_epoch",
    )
