"""A HATS catalogue as an archive, in a folder or on a web server: the same answers as of a loaded table, few bytes."""

import shutil

import astropy.units as u
import numpy as np
import pyarrow as pa
import pytest
from astropy.coordinates import SkyCoord
from regions import CircleSkyRegion

from cscwidgets import Archive, Explorer
from cscwidgets.archive.catalogues.finder import find_catalogue
from cscwidgets.archive.catalogues.hats_catalogue import HatsCatalogue
from cscwidgets.archive.folder import ArchiveInfo, write_folder
from cscwidgets.archive.tables_on_disk import sorted_by_cell
from cscwidgets.errors import CscError, QueryCancelled, ServiceUnreachable
from cscwidgets.io import hats

from ..whole_catalogue import whole_catalogue
from .replying import serving

INFO = ArchiveInfo("Loaded", "csc2.1", "csc21", "drawn for a test", True, "2026-11-28")


@pytest.fixture(scope="module")
def rows():
    return whole_catalogue(60_000, seed=6)


@pytest.fixture(scope="module")
def place(rows, tmp_path_factory):
    """The same rows as an archive folder, as a catalogue, and as a collection with one."""
    place = tmp_path_factory.mktemp("hats")
    write_folder(place / "loaded", {"master_source": rows}, INFO)
    said = {"obs_collection": "CSC in cells", "csc_simulated": "true", "csc_schema": "csc21"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hats, "_VALUES", 1)
        patch.setattr(hats, "_GROUP_ROWS", 1000)
        hats.write_hats(place / "csc", [sorted_by_cell(rows)], said)
    shutil.copytree(place / "csc", place / "collection" / "csc")
    # https://hats.readthedocs.io: a catalogue beside its margins
    (place / "collection" / "collection.properties").write_text("obs_collection=all\nhats_primary_table_url=csc\n")
    return place


@pytest.fixture(params=["folder", "word and folder", "collection", "in parts", "whole files", "remote collection"])
def archive(request, place):
    if "folder" in request.param or request.param == "collection":
        path = place / ("collection" if request.param == "collection" else "csc")
        yield Archive(f"hats:{path}" if "word" in request.param else path)
        return
    name = "collection" if "collection" in request.param else "csc"
    with serving(place / name, ranges=request.param != "whole files") as (address, _):
        yield Archive(f"hats:{address}/")


def same(found, expected):
    found.sort("name")
    expected.sort("name")
    assert found.colnames == expected.colnames
    for name in expected.colnames:
        np.testing.assert_array_equal(np.ma.filled(found[name], 0), np.ma.filled(expected[name], 0))


def test_its_answers_are_those_of_a_loaded_table(archive, place, rows):
    loaded = Archive(place / "loaded")
    name = rows["name"][17].as_py()
    asked = [
        lambda one: one.search("359.9 0.2", radius="4 deg"),
        lambda one: one.search("210 88", radius="3 deg", columns="*"),
        lambda one: one.search("20 10", radius="20 deg", where="flux_aper_b > 1e-13 AND hard_hs > 0"),
        lambda one: one.query(f"SELECT name, ra, dec FROM csc21.master_source WHERE name = '{name}'"),
        lambda one: one.query("SELECT COUNT(*) AS name FROM csc21.master_source"),
        lambda one: one.cone(SkyCoord("20 10", unit="deg"), 2 * u.deg),
    ]
    for ask in asked:
        found = ask(archive)
        assert len(found)
        same(found, ask(loaded))
    assert archive.open().title == "CSC in cells"
    assert found.meta["provenance"].simulated
    assert set(archive.columns()) == set(loaded.columns())
    assert not archive.columns("observation_source")


@pytest.mark.parametrize("remote", [False, True])
def test_right_ascensions_from_minus_180_to_180_are_those_of_everybody(rows, place, tmp_path, monkeypatch, remote):
    monkeypatch.setattr(hats, "_VALUES", 1)
    ra = rows["ra"].to_numpy()
    turned = rows.set_column(rows.column_names.index("ra"), "ra", pa.array(np.where(ra > 180, ra - 360, ra)))
    hats.write_hats(tmp_path / "turned", [sorted_by_cell(turned)], {"csc_schema": "csc21"})
    with serving(tmp_path / "turned") as (address, _):
        archive = Archive(f"hats:{address}" if remote else tmp_path / "turned")
        loaded = Archive(place / "loaded")
        for where in ("359 1", "270 -5", "181 20", "100 0"):
            found, expected = (one.search(where, radius="6 deg") for one in (archive, loaded))
            found.sort("name")
            expected.sort("name")
            assert len(found) > 10
            assert list(found["name"]) == list(expected["name"])
            np.testing.assert_allclose(found["ra"].value, expected["ra"].value, rtol=0, atol=1e-12)
        counted = archive.count(CircleSkyRegion(SkyCoord("359 1", unit="deg"), 6 * u.deg))
        assert counted == loaded.count(CircleSkyRegion(SkyCoord("359 1", unit="deg"), 6 * u.deg))


