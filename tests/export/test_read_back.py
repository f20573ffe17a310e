"""What we write we read: every format, through the door that a match takes."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import QTable
from astropy.time import Time

from cscwidgets.archive.catalogues.file_catalogue import FileCatalogue
from cscwidgets.export.files import FORMATS, write_table
from cscwidgets.sky.region import Region
from cscwidgets.sky.usable import circle


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize("ending", FORMATS)
def test_an_export_is_a_catalogue_to_match_with(ending, packed, tmp_path):
    table = QTable(
        {
            "name": ["β Lyr", "plain"],
            "at": SkyCoord([1.5, 2.5], [3.0, -4.0], unit="deg"),
            "time": Time([51544.5, 60000.1], format="mjd", scale="tt"),
            "flux": [1e-14, np.nan] * u.erg / u.s / u.cm**2,
        }
    )
    catalogue = FileCatalogue(write_table(table, tmp_path / f"stars{ending}{packed}"))
    rows = catalogue.near(Region.of(circle(1.5, 3.0, 0.1)), 1 * u.arcsec)
    assert [str(name) for name in rows["name"]] == ["β Lyr"]
    assert catalogue.notes == ()
    assert u.Quantity(rows["flux"]).value[0] == 1e-14
