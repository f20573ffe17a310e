"""What a network and a service can do to an answer: the columns of the fault matrix."""

from __future__ import annotations

import gzip
import io
import json
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from astropy.io.votable import parse_single_table
from astropy.table import Table, vstack

from ..archive.replying import votable
from .faulty_server import Act, Answer, Talk

__all__ = ["FAULTS", "Fault", "faults_of"]

EVERY = frozenset({"votable", "json", "file", "tar", "text"})
VOTABLE = frozenset({"votable"})

HTML = b"<!DOCTYPE html><html><head><title>Down for maintenance</title></head><body><h1>Sorry</h1></body></html>"
ERROR = (
    b'<?xml version="1.0"?><VOTABLE version="1.3" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">'
    b'<RESOURCE type="results">'
    b'<INFO name="QUERY_STATUS" value="ERROR">The database is being restored</INFO></RESOURCE></VOTABLE>'
)
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE VOTABLE [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    + b"]><VOTABLE><RESOURCE><DESCRIPTION>&a11;</DESCRIPTION></RESOURCE></VOTABLE>"
)
FLOOD = b" " * 2_000_000


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    Attributes
    ----------
    words : str
        What it is, for people.
    act : callable
        Does it to an answer.
    kinds : frozenset of str
        Of answers that it can happen to.
    mended : str
        When the client must come to the right answer in spite of it: "once", if it happens once; "always"; or "".
    elsewhere : str
        Where the line goes instead, see `FaultyServer.order`.
    prepare : callable
        What takes long of the change, before somebody waits for it.
    lasting : bool
        Whether it takes its time: nobody asks again after that, so that once is as good as always.
    """

    words: str
    act: Act
    kinds: frozenset[str] = EVERY
    mended: str = ""
    elsewhere: str = ""
    prepare: Callable[[bytes], object] = len
    lasting: bool = False


def _instead(status: int = 200, body: bytes = b"", **headers: str) -> Act:
    def act(answer: Answer, talk: Talk) -> None:
        changed = Answer(status, {"Content-Type": "text/html"}, body)
        talk.send(changed.head(**headers) + body)

    return act


def _changed(change: Callable[[bytes], bytes], **headers: str | None) -> Act:
    """The answer with another body, whole as far as HTTP can tell."""

    def act(answer: Answer, talk: Talk) -> None:
        changed = answer.with_body(change(answer.body))
        talk.send(changed.head(**headers) + changed.body)

    return act


def _half(answer: Answer) -> bytes:
    return answer.body[: max(1, len(answer.body) // 2)]


def _part(answer: Answer, talk: Talk, **headers: str | None) -> None:
    talk.send(answer.head(**headers) + _half(answer))


def _reset_midway(answer: Answer, talk: Talk) -> None:
    _part(answer, talk)
    talk.wait(0.2)
    talk.reset()


def _hang_midway(answer: Answer, talk: Talk) -> None:
    _part(answer, talk)
    talk.wait()


def _drip_headers(answer: Answer, talk: Talk) -> None:
    talk.send(b"HTTP/1.1 200 OK\r\n")
    talk.drip(b"X-Patience: please\r\n")


def _drip_body(answer: Answer, talk: Talk) -> None:
    talk.send(answer.head(content_length=str(100_000_000)))
    talk.drip(b" ")


def _truncated_chunks(answer: Answer, talk: Talk) -> None:
    half = _half(answer)
    talk.send(answer.head(content_length=None, transfer_encoding="chunked") + b"%x\r\n%s\r\n" % (len(half), half))


def _endless(answer: Answer, talk: Talk) -> None:
    talk.send(answer.head(content_length=None) + answer.body[:1000])
    while not talk.wait(0.005):
        talk.send(FLOOD)


def _many_headers(answer: Answer, talk: Talk) -> None:
    talk.send(b"HTTP/1.1 200 OK\r\n" + b"X-Header: x\r\n" * 1000 + b"\r\n" + answer.body)


def _no_http(answer: Answer, talk: Talk) -> None:
    talk.send(b"\x15\x03\x01\x00\x02\x02\x50" + b"220 ftp.example.org ready\r\n")


def _redirect_to(target: str) -> Act:
    def act(answer: Answer, talk: Talk) -> None:
        talk.send(Answer(302, {}, b"").head(location=target.replace("BASE", talk.base)))

    return act


def _damaged_gzip(content: bytes) -> bytes:
    packed = bytearray(gzip.compress(content, mtime=0))
    packed[len(packed) // 2] ^= 0xFF
    packed[-6] ^= 0xFF
    return bytes(packed)


_BOMB = gzip.compress(b" " * 50_000_000, 1, mtime=0) * 21  # unpacked one after the other


def _garbage(content: bytes) -> bytes:
    """Bytes that mean nothing, in the midst of it."""
    at = len(content) // 2
    return content[:at] + b"\xff\x00\xfe\x01" * 8 + content[at + 32 :]


def _other_columns(content: bytes) -> bytes:
    """The columns have other names, as those of the next release may."""
    if content.lstrip().startswith(b"["):
        return json.dumps(
            [{f"new_{name}": value for name, value in row.items()} for row in json.loads(content)]
        ).encode()
    return re.sub(rb'(<FIELD[^>]*\bname=")([^"]*)', rb"\1new_\2", content)


def _typed_otherwise(content: bytes) -> bytes:
    """Numbers come as words."""
    if content.lstrip().startswith(b"["):
        return json.dumps([dict.fromkeys(row, "brightish") for row in json.loads(content)]).encode()
    return content.replace(b'datatype="double"', b'datatype="boolean"')


_STREAM = re.compile(rb"(<STREAM[^>]*>)(.*?)(</STREAM>)", re.DOTALL)


def _stream_short(content: bytes) -> bytes:
    """Rows end in the midst of one, in a document that is whole."""
    return _STREAM.sub(lambda part: part[1] + part[2].strip()[:-8] + part[3], content, count=1)


def _stream_dirty(content: bytes) -> bytes:
    """Some of the letters of the rows are others, which mean nothing there."""
    return _STREAM.sub(lambda part: part[1] + b"!!!!" + part[2][4:] + part[3], content, count=1)


def _again(arrange: Callable[[Table], Table]) -> Callable[[bytes], bytes]:
    """The same answer with its rows in another order or number, as astropy writes it."""

    @lru_cache(maxsize=20)
    def change(content: bytes) -> bytes:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table = parse_single_table(io.BytesIO(content)).to_table(use_names_over_ids=True)
            return votable(arrange(table), "OVERFLOW" if b'value="OVERFLOW"' in content else "OK")

    return change


def _unsaid(content: bytes) -> bytes:
    return content.replace(b'value="OVERFLOW"', b'value="OK"')


def _overflow(content: bytes) -> bytes:
    return content.replace(b'value="OK"', b'value="OVERFLOW"')


_REVERSED = _again(lambda rows: rows[::-1])
_DOUBLED = _again(lambda rows: vstack([rows, rows]))

FAULTS: dict[str, Fault] = {
    "refused": Fault("the connection is refused", _instead(), elsewhere="nobody"),
    "lost": Fault("the address is not known", _instead(), elsewhere="lost"),
    "reset": Fault("the connection is dropped before an answer", lambda _, talk: talk.reset(), mended="once"),
    "reset midway": Fault("the connection is dropped in the midst of the answer", _reset_midway),
    "silence": Fault("nothing comes", lambda _, talk: talk.wait() and None, lasting=True),
    "drip of headers": Fault("headers come for ever, one by one", _drip_headers, lasting=True),
    "hang midway": Fault("the answer stops in its midst, the line stays open", _hang_midway, lasting=True),
    "drip": Fault("the answer comes byte by byte", _drip_body, lasting=True),
    "cut": Fault("the answer ends before its length", _part),
    "cut without length": Fault(
        "the answer ends in its midst, and no length was said",
        lambda answer, talk: _part(answer, talk, content_length=None),
    ),
    "cut chunks": Fault("the answer comes in chunks and ends without the last", _truncated_chunks),
    "endless": Fault("the answer has no end", _endless, lasting=True),
    "empty": Fault("the answer is empty", _instead()),
    "no HTTP": Fault("what answers speaks no HTTP", _no_http),
    "no TLS": Fault("what answers at https speaks no TLS", _instead(), elsewhere="tls"),
    "many headers": Fault("there are a thousand headers", _many_headers),
    "page": Fault("a web page comes with status 200", _instead(200, HTML)),
    "500": Fault("status 500 with an error document", _instead(500, ERROR)),
    "503": Fault("status 503 with Retry-After", _instead(503, HTML, retry_after="0"), mended="once"),
    "503 for an hour": Fault("status 503, to be asked again in an hour", _instead(503, HTML, retry_after="3600")),
    "429": Fault("status 429, too many requests", _instead(429, b"slow down", retry_after="0"), mended="once"),
    "404": Fault("status 404", _instead(404, HTML)),
    "403": Fault("status 403", _instead(403, HTML)),
    "redirect loop": Fault("redirects to itself for ever", _redirect_to("BASE/loop.example/")),
    "redirect to a page": Fault("redirects to a page", _redirect_to("BASE/page.example/")),
    "redirect to a file": Fault("redirects to a file of this machine", _redirect_to("file:///etc/passwd")),
    "other type": Fault(
        "the right answer under a wrong Content-Type",
        _changed(lambda body: body, content_type="text/html; charset=utf-16"),
        mended="always",
    ),
    "packed": Fault(
        "the right answer in gzip",
        _changed(lambda body: gzip.compress(body, mtime=0), content_encoding="gzip"),
        frozenset({"votable", "json", "text"}),
        mended="always",
    ),
    "not packed": Fault("not in gzip, as the headers say", _changed(lambda body: body, content_encoding="gzip")),
    "damaged gzip": Fault("in gzip, which is damaged", _changed(_damaged_gzip, content_encoding="gzip")),
    "bomb": Fault("unpacks to more than a gigabyte", _changed(lambda _: _BOMB, content_encoding="gzip"), lasting=True),
    "unknown packing": Fault("in a packing that was not asked for", _changed(lambda body: body, content_encoding="br")),
    "error in 200": Fault("an error document with status 200", _instead(200, ERROR)),
    "XML bomb": Fault("entities that grow to gigabytes", _instead(200, LAUGHS)),
    "garbage": Fault("32 bytes of rubbish in its midst", _changed(_garbage)),
    "overflow": Fault("the service says that rows are missing", _changed(_overflow), VOTABLE),
    "overflow unsaid": Fault(
        "rows beyond the limit that was asked for are left out without a word", _changed(_unsaid), VOTABLE, "always"
    ),
    "other order": Fault("the rows come in another order", _changed(_REVERSED), VOTABLE, "always", prepare=_REVERSED),
    "twice": Fault("every row comes twice", _changed(_DOUBLED), VOTABLE, prepare=_DOUBLED),
    "other columns": Fault("the columns have other names", _changed(_other_columns), frozenset({"votable", "json"})),
    "other types": Fault("numbers are none", _changed(_typed_otherwise), frozenset({"votable", "json"})),
    "short rows": Fault("rows end in the midst of one", _changed(_stream_short), VOTABLE),
    "dirty rows": Fault("letters of the rows mean nothing", _changed(_stream_dirty), VOTABLE),
}
"""The faults by their names."""


def faults_of(kind: str) -> list[str]:
    """Those that can happen to answers of a kind."""
    return [name for name, fault in FAULTS.items() if kind in fault.kinds]