def test_a_cone_holds_what_astropy_finds_and_few_bytes_come(place, rows):
    size = sum(file.stat().st_size for file in (place / "csc").rglob("*.parquet"))
    with serving(place / "csc") as (address, sizes):
        archive = Archive(f"hats:{address}")
        archive.open()
        opened = len(sizes)
        found = archive.search("40 20", radius="2 deg")
        first = sum(sizes[opened:])
        asked = len(sizes)
        archive.search("40 20", radius="2 deg")
        again = sum(sizes[asked:])
    places = SkyCoord(rows["ra"].to_numpy(), rows["dec"].to_numpy(), unit="deg")
    near = places.separation(SkyCoord("40 20", unit="deg")) <= 2 * u.deg
    assert sorted(found["name"]) == sorted(np.array(rows["name"].to_pylist())[near])
    assert len(found) > 0
    assert first < size / 2  # with what each file says of itself, which comes once
    assert again < size / 10
    assert not archive.local


def test_nothing_is_asked_before_the_first_question():
    archive = Archive("hats: https://127.0.0.1:9/hats/csc/")
    assert archive.name == "hats:https://127.0.0.1:9/hats/csc"
    with pytest.raises(CscError, match="could not be reached"):
        archive.search("10 10")


def test_an_explorer_of_it(place):
    with serving(place / "csc") as (address, _):
        app = Explorer("40 20", radius="3 deg", archive=f"hats:{address}")
        assert len(app.table) == len(Archive(place / "loaded").search("40 20", radius="3 deg"))
        app.close()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("hats:/there/is/none", "There is no such folder"),
        ("hats:ftp://example.org/csc", r'This is no address\. A HATS catalogue on a web server is "hats:https'),
        ("https://example.org/hats/csc", r'A HATS catalogue on a web server is "hats:https'),
        ("hats:", r"no HATS catalogue|is no HATS"),
    ],
)
def test_what_is_none_is_said_at_once(name, why):
    with pytest.raises(CscError, match=why):
        Archive(name)


def test_what_goes_wrong_later_is_one_clear_error(place, tmp_path):
    shutil.copytree(place / "csc", tmp_path / "csc")
    files = sorted((tmp_path / "csc").rglob("Npix=*.parquet"))
    with serving(tmp_path / "csc") as (address, _):
        archive = Archive(f"hats:{address}")
        before = archive.search("200 -20", radius="20 deg")
        pieces = [file.read_bytes() for file in files]
        for file, piece in zip(files, pieces, strict=True):
            file.write_bytes(piece + b"PAR1")
        with pytest.raises(CscError, match=r"service cannot be read. The file was written again meanwhile. Try again"):
            archive.search("200 -20", radius="20 deg")
        for file, piece in zip(files, pieces, strict=True):
            file.write_bytes(piece)
        assert len(archive.search("200 -20", radius="20 deg")) == len(before)
        archive = Archive(f"hats:{address}")
        archive.open()
        for file in files:
            file.unlink()
        with pytest.raises(CscError, match=r"which is not there"):
            Archive(f"hats:{address}").open()
    for ask in (archive.search, lambda at, radius: archive.cone(SkyCoord(at, unit="deg"), u.Quantity(radius))):
        with pytest.raises(ServiceUnreachable, match=r"^The HATS catalogue .* could not be reached\. 127\.0\.0\.1"):
            ask("200 -20", radius="20 deg")


def test_a_search_is_cancelled_while_bytes_come(place):
    class Stopping:
        def report(self, message, fraction=None):
            self.said = message

        def check(self):
            if "receiving" in getattr(self, "said", ""):
                raise QueryCancelled("The query was cancelled")

    with serving(place / "csc") as (address, _):
        archive = Archive(f"hats:{address}")
        archive.columns()
        with pytest.raises(QueryCancelled):
            archive.search("200 -20", radius="50 deg", monitor=Stopping())
        assert len(archive.search("40 20", radius="2 deg"))  # the next is not


def test_a_catalogue_to_match_with_is_named_alike(place):
    assert isinstance(find_catalogue(f"hats:{place / 'csc'}"), HatsCatalogue)
    with pytest.raises(CscError, match="no such folder"):
        find_catalogue("hats:/there/is/none")
