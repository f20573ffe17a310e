"""The cache keeps whole files of each archive apart, notices damage by itself, and survives losing its index."""

import os
import pickle
import sqlite3
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from cscwidgets.archive.cache_folder import CACHE_VARIABLE
from cscwidgets.archive.files.cache import Cache
from cscwidgets.archive.files.integrity import Damaged
from cscwidgets.errors import CscWarning

from ...product_files import product_bytes
from ..fileserver import light_curves

FILES = light_curves(5)
NAME, OTHER = list(FILES)[:2]


@pytest.fixture
def cache(tmp_path):
    made = Cache(tmp_path / "cache")
    for name, content in FILES.items():
        made.store("csc2.1", name, [content])
    return made


def test_files_are_found_where_they_were_put(cache):
    for name, content in FILES.items():
        assert cache.find("csc2.1", name).read_bytes() == content
    assert cache.find("csc2.1", NAME.replace("N021", "N022")) is None
    assert cache.size == sum(map(len, FILES.values()))


def test_archives_are_kept_apart(cache):
    other = product_bytes(99)
    cache.store("demo", NAME, [other])
    assert cache.find("csc2.1", NAME).read_bytes() == FILES[NAME]
    assert cache.find("demo", NAME).read_bytes() == other
    assert cache.find("csc2.0", NAME) is None
    cache.clear("demo")
    assert cache.find("demo", NAME) is None
    assert cache.find("csc2.1", NAME) is not None


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:500] + b"\0" + path.read_bytes()[501:]),
        lambda path: path.write_bytes(product_bytes(77)),
        lambda path: path.unlink(),
    ],
    ids=["cut", "emptied", "overwritten", "another", "removed"],
)
def test_a_damaged_file_is_gone_and_can_come_again(cache, damage):
    path = cache.find("csc2.1", NAME)
    status = path.stat()
    damage(path)
    if path.exists():
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))  # the time of change does not give it away
    assert cache.find("csc2.1", NAME) is None
    assert not path.exists()
    cache.store("csc2.1", NAME, [FILES[NAME]])
    assert cache.find("csc2.1", NAME).read_bytes() == FILES[NAME]


