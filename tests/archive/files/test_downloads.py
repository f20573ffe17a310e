"""Every way a service can fail ends in a whole file or in words, and never in the cache."""

import gzip
import io
import re
import tarfile
import threading
import time
import zlib

import pytest

from cscwidgets.archive.files import downloads
from cscwidgets.archive.files.cache import Cache
from cscwidgets.archive.files.downloads import download
from cscwidgets.archive.monitor import SILENT
from cscwidgets.errors import IncompleteFetch, ProductError, QueryCancelled, ServiceUnreachable

from ...product_files import fits_bytes
from ..fileserver import FileServer, items, light_curves, serving, tar_of

FILES = light_curves(3)
ONE = dict([next(iter(FILES.items()))])
((NAME, CONTENT),) = ONE.items()


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(downloads, "_BACK_OFF", 0.01)


def in_cache(cache):
    """What lies there, by name; nothing may be left on its way."""
    assert not [*cache.folder.glob(".incoming/*")]
    return {path.name.removesuffix(".gz"): path.read_bytes() for path in cache.folder.glob("*/*/*")}


def fetch(server, cache, files=None, monitor=SILENT, **timeouts):
    connection = server.connection(**timeouts)
    try:
        return download(connection, items(files or server.files), cache, monitor)
    finally:
        connection.session.close()


def first_times(count, answer):
    """A fault for so many requests of a single file, then good behaviour."""
    left = [count]

    def fault(what, name):
        if left[0] > 0:
            left[0] -= 1
            return answer
        return None

    return fault


BOMB = zlib.compressobj(9, zlib.DEFLATED, 31)
BOMB = b"".join(BOMB.compress(bytes(1 << 20)) for _ in range(100)) + BOMB.flush()
PAGE = b"<html><head><title>Scheduled maintenance</title></head><body>Back at noon</body></html>"
ERROR = b'<VOTABLE version="1.2"><INFO ID="Error" name="Error" value="No such version."/></VOTABLE>'


@pytest.mark.parametrize(
    "fault",
    [
        (500, {}, b"oops"),
        (429, {"Retry-After": "0"}, b"slow down"),
        (503, {"Retry-After": "0"}, b"busy"),
        (200, {}, None),
        (200, {}, CONTENT[:1000]),
        (200, {"Content-Length": "2000"}, CONTENT[:1000]),
        (200, {"Content-Length": "1000"}, CONTENT),
        (200, {}, CONTENT[:300] + bytes([CONTENT[300] ^ 1]) + CONTENT[301:]),
        (200, {}, gzip.compress(fits_bytes()[:-2880])),
        (200, {}, b""),
    ],
    ids=["500", "429", "503", "reset", "truncated", "short body", "short length", "flipped", "cut", "empty"],
)
def test_what_another_try_can_mend_is_mended(cache, fault):
    with serving(FileServer(ONE, first_times(1, fault))) as server:
        outcomes = fetch(server, cache, read_timeout=0.5)
        assert outcomes.failed == {}
        assert outcomes.fetched[NAME].read_bytes() == CONTENT
        assert in_cache(cache) == ONE
        assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("fault", "kind", "words", "times"),
    [
        ((500, {}, b"oops"), ProductError, "status 500", 3),
        ((429, {"Retry-After": "0"}, b""), ServiceUnreachable, "status 429", 4),
        ((429, {"Retry-After": "600"}, b""), ServiceUnreachable, "status 429.* a pause of 600 s", 1),
        ((404, {}, b"gone"), ProductError, "does not have it", 1),
        ((403, {}, b"no"), Exception, "status 403", 1),
        ((200, {}, PAGE), ProductError, "web page was sent instead of the file: Scheduled maintenance", 1),
        ((200, {}, ERROR), ProductError, "error document.*No such version", 1),
        ((200, {}, b"Error: no such file"), ProductError, "Error: no such file", 1),
        ((200, {}, BOMB), ProductError, "neither FITS nor", 1),
        ((200, {}, CONTENT[:1000]), ProductError, "damaged: the file breaks off", 3),
        ((200, {"Content-Length": "9000"}, CONTENT[:1000]), Exception, "broke off|did not answer", None),
        ((200, {}, None), ServiceUnreachable, "dropped", None),
    ],
    ids=["500", "429", "429 long", "404", "403", "page", "document", "words", "bomb", "truncated", "short", "reset"],
)
def test_what_stays_broken_is_said_and_leaves_nothing(cache, fault, kind, words, times):
    with serving(FileServer(ONE, lambda what, name: fault)) as server:
        outcomes = fetch(server, cache, read_timeout=0.5)
        assert outcomes.fetched == {}
        assert list(outcomes.failed) == [NAME]
        error = outcomes.failed[NAME]
        assert isinstance(error, kind)
        with pytest.raises(Exception, match=words):
            raise error
        assert times is None or len(server.asked) == times
        assert in_cache(cache) == {}
        # Nothing is poisoned: as soon as the service is well, the file comes.
        server.fault = lambda what, name: None
        assert fetch(server, cache).fetched[NAME].read_bytes() == CONTENT


def test_retry_after_is_honoured(cache):
    with serving(FileServer(ONE, first_times(1, (429, {"Retry-After": "1"}, b"")))) as server:
        started = time.monotonic()
        assert fetch(server, cache).fetched
        assert 1 <= time.monotonic() - started < 4


