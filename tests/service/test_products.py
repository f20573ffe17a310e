"""A folder of product files is listed and read, however it is laid out."""

import gzip
import shutil
import time

import pytest

from cscwidgets.csc.filenames import ProductName
from cscwidgets.csc.products import KINDS, Observation, ProductId, Source, Stack
from cscwidgets.service import products
from cscwidgets.service.products import FolderStore

from ..product_files import product_bytes

LC = ProductId(Observation(78, 0, 58), KINDS["lc"], "b")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "2CXOJ002404.2-720457" / "00078_000").mkdir(parents=True)
    for number, path in enumerate(
        (
            "acisf00078_000N021_r0058b_lc3.fits.gz",
            "acisf00078_000N022_r0058b_lc3.fits.gz",
            "2CXOJ002404.2-720457/00078_000/acisf00078_000N022_r0058b_lc3.fits.gz",
            "2CXOJ002404.2-720457/00078_000/acisf00078_000N021_r0058_pha3.fits.gz",
            "acisfJ1052487p571215_001N022_s_sens3.fits.gz",
        )
    ):
        (tmp_path / path).write_bytes(product_bytes(number))
    (tmp_path / "2CXOJ0157505p374515N020_blocks3.fits").write_bytes(gzip.decompress(product_bytes(9)))
    (tmp_path / "notes.txt").write_text("mine")
    return tmp_path


def test_the_newest_file_of_each_product(folder):
    store = FolderStore(folder)
    (found,) = store.browse(LC)
    assert found.filename == "acisf00078_000N022_r0058b_lc3.fits"
    content = store.read("lightcurve", found.filename)
    assert found.size == len(content)
    assert content in {product_bytes(1), product_bytes(2)}
    (older,) = {"acisf00078_000N021_r0058b_lc3.fits"} & set(store._index().paths)
    assert store.read("lightcurve", older) == product_bytes(0)


def test_owners_of_every_level(folder):
    store = FolderStore(folder)
    stack = ProductId(Stack("acisfJ1052487p571215_001"), KINDS["sensity"], "s")
    source = ProductId(Source("2CXO J015750.5+374515"), KINDS["bayesblks"])
    assert [file.name.version for file in store.browse(stack)] == [22]
    (blocks,) = store.browse(source)
    assert blocks.size is None
    zipped = store.read("bayesblks", blocks.filename)
    assert gzip.decompress(zipped) == gzip.decompress(product_bytes(9))
    assert store.browse(ProductId(Observation(78, 0, 59), KINDS["lc"], "b")) == []


def test_unknown_files_and_wrong_types_are_key_errors(folder):
    store = FolderStore(folder)
    for filetype, name in (
        ("lightcurve", "acisf00078_000N023_r0058b_lc3.fits"),
        ("spectrum", "acisf00078_000N022_r0058b_lc3.fits"),
        ("lightcurve", "../../etc/passwd"),
        ("", "notes.txt"),
    ):
        with pytest.raises(KeyError):
            store.read(filetype, name)


def test_new_and_removed_files_are_seen(folder, monkeypatch):
    monkeypatch.setattr(products, "_LOOK_AGAIN", 0.0)
    store = FolderStore(folder)
    assert len(store.browse(LC)) == 1
    time.sleep(0.05)  # a directory's time has the clock tick's grain
    new = folder / "2CXOJ002404.2-720457" / "00078_000" / "acisf00078_000N023_r0058b_lc3.fits.gz"
    new.write_bytes(product_bytes(3))
    assert [file.name.version for file in store.browse(LC)] == [23]
    shutil.rmtree(folder)
    assert store.browse(LC) == []
    folder.mkdir()
    (folder / new.name).write_bytes(product_bytes(3))
    assert len(store.browse(LC)) == 1


def test_a_file_that_goes_between_two_looks_is_not_there(folder):
    store = FolderStore(folder)
    (found,) = store.browse(LC)
    store._index().paths[found.filename].unlink()
    assert store.browse(LC) == []
    with pytest.raises(KeyError):
        store.read("lightcurve", found.filename)


@pytest.mark.long  # a few files are listed in each run
def test_a_hundred_thousand_files_are_listed_in_seconds(tmp_path):
    for number in range(100_000):
        if number % 1000 == 0:
            place = tmp_path / f"{number:05d}_000"
            place.mkdir()
        name = ProductName(Observation(number + 1, 0, 1), KINDS["lc"], 21, "b", instrument="acis")
        (place / f"{name}.gz").touch()
    store = FolderStore(tmp_path)
    started = time.monotonic()
    assert len(store.browse(ProductId(Observation(100_000, 0, 1), KINDS["lc"], "b"))) == 1
    assert time.monotonic() - started < 20
    started = time.monotonic()
    for number in range(1000):
        assert len(store.browse(ProductId(Observation(number + 1, 0, 1), KINDS["lc"], "b"))) == 1
    assert time.monotonic() - started < 2
