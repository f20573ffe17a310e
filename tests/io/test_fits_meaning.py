"""A keyword that is there twice with two meanings is refused at every door that a FITS file may come through."""

import numpy as np
import pytest
from astropy.io import fits

from cscwidgets.errors import CscError
from cscwidgets.io.reading import Unreadable
from cscwidgets.io.tables.read import read_table_file
from cscwidgets.science.header import open_product
from cscwidgets.science.images import read_image
from cscwidgets.science.images.colour_file import read_picture
from cscwidgets.sky.region_text import read_region_file
from cscwidgets.views.sky.images import fits_bytes


def doubled(hdu, *cards):
    """With further cards, which may be there twice."""
    for card in cards:
        hdu.header.append(card, end=True)
    return hdu


def written(folder, *hdus):
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(folder / "a.fits")
    return folder / "a.fits"


def table(*cards):
    columns = [fits.Column(name, "D", unit, array=np.ones(2)) for name, unit in (("RA", "deg"), ("DEC", "deg"))]
    made = fits.BinTableHDU.from_columns([*columns, fits.Column("FLUX", "D", "erg", array=np.ones(2))], name="CURVE")
    made.header["RADESYS"] = "ICRS"
    return doubled(made, *cards)


def image(*cards):
    made = fits.ImageHDU(np.ones((4, 4), np.float32))
    made.header.update({"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CDELT1": -0.1, "CDELT2": 0.1, "BUNIT": "count"})
    return doubled(made, *cards)


DOORS = {
    "product": (lambda path: open_product(path, "curve", ["CURVE"]), table, ("TUNIT3", "Jy")),
    "table": (read_table_file, table, ("TUNIT3", "Jy")),
    "scaled column": (read_table_file, table, ("TCRVL3", 5.0), ("TCRVL3", 6.0)),
    "region": (read_region_file, table, ("TUNIT1", "rad")),
    "image": (read_image, image, ("BUNIT", "count/s")),
    "image's place": (read_image, image, ("CRVAL1", 10.0), ("CRVAL1", 11.0)),
    "picture": (read_picture, image, ("CD1_1", -0.1), ("CD1_1", 0.1)),
    "class": (lambda path: open_product(path, "curve", ["CURVE"]), table, ("HDUCLAS2", "TOTAL"), ("HDUCLAS2", "NET")),
    "file": (lambda path: open_product(path, "curve", ["CURVE"]), table, ("BACKFILE", "a"), ("BACKFILE", "b")),
    "sky": (fits_bytes, image, ("CDELT1", -0.2)),
}


@pytest.mark.parametrize("door", DOORS)
def test_two_meanings_are_none(tmp_path, door):
    read, made, *cards = DOORS[door]
    with pytest.raises((CscError, Unreadable), match=f"{cards[0][0]} is there 2 times, with different values"):
        read(written(tmp_path, made(*cards)))


def test_an_image_in_memory_is_looked_at_too():
    with pytest.raises(CscError, match="EQUINOX is there 2 times"):
        read_image(image(("EQUINOX", 1950.0), ("EQUINOX", 2000.0)))


def test_what_is_said_twice_alike_or_means_nothing_is_read(tmp_path):
    cards = [("TUNIT3", "erg"), ("HISTORY", "one"), ("HISTORY", "two"), ("CREATOR", "a"), ("CREATOR", "b")]
    (_, found) = open_product(written(tmp_path, table(*cards)), "curve", ["CURVE"])
    assert found.columns["FLUX"].unit == "erg"