def test_a_silent_service_ends_in_the_time_out(cache):
    release = threading.Event()

    def hang(what, name):
        release.wait(10)

    with serving(FileServer(ONE, hang)) as server:
        started = time.monotonic()
        outcomes = fetch(server, cache, read_timeout=0.3)
        assert isinstance(outcomes.failed[NAME], ServiceUnreachable)
        assert "in time" in str(outcomes.failed[NAME])
        told = str(IncompleteFetch(outcomes.fetched, outcomes.failed))
        assert f"{NAME}: the answer of 127.0.0.1:" in told
        assert time.monotonic() - started < 3
        release.set()


def test_no_service_is_given_up_soon(cache):
    files = light_curves(100)
    with serving(FileServer(files)) as server:
        pass
    outcomes = fetch(server, cache)
    assert set(outcomes.failed) == set(files)
    assert all(isinstance(error, ServiceUnreachable) for error in outcomes.failed.values())
    assert in_cache(cache) == {}


def test_many_small_files_come_as_tars_and_are_asked_for_once(cache):
    files = light_curves(50)
    with serving(FileServer(files)) as server:
        assert fetch(server, cache).failed == {}
        assert in_cache(cache) == files
        assert sorted(what for what, _ in server.asked) == ["retrieve"] * 3
        assert fetch(server, cache).failed == {}
        assert len(server.asked) == 3


@pytest.mark.parametrize(
    "content",
    [
        tar_of([(f"../../{NAME}.gz", CONTENT), (f"/tmp/{NAME}.gz", CONTENT), ("evil.fits.gz", CONTENT)]),
        tar_of([(f"a/../../{name}.gz", content) for name, content in FILES.items()]),
        tar_of((f"{name}.gz", content[:500]) for name, content in FILES.items()),
        tar_of((f"{name}.gz", BOMB) for name in FILES),
        tar_of((f"{name}.gz", content) for name, content in FILES.items())[:6000],
        tar_of([]),
        PAGE,
        ERROR,
        b"",
        None,
    ],
    ids=["outside", "dots", "truncated members", "bombs", "truncated", "empty", "page", "document", "nothing", "reset"],
)
def test_a_bad_tar_is_made_up_for_file_by_file(cache, tmp_path, content):
    def fault(what, name):
        return (200, {}, content) if what == "retrieve" else None

    with serving(FileServer(FILES, fault)) as server:
        outcomes = fetch(server, cache, read_timeout=0.5)
        if content is None:
            assert all(isinstance(error, ServiceUnreachable) for error in outcomes.failed.values())
            assert in_cache(cache) == {}
        else:
            assert outcomes.failed == {}
            assert in_cache(cache) == FILES
    assert {path.name for path in tmp_path.rglob("*fits*")} <= {f"{name}.gz" for name in FILES}


def test_a_link_in_a_tar_is_not_followed(cache):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        link = tarfile.TarInfo(f"{NAME}.gz")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    fault = lambda what, name: (200, {}, buffer.getvalue()) if what == "retrieve" else None  # noqa: E731
    with serving(FileServer(FILES, fault)) as server:
        assert fetch(server, cache).failed == {}
        assert in_cache(cache) == FILES


def test_one_bad_file_does_not_take_the_others_with_it(cache):
    files = light_curves(30)
    bad = list(files)[7]

    def fault(what, name):
        if what == "retrieve":
            return None
        return (200, {}, PAGE) if name == bad else None

    with serving(FileServer(files, fault)) as server:
        server.files[bad] = b"not gzip"
        outcomes = fetch(server, cache)
        assert list(outcomes.failed) == [bad]
        assert set(outcomes.fetched) == set(files) - {bad}
        assert set(in_cache(cache)) == set(files) - {bad}


class Stop:
    """A monitor that says stop after a while, and keeps what it was told."""

    def __init__(self, after):
        self.end = time.monotonic() + after
        self.told = []

    def report(self, message, fraction=None):
        self.told.append((message, fraction))

    def check(self):
        if time.monotonic() > self.end:
            raise QueryCancelled("Fetching was cancelled")


@pytest.mark.parametrize("delay", [5.0, 0.05])
def test_cancelling_takes_less_than_a_second(cache, delay):
    files = light_curves(20, rows=1000)
    with serving(FileServer(files, delay=delay)) as server:
        started = time.monotonic()
        with pytest.raises(QueryCancelled):
            fetch(server, cache, monitor=Stop(0.5))
        assert time.monotonic() - started < 1.5
        # What arrived whole may stay; nothing else does.
        for name, path in ((path.name.removesuffix(".gz"), path) for path in cache.folder.glob("*/*/*")):
            assert path.read_bytes() == files[name]


def test_cancelling_while_the_server_asks_to_wait(cache):
    with serving(FileServer(ONE, lambda what, name: (503, {"Retry-After": "20"}, b""))) as server:
        started = time.monotonic()
        with pytest.raises(QueryCancelled):
            fetch(server, cache, monitor=Stop(0.3))
        assert time.monotonic() - started < 1.3


def test_progress_tells_files_bytes_and_time_left(cache):
    files = light_curves(60)
    monitor = Stop(60)
    with serving(FileServer(files, delay=0.06)) as server:
        fetch(server, cache, monitor=monitor)
    fractions = [fraction for _, fraction in monitor.told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert any(" left" in message for message, _ in monitor.told)
    assert re.fullmatch(r"60 of 60 files, 0\.\d MB received", monitor.told[-1][0])
