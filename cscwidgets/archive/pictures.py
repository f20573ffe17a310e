"""The part of the client that asks for an archive's pictures."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import astropy.units as u
import numpy as np
import requests
from astropy.table import MaskedColumn, QTable

from cscwidgets.errors import CscWarning, ProductError, QueryError, warn
from cscwidgets.sky.target import Target, region_of

from .connection import Connection
from .failures import explained
from .files.cache import Cache
from .files.integrity import Damaged, NotTheFile, document_message
from .files.picture_format import is_picture_name, picture_file, read_picture
from .monitor import SILENT, Monitor
from .provenance import Provenance
from .service_session import body_of

__all__ = ["PictureClient"]

_LARGEST_LIST = 10_000_000  # bytes
_PIECE = 1 << 16
_RANGES = {"ra": (0.0, 360.0), "dec": (-90.0, 90.0), "radius": (0.0, 180.0)}


class PictureClient(ABC):
    """What `cscwidgets.archive.Archive` says of pictures; see `cscwidgets.archive.files.picture_format`."""

    cache: Cache

    @abstractmethod
    def _connect(self, monitor: Monitor) -> Connection: ...

    def pictures(
        self, region: Target | None = None, *, radius: u.Quantity | str | None = None, monitor: Monitor = SILENT
    ) -> QTable:
        """The colour pictures the archive has; nothing is fetched.

        Parameters
        ----------
        region : SkyRegion, SkyCoord, str or Path, optional
            Only those that may reach it: the circles around them do.
        radius : Quantity or str, optional
            Radius around a position or name; 0.5 deg unless told.
        monitor : Monitor
            Told of progress, asked whether to stop.

        Returns
        -------
        QTable
            ``name``, ``title``, ``credit``, centre ``ra``, ``dec`` and ``radius`` of the circle that holds the picture,
            ``size`` in bytes as sent (masked where it is made when asked for). Empty where an archive has none, as the
            CXC.

        Warns
        -----
        CscWarning
            Of pictures of the archive that are damaged or of another form.
        """
        area = None if region is None else region_of(region, radius)
        connection = self._connect(monitor)
        rows = list(_entries(connection))
        if area is not None:
            rows = [row for row in rows if area.contains([row["ra"]], [row["dec"]], row["radius"])[0]]
        table = QTable({name: np.array([row[name] for row in rows], dtype=str) for name in ("name", "title", "credit")})
        for name in _RANGES:
            table[name] = np.array([row[name] for row in rows], dtype=float) * u.deg
        sizes = [row["size"] for row in rows]
        mask = [size is None for size in sizes]
        table["size"] = MaskedColumn([size or 0 for size in sizes], dtype=np.int64, mask=mask, unit="byte")
        table.meta["provenance"] = Provenance(
            release=connection.release.title,
            service=connection.release.pictures,
            query="pictures",
            requested=len(rows),
            returned=len(rows),
            region=area.ds9 if area is not None else "",
            simulated=connection.simulated,
            origin=connection.origin,
        )
        return table

    def fetch_picture(self, name: str, *, monitor: Monitor = SILENT) -> Path:
        """Fetch a picture, unless it is here already; the demo draws it first, which takes some seconds.

        Parameters
        ----------
        name : str
            As `pictures` lists it.
        monitor : Monitor
            Told of progress, asked whether to stop.

        Returns
        -------
        Path
            A gzipped FITS file in the cache.

        Raises
        ------
        ProductError
            If there is no such picture, or it is damaged or of another form.
        """
        filename = picture_file(name)
        connection = self._connect(monitor)
        path = self.cache.find(connection.key, filename)
        if path is None:
            monitor.report(f"fetching the picture {name}")
            path = _fetched(connection, name, self.cache)
            monitor.check()
        read_picture(path, name)
        self.cache.trim(keep={path})
        return path


def _fetched(connection: Connection, name: str, cache: Cache) -> Path:
    release = connection.release
    what = f"The picture {name} could not be fetched"
    missing = ProductError(what, f"{release.title} does not have it", "Archive.pictures() lists those there are.")
    if not release.pictures:
        raise missing
    with explained(release):
        answer = connection.session.get(
            f"{release.pictures}/{name}", headers={"Accept-Encoding": "identity"}, stream=True
        )
        try:
            if answer.status_code == 404:
                raise missing
            answer.raise_for_status()
            return cache.store(connection.key, picture_file(name), _pieces(answer))
        except (Damaged, NotTheFile) as damage:
            raise ProductError(what, str(damage), "Make the archive's picture again.") from None
        except OSError as error:
            if isinstance(error, requests.RequestException):
                raise
            raise ProductError(what, f"it cannot be written: {error}", "Make room.") from error
        finally:
            answer.close()


def _pieces(answer: requests.Response) -> Iterator[bytes]:
    while piece := answer.raw.read(_PIECE, decode_content=False):
        yield piece


def _entries(connection: Connection) -> Iterator[dict[str, Any]]:
    """What the service says of each picture, as far as it can be used."""
    release = connection.release
    if not release.pictures:
        return
    with explained(release):
        answer = connection.session.get(release.pictures, stream=True)
        content = body_of(answer, _LARGEST_LIST)
        answer.raise_for_status()
    try:
        entries = json.loads(content)
        problems = [str(entry["problem"]) for entry in entries if entry.get("problem")]
        checked = [_checked(entry) for entry in entries if not entry.get("problem")]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise QueryError(
            f"{release.title} did not list its pictures", document_message(content), "Try again in a few minutes."
        ) from None
    if problems:
        warn(CscWarning(f"Pictures were left out: {' '.join(problems)[:500]}"), stacklevel=4)
    yield from checked


def _checked(entry: dict[str, Any]) -> dict[str, Any]:
    size = entry.get("size")
    row = {name: float(entry[name]) for name in _RANGES}
    if not is_picture_name(entry["name"]) or not all(low <= row[key] <= high for key, (low, high) in _RANGES.items()):
        raise ValueError("no picture is so")
    words = {key: str(entry[key])[:500] for key in ("name", "title", "credit")}
    return {**words, **row, "size": size if isinstance(size, int) and size > 0 else None}
