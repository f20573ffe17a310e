"""Rows of the fault matrix of what is more than a region: lists, columns added later, whole tables, files of HATS."""

from __future__ import annotations

import warnings
from pathlib import Path
from unittest.mock import patch

import astropy.units as u
from astropy.coordinates import SkyCoord
from astropy.table import Table
from werkzeug import Request

from cscwidgets.archive import whole_mirror
from cscwidgets.archive.catalogues.remote_hats import RemoteHatsCatalogue
from cscwidgets.sky.usable import circle

from .services import HATS
from .step import HERE, NAME, Client, Step, adql, at

__all__ = ["LIST_STEPS"]


def _listed(client: Client) -> Table:
    """What three places of the demo's 47 Tuc are."""
    places = SkyCoord(*HERE, unit="deg").directional_offset_by(0 * u.deg, [0, 1, 2] * u.arcmin)
    return client.archive.search_list(places, "flux_aper_b", radius=2 * u.arcsec)


def _named(client: Client) -> Table:
    """What the sources of many names are, of which the demo has one."""
    names = [NAME, *(f"SIM J00{minute:02d}04.2-720457" for minute in range(24, 60))]
    names += [f"SIM J01{minute:02d}{second}4.2-720457" for minute in range(60) for second in range(4)]
    return client.archive.search_list(names, "flux_aper_b", radius=2 * u.arcsec)


def _with_columns(client: Client) -> Table:
    # What was found before is here, as in a session that was opened again.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = client.archive.search(circle(*HERE, 10 / 3600), columns=("name", "ra"))
    return client.archive.with_columns(rows, ["flux_aper_b", "hard_hm"])


def _whole(client: Client) -> Path:
    """The same folder again: it goes on where it was stopped."""
    with patch.object(whole_mirror, "_PAUSE", 0.02):  # the services are ours: nobody is to be spared
        return client.archive.mirror(None, client.folder / "whole", tables=("detect_stack",))


def _hats(client: Client) -> Table:
    rows = RemoteHatsCatalogue(HATS, **client.where).near(circle(*HERE, 60 / 3600), 2 * u.arcsec)
    rows["simulated"] = rows.meta["provenance"].simulated  # which only its properties tell
    return rows


def _uploads(request: Request) -> bool:
    return "UPLOAD" in request.values


LIST_STEPS: dict[str, Step] = {
    "list in pieces": Step(
        "TAP: what a list of positions is, asked for in pieces",
        _listed,
        "votable",
        adql("flux_aper_b", "m.ra"),
    ),
    "list uploaded": Step(
        "TAP: what a list of names is, which is uploaded",
        _named,
        "votable",
        _uploads,
    ),
    "list's uploads": Step(
        "TAP: whether a service takes tables, before a list is uploaded",
        _named,
        "text",
        at("tap/capabilities"),
    ),
    "columns added": Step(
        "TAP: further columns of rows that were found before, by lists of names",
        _with_columns,
        "votable",
        adql("hard_hm", "IN ("),
    ),
    "whole mirror counted": Step(
        "a mirror of whole tables: how many rows there are",
        _whole,
        "votable",
        adql("COUNT", "detect_stack"),
    ),
    "whole mirror": Step(
        "a mirror of whole tables: a piece of one",
        _whole,
        "votable",
        adql("detect_stack", without="COUNT"),
    ),
    "list's stacks": Step(
        "TAP: which stacks have looked where the positions of a list are",
        _listed,
        "votable",
        adql("detect_stack_id"),
    ),
    "HATS properties": Step("HATS: what a catalogue says of itself", _hats, "text", at("hats.example", "properties")),
    "HATS partitions": Step("HATS: which files a catalogue has", _hats, "text", at("partition_info.csv")),
    "HATS rows": Step("HATS: parts of a file of rows", _hats, "file", at("hats.example", ".parquet")),
}
"""The steps by their names."""
