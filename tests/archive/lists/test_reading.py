"""What a list may be: which texts are tables, in which encodings, and what their columns may not be taken for."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import AltAz, SkyCoord
from astropy.table import QTable

from cscwidgets.archive.lists.reading import read_list
from cscwidgets.errors import CscError


@pytest.mark.parametrize(
    "heading",
    ["RA_B1950,DEC_B1950", "RAB1950,DEB1950", "ra_rad,dec_rad", "RA (rad),Dec (rad)", "RA_hours,Dec", "elon,elat"],
)
def test_numbers_below_a_heading_of_another_kind_are_no_degrees_of_icrs(tmp_path, heading):
    """The headings are those of catalogues of before 1984 at CDS, and of scripts that work in radians and hours."""
    path = tmp_path / "mine.csv"
    path.write_text(f"{heading}\n5.5,-5.4\n")
    for given in (path, path.read_text()):
        with pytest.raises(CscError, match="is known as a right ascension"):
            read_list(given)


def test_rows_of_another_equinox_are_refused_and_those_of_j2000_are_read():
    with pytest.raises(CscError, match="equinox says of rows that they are of FK4 B1950"):
        read_list("ra,dec,equinox\n83.8,-5.4,J2000\n83.8,-5.4,B1950\n")
    assert read_list("ra,dec,equinox\n83.8,-5.4,2000\n83.8,-5.4,\n").ra.tolist() == [83.8, 83.8]


@pytest.mark.parametrize("text", ["RA: 83.8 Dec: -5.4", "RA=83.8 Dec=-5.4", "ra 83.8 dec -5.4"])
def test_labels_of_a_position_are_no_names_of_columns(text):
    listed = read_list(f"{text}\n{text}\n")
    np.testing.assert_allclose([listed.ra, listed.dec], [[83.8] * 2, [-5.4] * 2])


def test_names_in_a_comment_are_of_the_columns_below():
    assert read_list("# ra dec flux\n83.8 -5.4 1e-14\n").ra.tolist() == [83.8]


def test_names_of_stars_are_no_heading():
    assert list(read_list("Alpha Cen\nDelta Cep\n").unresolved) == ["Alpha Cen", "Delta Cep"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "latin-1"])
def test_lists_are_read_in_the_encodings_of_tables(tmp_path, encoding):
    path = tmp_path / "mine.txt"
    path.write_bytes("Muñoz 1\n83.8 -5.4\n".encode(encoding))
    listed = read_list(path)
    assert listed.unresolved[0] == "Muñoz 1"
    assert listed.ra[1] == 83.8
    assert ("Windows-1252" in " ".join(listed.notes)) == (encoding == "latin-1")


@pytest.mark.parametrize("made", [lambda one: [one, one], lambda one: QTable({"pos": SkyCoord([one, one])}), SkyCoord])
def test_a_frame_without_its_time_and_place_is_told_in_words(made):
    above = SkyCoord(10 * u.deg, 45 * u.deg, frame=AltAz())
    with pytest.raises(CscError, match="frame altaz cannot be turned into ICRS"):
        read_list(made(above))
