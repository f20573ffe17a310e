"""The user's own files: every format gives the same rows, and clear words where it cannot be read."""

import gzip

import astropy.units as u
import pytest
from astropy.io import fits
from astropy.table import Table
from numpy.testing import assert_allclose

from cscwidgets.archive.catalogues.file_catalogue import FileCatalogue
from cscwidgets.archive.catalogues.finder import find_catalogue
from cscwidgets.archive.catalogues.table_catalogue import TableCatalogue
from cscwidgets.errors import CscError, TruncatedResult
from cscwidgets.export.files import write_table
from cscwidgets.science.crossmatch import crossmatch
from cscwidgets.sky.usable import circle

from ..replying import votable
from .stars import names_within, stars

REGION = circle(10, 20, 0.5)


@pytest.fixture
def table():
    return stars()


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("t.fits", {"format": "fits"}),
        ("t.fit.gz", {"format": "fits"}),
        ("t.vot", {"format": "votable"}),
        ("t.xml", {"format": "votable"}),
        ("t.csv", {"format": "ascii.csv"}),
        ("t.ecsv", {"format": "ascii.ecsv"}),
        ("t.tsv", {"format": "ascii.tab"}),
        ("t.CSV", {"format": "ascii.csv"}),
        ("t.parquet", {"format": "parquet"}),
    ],
)
def test_every_format_gives_the_same_rows(table, tmp_path, name, how):
    path = tmp_path / name
    table.write(path if not name.endswith(".gz") else tmp_path / "t.fit", **how)
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress((tmp_path / "t.fit").read_bytes()))
    catalogue = FileCatalogue(path)
    assert (catalogue.title, catalogue.name) == (name, "t")
    found = catalogue.near(REGION, 0 * u.deg)
    assert [str(text) for text in found["name"]] == names_within(table)
    reference = TableCatalogue(table).near(REGION, 0 * u.deg)
    assert_allclose(u.Quantity(found["ra"], u.deg).value, reference["ra"].value, rtol=1e-14)
    assert_allclose(u.Quantity(found["mag"], u.mag).value, reference["mag"].value, rtol=1e-14)
    provenance = found.meta["provenance"]
    assert provenance.returned == len(found) + provenance.outside + provenance.unplaced == 200
    assert provenance.origin.startswith(f"the file {name} as written 20")


@pytest.mark.parametrize("ending", ["vot", "ecsv", "fits", "parquet"])
def test_simulated_rows_stay_simulated_in_a_file_and_in_the_notebook(warm_demo, tmp_path, ending):
    region = circle(83.822, -5.391, 0.1)
    sources = warm_demo.search(region)
    assert TableCatalogue(sources).near(region, 0 * u.deg).meta["provenance"].simulated
    found = FileCatalogue(write_table(sources, tmp_path / f"t.{ending}")).near(region, 0 * u.deg)
    assert found.meta["provenance"].simulated
    assert sorted(map(str, found["name"])) == sorted(sources["name"])


def test_columns_of_a_votable_are_known_by_name(tmp_path):
    path = tmp_path / "t.vot"
    path.write_bytes(votable(Table({"2MASS": ["a"], "RAJ2000": [10.0], "DEJ2000": [20.0]})))
    assert FileCatalogue(path).near(REGION, 0 * u.deg).colnames == ["2MASS", "RAJ2000", "DEJ2000"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("t.fits", None, "There is no file"),
        (
            "t.fits",
            b"no FITS at all",
            "t.fits cannot be read as a table.*'no FITS at all'",
        ),
        ("t.vot", b"<html>sorry</html>", "It is a web page"),
        ("t.json", b'{"ra": 1}', "It is JSON"),
        ("t.csv", b"", "t.csv cannot be read as a table. It is empty"),
        ("t.parquet", b"PAR1", "t.parquet cannot be read as a table"),
        ("t.xlsx", b"PK\x03\x04", "It is a ZIP archive or a spreadsheet"),
        ("t.h5", b"\x89HDF\r\n", "It is HDF5"),
        ("t", b"text", "names no columns.*FITS, VOTable"),
        ("t.csv", b"name,ra,dec\nA,1,2\nB,1\n", "Row 2 has 2 cells, the header 3"),
        ("t.tsv", b"# of a service\nERROR: bad query\n", "'ERROR: bad query'"),
    ],
)
def test_what_is_no_file_of_ours_is_said(tmp_path, name, content, words):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CscError, match=words):
        FileCatalogue(tmp_path / name)


def test_real_files_match(real):
    stars = FileCatalogue(real / "crossmatch" / "m4_gaia_2par.fits.gz").near(circle(245.9, -26.5, 0.3), 5 * u.arcsec)
    assert 1000 < len(stars) < 19_882
    found = crossmatch(stars[::50], stars, 1 * u.arcsec)
    assert (found.sources["separation"][found.sources["candidates"] == 1] < 1e-6 * u.arcsec).all()


