"""A mirror answers as the archive it was made of, can be stopped anywhere, and goes on."""

import json
import shutil

import numpy as np
import pytest
from astropy.table import QTable

from cscwidgets import Archive
from cscwidgets.__main__ import main
from cscwidgets.archive.cache_folder import CACHE_VARIABLE
from cscwidgets.archive.files.cache import Cache
from cscwidgets.archive.folder import FolderError, read_info
from cscwidgets.errors import IncompleteFetch, QueryCancelled, QueryError

from ..product_files import ACIS, NAMES, product_bytes, write_two_sources

REGION = "2.502 1.0"
KINDS = ("lc", "pha", "evt", "sensity", "stkregevt", "bayesblks")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_two_sources(tmp_path_factory.mktemp("mirrored") / "archive")


@pytest.fixture
def archive(folder, tmp_path):
    return Archive(folder, cache=Cache(tmp_path / "cache"))


def same(one, other):
    """Whether two answers have the same columns, types, values and nulls; provenance aside."""
    assert one.colnames == other.colnames
    for name in one.colnames:
        first, second = (np.ma.asarray(getattr(table[name], "value", table[name])) for table in (one, other))
        assert first.dtype.kind == second.dtype.kind
        assert getattr(one[name], "unit", None) == getattr(other[name], "unit", None)
        np.testing.assert_array_equal(np.ma.getmaskarray(first), np.ma.getmaskarray(second))
        np.testing.assert_array_equal(first.compressed(), second.compressed())


def files_below(folder):
    return {path.relative_to(folder).as_posix(): path for path in (folder / "products").rglob("*.gz")}


def test_a_mirror_gives_the_same_answers(archive, tmp_path):
    place = archive.mirror(REGION, tmp_path / "mirror", KINDS, "bw", radius="1 arcmin")
    copy = Archive(place, cache=archive.cache)
    for table in ("master_source", "stack_source", "observation_source"):
        answers = [one.search(REGION, columns="*", table=table, radius="1 arcmin") for one in (archive, copy)]
        for answer in answers:
            answer.sort([name for name in ("name", "detect_stack_id", "obsid", "region_id") if name in answer.colnames])
        assert len(answers[0]) >= 2
        same(*answers)
        assert all(answer.meta["provenance"].simulated for answer in answers)
    same(archive.detections(NAMES, columns=()), copy.detections(NAMES, columns=()))
    same(archive.stacks(REGION, radius="1 arcmin"), copy.stacks(REGION, radius="1 arcmin"))
    listed = [one.products(NAMES, KINDS, "bw") for one in (archive, copy)]
    same(*listed)
    # Without the archive it was made of.
    shutil.move(archive.name, tmp_path / "away")
    try:
        again = Archive(place, cache=Cache(tmp_path / "other"))
        paths = again.fetch(listed[1])
        assert [path.read_bytes() for path in paths] == [path.read_bytes() for path in copy.fetch(listed[1])]
    finally:
        shutil.move(tmp_path / "away", archive.name)
    made = read_info(place).details["mirror"]
    assert made["complete"]
    assert made["kinds"] == sorted(KINDS)


def test_only_sources_of_the_region_are_taken(archive, tmp_path):
    place = archive.mirror("2.5 1.0", tmp_path / "mirror", radius="5 arcsec")
    tables = read_info(place).tables
    assert tables["master_source"] == tables["stack_source"] == 1
    assert tables["observation_source"] == 2
    assert tables["detect_stack"] == 3
    assert list(Archive(place).query("SELECT name FROM csc21.master_source")["name"]) == NAMES[:1]


def test_an_empty_region_is_an_archive_without_rows(archive, tmp_path):
    place = archive.mirror("200 -50", tmp_path / "mirror", "lc", radius="1 arcmin")
    found = Archive(place).search("200 -50", radius="1 arcmin")
    assert len(found) == 0
    assert isinstance(found, QTable)


class StopAt:
    """Says stop at its n-th check."""

    def __init__(self, count):
        self.left = count

    def report(self, message, fraction=None):
        assert fraction is None or 0 <= fraction <= 1

    def check(self):
        self.left -= 1
        if self.left < 0:
            raise QueryCancelled("Mirroring was cancelled")


