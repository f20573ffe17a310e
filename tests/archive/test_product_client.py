"""Archive.products and Archive.fetch over a folder, from source names to files on disk."""

import gzip

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from cscwidgets import Archive
from cscwidgets.archive.files.cache import Cache
from cscwidgets.errors import CscWarning, IncompleteFetch, NotFound, ProductError, QueryError

from ..product_files import ACIS, NAMES, product_bytes, write_two_sources
from .fileserver import FileServer, light_curves, serving


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_two_sources(tmp_path_factory.mktemp("client") / "archive")


@pytest.fixture
def archive(folder, tmp_path):
    return Archive(folder, cache=Cache(tmp_path / "cache"))


def test_products_of_a_source_are_the_newest_of_all_its_observations(archive):
    table = archive.products(NAMES[0], "lc", "bh")
    assert list(zip(table["obsid"], table["obi"], table["band"], table["version"], strict=True)) == [
        (501, 0, "b", 21),
        (501, 0, "h", 21),
        (502, 1, "b", 21),
    ]
    assert set(table["name"]) == {NAMES[0]}
    assert all(table["size"] > 1000)
    assert str(table["size"].unit) == "byte"
    provenance = table.meta["provenance"]
    assert provenance.simulated
    assert provenance.returned == 3


def test_rows_of_detections_and_names_give_the_same(archive):
    rows = archive.detections(NAMES, columns=())
    assert len(archive.products(rows, ["lc"], "bw")) == len(archive.products(NAMES, ["lc"], "bw")) == 6
    single = rows[(rows["name"] == NAMES[1]) & (rows["obsid"] == 601)]
    assert list(archive.products(single, "lc", "bw")["band"]) == ["w"]


def test_every_level_is_reached(archive):
    kinds = ["evt", "sensity", "stkregevt", "bayesblks", "pha"]
    table = archive.products(NAMES[0], kinds)
    assert sorted(table["kind"]) == sorted(kinds)
    blocks = table[table["kind"] == "bayesblks"][0]
    assert blocks["filename"].startswith("SIMJ0010000p010000")
    assert np.ma.is_masked(blocks["obsid"])
    assert table[table["kind"] == "sensity"]["detect_stack_id"][0] == ACIS


def test_stacks_without_sources_have_products_too(archive):
    stacks = archive.stacks("2.5 1.0", radius="1 arcmin")
    table = archive.products(stacks, "sensity")
    assert list(table["filename"]) == [f"{ACIS}N022_b_sens3.fits"]
    assert list(archive.products(stacks, "sensity", "w")["filename"]) == []


def test_nothing_is_a_table_too(archive, tmp_path):
    with pytest.raises(NotFound, match=r"SIM J000000\.0\+000000"):
        archive.products("SIM J000000.0+000000", "lc")
    for rows in ([], Table({"name": np.array([], str), "obsid": [], "obi": [], "region_id": []})):
        table = archive.products(rows, "lc")
        assert len(table) == 0
        assert archive.fetch(table) == []


@pytest.mark.parametrize(
    ("rows", "kinds", "bands", "words"),
    [
        (NAMES, "lightcurves", "b", "no kind of product 'lightcurves'.*regevt"),
        (NAMES, "lc", "x", "no energy band 'x'"),
        (Table({"obsid": [501], "obi": [0]}), "lc", "b", "lack region_id"),
        (Table({"obsid": [501], "obi": [0]}), "sensity", "b", "lack detect_stack_id"),
        (Table({"ra": [1.0]}), "lc", "b", "lack obsid, obi, region_id"),
    ],
)
def test_what_cannot_be_asked_is_said(archive, rows, kinds, bands, words):
    with pytest.raises(ProductError, match=words):
        archive.products(rows, kinds, bands)


def test_fetched_files_are_the_archive_s_and_open(archive, folder):
    table = archive.products(NAMES[0], ["lc", "pha", "arf", "rmf"])
    paths = archive.fetch(table)
    for path, filename in zip(paths, table["filename"], strict=True):
        assert path.read_bytes() == (folder / "products" / f"{filename}.gz").read_bytes()
        with fits.open(path) as hdus:
            assert len(hdus["LIGHTCURVE"].data) == 40
    # Sherpa finds responses beside the spectrum.
    spectra = [path for path, kind in zip(paths, table["kind"], strict=True) if kind in {"pha", "arf", "rmf"}]
    assert len({path.parent for path in spectra}) == 1
    assert archive.fetch(table) == paths


def test_a_damaged_file_is_replaced_without_a_word(archive):
    table = archive.products(NAMES[0], "lc")
    paths = archive.fetch(table)
    whole = paths[0].read_bytes()
    paths[0].write_bytes(whole[:-100])
    assert archive.fetch(table) == paths
    assert paths[0].read_bytes() == whole


