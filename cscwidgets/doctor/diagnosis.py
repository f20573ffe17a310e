"""What ails an exchange: from what came, or did not, to words that name the fault."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from cscwidgets.archive.failures import causes_of
from cscwidgets.archive.service_session import asked_to_wait
from cscwidgets.errors import CscError
from cscwidgets.io.gzipped import GZIP

from .findings import NEWER, Deviation
from .questions import Exchange
from .session import StepOver

__all__ = ["fault", "mispacked", "moved", "not_reached", "too_slow"]

_AGAIN = "Try again later; if it stays so, attach this report to an issue."
_NOT_REACHED = (
    (r"Name or service not known|name resolution|NameResolution|getaddrinfo", "its address could not be looked up"),
    (r"refused", "the connection was refused"),
    (r"unreachable", "the network does not reach it"),
    (r"ConnectTimeout|connect timeout", "no connection came about in time"),
    (r"proxy", "the proxy did not let it through"),
)


def not_reached(error: BaseException) -> str | None:
    """Why a service was not reached at all, or None if it was."""
    for cause in causes_of(error):
        if isinstance(cause, requests.exceptions.SSLError | urllib3.exceptions.SSLError):
            return None
        if isinstance(cause, requests.ConnectionError | requests.ConnectTimeout | urllib3.exceptions.HTTPError):
            text = f"{type(cause).__name__} {cause}"
            for pattern, words in _NOT_REACHED:
                if re.search(pattern, text, re.IGNORECASE):
                    return words
    return None


def too_slow(what: str, seconds: float) -> Deviation:
    """That nothing whole came in the time of a step."""
    return Deviation(
        f"{what}: the service is too slow",
        "a whole answer in time",
        f"none within {seconds:.3g} s",
        "The client waits up to its time-out, then says that there was no answer.",
        _AGAIN,
    )


def fault(what: str, error: BaseException, exchanges: Sequence[Exchange], seconds: float) -> Deviation:
    """What a question failed with, by what came last."""
    last = exchanges[-1] if exchanges else None
    if _was_late(error) or (last is not None and last.failure is not None and _was_late(last.failure)):
        return too_slow(what, seconds)
    named = None if last is None else _by_connection(last, error) or _by_status(last) or _by_content(last)
    if named is None:
        named = ("an answer that the client can use", _words(error), "What asks for this fails.", NEWER)
    return Deviation(what, *named)


def moved(exchange: Exchange) -> Deviation | None:
    """That an address answers with another one; a job's new address (303) is none."""
    if exchange.status not in {301, 302, 307, 308}:
        return None
    target = exchange.headers.get("Location", "")
    lasting = exchange.status in {301, 308}
    return Deviation(
        f"The address has {'moved' if lasting else 'moved for now'}",
        f"{_bare(exchange.question.address)} answers itself",
        f"it answers HTTP {exchange.status} and names {_bare(target) or 'no other address'}",
        "Every question takes one more request; one that is posted may lose what it carries.",
        NEWER if lasting else "Nothing, if what follows is well.",
        matters=lasting,
    )


def mispacked(exchange: Exchange) -> Deviation | None:
    """That an answer is not packed as its header says."""
    packed = exchange.headers.get("Content-Encoding", "").strip().lower()
    if packed not in {"gzip", "x-gzip"} or not exchange.body or exchange.body.startswith(GZIP):
        return None
    return Deviation(
        "An answer is not packed as its header says",
        f"{_bare(exchange.question.address)} packed by gzip, or no Content-Encoding",
        "Content-Encoding says gzip, and its bytes are not",
        "The client takes it as it is; other programs may not.",
        "Nothing.",
        matters=False,
    )


Named = tuple[str, str, str, str]


