"""Deviations of what a service answers, each with the step that meets it and the words that name it."""

from __future__ import annotations

import gzip
import io
import re
import tarfile
from collections.abc import Callable
from dataclasses import dataclass

from cscwidgets.service.vo.votable import error_document

from .deviating import Answer, Asked, Fault

__all__ = ["ANSWERS", "OfAnswers"]

PAGE = "<!DOCTYPE html><html><head><title>Archive maintenance</title></head><body>Back soon</body></html>"


@dataclass(frozen=True)
class OfAnswers:
    """A deviation of what is answered."""

    fault: Fault
    step: str
    words: tuple[str, ...]


def _at(path: str, change: Callable[[Answer], Answer], adql: str = "") -> Callable[[Asked, Answer], Answer]:
    return lambda asked, answer: change(answer) if asked.path == path and adql in asked.adql else answer


def _sync(change: Callable[[Answer], Answer], adql: str = "") -> Callable[[Asked, Answer], Answer]:
    return _at("/tap/sync", change, adql)


def _replaced(pattern: str, text: str) -> Callable[[Answer], Answer]:
    return lambda answer: answer.saying(re.sub(pattern, text, answer.text))


def _whole_sky(asked: Asked) -> None:
    if asked.path == "/scs/coneSearch" and asked.query.get("RA") != "north":
        asked.query["SR"] = "0.14"


def _swapped(asked: Asked) -> None:
    if asked.path == "/scs/coneSearch":
        asked.query["RA"], asked.query["DEC"] = asked.query["DEC"], asked.query["RA"]


def _one_verbosity(asked: Asked) -> None:
    if asked.path == "/scs/coneSearch":
        asked.query["VERB"] = "2"


def _no_maxrec(asked: Asked) -> None:
    asked.form.pop("MAXREC", None)


def _refusing(what: str, words: str) -> Callable[[Asked, Answer], Answer]:
    def answer(asked: Asked, real: Answer) -> Answer:
        refused = asked.path == "/tap/sync" and what in asked.adql
        return Answer(400, {"Content-Type": "text/xml"}, error_document(words)) if refused else real

    return answer


def _never_ends(answer: Answer) -> Answer:
    return answer.saying(re.sub(r"<uws:phase>\w+</uws:phase>", "<uws:phase>EXECUTING</uws:phase>", answer.text))


def _of_jobs(asked: Asked, answer: Answer) -> Answer:
    return _never_ends(answer) if re.fullmatch(r"/tap/async/\w+", asked.path) and answer.status == 200 else answer


def _other_release(asked: Asked, answer: Answer) -> Answer:
    if asked.path == "/tap/sync" and "TAP_SCHEMA.tables" in asked.adql:
        return answer.saying(answer.text.replace("csc21", "csc2"))
    return answer


def _damaged(answer: Answer) -> Answer:
    body = bytearray(answer.body)
    body[len(body) // 2] ^= 0xFF
    return answer.saying(bytes(body))


def _damaged_file(asked: Asked, answer: Answer) -> Answer:
    return _damaged(answer) if asked.path == "/csccli/retrieveFile" and "lc3" in asked.query["filename"] else answer


def _wrong_members(asked: Asked, answer: Answer) -> Answer:
    """A tar whose members are called by another kind."""
    if asked.path != "/csccli/retrieve":
        return answer
    made = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(answer.body)) as tar, tarfile.open(fileobj=made, mode="w") as other:
        for member in tar:
            content = tar.extractfile(member).read()
            member.name = re.sub(r"_(pha3|arf3)", "_regevt3", member.name)
            other.addfile(member, io.BytesIO(content))
    return answer.saying(made.getvalue())


def _other_content(asked: Asked, answer: Answer) -> Answer:
    """A whole FITS file, but of another kind than its name says."""
    if asked.path != "/csccli/retrieveFile" or "reg3" not in asked.query["filename"]:
        return answer
    cards = [
        f"{card:80}"
        for card in (
            "SIMPLE  =                    T",
            "BITPIX  =                    8",
            "NAXIS   =                    0",
            "END",
        )
    ]
    return answer.saying(gzip.compress("".join(cards).ljust(2880).encode()))