def test_archives_do_not_share_files(archive, folder, tmp_path):
    import shutil

    path = archive.fetch(archive.products(NAMES[0], "lc"))[0]
    copy = tmp_path / "archive"
    shutil.copytree(folder, copy)
    (copy / "products" / path.name).write_bytes(product_bytes(77))
    other = Archive(copy, cache=archive.cache)
    assert other.fetch(other.products(NAMES[0], "lc"))[0].read_bytes() == product_bytes(77)
    assert path.read_bytes() != product_bytes(77)


def test_the_layout_of_search_csc(archive, tmp_path):
    table = archive.products(NAMES, ["lc", "sensity", "bayesblks"])
    archive.fetch(table, tmp_path / "out")
    found = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.gz")}
    assert "SIMJ001000.0+010000/00501_000/acisf00501_000N021_r0001b_lc3.fits.gz" in found
    # An ambiguous detection belongs to both sources.
    assert "SIMJ001001.0+010000/00501_000/acisf00501_000N021_r0001b_lc3.fits.gz" in found
    assert f"SIMJ001000.0+010000/{ACIS}/{ACIS}N022_b_sens3.fits.gz" in found
    assert "SIMJ001000.0+010000/SIMJ0010000p010000N020_blocks3.fits.gz" in found
    assert len(found) == len(table)
    archive.cache.clear()
    assert all(path.stat().st_size > 1000 for path in (tmp_path / "out").rglob("*.gz"))


def test_what_failed_is_said_and_what_came_is_kept(archive, folder):
    table = archive.products(NAMES[0], ["lc", "pha"])
    gone = "acisf00501_000N020_r0001_pha3.fits"
    broken = folder / "products" / "acisf00502_001N021_r0001b_lc3.fits.gz"
    whole = broken.read_bytes()
    table["filename"][table["kind"] == "pha"] = gone.replace("N020", "N019")
    broken.write_bytes(b"<html><title>Oops</title></html>")
    try:
        with pytest.raises(
            IncompleteFetch, match=r"2 of 3 files.*does not have it.*Oops|2 of 3.*Oops.*not have"
        ) as caught:
            archive.fetch(table)
    finally:
        broken.write_bytes(whole)
    assert set(caught.value.failed) == {gone.replace("N020", "N019"), broken.name.removesuffix(".gz")}
    ((name, path),) = caught.value.fetched.items()
    assert gzip.decompress(path.read_bytes()).startswith(b"SIMPLE")
    assert archive.cache.find(archive._connection.key, name) == path


def test_a_real_service_s_shape_is_understood(tmp_path):
    files = light_curves(120)
    rows = Table({"name": ["2CXO J1"] * 120, "obsid": range(1, 121), "obi": [0] * 120, "region_id": [7] * 120})
    with serving(FileServer(files)) as server:
        archive = Archive(cache=Cache(tmp_path))
        archive._connection = server.connection()
        table = archive.products(rows, "lc")
        assert list(table["filename"]) == list(files)
        assert [what for what, _ in server.asked] == ["browse"] * 3
        assert [path.read_bytes() for path in archive.fetch(table)] == list(files.values())


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html><title>Maintenance</title></html>", "did not list its products.*Maintenance"),
        (b"Error: bad packageset", "bad packageset"),
        (b'{"filename": "x"}', "did not list"),
        (b"[1, 2]", "did not list"),
    ],
)
def test_a_listing_that_is_none_is_said(tmp_path, body, words):
    rows = Table({"obsid": [1], "obi": [0], "region_id": [7]})
    with serving(FileServer({}, lambda what, name: (200, {}, body))) as server:
        archive = Archive(cache=Cache(tmp_path))
        archive._connection = server.connection()
        with pytest.raises(QueryError, match=words):
            archive.products(rows, "lc")


def test_file_names_of_another_grammar_are_reported(tmp_path):
    rows = Table({"obsid": [1], "obi": [0], "region_id": [7]})
    body = b'[{"filename": "strange.fits"}, {"filename": null}, {"filename": "acisf00001_000N021_r0007b_lc3.fits"}]'
    with serving(FileServer({}, lambda what, name: (200, {}, body))) as server:
        archive = Archive(cache=Cache(tmp_path))
        archive._connection = server.connection()
        with pytest.warns(CscWarning, match="2 files were left out"):
            table = archive.products(rows, "lc")
        assert len(table) == 1
        assert np.ma.is_masked(table["size"][0])


@pytest.mark.timeout(600)
def test_the_demo_makes_the_files_that_are_asked_for(demo):
    found = demo.search("47 Tuc", radius="2 arcmin", columns=["name", "significance"])
    found.sort("significance")
    table = demo.products(str(found["name"][-1]), "lc, regevt, reg")
    assert {"lc", "regevt"} <= set(table["kind"])
    assert table.meta["provenance"].simulated
    for path, kind in zip(demo.fetch(table), table["kind"], strict=True):
        with fits.open(path) as hdus:
            assert kind != "lc" or hdus["LIGHTCURVE"].header["TOTCTS"] > 0
            assert "SIM" in str(hdus[0].header) + str(hdus[1].header)
