"""Archive.pictures and Archive.fetch_picture over a folder with pictures made by hand, and the demo."""

import gzip
import shutil

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS

from cscwidgets import Archive
from cscwidgets.archive.files.cache import Cache
from cscwidgets.errors import CscWarning, IncompleteFetch, ProductError

from ..picture_files import picture_bytes
from ..product_files import write_two_sources


@pytest.fixture
def folder(tmp_path):
    place = write_two_sources(tmp_path / "archive")
    (place / "pictures").mkdir()
    (place / "pictures" / "both.fits.gz").write_bytes(picture_bytes())
    (place / "pictures" / "far.fits").write_bytes(gzip.decompress(picture_bytes(180, -40, TITLE=None, OBJECT="Far")))
    (place / "pictures" / "notes.txt").write_text("mine")
    return place


@pytest.fixture
def archive(folder, tmp_path):
    return Archive(folder, cache=Cache(tmp_path / "cache"))


def test_pictures_say_what_they_show_and_where(archive):
    table = archive.pictures()
    assert list(table["name"]) == ["both", "far"]
    assert list(table["title"]) == ["SIMULATED two sources", "Far"]
    assert list(table["credit"]) == ["a test", "a test"]
    np.testing.assert_allclose(table["ra"].to_value("deg"), [2.5, 180])
    np.testing.assert_allclose(table["dec"].to_value("deg"), [1, -40])
    # Half the diagonal of 60 x 40 pixels of 0.1 arcmin.
    np.testing.assert_allclose(table["radius"].to_value("deg"), np.hypot(3, 2) / 60, rtol=1e-5)
    assert list(table["size"].mask) == [False, True]
    assert table["size"][0].value == len(picture_bytes())
    assert table.meta["provenance"].simulated


def test_only_those_that_reach_a_region(archive):
    assert list(archive.pictures("2.5 1.0", radius="10 arcsec")["name"]) == ["both"]
    assert list(archive.pictures("2.5 1.09", radius="3 arcmin")["name"]) == ["both"]
    assert list(archive.pictures("180 -40")["name"]) == ["far"]
    nowhere = archive.pictures("90 0")
    assert len(nowhere) == 0
    assert nowhere.colnames == archive.pictures().colnames


def test_a_picture_comes_whole_and_once(archive, folder):
    path = archive.fetch_picture("both")
    assert path.read_bytes() == picture_bytes()
    with fits.open(path) as hdus:
        assert hdus[0].data.shape == (3, 40, 60)
    (folder / "pictures" / "both.fits.gz").unlink()
    assert archive.fetch_picture("both") == path  # from the cache
    assert gzip.decompress(archive.fetch_picture("far").read_bytes()) == (folder / "pictures" / "far.fits").read_bytes()
    listed = archive.cache.files()
    assert len(listed) == 2
    archive.cache.clear()
    assert archive.cache.size == 0


def test_a_damaged_copy_in_the_cache_is_fetched_again(archive):
    path = archive.fetch_picture("both")
    path.write_bytes(path.read_bytes()[:-20])
    assert archive.fetch_picture("both").read_bytes() == picture_bytes()


@pytest.mark.parametrize("name", ["none", "../archive", "..", "", "both.fits.gz", "a/b", "both\n", "/etc/passwd"])
def test_what_is_no_picture(archive, name):
    with pytest.raises(ProductError, match=r"no picture|does not have it"):
        archive.fetch_picture(name)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (picture_bytes()[:-30], "breaks off|checksum"),
        (b"<html><title>Oops</title></html>", "Oops|no intact FITS"),
        (picture_bytes(shape=(40, 60)), "60 x 40 of 8 bits, not three planes"),
        (picture_bytes(shape=(4, 40, 60)), "60 x 40 x 4 of 8 bits"),
        (picture_bytes(dtype=np.float32), "of -32 bits"),
        (picture_bytes(CTYPE1="GLON-TAN"), "not a tangent plane in ICRS"),
        (picture_bytes(RADESYS="FK4"), "in FK4"),
        (picture_bytes(CDELT1=0.0), "cannot be used"),
    ],
)
def test_a_picture_that_cannot_be_used_is_said_once(archive, folder, content, words):
    (folder / "pictures" / "bad.fits.gz").write_bytes(content)
    with pytest.raises(ProductError, match=words):
        archive.fetch_picture("bad")
    with pytest.warns(CscWarning, match="The picture bad cannot be used"):
        table = archive.pictures()
    assert list(table["name"]) == ["both", "far"]


def test_an_archive_without_pictures_has_none(tmp_path):
    archive = Archive(write_two_sources(tmp_path / "plain"), cache=Cache(tmp_path / "cache"))
    assert len(archive.pictures()) == 0
    assert len(Archive("csc2.1").pictures()) == 0  # without asking anybody
    with pytest.raises(ProductError, match="does not have it"):
        Archive("csc2.1").fetch_picture("m33")


def test_a_mirror_has_the_pictures_that_reach_it(archive, folder, tmp_path):
    place = archive.mirror("2.502 1.0", tmp_path / "mirror", radius="1 arcmin")
    assert [path.name for path in (place / "pictures").iterdir()] == ["both.fits.gz"]
    shutil.rmtree(folder)
    copy = Archive(place, cache=Cache(tmp_path / "other"))
    assert copy.fetch_picture("both").read_bytes() == picture_bytes()
    assert list(copy.pictures()["title"]) == ["SIMULATED two sources"]


def test_a_mirror_says_which_picture_it_could_not_have(archive, folder, tmp_path):
    table = archive.pictures()  # the service has described it
    whole = (folder / "pictures" / "both.fits.gz").read_bytes()
    assert len(table) == 2
    reach = archive.pictures

    def then_damaged(*arguments, **named):
        found = reach(*arguments, **named)
        (folder / "pictures" / "both.fits.gz").write_bytes(whole[:-30])
        return found

    archive.pictures = then_damaged
    with pytest.raises(IncompleteFetch, match=r"both\.fits\.gz"):
        archive.mirror("2.502 1.0", tmp_path / "mirror", radius="1 arcmin")
    del archive.pictures
    (folder / "pictures" / "both.fits.gz").write_bytes(whole)
    place = archive.mirror("2.502 1.0", tmp_path / "mirror", radius="1 arcmin")
    assert (place / "pictures" / "both.fits.gz").read_bytes() == whole


@pytest.mark.slow
def test_the_demo_has_a_picture_of_each_field(warm_demo):
    table = warm_demo.pictures()
    assert list(table["name"]) == ["m33", "47-tuc", "m42", "lockman-hole"]
    assert all("SIMULATED" in title for title in table["title"])
    assert list(warm_demo.pictures("47 Tuc", radius="5 arcmin")["name"]) == ["47-tuc"]
    path = warm_demo.fetch_picture("47-tuc")
    with fits.open(path) as hdus:
        header, pixels = hdus[0].header, np.array(hdus[0].data)
    assert pixels.dtype == np.uint8
    assert "SIMULATED" in header["TITLE"]
    row = table[list(table["name"]).index("47-tuc")]
    place = WCS(header, naxis=2).pixel_to_world((pixels.shape[2] - 1) / 2, (pixels.shape[1] - 1) / 2)
    assert place.separation(SkyCoord(row["ra"], row["dec"])).arcsec < 0.01