def _cut(answer: Answer) -> Answer:
    return answer.saying(answer.body[: len(answer.body) // 2], Content_Length=str(len(answer.body)))


def _truncated(answer: Answer) -> Answer:
    return answer.saying(answer.body[: len(answer.body) // 2])


def _duplicated(answer: Answer) -> Answer:
    rows = re.findall(r"<TR>.*?</TR>", answer.text, re.DOTALL)
    return answer.saying(answer.text.replace(rows[0], rows[0] * 2, 1)) if rows else answer


def _shorter(answer: Answer) -> Answer:
    rows = re.findall(r"<TR>.*?</TR>", answer.text, re.DOTALL)
    return answer.saying(answer.text.replace(rows[-1], "", 1)) if len(rows) > 5 else answer


def _moved(status: int) -> Callable[[Asked, Answer], Answer]:
    def answer(asked: Asked, real: Answer) -> Answer:
        if asked.path != "/tap/availability":
            return real
        return Answer(status, {"Location": "/tap/capabilities/../availability/"}, b"")

    return answer


ANSWERS = [
    OfAnswers(
        Fault("smaller MAXREC", _at("/tap/capabilities", _replaced(r">1000000<", ">500<"))),
        "capabilities",
        ("fewer rows at once (MAXREC)", "found: 500 rows", "expected: 1,000,000 rows"),
    ),
    OfAnswers(Fault("moved", _moved(301)), "availability", ("The address has moved", "HTTP 301", "/tap/availability")),
    OfAnswers(
        Fault("gone", _at("/tap/capabilities", lambda answer: answer.saying("", 410))),
        "capabilities",
        ("HTTP status 410", "/tap/capabilities is gone"),
    ),
    OfAnswers(
        Fault("not there", _at("/scs/coneSearch", lambda answer: answer.saying("no", 404))),
        "cone",
        ("The cone search of verbosity 1", "HTTP status 404", "is not there"),
    ),
    OfAnswers(
        Fault("no geometry", _refusing("CONTAINS", "Function CONTAINS not found")),
        "geometry",
        ("There are no geometry functions", "Function CONTAINS not found", "they ask by boxes"),
    ),
    OfAnswers(
        Fault("no upload", _refusing("TAP_UPLOAD", "UPLOAD is not supported")),
        "upload",
        ("Tables cannot be uploaded", "UPLOAD is not supported", "3 of 3 sources come by a list of names in ADQL"),
    ),
    OfAnswers(
        Fault("a page in 200", _sync(lambda answer: answer.saying(PAGE, 200, Content_Type="text/html"), "err_ellipse")),
        "box",
        ("a web page (HTTP status 200): Archive maintenance",),
    ),
    OfAnswers(
        Fault("no radius", ask=_whole_sky),
        "cone",
        ("The cone search ignores its radius", "lie outside", "within 0.1 deg"),
    ),
    OfAnswers(
        Fault("one verbosity", ask=_one_verbosity),
        "cone",
        ("The cone search ignores its verbosity", "24 columns at each"),
    ),
    OfAnswers(
        Fault("swapped", ask=_swapped), "cone", ("takes right ascension and declination in swapped order", "RA=23.2834")
    ),
    OfAnswers(
        Fault("strange status", _sync(_replaced(r'value="OK"', 'value="FINE"'), "err_ellipse")),
        "box",
        ("QUERY_STATUS of an answer with rows is wrong", "found: 'FINE'"),
    ),
    OfAnswers(
        Fault("error with rows", _sync(_replaced(r'value="OK"', 'value="ERROR"'), "err_ellipse")),
        "box",
        ("QUERY_STATUS says ERROR, and rows came all the same",),
    ),
    OfAnswers(
        Fault("no status", _sync(_replaced(r"<INFO name=.QUERY_STATUS.[^>]*?(/>|>.*?</INFO>)", ""), "err_ellipse")),
        "box",
        ("QUERY_STATUS of an answer with rows is wrong", "no QUERY_STATUS at all"),
    ),
    OfAnswers(
        Fault("no overflow", _sync(_replaced(r"OVERFLOW", "OK"))), "limit", ("OVERFLOW is not said", "QUERY_STATUS OK")
    ),
    OfAnswers(Fault("no MAXREC", ask=_no_maxrec), "limit", ("MAXREC is ignored", "MAXREC=2")),
    OfAnswers(
        Fault(
            "rows for an error",
            lambda asked, answer: (
                answer.saying(
                    '<?xml version="1.0"?><VOTABLE version="1.4"><RESOURCE type="results">'
                    '<INFO name="QUERY_STATUS" value="OK"/>'
                    '<TABLE><FIELD name="n" datatype="int"/><DATA><TABLEDATA/></DATA></TABLE></RESOURCE></VOTABLE>',
                    200,
                )
                if "no_column" in asked.adql
                else answer
            ),
        ),
        "errors",
        ("A wrong query is not refused", "0 rows with columns n"),
    ),
    OfAnswers(
        Fault(
            "a page for an error",
            lambda asked, answer: (
                answer.saying(PAGE, 500, Content_Type="text/html") if answer.status == 400 else answer
            ),
        ),
        "errors",
        ("The error of a wrong query", "a web page (HTTP status 500): Archive maintenance"),
    ),
    OfAnswers(Fault("endless job", _of_jobs), "job", ("The asynchronous job does not end", "EXECUTING after")),
    OfAnswers(
        Fault("slow", slow=lambda asked: "COUNT(*)" in asked.adql),
        "limit",
        ("the service is too slow", "none within 2 s"),
    ),
    OfAnswers(Fault("cut", _sync(_cut, "err_ellipse")), "box", ("the connection was cut after", "The query by a box")),
    OfAnswers(
        Fault("truncated", _sync(_truncated, "err_ellipse")), "box", ("it is truncated", "ends without its end tag")
    ),
    OfAnswers(
        Fault("damaged gzip", _damaged_file), "files", ("lc3.fits arrives damaged", "its gzip checksum is wrong")
    ),
    OfAnswers(
        Fault("wrong tar", _wrong_members),
        "files",
        ("A tar of csccli brings files of the wrong kind", "(of kind regevt)", "regevt3.fits"),
    ),
    OfAnswers(
        Fault("wrong content", _other_content),
        "files",
        ("reg3.fits.gz is no source and background regions", "expected: a file of kind reg"),
    ),
    OfAnswers(
        Fault("other release", _other_release),
        "tables",
        ("The schema csc21 is not there: another release answers", "Chandra Source Catalog 2.0 (csc2"),
    ),
    OfAnswers(
        Fault("duplicates", _at("/scs/coneSearch", _duplicated)),
        "cone",
        ("The cone search brings sources twice", "1 duplicate rows of"),
    ),
    OfAnswers(
        Fault("one source less", _at("/scs/coneSearch", _shorter)),
        "cone",
        ("The cone search does not bring all sources",),
    ),
    OfAnswers(
        Fault("fewer rows", _sync(_shorter, "err_ellipse")),
        "box",
        ("does not bring as many rows as it has", "Answers are cut without a word"),
    ),
    OfAnswers(
        Fault("not available", _at("/tap/availability", _replaced(">true<", ">false<"))),
        "availability",
        ("says that it is not available", "available false"),
    ),
    OfAnswers(
        Fault("busy", _sync(lambda answer: answer.saying("wait", 503, Retry_After="7"), "COUNT(*)")),
        "limit",
        ("HTTP status 503", "a pause of 7 s (Retry-After)"),
    ),
    OfAnswers(
        Fault(
            "wrong encoding",
            _sync(
                lambda answer: answer.saying(answer.text.replace("SIM J", "SIM \xe9").encode("latin-1")), "err_ellipse"
            ),
        ),
        "box",
        ("a document in the encoding that it says, UTF-8", "its encoding is another one"),
    ),
    OfAnswers(
        Fault("not packed", _sync(lambda answer: answer.saying(answer.body, Content_Encoding="gzip"), "err_ellipse")),
        "box",
        ("Content-Encoding says gzip, and its bytes are not",),
    ),
    OfAnswers(
        Fault("other count", _sync(_replaced(r"<TD>\d+</TD>", "<TD>12</TD>"), "COUNT(*)")),
        "counts",
        ("The number of sources is another one: that of the older release", "found: 12"),
    ),
    OfAnswers(
        Fault("empty", _at("/csccli/browse", lambda answer: answer.saying("[]"))),
        "listing",
        ("No product files are listed",),
    ),
    OfAnswers(
        Fault("a page for a list", _at("/csccli/browse", lambda answer: answer.saying(PAGE, 200))),
        "listing",
        ("a web page (HTTP status 200): Archive maintenance",),
    ),
    OfAnswers(
        Fault("login", _sync(lambda answer: answer.saying("who?", 401), "COUNT(*)")),
        "limit",
        ("HTTP status 401: access was refused",),
    ),
    OfAnswers(
        Fault("no tables in VOSI", _at("/tap/tables", _replaced("stack_source", "stock_source"))),
        "tables",
        ("two lists of tables differ", "stack_source in one of them only"),
    ),
]
