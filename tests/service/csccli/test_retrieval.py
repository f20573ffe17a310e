"""csccli as its users speak it: browse, retrieveFile, retrieve, getProperties."""

import gzip
import io
import tarfile

import astropy.units as u
import pyarrow as pa
import pytest
import requests
from astropy.coordinates import SkyCoord

from cscwidgets.archive.folder import ArchiveInfo, write_folder
from cscwidgets.service.imports.readers import read_tables
from cscwidgets.service.opening import mount

from ...product_files import product_bytes
from ..conftest import archive_tables

STACK = "acisfJ1052487p571215_001"
NAME = "2CXO J015750.5+374515"
FILES = {
    "acisf00078_000N021_r0001b_lc3.fits": product_bytes(1),
    "acisf00078_000N022_r0001b_lc3.fits": product_bytes(2),
    "acisf00078_000N022_r0001_pha3.fits": product_bytes(3),
    "acisf00078_000N022_evt3.fits": product_bytes(4),
    f"{STACK}N022_s_sens3.fits": product_bytes(5),
    f"{STACK}N022_r0001_regevt3.fits": product_bytes(6),
    "2CXOJ0157505p374515N020_blocks3.fits": product_bytes(7),
}


@pytest.fixture(scope="module")
def csccli(tmp_path_factory):
    """A function that asks, of an archive with one source of product files."""
    folder = tmp_path_factory.mktemp("csccli") / "archive"
    tables = archive_tables()
    one = pa.array([1], pa.int32())
    tables["master_stack_assoc"] = pa.concat_tables(
        [
            tables["master_stack_assoc"],
            pa.table({"name": [NAME], "detect_stack_id": [STACK], "region_id": one, "match_type": ["u"]}),
        ]
    )
    tables["stack_observation_assoc"] = pa.concat_tables(
        [
            tables["stack_observation_assoc"],
            pa.table(
                {
                    "detect_stack_id": [STACK],
                    "region_id": one,
                    "obsid": pa.array([78], pa.int32()),
                    "obi": pa.array([0], pa.int32()),
                }
            ),
        ]
    )
    info = ArchiveInfo("Files", "csc2.1", "csc21", "Made up for tests", True, "2026-01-01T00:00:00Z")
    write_folder(folder, tables, info)
    for name, content in FILES.items():
        (folder / "products" / f"{name}.gz").write_bytes(content)
    with requests.Session() as session:
        base = mount(session, folder)
        yield lambda what, method="GET", **asked: session.request(
            method, f"{base}/csccli/{what}", **{"params" if method == "GET" else "data": asked}
        )


@pytest.mark.parametrize(
    ("packageset", "names"),
    [
        ("78.0.1/lightcurve/b", ["acisf00078_000N022_r0001b_lc3.fits"]),
        ("78.0.1/lightcurve/h", []),
        ("78.0.2/lightcurve/b", []),
        ("78.0./evt3/", ["acisf00078_000N022_evt3.fits"]),
        ("78.0.1/evt3/", ["acisf00078_000N022_evt3.fits"]),
        (f"{STACK}/sensity/s", [f"{STACK}N022_s_sens3.fits"]),
        ("78.0./sensity/s", [f"{STACK}N022_s_sens3.fits"]),
        ("78.0.1/stkregevt3/", [f"{STACK}N022_r0001_regevt3.fits"]),
        (f"{STACK}.1/stkregevt3/", [f"{STACK}N022_r0001_regevt3.fits"]),
        ("78.0.1/bayesblks/", ["2CXOJ0157505p374515N020_blocks3.fits"]),
        ("79.0.1/bayesblks/", []),
        (f"{NAME}/bayesblks/", ["2CXOJ0157505p374515N020_blocks3.fits"]),
        (
            "78.0.1/lightcurve/b,78.0.1/spectrum/,78.0.1/lightcurve/b",
            ["acisf00078_000N022_r0001b_lc3.fits", "acisf00078_000N022_r0001_pha3.fits"],
        ),
    ],
)
def test_browse_names_the_newest_files_by_any_id(csccli, packageset, names):
    for method in ("GET", "POST"):
        listed = csccli("browse", method, packageset=packageset, version="rel2.1").json()
        assert [entry["filename"] for entry in listed] == names
        for entry in listed:
            assert entry["size"] == len(FILES[entry["filename"]])
            assert csccli("browse", packageset=entry["productId"]).json() == [entry]


def test_a_file_is_gzip_without_saying_so(csccli):
    answer = csccli("retrieveFile", filetype="lightcurve", filename="acisf00078_000N022_r0001b_lc3.fits")
    assert answer.content == product_bytes(2)
    assert "Content-Encoding" not in answer.headers
    assert gzip.decompress(answer.content).startswith(b"SIMPLE  =")


