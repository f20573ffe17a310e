"""CDS's MocServer: which HiPS there are, by identifier or by words of their titles, and where.

Its answers are JSON: a list of records, each the properties of one HiPS by name, all of them texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from cscwidgets.csc.releases import Release
from cscwidgets.csc.surveys import MOCSERVERS, Survey, plain_identifier
from cscwidgets.errors import NotFound, QueryError, ServiceUnreachable
from cscwidgets.io.deadline import deadline
from cscwidgets.io.reading import Unreadable, reading

from .failures import explained
from .monitor import SILENT, Monitor, watched
from .service_session import ServiceSession, body_of

__all__ = ["MOST_FOUND", "find_surveys", "survey_called"]

MOST_FOUND = 40
"""Surveys that a search brings at most."""

_SECONDS = 10.0  # for the answer of one server
_CONNECT, _READ = 4.0, 8.0
_LARGEST = 4_000_000  # bytes of an answer
_FIELDS = "ID,obs_title,obs_copyright,hips_service_url*"
_ADVICE = "Without it, choose a survey of the list, or give the address or the folder of a HiPS."
_WORD = re.compile(r"[\w.+-]+")
_LONGEST = 200


def survey_called(identifier: str, *, session: ServiceSession | None = None, monitor: Monitor = SILENT) -> Survey:
    """The survey of an identifier.

    Raises
    ------
    NotFound
        If CDS does not list it.
    ServiceUnreachable
        If no server answers.
    """
    name = plain_identifier(identifier)
    found = _ask({"ID": name}, session, monitor)
    exact = [survey for survey in found if survey.identifier == name]
    if not exact:
        raise NotFound([name[:_LONGEST]], "CDS's list of HiPS", "Search by name instead, or give its address.")
    return exact[0]


def find_surveys(words: str, *, session: ServiceSession | None = None, monitor: Monitor = SILENT) -> list[Survey]:
    """Surveys whose title or identifier has all of some words, `MOST_FOUND` of them at most.

    Raises
    ------
    QueryError
        If there are no words to look for.
    ServiceUnreachable
        If no server answers.
    """
    wanted = _WORD.findall(words[:_LONGEST])
    if not wanted:
        raise QueryError("No survey was searched for", "there is no word in the text", 'Give some, such as "radio".')
    criteria = "".join(f"&&(obs_title=*{word}*||ID=*{word}*)" for word in wanted)
    question = {"expr": f"dataproduct_type=image&&hips_service_url=*{criteria}", "casesensitive": "false"}
    return _ask({**question, "MAXREC": str(MOST_FOUND)}, session, monitor)[:MOST_FOUND]


def _ask(question: Mapping[str, str], session: ServiceSession | None, monitor: Monitor) -> list[Survey]:
    session = session or ServiceSession(_CONNECT, _READ)
    failure: ServiceUnreachable | None = None
    for address in MOCSERVERS:
        try:
            return _surveys(_answer(address, question, session, monitor))
        except ServiceUnreachable as error:
            failure = failure or error
    assert failure is not None  # noqa: S101 (there are servers)
    raise failure


def _answer(address: str, question: Mapping[str, str], session: ServiceSession, monitor: Monitor) -> bytes:
    title = "CDS's list of HiPS"
    service = Release(
        name=address, title=title, tap=address, cone=address, csccli="", schema="", version="", advice=_ADVICE
    )
    monitor.report(f"asking {title}")
    parameters = {**question, "get": "record", "fmt": "json", "fields": _FIELDS}
    with watched(monitor), explained(service), deadline(_SECONDS, growing=False, cancelled=monitor.check):
        response = session.get(address, params=parameters, stream=True)
        content = body_of(response, _LARGEST)
        response.raise_for_status()
    return content


def _surveys(content: bytes) -> list[Survey]:
    with reading("The answer of CDS's list of HiPS could not be understood", _ADVICE, error=QueryError):
        records = json.loads(content)
        if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
            raise Unreadable("it is no list of records")
        surveys = [survey for record in records if (survey := _survey(record)) is not None]
        if records and not surveys:
            raise Unreadable("none of its records has an identifier and an address")
        return surveys


def _survey(record: Mapping[str, Any]) -> Survey | None:
    """One record as a survey; None where it has no name or no address to fetch from."""
    identifier, addresses = record.get("ID"), _addresses(record)
    if not isinstance(identifier, str) or not identifier or not addresses:
        return None
    title, credit = (_text(record.get(key)) for key in ("obs_title", "obs_copyright"))
    return Survey(identifier[:_LONGEST], title or identifier[:_LONGEST], addresses, credit)


def _addresses(record: Mapping[str, Any]) -> tuple[str, ...]:
    keys = sorted((key for key in record if re.fullmatch(r"hips_service_url(_\d{1,2})?", key)), key=_mirror_number)
    urls = [record[key].strip().rstrip("/") for key in keys if isinstance(record[key], str)]
    usable = [url for url in urls if urlsplit(url).scheme in {"http", "https"} and urlsplit(url).hostname]
    # A page that came by https fetches nothing by http.
    return tuple(dict.fromkeys(sorted(usable, key=lambda url: not url.startswith("https:"))))


def _mirror_number(key: str) -> int:
    return int(key.rpartition("_")[2]) if key[-1].isdigit() else 0


def _text(value: Any) -> str:
    return " ".join(value.split())[:_LONGEST] if isinstance(value, str) else ""
