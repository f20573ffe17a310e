"""Units of tables of people's own: logarithms, which VizieR's tables are full of, are read as what they are."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import Column, QTable, Table

from cscwidgets.archive.catalogues.file_catalogue import FileCatalogue
from cscwidgets.archive.catalogues.own_table import OwnTable
from cscwidgets.archive.provenance import Provenance
from cscwidgets.export import write_table
from cscwidgets.io.tables.raw import TRUNCATED
from cscwidgets.sky.region import Region
from cscwidgets.sky.usable import circle

AROUND = Region.of(circle(83.8, -5.4, 0.2))

# CDS, "Standards for Astronomical Catalogues", 3.2: brackets mean the decimal logarithm of the unit within.
VOTABLE = """<?xml version="1.0"?>
<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE><TABLE>
<FIELD name="RAJ2000" unit="deg" datatype="double"/><FIELD name="DEJ2000" unit="deg" datatype="double"/>
<FIELD name="logL" unit="[solLum]" datatype="double"/><FIELD name="logg" unit="[cm/s2]" datatype="float"/>
<DATA><TABLEDATA><TR><TD>83.8</TD><TD>-5.4</TD><TD>2</TD><TD>4.5</TD></TR>
<TR><TD>83.8</TD><TD>-5.5</TD><TD></TD><TD></TD></TR></TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"""


def test_a_table_with_logarithms_is_a_catalogue_to_match_with(tmp_path):
    path = tmp_path / "stars.vot"
    path.write_text(VOTABLE)
    rows = FileCatalogue(path).near(AROUND, 1 * u.arcsec)
    assert rows["logL"][0].physical == 100 * u.L_sun
    assert np.isnan(rows["logL"][1].value)
    assert rows["logg"].unit == u.dex(u.cm / u.s**2)


@pytest.mark.parametrize("ending", [".ecsv", ".fits", ".parquet"])
def test_magnitudes_of_a_system_come_back_from_a_file(tmp_path, ending):
    table = Table({"ra": [83.8], "dec": [-5.4], "g": Column([20.0], unit="mag(AB)")})
    rows = OwnTable.of(table, "mine").rows
    assert str(rows["g"].unit) == "mag(AB)"
    again = FileCatalogue(write_table(rows, tmp_path / f"stars{ending}")).near(AROUND, 1 * u.arcsec)
    assert (again["g"][0].value, str(again["g"].unit)) == (20.0, "mag(AB)")


@pytest.mark.parametrize("ending", [".ecsv", ".fits"])  # of a VOTable astropy does not keep what is said
def test_a_cut_export_that_astropy_reads_is_still_not_complete(tmp_path, ending):
    table = QTable({"name": ["A"], "ra": [83.8] * u.deg, "dec": [-5.4] * u.deg})
    table.meta["provenance"] = Provenance(
        release="CSC 2.1", service="here", query="SELECT 1", requested=9, returned=1, truncated=8
    )
    read = Table.read(write_table(table, tmp_path / f"t{ending}"))
    own = OwnTable.of(read, "mine")
    assert not own.complete
    assert own.notes == (TRUNCATED,)
