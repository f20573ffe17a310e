"""The server under clients that never finish, are many, or hang up."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from cscwidgets.service import connections
from cscwidgets.service.connections import Server
from cscwidgets.service.server import make_archive_server

ENDLESS = (
    "SELECT COUNT(*) AS n FROM observation_source a, observation_source b, observation_source c, observation_source d"
)


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    made = make_archive_server(folder)
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def half_open(server: Server, sent: bytes = b"GET / HTTP/1.1\r\nHost: x") -> socket.socket:
    made = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    made.sendall(sent)
    return made


def is_answered(server: Server) -> bool:
    return requests.get(f"{server.base}/tap/availability", timeout=30).status_code == 200


def test_half_open_requests_are_let_go(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.5)
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.5)
    before = threading.active_count()
    body = b"POST /tap/sync HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 1000\r\n\r\nLANG" % server.port
    chunked = body.replace(b"Content-Length: 1000", b"Transfer-Encoding: chunked")
    opened = [half_open(server, sent) for sent in (b"", b"GET", b"GET / HTTP/1.1\r\nHost: x", body, chunked) * 4]
    end = time.monotonic() + 20
    while threading.active_count() > before and time.monotonic() < end:
        opened[0].sendall(b"G") if time.monotonic() < end - 19.8 else None  # a drip buys no time
        time.sleep(0.05)
    assert threading.active_count() <= before
    assert is_answered(server)
    for each in opened:
        each.close()


def test_connections_are_bounded_and_others_get_through(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 20)
    monkeypatch.setattr(connections, "_PATIENCE", 0.2)
    before = threading.active_count()
    opened = [half_open(server) for _ in range(60)]
    time.sleep(0.5)
    assert threading.active_count() - before <= 21
    assert is_answered(server)
    for each in opened:
        each.close()


def test_many_at_once_are_all_answered(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 8)
    answers: list[bool] = []
    threads = [threading.Thread(target=lambda: answers.append(is_answered(server))) for _ in range(60)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert answers == [True] * 60


def test_a_client_that_hangs_up_stops_its_query(server: Server) -> None:
    database = server.app._app.database
    stopped = threading.Event()
    query = database.query

    def watched(*args, **kwargs):
        try:
            return query(*args, **kwargs)
        finally:
            stopped.set()

    database.query = watched
    try:
        body = f"LANG=ADQL&QUERY={requests.utils.quote(ENDLESS)}".encode()
        head = f"POST /tap/sync HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: {len(body)}\r\n"
        head += "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        client = half_open(server, head.encode() + body)
        assert not stopped.wait(1.0)
        client.close()
        assert stopped.wait(10.0)
    finally:
        del database.query


@pytest.mark.parametrize("length", ["٣", "²", "-1", "1e3", "0x10", "", "9" * 30])
def test_a_length_that_is_no_number_is_refused(server: Server, length: str) -> None:
    head = f"POST /tap/sync HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: {length}\r\n\r\n"
    with half_open(server, head.encode()) as client:
        assert client.recv(100).startswith((b"HTTP/1.1 400", b"HTTP/1.1 413"))


def test_more_than_may_be_uploaded_is_refused_before_it_comes(server: Server) -> None:
    head = f"POST /tap/sync HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: 5000000000\r\n\r\n"
    with half_open(server, head.encode()) as client:
        assert client.recv(100).startswith(b"HTTP/1.1 413")


def test_chunks_are_taken(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    pieces = (b"LANG=ADQL&FORMAT=csv&", b"QUERY=SELECT+1+AS+x")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/tap/sync", body=iter(pieces), headers=headers, encode_chunked=True)
    assert connection.getresponse().read() == b"x\r\n1\r\n"
    connection.close()
