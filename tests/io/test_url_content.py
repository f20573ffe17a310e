"""What other programs offer by an address: read from files and servers, never led inside by one from outside."""

import gzip
import threading
import time
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from cscwidgets.io import hosts
from cscwidgets.io.reading import Unreadable
from cscwidgets.io.url_content import http_content, url_content


class Quiet(SimpleHTTPRequestHandler):
    asked: ClassVar[list] = []

    def do_GET(self):
        self.asked.append((self.path, dict(self.headers)))
        super().do_GET()

    def log_message(self, *_):
        pass


class Redirecting(BaseHTTPRequestHandler):
    to = ""

    def do_GET(self):
        self.send_response(302)
        self.send_header("Location", self.to)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def serve():
    servers = []

    def start(handler, host="127.0.0.1"):
        server = ThreadingHTTPServer((host, 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://{host}:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def files(tmp_path, serve):
    """A server of a folder, and what it was asked."""
    (tmp_path / "a b.vot").write_bytes(b"rows")
    (tmp_path / "a.vot.gz").write_bytes(gzip.compress(b"packed rows"))
    handler = type("Files", (Quiet,), {"asked": []})
    return serve(partial(handler, directory=str(tmp_path))), handler.asked


def redirecting(to):
    return type("To", (Redirecting,), {"to": to})


def test_files_and_servers_are_read_and_unpacked(tmp_path, files):
    address, _ = files
    assert url_content((tmp_path / "a b.vot").as_uri(), 100) == b"rows"
    assert url_content(f"file://localhost{tmp_path}/a%20b.vot", 100) == b"rows"
    assert url_content(f"{address}/a%20b.vot", 100) == b"rows"
    assert url_content(f"{address}/a.vot.gz", 100) == b"packed rows"


def test_what_is_too_large_or_not_there_is_refused(tmp_path, files):
    address, _ = files
    (tmp_path / "b.vot").write_bytes(gzip.compress(b"x" * 101))
    for url in ((tmp_path / "b.vot").as_uri(), f"{address}/b.vot"):
        with pytest.raises(Unreadable):
            url_content(url, 100)
    with pytest.raises(Unreadable, match="HTTP status 404"):
        url_content(f"{address}/none.vot", 100)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/a", "jar:file:/a", "file://192.0.2.1/etc/passwd", "a.vot", ""])
def test_other_addresses_are_not_asked(url):
    with pytest.raises(Unreadable):
        url_content(url, 100)


@pytest.fixture
def outside(monkeypatch):
    """127.0.0.2 stands for the internet, which tests do not have."""
    real = hosts._is_local
    monkeypatch.setattr(hosts, "_is_local", lambda address: address != "127.0.0.2" and real(address))
    return "127.0.0.2"


def test_a_redirect_leads_from_outside_to_outside_and_inside_to_anywhere_but_never_in(serve, files, outside):
    address, asked = files
    inward = f"{address}/a.vot.gz"
    by_way = serve(redirecting(inward), outside)
    for url in (by_way, serve(redirecting(by_way), outside), serve(redirecting(by_way))):
        with pytest.raises(Unreadable, match="no business"):
            url_content(url, 100)
    with pytest.raises(Unreadable, match="no business"):
        url_content(serve(redirecting(inward.replace("http:", "").replace("127.0.0.1", "localhost")), outside), 100)
    assert asked == []
    assert url_content(serve(redirecting(inward)), 100) == b"packed rows"


def test_no_proxy_and_no_password_of_the_environment_is_used(tmp_path, files, monkeypatch):
    address, asked = files
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert url_content(f"{address}/a.vot.gz", 100) == b"packed rows"
    [(_, headers)] = asked
    assert "Authorization" not in headers


class Dripping(BaseHTTPRequestHandler):
    """Says one byte after the other: each in time, the whole never."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(100):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass  # nobody waits any more

    def log_message(self, *_):
        pass


def test_what_does_not_come_whole_in_time_is_said_in_words(serve):
    with pytest.raises(Unreadable, match="nothing whole came in time"):
        http_content(f"{serve(Dripping)}/", 1000, seconds=0.5)