def test_what_is_not_whole_is_not_stored(cache):
    with pytest.raises(Damaged):
        cache.store("csc2.1", NAME, [FILES[NAME][:800]])
    assert cache.find("csc2.1", NAME).read_bytes() == FILES[NAME]
    with pytest.raises(ZeroDivisionError):
        cache.store("csc2.1", NAME, (bytes([1 // 0]) for _ in range(1)))
    assert not [*cache.folder.glob(".incoming/*")]


@pytest.mark.parametrize("lost", [b"", b"not a database, but long enough to be read as one" * 100, None])
def test_a_lost_index_costs_nothing(cache, lost):
    index = cache.folder / "index.sqlite"
    if lost is None:
        index.unlink()
    else:
        index.write_bytes(lost)
    again = Cache(cache.folder)
    for name, content in FILES.items():
        assert again.find("csc2.1", name).read_bytes() == content
    assert len(again.files()) == len(FILES)
    # Without an index a file must prove itself.
    index.unlink()
    cache.path("csc2.1", NAME).write_bytes(FILES[NAME][:-1])
    assert again.find("csc2.1", NAME) is None


def test_the_index_can_be_read_by_others(cache):
    with sqlite3.connect(f"file:{cache.folder / 'index.sqlite'}?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT archive, filename, size FROM files").fetchall()
    connection.close()
    assert {(archive, name): size for archive, name, size in rows} == {
        ("csc2.1", name): len(content) for name, content in FILES.items()
    }


def test_the_limit_lets_go_of_what_was_used_longest_ago(cache):
    cache.in_use = 0
    names = list(FILES)
    for name in (names[3], names[1]):
        time.sleep(0.01)
        cache.find("csc2.1", name)
    assert list(cache.files()["filename"][:2]) == [names[1], names[3]]
    cache.limit = len(FILES[names[3]]) + len(FILES[names[1]]) + len(FILES[names[0]])
    cache.trim(keep={cache.path("csc2.1", names[0])})
    assert set(cache.files()["filename"]) == {names[0], names[1], names[3]}
    cache.limit = None
    cache.trim()
    assert len(cache.files()) == 3
    cache.limit = 0
    cache.trim()
    assert cache.size == 0


def test_what_another_process_is_about_to_read_stays(cache):
    """Two kernels share a cache smaller than what each needs: neither takes the other's files away."""
    name = list(FILES)[2]
    past = time.time() - 120
    with closing(sqlite3.connect(cache.folder / "index.sqlite")) as connection, connection:
        connection.execute("UPDATE files SET used = ?", (past,))
    cache.find("csc2.1", name)
    other = Cache(cache.folder, limit=0)
    other.trim()
    assert list(cache.files()["filename"]) == [name]
    pickle.loads(pickle.dumps(Cache(cache.folder, limit=0, in_use=0))).trim()
    assert cache.size == 0


def test_listing_and_clearing(cache):
    table = cache.files()
    assert set(table["filename"]) == set(FILES)
    assert table["size"].sum() == cache.size
    cache.clear()
    assert len(cache.files()) == 0
    assert cache.find("csc2.1", NAME) is None
    assert Cache(cache.folder / "elsewhere").size == 0


def test_what_a_dead_process_left_goes_after_an_hour(cache):
    place = cache.folder / ".incoming"
    (place / "old").write_bytes(b"x")
    (place / "new").write_bytes(b"x")
    os.utime(place / "old", (time.time() - 7200, time.time() - 7200))
    Cache(cache.folder).store("csc2.1", NAME, [FILES[NAME]])
    assert [path.name for path in place.iterdir()] == ["new"]


def test_many_threads_and_new_caches_at_once(tmp_path):
    files = light_curves(60)

    def take(number):
        # A cache of its own each time: every one of them tidies up first, while the others store.
        name = list(files)[number % 60]
        return Cache(tmp_path).store("csc2.1", name, [files[name]])

    with ThreadPoolExecutor(16) as pool:
        assert len(list(pool.map(take, range(600)))) == 600
    assert {name: Cache(tmp_path).find("csc2.1", name).read_bytes() for name in files} == files
    assert not [*tmp_path.glob(".incoming/*")]


def test_the_variable_moves_it(monkeypatch, tmp_path):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    assert Cache().folder == tmp_path / "products"


def test_a_cache_that_cannot_be_written_makes_no_good_file_fail(unwritable):
    cache = Cache(unwritable)
    assert cache.find("csc2.1", NAME) is None
    with pytest.warns(CscWarning, match=r"only until Python ends: the cache .* cannot be written: .*CSCWIDGETS_CACHE"):
        path = cache.store("csc2.1", NAME, [FILES[NAME]])
    assert path.read_bytes() == cache.find("csc2.1", NAME).read_bytes()
    cache.store("csc2.1", OTHER, [FILES[NAME]])  # said once
    cache.trim()
    cache.clear()


def test_a_disk_that_is_full_is_left_for_another_place(tmp_path):
    code = """
    import resource, sys, warnings
    from cscwidgets.archive.files.cache import Cache
    from cscwidgets.errors import CscWarning
    name, content = sys.argv[2], bytes.fromhex(sys.argv[3])
    cache = Cache(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(content) - 1, -1))  # no file may be larger from now on
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            cache.store("csc2.1", name, [content])
        except OSError as error:
            print(error.strerror)
        print([str(w.message)[:34] for w in said if w.category is CscWarning])
        resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
        path = cache.store("csc2.1", name, [content])
        print(path.read_bytes() == content, str(path).startswith(sys.argv[1]))
    """
    command = [sys.executable, "-c", textwrap.dedent(code), tmp_path / "cache", NAME, FILES[NAME].hex()]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    assert done.stdout.splitlines() == ["File too large", "['Files are kept only until Python e']", "True False"]