def _document(*resources):
    """A VOTable whose resources have tables of name, ra and dec, so many rows each, or None without positions."""
    body = ""
    for name, rows, infos in resources:
        fields = "<FIELD name='ref' datatype='int'/>"
        cells = "<TR><TD>1</TD></TR>"
        if rows is not None:
            fields = "".join(f"<FIELD name='{axis}' datatype='double' unit='deg'/>" for axis in ("ra", "dec"))
            cells = "".join(f"<TR><TD>{10 + row / 100}</TD><TD>20</TD></TR>" for row in range(rows))
        table = f"<TABLE name='{name}'>{fields}<DATA><TABLEDATA>{cells}</TABLEDATA></DATA></TABLE>"
        body += f"<RESOURCE type='results'>{infos}{table}</RESOURCE>"
    return f"<?xml version='1.0'?><VOTABLE version='1.3' xmlns='http://www.ivoa.net/xml/VOTable/v1.3'>{body}</VOTABLE>"


def test_the_one_table_with_a_position_is_taken_and_said(tmp_path):
    path = tmp_path / "t.vot"
    path.write_text(_document(("refs", None, ""), ("main", 3, "")))
    catalogue = FileCatalogue(path)
    (note,) = catalogue.notes
    assert note == "taken of t.vot: 2 (main) with 3 rows, the only one with a position; not 1 (refs) with 1 rows"
    found = catalogue.near(REGION, 0 * u.deg)
    assert len(found) == 3
    assert found.meta["notes"] == [note]


def test_of_several_tables_with_positions_none_is_taken_unless_it_is_named(tmp_path):
    path = tmp_path / "t.vot"
    path.write_text(_document(("a", 4, ""), ("b", 8, "")))
    with pytest.raises(CscError, match=r"They are 1 \(a\) with 4 rows, 2 \(b\) with 8 rows.*t.vot#a"):
        FileCatalogue(path)
    for named in (FileCatalogue(path, table="b"), FileCatalogue(path, table=2), FileCatalogue(f"{path}#b")):
        assert len(named.near(REGION, 0 * u.deg)) == 8
    assert isinstance(find_catalogue(f"{path}#a"), FileCatalogue)
    with pytest.raises(CscError, match="no such table: 'c'"):
        FileCatalogue(path, table="c")


def test_an_extension_of_fits_is_named_as_ftools_do(tmp_path, table):
    good_times = fits.BinTableHDU(Table({"START": [0.0], "STOP": [1.0]}), name="GTI")
    parts = [good_times, *(fits.BinTableHDU(table[:number], name=f"CAT{number}") for number in (4, 8))]
    fits.HDUList([fits.PrimaryHDU(), *parts]).writeto(tmp_path / "t.fits")
    with pytest.raises(CscError, match=r"They are 2 \(CAT4\) with 4 rows, 3 \(CAT8\) with 8 rows.*'t.fits\[2\]'"):
        FileCatalogue(tmp_path / "t.fits")
    for name, rows in (("t.fits[2]", 4), ("t.fits[CAT8]", 8), ("t.fits[cat4]", 4), ("t.fits[3]", 8)):
        assert f", {rows} rows" in repr(FileCatalogue(tmp_path / name))
    (tmp_path / "t[2].fits").write_bytes((tmp_path / "t.fits").read_bytes())
    assert ", 8 rows" in repr(FileCatalogue(tmp_path / "t[2].fits", table=3))


OVERFLOW = "<INFO name='QUERY_STATUS' value='OK'/>", "<INFO name='QUERY_STATUS' value='OVERFLOW'>{}</INFO>"


@pytest.mark.parametrize("words", ["", "The limit is 4 rows"])
def test_an_answer_that_was_saved_cut_is_not_complete(tmp_path, words):
    """DALI 1.1, section 4.4.1: an INFO after the table says OVERFLOW."""
    path = tmp_path / "t.vot"
    cut = _document(("t", 4, OVERFLOW[0])).replace("</TABLE>", f"</TABLE>{OVERFLOW[1].format(words)}")
    path.write_text(cut)
    catalogue = FileCatalogue(path)
    assert catalogue.notes == (f"the service cut the answer short: {words or 'QUERY_STATUS OVERFLOW'}",)
    with pytest.warns(TruncatedResult, match="cut the answer short.*asked of the service that it came from"):
        found = catalogue.near(REGION, 0 * u.deg)
    assert not found.meta["provenance"].complete


@pytest.mark.parametrize(
    "info", ["name='QUERY_STATUS' value='ERROR'>No table</INFO>", "name='Error' value='No table'/>"]
)
def test_an_error_that_was_saved_has_the_words_of_the_service(tmp_path, info):
    (tmp_path / "t.vot").write_text(f"<VOTABLE version='1.3'><RESOURCE><INFO {info}</RESOURCE></VOTABLE>")
    with pytest.raises(CscError, match="a service's error in place of a table: No table"):
        FileCatalogue(tmp_path / "t.vot")


def test_a_file_that_was_written_again_is_read_again(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("name,ra,dec\nold,10,20\n")
    catalogue = FileCatalogue(path)
    before = catalogue.version
    assert list(catalogue.near(REGION, 0 * u.deg)["name"]) == ["old"]
    path.write_text("name;ra;dec\nnew;10,1;20\nother;10,2;NULL\n")
    assert catalogue.version != before
    found = catalogue.near(REGION, 0 * u.deg)
    assert list(found["name"]) == ["new"]
    assert "read as no value: 'NULL' (1 cell)" in found.meta["notes"]
    path.unlink()
    with pytest.raises(CscError, match="There is no file"):
        catalogue.near(REGION, 0 * u.deg)
