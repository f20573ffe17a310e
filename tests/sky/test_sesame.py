"""Sesame's answers as CDS sends them, and everything else that a network may send instead."""

import socket
import threading
import time
from contextlib import contextmanager, suppress

import pytest
from astropy.coordinates.name_resolve import sesame_url

from cscwidgets.errors import RegionError
from cscwidgets.sky import sesame
from cscwidgets.sky.names import resolve

KNOWN = """# m42\t#Q2338
#=S=Simbad (via url):    1
%@ 3434
%I.0 M  42
%C.0 HII
%J 83.82208 -5.39111 = 05:35:17.3 -05:23:28
%J.E [9999.00 9999.00 0] C
#B 12

#====Done (2026-Jan-01,12:20:16z)====
"""
UNKNOWN = "# nothing\t#Q1\n#!SIMBAD: No known catalog could be found\n#! *** Nothing found ***\n#====Done (now)====\n"


@contextmanager
def answering(*answers):
    """Servers that give one answer each, in bytes as they go over the line."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in answers]

    def talk(listener, answer):
        line, _ = listener.accept()
        with line, suppress(OSError):  # who asked may have had enough
            line.recv(65536)
            line.sendall(answer)

    threads = [threading.Thread(target=talk, args=pair, daemon=True) for pair in zip(listeners, answers, strict=True)]
    for thread in threads:
        thread.start()
    try:
        with sesame_url.set([f"http://127.0.0.1:{one.getsockname()[1]}/nph-sesame/" for one in listeners]):
            yield
    finally:
        for listener in listeners:
            listener.close()


def http(body, status=200):
    return f"HTTP/1.1 {status} OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()


def test_a_position_is_read():
    with answering(http(KNOWN)):
        position = resolve("NGC 1976")
    assert (position.ra.deg, position.dec.deg) == (83.82208, -5.39111)


def test_a_name_that_is_not_listed_is_said_to_be_so():
    with answering(http(UNKNOWN)), pytest.raises(RegionError, match="'NGC 99999' is not known"):
        resolve("NGC 99999")


def test_the_second_server_is_asked_where_the_first_fails():
    with answering(http("busy", 503), http(KNOWN)):
        assert resolve("NGC 1976").ra.deg == 83.82208


@pytest.mark.parametrize(
    "answer",
    [
        http("<html><body>Down for maintenance</body></html>"),
        http(KNOWN.partition(" = ")[0]),  # of -5.39111 the rest may be missing
        http(KNOWN.partition("%J")[0]),
        http(KNOWN.replace("83.82208", "883.82208")),
        http(KNOWN.replace("-5.39111", "-95.39111")),
        http("", 200),
        http(KNOWN, 500),
        b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n" + KNOWN.encode(),
        b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n",
    ],
)
def test_what_is_no_answer_of_sesame_is_none(answer):
    with answering(answer), pytest.raises(RegionError, match="could not be looked up"):
        resolve("NGC 1976")


def test_an_answer_without_end_is_left(monkeypatch):
    flood = b"HTTP/1.1 200 OK\r\n\r\n# m42\n" + b"x" * 5_000_000
    begun = time.monotonic()
    with answering(flood), pytest.raises(sesame.NoAnswer, match="larger than 1 MB"):
        sesame.look_up("NGC 1976")
    assert time.monotonic() - begun < 5
