"""Every kind of request the package makes: the rows of the fault matrix."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import astropy.units as u
import requests
from astropy.coordinates import SkyCoord
from astropy.coordinates.name_resolve import sesame_url
from astropy.table import Table

from cscwidgets.archive import mocserver
from cscwidgets.archive.catalogues.cone_catalogue import ConeCatalogue
from cscwidgets.archive.catalogues.finder import ArchiveCatalogue
from cscwidgets.archive.catalogues.tap_catalogue import TapCatalogue
from cscwidgets.archive.catalogues.well_known import CATALOGUES, HEASARC_TAP, VIZIER_TAP
from cscwidgets.archive.catalogues.xmatch_catalogue import XMatchCatalogue
from cscwidgets.csc.products import KINDS, Level
from cscwidgets.sky import names
from cscwidgets.sky.usable import circle

from .list_steps import LIST_STEPS
from .services import CONE, SESAME
from .step import FETCHED, HERE, NAME, OWNERS, RADIUS, Client, Step, adql, at

__all__ = ["STEPS"]


def _cone(verbosity: int) -> Step:
    words = {1: "names and positions", 2: "the standard columns", 3: "all columns"}[verbosity]
    return Step(
        f"cone search: {words}",
        lambda client: client.archive.cone("6.01784 -72.08276", RADIUS, verbosity=verbosity),
        "votable",
        at("coneSearch", f"VERB={verbosity}"),
    )


def _fetch(kind: str) -> Step:
    return Step(
        f"csccli retrieveFile: {kind}, {KINDS[kind].words}",
        lambda client: client.archive.fetch(client.products(kind)),
        "file",
        at("retrieveFile"),
        ("garbage",) if KINDS[kind].suffix == "jpg" else (),  # JPEG has no checksum
    )


def _search(client: Client, **how: Any) -> Table:
    return client.archive.search(circle(*HERE, 10 / 3600), **how)


def _survey(client: Client, service: str, **how: Any) -> Table:
    catalogue = replace(
        CATALOGUES["gaia-dr3"], key="survey", title="A survey", table="vo.survey", service=service, **how
    )
    return _near(TapCatalogue.known(catalogue, **client.where))


def _near(catalogue: Any, **how: Any) -> Table:
    return catalogue.near(circle(*HERE, 60 / 3600), 2 * u.arcsec, **how)


def _sesame(client: Client) -> SkyCoord:
    servers = (requests.Request("GET", address).prepare() for address in (SESAME, f"{SESAME}mirror/"))
    with sesame_url.set(list(map(client.server.address_of, servers))):
        return names.resolve("NGC 9999")


def _mirror(client: Client) -> Path:
    folder = Path(tempfile.mkdtemp(dir=client.folder)) / "mirror"
    return client.archive.mirror(circle(*HERE, 0.5 / 3600), folder, ("lc",))


STEPS: dict[str, Step] = {
    "search": Step("TAP: sources of a region", _search, "votable", adql("master_source", without="COUNT")),
    "count": Step(
        "TAP: how many rows there are, of an answer that was cut",
        lambda client: _search(client, maxrec=5, quiet=True).meta["provenance"].requested,
        "votable",
        adql("COUNT"),
    ),
    "pieces": Step(
        "TAP: the parts of an answer that was cut",
        lambda client: _search(client, maxrec=8, complete=True),
        "votable",
        lambda request: "master_source" in request.values.get("QUERY", ""),
    ),
    "stack detections": Step(
        "TAP: stack detections of a region",
        lambda client: _search(client, table="stack_source", columns=("flux_aper_b",)),
        "votable",
        adql("stack_source"),
    ),
    "detections of a region": Step(
        "TAP: detections of a region, the join of five tables",
        lambda client: _search(client, table="observation_source", columns=("flux_aper_b",)),
        "votable",
        adql("observation_source"),
    ),
    "detections": Step(
        "TAP: detections of sources, by lists of names",
        lambda client: client.archive.detections([NAME]),
        "votable",
        adql("observation_source", "IN ("),
    ),
    "query": Step(
        "TAP: ADQL as it was written",
        lambda client: client.archive.query(
            f"SELECT name, ra, dec, acis_num FROM csc21.master_source WHERE name = '{NAME}'"
        ),
        "votable",
        adql("acis_num"),
        # What columns and rows ADQL brings that somebody wrote is not known before.
        ("twice", "other columns", "other types"),
    ),
    "stacks": Step(
        "TAP: the list of all stacks",
        lambda client: client.archive.stacks(circle(*HERE, 0.1)),
        "votable",
        adql("detect_stack"),
    ),
    **{f"cone {verbosity}": _cone(verbosity) for verbosity in (1, 2, 3)},
    "browse": Step(
        "csccli browse: which files there are of a detection",
        lambda client: client.archive.products(
            Table({"name": [NAME], "obsid": [90501], "obi": [0], "region_id": [1], "match_type": ["u"]}), "lc, pha, arf"
        ),
        "json",
        at("browse"),
    ),
    "browse of stacks": Step(
        "csccli browse: which files there are of a stack",
        lambda client: client.archive.products(
            Table({"detect_stack_id": [OWNERS[Level.STACK].detect_stack_id]}), "sensity, stkevt"
        ),
        "json",
        at("browse"),
    ),
    **{f"fetch {kind}": _fetch(kind) for kind in FETCHED},
    "fetch many": Step(
        "csccli retrieve: several files in a tar",
        lambda client: client.archive.fetch(client.products("pha", "arf", "rmf", "lc")),
        "tar",
        at("csccli/retrieve?"),
    ),
    "pictures": Step(
        "list of an archive's pictures", lambda client: client.archive.pictures(), "json", at("/pictures?")
    ),
    "picture": Step("a picture", lambda client: client.archive.fetch_picture("made"), "file", at("/pictures/made")),
    "own catalogue": Step(
        "counterparts from the archive itself",
        lambda client: _near(ArchiveCatalogue(client.archive)),
        "votable",
        adql("master_source"),
    ),
    "columns of a table": Step(
        "TAP_SCHEMA: the columns of a table to match with",
        lambda client: _near(TapCatalogue(VIZIER_TAP, "vo.survey", **client.where)),
        "votable",
        adql("TAP_SCHEMA.columns"),
    ),
    "title of a table": Step(
        "TAP_SCHEMA: what a table is called",
        lambda client: _near(TapCatalogue(VIZIER_TAP, "vo.survey", **client.where)),
        "votable",
        adql("TAP_SCHEMA.tables"),
    ),
    "VizieR": Step(
        "VizieR: rows of a well-known catalogue",
        lambda client: _survey(client, VIZIER_TAP, columns=("Source", "Gmag")),
        "votable",
        adql("vo.survey"),
    ),
    "HEASARC": Step(
        "HEASARC: rows of a catalogue, all its columns",
        lambda client: _survey(client, HEASARC_TAP, columns=(), ra="", dec=""),
        "votable",
        adql("FROM vo.survey"),
    ),
    "count after a round number": Step(
        "any TAP: how many rows there are, where a round number came",
        lambda client: (
            _near(TapCatalogue(VIZIER_TAP, "vo.survey", maxrec=10, where="Source >= 0", **client.where), quiet=True)
            .meta["provenance"]
            .requested
        ),
        "votable",
        adql("COUNT"),
    ),
    "cone catalogue": Step(
        "counterparts from a cone search",
        lambda client: _near(ConeCatalogue(CONE, **client.where)),
        "votable",
        at("cones.example"),
        ("other columns",),  # it may have any; UCDs tell which are the position
    ),
    "X-Match": Step(
        "CDS X-Match: sources are uploaded, pairs come back",
        lambda client: _near(
            XMatchCatalogue("I/355/gaiadr3", **client.where), sources=SkyCoord([HERE[0]], [HERE[1]], unit="deg")
        ),
        "votable",
        at("xmatch"),
    ),
    "MocServer by name": Step(
        "CDS MocServer: a survey by its identifier",
        lambda client: mocserver.survey_called("CDS/P/Made/Up", session=client.session),
        "json",
        at("MocServer", "ID="),
    ),
    "MocServer by words": Step(
        "CDS MocServer: surveys by words",
        lambda client: mocserver.find_surveys("made up", session=client.session),
        "json",
        at("MocServer", "expr="),
    ),
    "Sesame": Step("Sesame: the position of an object", _sesame, "text", at("nph-sesame")),
    "mirror of tables": Step(
        "a mirror: rows of a table by lists of names", _mirror, "votable", adql("SELECT DISTINCT", "stack_source t")
    ),
    "mirror of files": Step("a mirror: its files", _mirror, "file", at("retrieveFile")),
    **LIST_STEPS,
}
"""The steps by their names."""
