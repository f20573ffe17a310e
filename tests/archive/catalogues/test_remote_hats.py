"""A catalogue in the format HATS on a web server: the rows near a region are those that astropy finds, few come."""

import astropy.units as u
import numpy as np
import pyarrow as pa
import pytest
from astropy.coordinates import SkyCoord
from regions import CircleSkyRegion

from cscwidgets.archive.catalogues.answer_cache import AnswerCache
from cscwidgets.archive.catalogues.finder import find_catalogue
from cscwidgets.archive.catalogues.remote_hats import RemoteHatsCatalogue
from cscwidgets.archive.tables_on_disk import sorted_by_cell
from cscwidgets.errors import CscError
from cscwidgets.io import hats

from ...whole_catalogue import whole_catalogue
from ..replying import serving

M31 = CircleSkyRegion(SkyCoord("0.1 0.2", unit="deg"), 3 * u.deg)


@pytest.fixture
def rows():
    return whole_catalogue(20_000, seed=4)


@pytest.fixture
def stars(rows, tmp_path, monkeypatch):
    """The folder of a catalogue with many files, of many groups of rows."""
    monkeypatch.setattr(hats, "_VALUES", 1)
    monkeypatch.setattr(hats, "_GROUP_ROWS", 500)
    hats.write_hats(tmp_path / "stars", [sorted_by_cell(rows)], {"obs_collection": "Stars", "csc_simulated": "true"})
    return tmp_path / "stars"


def names_near(rows, region, margin):
    places = SkyCoord(rows["ra"].to_numpy(), rows["dec"].to_numpy(), unit="deg")
    inside = places.separation(region.center) <= region.radius + margin
    return sorted(np.array(rows["name"].to_pylist())[inside])


@pytest.mark.parametrize("ranges", [True, False], ids=["in parts", "whole files"])
@pytest.mark.parametrize(("place", "radius"), [("0.1 0.2", 9.0), ("210 88", 6.0), ("266 -29", 1.0), ("10 20", 0.001)])
def test_rows_near_a_region(place, radius, ranges, rows, stars, tmp_path):
    region, margin = CircleSkyRegion(SkyCoord(place, unit="deg"), radius * u.deg), 30 * u.arcsec
    with serving(stars, ranges=ranges) as (address, _):
        catalogue = RemoteHatsCatalogue(address, cache=AnswerCache(tmp_path / "answers"))
        near = catalogue.near(region, margin)
    assert sorted(near["name"]) == names_near(rows, region, margin)
    assert near.meta["provenance"].simulated
    assert near.meta["provenance"].complete
    assert near.meta["provenance"].release == "Stars"
    again = catalogue.near(region, margin)  # the server has gone
    assert list(again["name"]) == list(near["name"])
    assert "cached" in again.meta["provenance"].origin


def test_few_bytes_come(stars, tmp_path):
    size = sum(file.stat().st_size for file in stars.rglob("*.parquet"))
    with serving(stars) as (address, sizes):
        RemoteHatsCatalogue(address, cache=AnswerCache(tmp_path / "answers")).near(M31, 1 * u.arcsec)
    assert 0 < sum(sizes) < size / 3


def test_it_is_found_by_its_address(stars):
    catalogue = find_catalogue("hats:https://example.org/hats/stars/")
    assert isinstance(catalogue, RemoteHatsCatalogue)
    assert catalogue.address == "https://example.org/hats/stars"
    assert catalogue.name == "stars"
    assert find_catalogue(catalogue.reference).address == catalogue.address


def test_right_ascensions_may_be_negative(rows, tmp_path):
    ra = rows["ra"].to_numpy()
    turned = rows.set_column(rows.column_names.index("ra"), "ra", pa.array(np.where(ra > 180, ra - 360, ra)))
    hats.write_hats(tmp_path / "stars", [sorted_by_cell(turned)], {})
    region, margin = CircleSkyRegion(SkyCoord("-2 0", unit="deg"), 4 * u.deg), 1 * u.arcsec
    with serving(tmp_path / "stars") as (address, _):
        far = RemoteHatsCatalogue(address, cache=AnswerCache(tmp_path / "answers")).near(region, margin)
    here = find_catalogue(str(tmp_path / "stars")).near(region, margin)
    assert sorted(far["name"]) == sorted(here["name"]) == names_near(rows, region, margin)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda folder: (folder / "partition_info.csv").unlink(), "no partition_info.csv"),
        (lambda folder: (folder / "partition_info.csv").write_text("Norder,Npix\n3,-4\n"), "does not have"),
        (lambda folder: [file.unlink() for file in folder.rglob("Npix=*.parquet")], "which is not there"),
        (lambda folder: [file.write_bytes(b"x" * 900) for file in folder.rglob("Npix=*.parquet")], "not Parquet"),
        (lambda folder: [file.write_bytes(b"") for file in folder.rglob("Npix=*.parquet")], "not Parquet"),
        (lambda folder: [file.write_bytes(file.read_bytes()[300:]) for file in folder.rglob("Npix=*.parquet")], "read"),
    ],
)
def test_what_is_damaged_is_one_error(damage, why, stars, tmp_path):
    damage(stars)
    with serving(stars) as (address, _):
        catalogue = RemoteHatsCatalogue(address, cache=AnswerCache(tmp_path / "answers"))
        with pytest.raises(CscError, match=why):
            catalogue.near(M31, 1 * u.arcsec)


def test_nobody_answers(tmp_path):
    with serving(tmp_path) as (address, _):
        pass
    with pytest.raises(CscError, match="could not be reached"):
        RemoteHatsCatalogue(address, cache=AnswerCache(tmp_path / "answers")).near(M31, 1 * u.arcsec)


def test_no_more_comes_than_is_good(stars, tmp_path, monkeypatch):
    monkeypatch.setattr("cscwidgets.archive.catalogues.remote_hats._MOST", 10_000)
    with serving(stars) as (address, _), pytest.raises(CscError, match="smaller region"):
        RemoteHatsCatalogue(address, cache=AnswerCache(tmp_path / "answers")).near(M31, 1 * u.arcsec)


@pytest.mark.parametrize("said", [b"", b"<!DOCTYPE html><html lang='en'></html>", b"obs_collection=Stars\xff\x00\n"])
def test_a_catalogue_that_does_not_tell_what_it_is_is_refused(said, stars, tmp_path):
    """It would be read without the word that it is simulated."""
    for file in ("hats.properties", "properties"):
        if (stars / file).is_file():
            (stars / file).write_bytes(said)
    with serving(stars) as (address, _), pytest.raises(CscError, match=r"What it says of itself .* is damaged"):
        RemoteHatsCatalogue(address, cache=AnswerCache(tmp_path / "answers")).near(M31, 1 * u.arcsec)
