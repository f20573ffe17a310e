"""What is kept is what was sent, of whole answers only, and never half a file."""

import threading
from dataclasses import replace

import astropy.units as u
import numpy as np
import pytest
from astropy.table import MaskedColumn, QTable

from cscwidgets.archive.catalogues.answer_cache import AnswerCache
from cscwidgets.archive.provenance import Provenance

PROVENANCE = Provenance(
    release="r", service="s", query="q", requested=3, returned=3, origin="somewhere", time="2026-11-23T04:12:59+00:00"
)


@pytest.fixture
def cache(tmp_path):
    return AnswerCache(tmp_path)


def answer(provenance=PROVENANCE):
    table = QTable(
        {
            "name": MaskedColumn(["a", "b", ""], mask=[False, False, True]),
            "number": MaskedColumn([1, 2, 3], mask=[False, True, False]),
            "big": np.array([2**62, 1, 2]),
            "flag": np.array([True, False, True]),
            "mag": [1.5, np.nan, 3.0] * u.mag,
            "pm": [1.5, np.nan, 3.0] * u.mas / u.yr,
            "plain": [1.0, np.nan, 2.0],
        }
    )
    table["mag"].info.meta = {"ucd": "phot.mag"}
    table["mag"].info.description = "how bright"
    table.meta["provenance"] = provenance
    return table


@pytest.mark.parametrize("rows", [3, 0])
def test_what_is_found_is_what_was_stored(cache, rows):
    stored = answer()[:rows]
    cache.store("s", "q", stored)
    assert isinstance(stored.meta["provenance"], Provenance)
    found = cache.find("s", "q")
    assert found.colnames == stored.colnames
    for name in stored.colnames:
        assert found[name].dtype.kind == stored[name].dtype.kind, name
        assert getattr(found[name], "unit", None) == getattr(stored[name], "unit", None), name
        assert list(np.ma.getmaskarray(found[name])) == list(np.ma.getmaskarray(stored[name])), name
        ours, theirs = (np.ma.asarray(getattr(t[name], "value", t[name])).compressed() for t in (stored, found))
        np.testing.assert_array_equal(ours, theirs)
    assert found["mag"].info.meta["ucd"] == "phot.mag"
    assert found["mag"].info.description == "how bright"
    assert found.meta["provenance"] == replace(PROVENANCE, origin="somewhere; cached 2026-11-23 04:12 UTC")


def test_another_question_or_service_is_not_answered(cache):
    cache.store("s", "q", answer())
    assert cache.find("s", "other") is None
    assert cache.find("other", "q") is None


@pytest.mark.parametrize("truncated", [None, 4])
def test_a_truncated_answer_is_not_kept(cache, truncated):
    cache.store("s", "q", answer(replace(PROVENANCE, truncated=truncated)))
    assert cache.find("s", "q") is None
    assert not list(cache.folder.glob("*"))


@pytest.mark.parametrize("damage", [lambda body: body[:-50], lambda body: b"", lambda body: b"PAR1" + body[:40]])
def test_a_damaged_file_is_asked_anew(cache, damage):
    cache.store("s", "q", answer())
    (path,) = cache.folder.glob("*.parquet")
    path.write_bytes(damage(path.read_bytes()))
    assert cache.find("s", "q") is None
    assert not path.exists()


def test_the_answers_used_longest_ago_go(tmp_path):
    cache = AnswerCache(tmp_path)
    for question in "abc":
        cache.store("s", question, answer())
    size = sum(path.stat().st_size for path in tmp_path.glob("*.parquet")) / 3
    assert cache.find("s", "a") is not None
    limited = AnswerCache(tmp_path, limit=int(2.5 * size))
    limited.store("s", "d", answer())
    assert [cache.find("s", question) is not None for question in "abcd"] == [True, False, False, True]
    cache.clear()
    assert cache.find("s", "a") is None


def test_many_threads_at_once(cache):
    def work(number):
        for turn in range(5):
            cache.store("s", str(turn), answer())
            found = cache.find("s", str(turn))
            if found is None or len(found) != 3:
                failed.append(number)

    failed = []
    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(list(cache.folder.iterdir())) == 5


@pytest.mark.parametrize("folder", ["/proc/cscwidgets/answers", __file__ + "/answers"])
def test_answers_that_cannot_be_kept_are_no_worse(folder):
    cache = AnswerCache(folder)
    cache.store("a service", "a question", answer())
    assert cache.find("a service", "a question") is None
