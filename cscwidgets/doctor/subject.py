"""Whom the walk examines: a release of the CSC, the demo, a folder, or whatever answers at an address."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from cscwidgets.archive.catalogues.well_known import CATALOGUES, XMATCH, KnownCatalogue
from cscwidgets.archive.connection import Connection, check_archive, connect
from cscwidgets.archive.monitor import SILENT, Monitor
from cscwidgets.archive.service_session import ServiceSession
from cscwidgets.csc.releases import RELEASES, Release
from cscwidgets.csc.surveys import SURVEYS, Survey

from .reference import REFERENCES, Reference

__all__ = ["Companions", "Subject", "subject_of"]

_ALIASES: Mapping[str, str] = MappingProxyType({"csc20": "csc2.0", "csc21": "csc2.1"})
_ADVICE = "Check the address, and whether its server runs."


@dataclass(frozen=True)
class Companions:
    """The services of others that the package asks beside the archive.

    Attributes
    ----------
    survey : Survey
        A HiPS.
    catalogue : KnownCatalogue
        A catalogue behind VizieR's TAP, which CDS X-Match has too.
    xmatch : str
        Address of CDS X-Match.
    target : str
        An object that Sesame knows, and is not built in.
    position : tuple of float
        Where it is, ICRS degrees.
    """

    survey: Survey = field(default_factory=lambda: SURVEYS["cxc.harvard.edu/P/cda/hips/allsky/rgb"])
    catalogue: KnownCatalogue = field(default_factory=lambda: CATALOGUES["2mass"])
    xmatch: str = XMATCH
    target: str = "3C 273"
    position: tuple[float, float] = (187.2779, 2.0524)


@dataclass(frozen=True)
class Subject:
    """An archive to examine.

    Attributes
    ----------
    release : Release
        What it calls itself, and where it answers; an empty address where it has no such service.
    reference : Reference
        What it should be like.
    companions : Companions or None
        Services of others that are asked too; None for none.
    archive : str
        The name it is opened by; empty for one that is known by its addresses alone.
    hidden : tuple of str
        Words that no report holds, such as the folder's path.
    """

    release: Release
    reference: Reference = field(default_factory=Reference)
    companions: Companions | None = None
    archive: str = ""
    hidden: tuple[str, ...] = ()

    def connect(self, session: ServiceSession, monitor: Monitor = SILENT) -> Connection:
        """The line to it over a session."""
        if self.archive:
            return connect(self.archive, monitor, session)
        return Connection(self.release, session, local=False, key="doctor")


def subject_of(
    archive: str | os.PathLike[str] | Release, *, cone: str = "", products: str = "", release: str = "csc2.1"
) -> Subject:
    """The archive of a name, a path or an address.

    Parameters
    ----------
    archive : str, path or Release
        What ``Archive`` takes ("csc2.1", "csc2.0", "current", "demo", a folder), or the address of a server: that which
        ``cscwidgets serve`` prints, or of a TAP service.
    cone, products : str
        Of a server, the addresses of its cone search and of its csccli, where they lie elsewhere.
    release : str
        Of a server, the release whose tables it has.

    Returns
    -------
    Subject
        Nothing is asked yet.

    Raises
    ------
    CscError
        If there is no such archive.

    Examples
    --------
    >>> from cscwidgets import doctor
    >>> doctor.subject_of("csc21").release.title
    'Chandra Source Catalog 2.1'
    >>> doctor.subject_of("http://127.0.0.1:8080/word").release.tap
    'http://127.0.0.1:8080/word/tap'
    """
    if isinstance(archive, Release):
        return Subject(archive)
    name = _ALIASES.get(os.fspath(archive), os.fspath(archive))
    if re.match(r"https?://[^/]", name):
        return _at(name.rstrip("/"), cone, products, RELEASES[_ALIASES.get(release, release)])
    check_archive(name)
    if name in RELEASES:
        return Subject(RELEASES[name], REFERENCES[name], Companions(), archive=name)
    title = name if name == "demo" else "the archive folder"
    return Subject(
        replace(RELEASES["current"], name=name, title=title), archive=name, hidden=(name,) * (name != "demo")
    )


def _at(address: str, cone: str, products: str, template: Release) -> Subject:
    base = re.sub(r"/tap$", "", address)
    bare = not cone and not products and base != address  # a TAP service alone
    release = replace(
        template,
        name=address,
        title="the archive at this address",
        tap=f"{base}/tap",
        cone=cone or ("" if bare else f"{base}/scs/coneSearch"),
        csccli=products or ("" if bare else f"{base}/csccli"),
        advice=_ADVICE,
    )
    return Subject(release, hidden=(base,))
