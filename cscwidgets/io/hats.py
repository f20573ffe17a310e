"""Tables on disk in partitions of the sky, in the IVOA's format HATS: Parquet files by HEALPix cell, sorted by it.

A cone or a cut reads the few groups of rows whose statistics allow it, so tables need not fit into memory; LSDB and
others open the same folders. See https://www.ivoa.net/documents/Notes/HATS and https://hats.readthedocs.io.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cscwidgets.arrays import Integers
from cscwidgets.errors import CscError

__all__ = [
    "CELL",
    "COLLECTION",
    "COMMON",
    "LARGEST_LIST",
    "ORDER",
    "HatsError",
    "HatsLayout",
    "Partition",
    "read_layout",
    "write_hats",
    "write_rows",
]

CELL = "_healpix_29"
"""The column by which rows are sorted: their HEALPix cell (nested) of order 29."""

ORDER = 29
"""The order of these cells."""

LARGEST_LIST = 64_000_000
"""Bytes of a list of partitions, or of what a file says of itself, that comes from elsewhere."""

COMMON = "dataset/_common_metadata"
"""The file of the schema that all files of rows have."""

COLLECTION = "collection.properties"
"""The file of a collection: a catalogue beside its margins and indices."""

_PROPERTIES = ("hats.properties", "properties")
_KNOWN = {"obs_collection", "dataproduct_type", "hats_order", "hats_nrows", "total_rows", "hats_col_ra", "ra_column"}
_AGAIN = "Try again, or get the catalogue anew."
_VALUES = 6_000_000  # of a partition: some 50 MB
_GROUP_ROWS = 8192
_DEEPEST = 12


class HatsError(CscError):
    """A catalogue in the format HATS cannot be read."""


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """A HEALPix cell (nested) whose rows are in one file."""

    order: int
    pixel: int

    @property
    def path(self) -> str:
        """Its file within the catalogue."""
        return f"dataset/Norder={self.order}/Dir={self.pixel // 10_000 * 10_000}/Npix={self.pixel}.parquet"

    @property
    def cells(self) -> tuple[int, int]:
        """The first cell of order 29 in it, and the first behind it."""
        shift = 2 * (ORDER - self.order)
        return self.pixel << shift, (self.pixel + 1) << shift


@dataclass(frozen=True)
class HatsLayout:
    """What a catalogue says of itself: its properties and its partitions, and where it lies in its collection."""

    properties: Mapping[str, str]
    partitions: tuple[Partition, ...]
    folder: str = ""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.properties.get("obs_collection") or self.properties.get("catalog_name") or "catalogue"

    @property
    def position(self) -> tuple[str, str]:
        """The columns of right ascension and declination, degrees."""
        ra, dec = (self.properties.get(f"hats_col_{axis}", "") for axis in ("ra", "dec"))
        return ra or self.properties.get("ra_column", "ra"), dec or self.properties.get("dec_column", "dec")

    @property
    def files(self) -> tuple[str, ...]:
        """Files of its partitions, within the place that it was read of."""
        return tuple(f"{self.folder}{one.path}" for one in self.partitions)

    @property
    def common(self) -> str:
        """The file of the schema that they have."""
        return f"{self.folder}{COMMON}"

    @property
    def rows(self) -> int:
        """How many."""
        return int(self.properties.get("hats_nrows") or self.properties.get("total_rows") or 0)


def read_layout(read: Callable[[str], bytes], place: str) -> HatsLayout:
    """The layout of a catalogue, or of the one that a collection is about.

    Parameters
    ----------
    read : callable
        Gives the bytes of a file within the catalogue; raises FileNotFoundError where there is none.
    place : str
        Where it lies, for messages.

    Raises
    ------
    HatsError
        If there is no catalogue, or not one of objects.
    """
    text = _first(read, _PROPERTIES)
    if text is None and (collection := _first(read, (COLLECTION,))) is not None:
        primary = _said(collection).get("hats_primary_table_url", "").strip("/")
        if not re.fullmatch(r"\w[\w.-]*", primary):
            raise HatsError(f"{place} cannot be read", f"its {COLLECTION} names no catalogue in it", _AGAIN)
        within = read_layout(lambda name: read(f"{primary}/{name}"), f"{place}/{primary}")
        return replace(within, folder=f"{primary}/{within.folder}")
    if text is None:
        raise HatsError(f"{place} is no HATS catalogue", f"it has no file {_PROPERTIES[0]}", "Give its own folder.")
    properties = _said(text)
    # Without them a catalogue would still be read, and that it is simulated not be known.
    if _KNOWN.isdisjoint(properties) or "\N{REPLACEMENT CHARACTER}" in text.decode("utf-8", "replace"):
        raise HatsError(f"{place} cannot be read", "what it says of itself (hats.properties) is damaged", _AGAIN)
    if (suffix := properties.get("hats_npix_suffix", ".parquet")) != ".parquet":
        raise HatsError(
            f"{place} cannot be read as a catalogue",
            f"its partitions are no files of Parquet, they end in {suffix!r}",
            "Write it anew with one file a partition.",
        )
    kind = properties.get("dataproduct_type", "object")
    if kind not in {"object", "source"}:
        raise HatsError(
            f"{place} cannot be read as a catalogue",
            f"it is a HATS table of the kind {kind!r}",
            "Give the folder of the catalogue itself.",
        )
    listed = _first(read, ("partition_info.csv",))
    if listed is None:
        raise HatsError(f"{place} cannot be read", "it has no partition_info.csv", "Make the catalogue anew.")
    try:
        rows = list(csv.DictReader(io.StringIO(listed.decode("utf-8"))))
        partitions = sorted(Partition(int(row["Norder"]), int(row["Npix"])) for row in rows)
    except (KeyError, TypeError, ValueError):
        raise HatsError(
            f"{place} cannot be read", "its partition_info.csv is damaged: it has no orders and pixels", _AGAIN
        ) from None
    if not all(0 <= one.order <= ORDER and 0 <= one.pixel < 12 * 4**one.order for one in partitions):
        raise HatsError(
            f"{place} cannot be read", "its partition_info.csv names cells that HEALPix does not have", _AGAIN
        )
    return HatsLayout(properties, tuple(partitions))


def _said(text: bytes) -> dict[str, str]:
    lines = (line.partition("=") for line in text.decode("utf-8", "replace").splitlines() if not line.startswith("#"))
    return {key.strip(): value.strip() for key, sign, value in lines if sign}


def _first(read: Callable[[str], bytes], names: Sequence[str]) -> bytes | None:
    for name in names:
        try:
            return read(name)
        except FileNotFoundError:
            continue
    return None


def write_hats(
    place: Path, pieces: Sequence[pa.Table | Path], said: Mapping[str, str], *, ra: str = "ra", dec: str = "dec"
) -> int:
    """Write a table as a catalogue; returns the number of its rows.

    One partition is in memory at a time, of the pieces those that are tables.

    Parameters
    ----------
    place : Path
        Its folder, which is made.
    pieces : sequence of Table or Path
        The rows, sorted by `CELL`: in memory, or a Parquet file.
    said : mapping of str to str
        Its properties: ``obs_collection`` is what it is called.
    ra, dec : str
        Columns of its position.
    """
    cell = np.sort(np.concatenate([_column(piece, CELL) for piece in pieces] or [np.empty(0, np.int64)]))
    schema = _schema(pieces[0])
    most = max(20_000, _VALUES // max(1, len(schema)))
    partitions = list(_divided(cell, most))
    for partition, _ in partitions:
        path = place / partition.path
        path.parent.mkdir(parents=True, exist_ok=True)
        write_rows(path, _rows(pieces, schema, *partition.cells))
    (place / "dataset").mkdir(parents=True, exist_ok=True)
    pq.write_metadata(schema, place / COMMON)
    listed = "".join(f"{one.order},{one.pixel},{rows}\n" for one, rows in partitions)
    (place / "partition_info.csv").write_text(f"Norder,Npix,num_rows\n{listed}", encoding="utf-8")
    properties = {**said, **_properties(len(cell), (ra, dec), max((one.order for one, _ in partitions), default=0))}
    lines = "".join(f"{key}={' '.join(str(value).split())}\n" for key, value in properties.items())
    for file in _PROPERTIES:  # the second is what versions of `hats` before 0.6 read
        (place / file).write_text(lines, encoding="utf-8")
    return len(cell)


def write_rows(path: Path, rows: pa.Table) -> None:
    """Write rows as Parquet that is quick to read in parts: groups of few rows, no dictionaries of numbers."""
    repeated = [field.name for field in rows.schema if pa.types.is_string(field.type) and field.name != "name"]
    pq.write_table(rows, path, compression="lz4", use_dictionary=repeated, row_group_size=_GROUP_ROWS)


def _properties(rows: int, position: tuple[str, str], deepest: int) -> dict[str, Any]:
    return {
        "dataproduct_type": "object",
        "hats_nrows": rows,
        "hats_col_ra": position[0],
        "hats_col_dec": position[1],
        "hats_col_healpix": CELL,
        "hats_col_healpix_order": ORDER,
        "hats_npix_suffix": ".parquet",
        "hats_order": deepest,
        "hats_version": "v0.1",
        "hats_builder": "cscwidgets",
        "hats_creation_date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M}UTC",
    }


def _column(piece: pa.Table | Path, name: str) -> Integers:
    rows = pq.read_table(piece, columns=[name]) if isinstance(piece, Path) else piece
    return np.asarray(rows[name].to_numpy())


def _schema(piece: pa.Table | Path) -> pa.Schema:
    return pq.read_schema(piece) if isinstance(piece, Path) else piece.schema


def _divided(cell: Integers, most: int) -> Iterator[tuple[Partition, int]]:
    """Cells that hold so many rows at most, as far as they can be divided, and how many each holds."""
    pending = [Partition(0, pixel) for pixel in reversed(range(12))]
    while pending:
        partition = pending.pop()
        first, last = np.searchsorted(cell, partition.cells)
        if last - first > most and partition.order < _DEEPEST:
            pending += [Partition(partition.order + 1, 4 * partition.pixel + part) for part in (3, 2, 1, 0)]
        elif last > first:
            yield partition, int(last - first)


def _rows(pieces: Sequence[pa.Table | Path], schema: pa.Schema, low: int, high: int) -> pa.Table:
    """Rows of a range of cells, sorted."""
    parts = []
    for piece in pieces:
        if isinstance(piece, Path):
            parts.append(pq.read_table(piece, filters=(pc.field(CELL) >= low) & (pc.field(CELL) < high)).cast(schema))
        else:
            first, last = np.searchsorted(_column(piece, CELL), [low, high])
            parts.append(piece.slice(first, last - first))
    rows = pa.concat_tables([part for part in parts if part.num_rows])
    return rows if len(pieces) == 1 else rows.sort_by(CELL)
