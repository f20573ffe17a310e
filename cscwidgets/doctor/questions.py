"""A question as it is sent: told before it goes, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from html import unescape
from re import DOTALL, IGNORECASE, findall, search, sub
from types import MappingProxyType
from urllib.parse import parse_qsl

import requests

from cscwidgets.io.gzipped import GZIP, gunzip
from cscwidgets.io.reading import Unreadable

__all__ = ["Exchange", "Question", "question_of"]

_FORM = "application/x-www-form-urlencoded"
_KEPT = 4_000_000  # bytes of an answer that are looked at


@dataclass(frozen=True)
class Question:
    """A request, as it is told.

    Attributes
    ----------
    method, address : str
        GET, POST or DELETE, and where it goes to.
    form : mapping of str to str
        What a POST carries, by name; of a table that is sent along, its size.
    """

    method: str
    address: str
    form: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __str__(self) -> str:
        return "\n".join(
            [f"> {self.method} {self.address}", *(f">   {name}={value}" for name, value in self.form.items())]
        )


def question_of(request: requests.PreparedRequest) -> Question:
    """What a request asks."""
    kind, body = str(request.headers.get("Content-Type", "")), request.body or b""
    content = body if isinstance(body, bytes) else str(body).encode()
    form: dict[str, str] = {}
    if kind.startswith(_FORM):
        form = dict(parse_qsl(content.decode(), keep_blank_values=True))
    elif kind.startswith("multipart/"):
        for part in message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + content).walk():
            if name := part.get_param("name", header="content-disposition"):
                form[str(name)] = _part(part)
    return Question(request.method or "GET", request.url or "", MappingProxyType(form))


def _part(part: Message) -> str:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    return f"(a table of {len(content):,} bytes)" if part.get_filename() else content.decode("utf-8", "replace").strip()


@dataclass
class Exchange:
    """A question and what came of it.

    ``failure`` is what the connection ended with, where it did not end well; ``received`` counts the bytes of the body
    as they were sent.
    """

    question: Question
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    received: int = 0
    failure: BaseException | None = None
    complete: bool = False
    body: bytearray = field(default_factory=bytearray, repr=False)

    def take(self, data: bytes) -> None:
        """Keep a piece of the body."""
        self.received += len(data)
        if len(self.body) < _KEPT:
            self.body += data
        self.complete = not data

    @property
    def content(self) -> bytes:
        """The body as it is kept, unpacked where that is possible."""
        content = bytes(self.body)
        if "gzip" in self.headers.get("Content-Encoding", "") and content.startswith(GZIP):
            try:
                return gunzip(content, 10 * _KEPT)
            except Unreadable:
                pass
        return content

    @property
    def text(self) -> str:
        """The same as text."""
        return self.content.decode("utf-8", "replace")

    @property
    def is_page(self) -> bool:
        """Whether a web page came."""
        return search(r"<(!doctype\s+html|html)\b", self.text[:2000], IGNORECASE) is not None

    @property
    def page_title(self) -> str:
        """What a web page is called."""
        found = search(r"<(title|h1)\b[^>]*>(.*?)</\1>", self.text[:20_000], IGNORECASE | DOTALL)
        return " ".join(unescape(sub(r"<[^>]*>", " ", found[2])).split())[:120] if found else "without a title"

    @property
    def query_status(self) -> str | None:
        """What QUERY_STATUS of a VOTable says at its end, None where there is none."""
        status = None
        for element in _infos(self.text):
            if element.get("name", "").upper() == "QUERY_STATUS":
                status = element.get("value", "")
        return status

    @property
    def has_rows(self) -> bool:
        """Whether a VOTable holds rows."""
        return search(r"<(\w+:)?(TR|STREAM)\b", self.text) is not None


def _infos(text: str) -> list[dict[str, str]]:
    return [
        {
            name.lower(): unescape(one or other)
            for name, one, other in findall(r"(\w+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", tag)
        }
        for tag in findall(r"<(?:\w+:)?INFO\b([^>]*)>", text)
    ]