def test_stopped_anywhere_it_goes_on(archive, tmp_path):
    whole = archive.mirror(REGION, tmp_path / "whole", KINDS, radius="1 arcmin")
    place = tmp_path / "mirror"
    stopped = 0
    for count in range(1, 400, 3):
        present = {name: path.stat().st_ino for name, path in files_below(place).items()} if place.exists() else {}
        try:
            archive.mirror(REGION, place, KINDS, radius="1 arcmin", monitor=StopAt(count))
            break
        except QueryCancelled:
            stopped += 1
            assert {name: path.stat().st_ino for name, path in files_below(place).items()}.items() >= present.items()
    assert stopped > 5
    assert {name: path.read_bytes() for name, path in files_below(place).items()} == {
        name: path.read_bytes() for name, path in files_below(whole).items()
    }
    assert read_info(place).details["mirror"]["complete"]


def test_more_kinds_and_damaged_files_are_made_up_for(archive, tmp_path):
    place = archive.mirror(REGION, tmp_path / "mirror", "lc", radius="1 arcmin")
    before = files_below(place)
    damaged = next(iter(before.values()))
    content = damaged.read_bytes()
    damaged.unlink()
    damaged.write_bytes(content[:-10])
    archive.mirror(REGION, place, ["lc", "sensity"], radius="1 arcmin")
    after = files_below(place)
    assert set(after) - set(before) == {f"products/{ACIS}/{ACIS}N022_b_sens3.fits.gz"}
    assert damaged.read_bytes() == content


def test_what_failed_is_said_and_can_be_had_later(archive, folder, tmp_path):
    broken = folder / "products" / "acisf00501_000N021_r0002b_lc3.fits.gz"
    content = broken.read_bytes()
    broken.write_bytes(b"<html><title>Oops</title></html>")
    try:
        with pytest.raises(IncompleteFetch, match="Oops"):
            archive.mirror(REGION, tmp_path / "mirror", "lc", radius="1 arcmin")
    finally:
        broken.write_bytes(content)
    assert not read_info(tmp_path / "mirror").details["mirror"]["complete"]
    assert len(Archive(tmp_path / "mirror").search(REGION, radius="1 arcmin")) == 2
    archive.mirror(REGION, tmp_path / "mirror", "lc", radius="1 arcmin")
    assert len(files_below(tmp_path / "mirror")) == 3
    assert read_info(tmp_path / "mirror").details["mirror"]["complete"]


def test_other_things_in_the_folder_are_left_alone(archive, tmp_path):
    place = archive.mirror(REGION, tmp_path / "mirror", radius="1 arcmin")
    with pytest.raises(FolderError, match="Another archive is there"):
        archive.mirror(REGION, place, radius="2 arcmin")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(FolderError):
        archive.mirror(REGION, tmp_path / "mine", radius="1 arcmin")
    with pytest.raises(FolderError, match="Another archive"):
        archive.mirror(REGION, archive.name, radius="1 arcmin")


def test_the_command_makes_a_mirror(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    place = tmp_path / "mirror"
    options = ["--from", str(folder), "--into", str(place), "--radius", "1 arcmin"]
    assert main(["mirror", REGION, *options, "--kinds", "lc, pha", "--bands", "bh"]) == 0
    assert "opens it" in capsys.readouterr().out
    assert json.loads((place / "archive.json").read_text())["details"]["mirror"]["kinds"] == ["lc", "pha"]
    assert len(files_below(place)) == 5
    assert product_bytes(2) in {path.read_bytes() for path in files_below(place).values()}
    assert main(["mirror", REGION, *options, "--kinds", "light"]) == 1
    assert "no kind of product 'light'" in capsys.readouterr().err


def test_a_table_under_other_names_is_refused(archive, tmp_path, monkeypatch):
    query = Archive.query

    def renamed(self, adql, **how):
        answer = query(self, adql, **how)
        if "master_stack_assoc t" in adql:
            answer.rename_column("region_id", "new_region_id")
        return answer

    monkeypatch.setattr(Archive, "query", renamed)
    with pytest.raises(QueryError, match="no column region_id"):
        archive.mirror(REGION, tmp_path / "mirror", radius="1 arcmin")
    assert not (tmp_path / "mirror").exists()
