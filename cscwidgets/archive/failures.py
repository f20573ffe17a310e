"""What a failed request means for the user."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import requests
import urllib3.exceptions
from astropy.io.votable.exceptions import VOTableSpecError
from pyvo.dal.exceptions import DALAccessError, DALFormatError

from cscwidgets.csc.releases import Release
from cscwidgets.errors import CscError, QueryError, ServiceUnreachable

from .service_session import asked_to_wait

__all__ = ["asked", "causes_of", "explained"]

_SHOWN = 300  # characters of a query: that of all columns has thousands


@contextmanager
def explained(release: Release, adql: str = "") -> Iterator[None]:
    """Turn whatever pyvo and requests raise inside into one clear error."""
    try:
        yield
    except CscError:
        raise
    except (requests.RequestException, urllib3.exceptions.HTTPError, DALAccessError, VOTableSpecError) as error:
        raise _explain(error, release, adql) from error


def _explain(error: BaseException, release: Release, adql: str) -> CscError:
    causes = list(causes_of(error))
    # pyvo wraps what is raised while it reads: our own words first, the network's next.
    for cause in causes:
        if isinstance(cause, CscError):
            return cause
    for cause in causes:
        if isinstance(cause, requests.Timeout | urllib3.exceptions.TimeoutError):
            return ServiceUnreachable(
                f"{release.title} did not answer in time",
                f"the answer of {_host(release)} was missing or incomplete",
                "Try again, ask for less, or raise the time-out.",
            )
        if isinstance(cause, requests.HTTPError) and cause.response is not None:
            return _http_error(cause.response, release)
        if isinstance(cause, requests.RequestException | urllib3.exceptions.HTTPError):
            return ServiceUnreachable(
                f"{release.title} could not be reached", f"{_host(release)}: {_reason(cause)}", release.advice
            )
    if isinstance(error, DALFormatError):
        return QueryError(
            f"The answer of {release.title} could not be understood",
            f"it is not the VOTable it should be ({_first_line(str(error))})",
            "Try again; if this persists, the service may have changed.",
        )
    return QueryError(f"{release.title} refused the query", _first_line(str(error)), asked(adql))


def asked(adql: str) -> str:
    """What was asked, as a hint, no longer than is read."""
    return f"The query was: {adql if len(adql) <= _SHOWN else adql[:_SHOWN] + '…'}" if adql else ""


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """An error, what it was raised from, and what it carries, each once: pyvo and requests wrap what they meet."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        current = waiting.pop(0)
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        waiting += [current.__cause__, current.__context__, getattr(current, "cause", None)]
        waiting += [argument for argument in current.args if isinstance(argument, BaseException)]


def _http_error(response: requests.Response, release: Release) -> CscError:
    status = response.status_code
    if status == 429 or status >= 500:
        wait = asked_to_wait(response.headers)
        return ServiceUnreachable(
            f"{release.title} cannot answer now",
            f"HTTP status {status} from {_host(release)}",
            f"It asks for a pause of {wait:.0f} s." if wait else "Try again in a few minutes.",
        )
    if status in {401, 403, 407}:
        hint = "Something on the way wants a login, or does not let this machine through: ask who runs the network."
    elif status in {404, 410}:
        hint = "The service may have moved: check its address, or look for a newer cscwidgets."
    else:
        hint = "Try again later; if it stays so, the service may have changed: look for a newer cscwidgets."
    return QueryError(f"{release.title} refused the request", f"HTTP status {status} from {_host(release)}", hint)


def _host(release: Release) -> str:
    return release.tap.split("/")[2]


def _reason(error: BaseException) -> str:
    text = str(error)
    for pattern, reason in (
        (r"Name or service not known|name resolution|NameResolution|getaddrinfo", "its address could not be looked up"),
        (r"refused", "the connection was refused"),
        (r"broke off|IncompleteRead", "the answer broke off before its end"),
        (r"reset|RemoteDisconnected|aborted", "the connection was dropped, also when tried again"),
        (r"Exceeded \d+ redirects", "it redirects without end"),
        (r"connection adapters|Invalid URL|InvalidSchema", "it redirects to what is no address of the web"),
        (r"SSL|certificate", "its certificate was not accepted"),
    ):
        if re.search(pattern, text, re.IGNORECASE):
            return reason
    return _first_line(text)


def _first_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[0][:300] if lines else "no reason given"