def _by_connection(last: Exchange, error: BaseException) -> Named | None:
    failure = last.failure or error
    causes = [cause for one in (failure, error) for cause in causes_of(one)]
    if any(isinstance(cause, requests.exceptions.SSLError | urllib3.exceptions.SSLError) for cause in causes):
        return (
            "a certificate that this machine trusts",
            f"the certificate of {urlsplit(last.question.address).hostname} was not accepted: {_words(failure)}",
            "Nothing is sent to it, and nothing can be asked.",
            "Check the clock of this machine, and with its administrator whether a proxy stands between.",
        )
    if last.status == 0:
        return (
            "an answer",
            "the connection was dropped before anything came",
            "The client asks again, up to three times.",
            _AGAIN,
        )
    length = last.headers.get("Content-Length", "")
    broken = (urllib3.exceptions.ProtocolError, requests.exceptions.ChunkedEncodingError)
    cut = not length.isdecimal() or last.received < int(length)
    if cut and not last.complete and any(isinstance(cause, broken) for cause in causes):
        of = f" of {int(length):,}" if length.isdecimal() else ""
        return (
            "a whole answer",
            f"the connection was cut after {last.received:,}{of} bytes",
            "The client says that the answer broke off, or fetches the file again.",
            _AGAIN,
        )
    return None


def _by_status(last: Exchange) -> Named | None:
    status = f"HTTP status {last.status}"
    if last.status in {404, 410}:
        return (
            "an answer at this address",
            f"{status}: {_bare(last.question.address)} is {'gone' if last.status == 410 else 'not there'}",
            "What is asked there fails: the service has moved, or does not offer this.",
            NEWER,
        )
    if last.status in {429, 502, 503, 504}:
        wait = asked_to_wait(last.headers)
        pause = f"; it asks for a pause of {wait:.0f} s (Retry-After)" if wait else ""
        return (
            "an answer",
            f"{status}: busy, or under maintenance{pause}",
            "The client asks again up to three times, if it need not wait longer than 30 s.",
            _AGAIN,
        )
    if last.status in {401, 403, 407}:
        return ("an answer without a login", f"{status}: access was refused", "Nothing can be asked.", NEWER)
    if last.is_page:
        found = f"a web page ({status}): {last.page_title}"
        return ("a document of the protocol", found, "The client says that a page came instead of an answer.", NEWER)
    return ("an answer", status, "What asks for this fails.", NEWER) if last.status >= 500 else None


def _by_content(last: Exchange) -> Named | None:
    content = last.content
    if not content.strip():
        return ("an answer", "an empty one", "The client says that it cannot be understood.", NEWER)
    declared = re.match(rb"<\?xml[^>]*encoding=[\"']([\w.-]+)", content)
    try:
        content.decode(declared[1].decode() if declared else "utf-8")
    except (UnicodeDecodeError, LookupError) as problem:
        if content.lstrip()[:1] == b"<":
            says = declared[1].decode() if declared else "utf-8"
            return (
                f"a document in the encoding that it says, {says}",
                f"its encoding is another one ({problem})",
                "The client cannot read the answer.",
                NEWER,
            )
    if b"VOTABLE" in content[:2000] and b"VOTABLE>" not in content[-200:]:
        return (
            "a whole VOTable",
            f"it is truncated: after {last.received:,} bytes it ends without its end tag",
            "The client says that the answer broke off.",
            _AGAIN,
        )
    if last.query_status == "ERROR" and last.has_rows:
        return (
            "QUERY_STATUS OK with rows",
            "QUERY_STATUS says ERROR, and rows came all the same",
            "The client takes the query for refused.",
            NEWER,
        )
    return None


def _was_late(error: BaseException) -> bool:
    late = (requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError, StepOver, TimeoutError)
    return any(isinstance(cause, late) for cause in causes_of(error))


def _words(error: BaseException) -> str:
    text = " ".join(filter(None, (error.what, error.why))) if isinstance(error, CscError) else str(error)
    return " ".join(text.split())[:400] or type(error).__name__


def _bare(address: str) -> str:
    return address.partition("?")[0]
