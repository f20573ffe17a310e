"""Frames that files declare, as the IVOA's VOTable 1.4 (4.2) and the FITS Standard 4.0 (8.3) define them."""

import io

import pytest
from astropy.coordinates import FK4, SkyCoord
from astropy.table import Table

from cscwidgets.archive.catalogues.file_catalogue import FileCatalogue
from cscwidgets.errors import CscError
from cscwidgets.io.reading import Unreadable
from cscwidgets.io.tables.astropy_columns import as_table
from cscwidgets.io.tables.declared_frame import other_frame
from cscwidgets.io.tables.read import read_tables
from cscwidgets.science import matches
from cscwidgets.service.imports.importer import import_tables
from cscwidgets.sky.position_list import of_table

# CDS writes B1950 positions of its older catalogues so.
VOTABLE = """<?xml version="1.0"?>
<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE>
<COOSYS ID="B1950" system="eq_FK4" equinox="B1950"/><COOSYS ID="H" system="{system}" equinox="{equinox}"/><TABLE>
<FIELD name="{ra}" ucd="pos.eq.ra;meta.main" unit="deg" datatype="double" ref="B1950"/>
<FIELD name="{dec}" ucd="pos.eq.dec;meta.main" unit="deg" datatype="double" ref="B1950"/>
<FIELD name="_RAJ2000" ucd="pos.eq.ra" unit="deg" datatype="double" ref="H"/>
<FIELD name="_DEJ2000" ucd="pos.eq.dec" unit="deg" datatype="double" ref="H"/>
<DATA><TABLEDATA><TR><TD>{b1950.ra.deg}</TD><TD>{b1950.dec.deg}</TD><TD>83.8</TD><TD>-5.4</TD></TR></TABLEDATA></DATA>
</TABLE></RESOURCE></VOTABLE>"""
TRUTH = SkyCoord(83.8, -5.4, unit="deg")
B1950 = TRUTH.transform_to(FK4(equinox="B1950"))


def _votable(**words):
    words = {"ra": "RAB1950", "dec": "DEB1950", "system": "eq_FK5", "equinox": "J2000", "b1950": B1950} | words
    return VOTABLE.format(**words).encode()


@pytest.mark.parametrize("names", [{}, {"ra": "RA", "dec": "DE"}])
@pytest.mark.parametrize("system", [{}, {"system": "ICRS", "equinox": ""}, {"system": "ICRS", "equinox": "2015.5"}])
def test_of_two_positions_the_one_in_icrs_is_taken(names, system, tmp_path):
    path = tmp_path / "old.vot"
    path.write_bytes(_votable(**names, **system))
    catalogue = FileCatalogue(path)
    assert "right ascensions that are not ICRS" in " ".join(catalogue.notes)
    table, _ = as_table(read_tables(path.read_bytes(), "old.vot")[0])
    read = of_table(table)
    assert SkyCoord(read.ra, read.dec, unit="deg").separation(TRUTH)[0].arcsec < 0.1


@pytest.mark.parametrize("system", [("eq_FK4", "B1950"), ("eq_FK5", "J1975"), ("ecl_FK5", "J2000"), ("galactic", "")])
def test_a_position_in_another_frame_alone_is_refused_in_words(system):
    content = _votable(ra="a", dec="b", system=system[0], equinox=system[1])
    table, _ = as_table(
        read_tables(content.replace(b"pos.eq.ra;meta.main", b"").replace(b"pos.eq.dec;meta.main", b""), "t")[0]
    )
    with pytest.raises(Unreadable, match=f"{system[0]}.*not ICRS"):
        of_table(table)
    with pytest.raises(CscError, match="not ICRS"):
        matches.read_positions(table, matches.ColumnRoles.guess(table), "catalogue")


@pytest.mark.parametrize("meta", [{"EQUINOX": 1950.0}, {"RADECSYS": "FK4"}, {"RADESYS": "FK5", "EQUINOX": 1975.0}])
@pytest.mark.parametrize("kind", ["fits", "ascii.ecsv"])
def test_a_header_that_says_another_frame_is_heeded(kind, meta):
    table = Table({"RA": [B1950.ra.deg], "DEC": [B1950.dec.deg]}, meta=meta)
    content = io.BytesIO() if kind == "fits" else io.StringIO()
    table.write(content, format=kind)
    written = content.getvalue()
    read, _ = as_table(read_tables(written if kind == "fits" else written.encode(), "t")[0])
    for one in (read, table):  # of a file, and of the notebook
        with pytest.raises(Unreadable, match="not ICRS"):
            of_table(one)


@pytest.mark.parametrize(
    ("declared", "meta"),
    [
        *((text, {}) for text in ("", "ICRS ", "eq_FK5 J2000", "eq_FK5 2000.0", "FK5 ", "ICRS J2015.5")),
        *(("", meta) for meta in ({"EQUINOX": 2000}, {"RADECSYS": "FK5"}, {"RADESYS": "ICRS", "EQUINOX": 2000.0}, {})),
        ("ICRS ", {"EQUINOX": 1950.0}),
    ],
)
def test_icrs_and_fk5_of_j2000_are_one(declared, meta):
    assert other_frame(declared, meta) == ""


def test_an_imported_table_in_another_frame_is_no_table_of_positions(tmp_path):
    path = tmp_path / "old.fits"
    Table({"RA": [B1950.ra.deg], "DEC": [B1950.dec.deg], "name": ["M 42"]}, meta={"EQUINOX": 1950.0}).write(path)
    report = import_tables([path], tmp_path / "folder")
    assert "RA (FK4 1950.0)" in str(report)
