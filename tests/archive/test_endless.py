"""Servers whose answers have no end in time or in bytes: each ends in one error, soon, and in little memory."""

import gzip
import resource
import socket
import threading
import time
import zlib
from contextlib import contextmanager
from dataclasses import replace

import pytest

from cscwidgets.archive.connection import Connection
from cscwidgets.archive.files.listing import WantedProduct, list_products
from cscwidgets.archive.monitor import SILENT
from cscwidgets.archive.service_session import ServiceSession
from cscwidgets.archive.services import tap
from cscwidgets.csc.products import KINDS, Observation, ProductId
from cscwidgets.csc.releases import RELEASES
from cscwidgets.errors import CscError, QueryCancelled, ServiceUnreachable

from ..cancelling import Cancelling

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
START = b"<VOTABLE><RESOURCE>"


@contextmanager
def speaking(speak):
    """A server that sends what it likes on every connection, until the client goes or the test ends."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def talk(client):
        with client:
            try:
                if b" HTTP/1.1\r\n" in client.recv(65536):  # a port that others had before has callers of theirs
                    speak(client, over)
            except OSError:
                pass

    def listen():
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(client,), daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def drip(client, over, begin=b"", piece=b"x"):
    client.sendall(begin)
    while not over.wait(0.05):
        client.sendall(piece)


def line(url: str) -> Connection:
    release = replace(RELEASES["csc2.1"], tap=f"{url}/tap", csccli=f"{url}/csccli")
    return Connection(release, ServiceSession(1.0, 0.3), local=False, key="test")


def ask(url: str) -> None:
    connection = line(url)
    try:
        tap(connection, "SELECT 1", table=None, maxrec=None, monitor=SILENT)
    finally:
        connection.session.close()


def list_(url: str) -> None:
    connection = line(url)
    owner = Observation(619, 0, 12)
    try:
        list_products(connection, [WantedProduct("x", owner, ProductId(owner, KINDS["lc"], "b"))], SILENT)
    finally:
        connection.session.close()


DRIPS = {
    "status": (b"", b"H"),
    "headers": (HEAD, b"X-Header: x"),
    "many headers": (HEAD, b"X: y\r\n"),
    "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": (HEAD + b"\r\n" + START, b" "),
    "long body": (HEAD + b"Content-Length: 100000000\r\n\r\n" + START, b" "),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "one chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffffff\r\n", b" "),
    "size of a chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "gzip": (HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(START)[:-8], b"\0"),
}


@pytest.mark.parametrize("question", [ask, list_])
@pytest.mark.parametrize("name", DRIPS)
def test_a_drip_ends(name, question) -> None:
    begun = time.monotonic()
    with speaking(lambda client, over: drip(client, over, *DRIPS[name])) as url, pytest.raises(CscError):
        question(url)
    assert time.monotonic() - begun < 25  # five time-outs of 0.3 s, on a busy machine, and tries after dropped lines


def test_what_it_says_of_a_drip() -> None:
    with (
        speaking(lambda client, over: drip(client, over, HEAD + b"\r\n" + START)) as url,
        pytest.raises(ServiceUnreachable, match="did not answer in time"),
    ):
        ask(url)


@pytest.mark.parametrize("begin", [b"", HEAD, HEAD + b"\r\n" + START], ids=["status", "headers", "body"])
def test_who_cancels_does_not_wait_for_a_silent_server(begin) -> None:
    asked = []

    def silent(client, over):
        asked.append(client)
        client.sendall(begin)
        over.wait(30)

    with speaking(silent) as url, ServiceSession(1.0, 30.0) as session:
        connection = replace(line(url), session=session)
        started = time.monotonic()
        with pytest.raises(QueryCancelled):
            tap(connection, "SELECT 1", table=None, maxrec=None, monitor=Cancelling(0.5))
        assert time.monotonic() - started < 5
    assert len(asked) == 1  # not tried again


def flood(client, over, begin=b"", piece=b""):
    client.sendall(begin)
    while not over.is_set():
        client.sendall(piece)


@pytest.mark.parametrize(
    ("begin", "piece"),
    [
        (HEAD + b"\r\n" + START, b" " * 1_000_000),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"f4240\r\n" + b" " * 1_000_000 + b"\r\n"),
    ],
)
def test_a_flood_ends(begin, piece) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with speaking(lambda client, over: flood(client, over, begin, piece)) as url, pytest.raises(CscError):
        list_(url)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000


def bomb(encoding: str) -> bytes:
    """1.6 GB of blanks."""
    packer = zlib.compressobj(9, wbits={"gzip": 31, "deflate": 15}[encoding])
    begin = packer.compress(b" ") + packer.flush(zlib.Z_FULL_FLUSH)
    # Behind a full flush a part refers to none before it: it can be repeated. Nobody comes to the sum at the end.
    return begin + 16 * (packer.compress(b" " * 100_000_000) + packer.flush(zlib.Z_FULL_FLUSH))


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_packed_answer_does_not_grow(encoding) -> None:
    body = bomb(encoding)
    head = HEAD + f"Content-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.monotonic()
    with (
        speaking(lambda client, _: client.sendall(head + body)) as url,
        pytest.raises(CscError, match=r"larger than|in time"),
    ):
        list_(url)
    assert time.monotonic() - begun < 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000


@pytest.mark.parametrize("encoding", ["zstd", "br", "gzip, gzip", "x"])
def test_other_packings_are_refused(encoding) -> None:
    head = HEAD + f"Content-Encoding: {encoding}\r\nContent-Length: 4\r\n\r\nabcd".encode()
    with speaking(lambda client, _: client.sendall(head)) as url, pytest.raises(CscError, match="encoding"):
        list_(url)


def test_packed_answers_are_read() -> None:
    body = gzip.compress(b"[]")
    head = HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    with speaking(lambda client, _: client.sendall(head + body)) as url:
        list_(url)


def test_redirects_end() -> None:
    count = []

    def speak(client, _):
        count.append(1)
        client.sendall(b"HTTP/1.1 302 Found\r\nLocation: /again%d\r\nContent-Length: 100000000\r\n\r\n" % len(count))
        client.sendall(b" " * 100_000)

    with speaking(speak) as url, pytest.raises(CscError):
        ask(url)
    assert len(count) <= 6


def test_no_thread_is_left() -> None:
    others = set(threading.enumerate())  # of tests before this one

    def left() -> list[threading.Thread]:
        return [
            thread for thread in threading.enumerate() if thread.name == "cscwidgets deadline" and thread not in others
        ]

    with speaking(lambda client, _: client.sendall(HEAD + b"Content-Length: 2\r\n\r\n[]")) as url:
        for _ in range(5):
            list_(url)
    end = time.monotonic() + 5
    while time.monotonic() < end and left():
        time.sleep(0.05)
    assert left() == []