@pytest.mark.parametrize(
    ("filetype", "filename"),
    [("spectrum", "acisf00078_000N022_r0001b_lc3.fits"), ("evt3", "../archive.json"), ("", "")],
)
def test_no_other_file_is_given_out(csccli, filetype, filename):
    assert csccli("retrieveFile", filetype=filetype, filename=filename).status_code == 404


def test_many_files_come_as_one_tar(csccli):
    asked = "78.0.1/lightcurve/b,78.0.1/spectrum/,78.0.3/lightcurve/b,78.0./evt3/"
    content = csccli("retrieve", packageset=asked, version="rel2.1").content
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        members = {member.name: tar.extractfile(member).read() for member in tar}
    expected = [name for name in FILES if name.startswith("acisf00078") and "N022" in name]
    assert members == {f"{name}.gz": FILES[name] for name in expected}


@pytest.mark.parametrize(
    "packageset", ["", "nonsense", "78.0.1/spectra/", "78.0.1/lightcurve/z", ",".join(["1.0.1/arf/"] * 1001)]
)
def test_what_is_not_understood_is_said(csccli, packageset):
    for what in ("browse", "retrieve"):
        answer = csccli(what, "POST", packageset=packageset)
        assert answer.status_code == 400
        assert answer.text.startswith("Error: ")


QUERY = (
    "SELECT m.name, m.ra, m.dec, m.flux_aper_b, m.conf_flag, a.match_type, b.obsid, b.obi, b.region_id"
    " FROM master_source m, master_stack_assoc a, stack_observation_assoc b WHERE m.name = a.name"
    " AND a.detect_stack_id = b.detect_stack_id AND a.region_id = b.region_id"
    " AND dbo.cone_distance(m.ra, m.dec, 0, 0) <= 30 ORDER BY name"
)


def test_properties_are_the_tsv_search_csc_reads(csccli, tmp_path, tables):
    answer = csccli("getProperties", "POST", query=QUERY, coordFormat="decimal", nullAppearance="NaN")
    lines = answer.text.split("\n")
    assert lines[0].startswith("#Column\tname\t(A22)\tSource name")
    assert lines[-2:] == ["", ""]
    header, *rows = lines[9:-2]
    assert header.split("\t")[:3] == ["name", "ra", "dec"]
    assert all(
        len(row.split("\t")[0]) == 22 and row.split("\t")[5] in {f"{kind:<11}" for kind in "uan"} for row in rows
    )
    # Our own reader of CSCview files, which reads the real ones, understands it.
    path = tmp_path / "answer.tsv"
    path.write_text(answer.text)
    (table,) = read_tables(path)
    assert [(column.table, column.column) for column in table.columns[:2]] == [
        ("master_source", "name"),
        ("master_source", "ra"),
    ]
    assert u.Unit(table.columns[3].unit) == u.erg / u.s / u.cm**2
    known = dict(zip(*(tables["master_source"][name].to_pylist() for name in ("name", "ra")), strict=True))
    found = zip(table.columns[0].values.to_pylist(), table.columns[1].values.to_pylist(), strict=True)
    assert all(abs(float(ra) / known[name] - 1) < 1e-5 for name, ra in found)
    assert len(rows) > 10


def test_coordinates_floats_and_nulls_have_the_archive_s_defaults(csccli):
    query = "SELECT ra, dec, flux_aper_b, conf_flag FROM master_source WHERE name = 'SIM J000000.0+000000'"

    def row(**options):
        return csccli("getProperties", query=query, **options).text.split("\n")[5].split("\t")

    plain = row()
    exact = row(coordFormat="decimal", floatFormat="native", nullAppearance="NaN")
    at = SkyCoord(float(exact[0]), float(exact[1]), unit="deg")
    assert SkyCoord(f"{plain[0]} {plain[1]}", unit=("hourangle", "deg")).separation(at).arcsec < 0.15
    assert plain[2] == ""
    assert exact[2].strip() == "NaN"
    assert exact[3].strip() in {"TRUE", "FALSE", "NaN"}
    native = csccli("getProperties", query=query, outputFormat="vot").text
    assert "<TABLEDATA>" in native
    assert exact[0].strip()[:15] in native


@pytest.mark.parametrize("query", ["", "SELECT fluks FROM master_source", "DROP TABLE master_source"])
def test_errors_come_in_a_good_answer(csccli, query):
    answer = csccli("getProperties", query=query)
    assert answer.status_code == 200
    assert answer.text.startswith("Error executing query:")


def test_hundreds_of_ids_of_one_request(csccli):
    asked = ",".join(f"{obsid}.0.1/bayesblks/" for obsid in range(1, 501))
    listed = csccli("browse", "POST", packageset=asked).json()
    assert [entry["filename"] for entry in listed] == ["2CXOJ0157505p374515N020_blocks3.fits"]
