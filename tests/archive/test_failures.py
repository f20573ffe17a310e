"""What goes wrong between us and a service becomes one clear error, tried again only where that can help."""

import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from astropy.coordinates import SkyCoord

from cscwidgets.archive.connection import Connection
from cscwidgets.archive.monitor import SILENT
from cscwidgets.archive.service_session import ServiceSession
from cscwidgets.archive.services import cone_search, tap
from cscwidgets.csc.releases import RELEASES
from cscwidgets.errors import QueryCancelled, QueryError, ServiceUnreachable
from cscwidgets.sky.region import Region

VOTABLE = b"""<VOTABLE version="1.3" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE type="results">
<INFO name="QUERY_STATUS" value="%s">%s</INFO><TABLE><FIELD name="name" datatype="char" arraysize="*"/>
<DATA><TABLEDATA><TR><TD>2CXO J1</TD></TR></TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"""
GOOD = VOTABLE % (b"OK", b"")


@contextmanager
def service(*answers, stall=0.0):
    """A server that gives one answer after the other, the last one again and again."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, headers, body = answers[min(len(asked), len(answers) - 1)]
            asked.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if status == 0:
                self.connection.close()
                return
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.end_headers()
            for start in range(0, len(body), 4096):
                self.wfile.write(body[start : start + 4096])
                time.sleep(stall)

        do_POST = do_GET  # noqa: N815 - the name http.server calls

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def ask(url, monitor=SILENT, **timeouts):
    session = ServiceSession(**timeouts)
    release = replace(RELEASES["csc2.1"], tap=f"{url}/tap", cone=f"{url}/cone")
    try:
        return tap(
            Connection(release, session, local=False, key="test"), "SELECT 1", table=None, maxrec=None, monitor=monitor
        )
    finally:
        session.close()


@pytest.mark.parametrize(
    "first", [(503, {}, b"busy"), (429, {"Retry-After": "0"}, b"slow down"), (502, {}, b""), (0, {}, b"")]
)
def test_what_can_be_mended_is_tried_again(first):
    with service(first, (200, {}, GOOD)) as (url, asked):
        assert list(ask(url)["name"]) == ["2CXO J1"]
        assert len(asked) == 2


@pytest.mark.parametrize(
    "wait",
    ["soon", "-5", "", "  ", "1e9", "\xb2", "0x10", "Thu, 99 Foo 2026", "Thu, 01 Jan 1970 00:00:00 GMT"],
)
def test_a_wait_that_is_none_is_the_usual_one(wait):
    with service((503, {"Retry-After": wait}, b"busy"), (200, {}, GOOD)) as (url, asked):
        started = time.monotonic()
        assert list(ask(url)["name"]) == ["2CXO J1"]
        assert len(asked) == 2
        assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("answer", "kind", "words", "times"),
    [
        ((503, {"Retry-After": "0"}, b"busy"), ServiceUnreachable, "cannot answer now.*503", 4),
        ((404, {}, b"gone"), QueryError, "404.*may have moved", 1),
        ((400, {}, VOTABLE % (b"ERROR", b"no such column: fluks")), QueryError, "No such column: fluks", 1),
        ((200, {}, VOTABLE % (b"ERROR", b"no such column: fluks")), QueryError, "No such column: fluks", 1),
        ((200, {}, b"<html><body>Down for maintenance</body></html>"), QueryError, "could not be understood", 1),
        ((200, {}, b""), QueryError, "could not be understood", 1),
        ((200, {}, GOOD[:250]), ServiceUnreachable, "broke off", 1),
        ((200, {"Content-Length": "900"}, GOOD[:250]), ServiceUnreachable, "broke off", 1),
    ],
)
def test_what_cannot_be_mended_is_said(answer, kind, words, times):
    with service(answer) as (url, asked):
        with pytest.raises(kind, match=words):
            ask(url)
        assert len(asked) == times


def test_no_server_names_the_offline_choices():
    with service((200, {}, GOOD)) as (url, _):
        pass
    with pytest.raises(ServiceUnreachable, match=r'refused.*"demo".*archive folder'):
        ask(url)


def test_an_unknown_host_is_not_tried_again():
    started = time.monotonic()
    with pytest.raises(ServiceUnreachable, match="address could not be looked up"):
        ask("http://nowhere.invalid")
    assert time.monotonic() - started < 5


def test_a_slow_server_ends_in_the_time_out_and_is_asked_once():
    with service((200, {}, GOOD), stall=30) as (url, asked):
        started = time.monotonic()
        with pytest.raises(ServiceUnreachable, match="in time"):
            ask(url, read_timeout=0.3)
        assert time.monotonic() - started < 3
        assert len(asked) == 1


def test_cancel_while_bytes_arrive():
    class Stop:
        reports = 0

        def report(self, message, fraction=None):
            self.reports += 1

        def check(self):
            if self.reports > 2:
                raise QueryCancelled("Searching was cancelled")

    rows = b"<TR><TD>2CXO J1</TD></TR>" * 200_000
    with service((200, {}, GOOD.replace(b"<TR><TD>2CXO J1</TD></TR>", rows)), stall=0.002) as (url, _):
        started = time.monotonic()
        with pytest.raises(QueryCancelled):
            ask(url, Stop())
        assert time.monotonic() - started < 2


def test_an_error_document_in_a_good_answer_is_recognised(real):
    document = (real / "scs" / "error_illegal_format.vot").read_bytes()
    with service((200, {"Content-Type": "text/xml"}, document)) as (url, _):
        session = ServiceSession()
        release = replace(RELEASES["csc2.1"], cone=f"{url}/cone")
        with pytest.raises(QueryError, match=r"Illegal format for ra, dec or sr\."):
            cone_search(
                Connection(release, session, local=False, key="test"),
                Region.circle(SkyCoord(1, 2, unit="deg"), 0.1),
                verbosity=2,
                monitor=SILENT,
            )
        session.close()
