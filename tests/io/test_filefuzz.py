"""Every reader of files under damaged files: one clear error, or numbers that are numbers, in time and in bounds."""

import gzip
import re
from dataclasses import replace
from pathlib import Path

import pytest

from cscwidgets.csc.products import KINDS, ProductId, Stack
from cscwidgets.demo.files.product_store import demo_store
from cscwidgets.science.region_file import Area

from ..filefuzz import fuzz, shrink, try_reader
from ..filereaders import READERS
from ..fileseeds import REAL_SEEDS, make_seeds

FEW, MANY = 24, 1000  # files
SLOW = 3  # times that an import takes longer than a reading
CASES = Path(__file__).resolve().parents[1] / "cases_found"


@pytest.fixture
def seeds(request, tmp_path):
    """A folder with the files that a reader's are made from: real ones, or made up where there are none."""

    def make(name):
        make_seeds(name, tmp_path, request.getfixturevalue("real") if name in REAL_SEEDS else None)
        return tmp_path

    return make


@pytest.mark.parametrize("reader", READERS)
def test_a_damaged_file_is_refused_in_words_or_read(reader, seeds):
    slow = reader.startswith("import ")
    few = FEW // SLOW if slow else FEW
    outcomes = fuzz(reader, seeds(reader), few)
    assert outcomes.total() == few
    assert outcomes["read"] > 0 or slow  # of so few, none may be
    assert outcomes["refused"] > few / 4


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("reader", READERS)
def test_a_thousand_damaged_files(reader, seeds):
    assert fuzz(reader, seeds(reader), MANY, first=FEW).total() == MANY


def test_the_demos_maps_are_read_like_the_real_ones(tmp_path):
    """What the fuzz of sens3 is made from is small; one damaged map of the demo's size is as quick."""
    from cscwidgets.demo.telescope.observations import stacks

    stack = next(one.stack_id for one in stacks() if one.mapped and one.instrument == "ACIS")
    (file,) = demo_store().browse(ProductId(Stack(stack), KINDS["sensity"], "b"))
    (tmp_path / "seed.fits").write_bytes(gzip.decompress(demo_store().read("sensity", file.filename)))
    assert fuzz("sens3", tmp_path, 10).total() == 10


def test_the_fuzz_sees_what_must_not_happen(tmp_path):
    (tmp_path / "seed.txt").write_text("photons")
    with pytest.raises(AssertionError) as seen:
        fuzz("staged failures", tmp_path, 5)
    for words in ("raw: .*KeyError", "hangs", "reaches outside: .'opens /etc/", "takes more than 1 GB", "that is none"):
        assert re.search(words, str(seen.value), re.DOTALL), words


def _other_response(read, **changes):
    return replace(read, response=replace(read.response, **{key: getattr(read.response, key) * 2 for key in changes}))


def _wider(read):
    ((shape,), *others) = read.source.components
    return replace(read, source=Area(((replace(shape, size=shape.size * 1.1),), *others)))


SPOILT = {
    "lc3": lambda read: replace(read, time=read.time + 1),
    "pha": lambda read: replace(read, source=replace(read.source, counts=read.source.counts + 1)),
    "arf": lambda read: _other_response(read, area=2),
    "rmf": lambda read: _other_response(read, matrix=2),
    "events": lambda read: replace(read, energy=read.energy * 1e3),
    "reg3": _wider,
    "fov3": lambda read: replace(read, polygons=read.polygons[::-1]),
    "sens3": lambda read: replace(read, limit=read.limit * 2),
}


def test_each_file_that_is_read_for_its_numbers_has_a_judge():
    assert {name for name, reader in READERS.items() if reader.judge is not None} == set(SPOILT)


@pytest.mark.parametrize("reader", SPOILT)
def test_another_reader_sees_a_wrong_number(reader, tmp_path):
    make_seeds(reader, tmp_path)
    read = READERS[reader].read(tmp_path)
    READERS[reader].judge(tmp_path, read)
    with pytest.raises(AssertionError):
        READERS[reader].judge(tmp_path, SPOILT[reader](read))


@pytest.mark.parametrize("reader", sorted(path.name for path in CASES.iterdir()))
def test_what_was_found_before_is_mended(reader, tmp_path):
    """Small files that a reader once failed over, as `make trust` found and shrank them."""
    name = reader.replace("-", " ")
    make_seeds(name, tmp_path)
    tried = try_reader(name, tmp_path, len(list((CASES / reader).iterdir())), "replay", CASES / reader)
    assert not tried.wrong, "\n".join(tried.wrong)
    assert tried.outcomes.total() == len(list((CASES / reader).iterdir()))


def test_a_failing_file_is_made_small():
    assert shrink(b"photons, and many words around them" * 20, lambda part: b"photons" in part) == b"photons"
