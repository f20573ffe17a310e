"""Which product files there are of some rows of the catalogue."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from astropy.table import MaskedColumn, Table

from cscwidgets.csc.bands import BANDS
from cscwidgets.csc.filenames import ProductFile, newest
from cscwidgets.csc.products import Kind, Level, Observation, Owner, ProductId, Source, Stack
from cscwidgets.errors import CscWarning, ProductError, QueryError, warn

from ..connection import Connection
from ..failures import explained
from ..monitor import Monitor
from ..parallel import for_each
from ..provenance import Provenance
from ..service_session import body_of
from .integrity import document_message

__all__ = ["WantedProduct", "list_products", "wanted_products"]

_PER_REQUEST = 50  # ids in one browse request; the address stays below 2 kB
_LARGEST = 20_000_000  # bytes of its answer; a file takes 150, and a product has a handful


@dataclass(frozen=True, slots=True)
class WantedProduct:
    """A product of a catalogue row: whose file it is, and the id to ask for it by."""

    name: str
    owner: Owner
    product: ProductId


def wanted_products(rows: Table, kinds: Sequence[Kind], bands: Sequence[str]) -> list[WantedProduct]:
    """The products that rows may have.

    Parameters
    ----------
    rows : Table
        With ``obsid``, ``obi``, ``region_id`` for products of observations, ``detect_stack_id`` (and ``region_id``) for
        those of stacks, ``name`` for those of sources.
    kinds : sequence of Kind
    bands : sequence of str
        For kinds with bands; a band of the other instrument is left out where the row tells the instrument.

    Raises
    ------
    ProductError
        If the rows lack what a kind needs.
    """
    columns = [column for column in (*_KEYS, "match_type", "instrument") if column in rows.colnames]
    products: dict[tuple[str, Owner, Kind, str], WantedProduct] = {}
    for kind in kinds:
        if missing := [column for column in _NEEDED[kind.level] if column not in columns]:
            raise ProductError(
                f"The rows name no products of kind {kind.name}",
                f"they lack {', '.join(missing)}",
                "Give source names, or rows of detections() or, for whole stacks, of stacks().",
            )
    for row in _plain_rows(rows, columns):
        for kind in kinds:
            if any(row.get(column) is None for column in _NEEDED[kind.level]):
                continue
            owner, owner_asked = _owner(row, kind.level)
            name = str(row.get("name") or "")
            for band in bands if kind.per_band else ("",):
                key = (name, owner, kind, band)
                if _has_band(row, band) and (key not in products or row.get("match_type") == "u"):
                    products[key] = WantedProduct(name, owner, ProductId(owner_asked, kind, band))
    return list(products.values())


_KEYS = ("name", "obsid", "obi", "region_id", "detect_stack_id")
_NEEDED: dict[Level, tuple[str, ...]] = {
    Level.OBSERVATION: ("obsid", "obi"),
    Level.OBSERVATION_REGION: ("obsid", "obi", "region_id"),
    Level.STACK: ("detect_stack_id",),
    Level.STACK_REGION: ("detect_stack_id", "region_id"),
    Level.MASTER: ("name",),
}


def _plain_rows(rows: Table, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Rows as plain values, None for a null."""
    values = [np.ma.asarray(rows[column]).tolist() for column in columns]
    for row in zip(*values, strict=True):
        yield {
            column: (value.strip() or None) if isinstance(value, str) else value
            for column, value in zip(columns, row, strict=True)
        }


def _owner(row: dict[str, Any], level: Level) -> tuple[Owner, Owner]:
    """Whose product it is, and by whom to ask for it.

    csccli documents ids of observations and of whole stacks only; the others are reached through an observation.
    """
    region = row.get("region_id")
    through: Owner | None = None
    if row.get("obsid") is not None and row.get("obi") is not None and region is not None:
        through = Observation(int(row["obsid"]), int(row["obi"]), int(region))
    if level is Level.OBSERVATION:
        owner: Owner = Observation(int(row["obsid"]), int(row["obi"]))
        return owner, owner
    if level is Level.OBSERVATION_REGION and through is not None:
        return through, through
    if level is Level.STACK:
        owner = Stack(row["detect_stack_id"])
        return owner, owner
    owner = Source(row["name"]) if level is Level.MASTER else Stack(row["detect_stack_id"], int(row["region_id"]))
    return owner, through or owner


def _has_band(row: dict[str, Any], band: str) -> bool:
    instrument = str(row.get("instrument") or row.get("detect_stack_id") or "").upper()
    detector_of_rows = next((detector for detector in ("ACIS", "HRC") if instrument.startswith(detector)), None)
    return not band or detector_of_rows is None or BANDS[band].detector == detector_of_rows


def list_products(connection: Connection, wanted: Sequence[WantedProduct], monitor: Monitor) -> Table:
    """Ask which of the wanted files exist, in their newest versions.

    Returns
    -------
    Table
        ``name`` (the row's), ``kind``, ``band``, ``obsid``, ``obi``, ``region_id``, ``detect_stack_id``, ``filename``,
        ``version``, ``size`` (bytes, as sent; masked where the service does not say), ``product`` (csccli's id).
    """
    ids = list(dict.fromkeys(item.product for item in wanted))
    files, unknown = _browse(connection, ids, monitor)
    by_product: dict[ProductId, list[ProductFile]] = {}
    for file in newest(files):
        by_product.setdefault(file.name.product, []).append(file)
    rows = [
        _row(item, file)
        for item in wanted
        for file in by_product.get(ProductId(item.owner, item.product.kind, item.product.band), ())
    ]
    table = Table([_column(name, kind, [row[name] for row in rows]) for name, kind in _COLUMNS.items()])
    table["size"].unit = "byte"
    table.meta["provenance"] = Provenance(
        release=connection.release.title,
        service=connection.release.csccli,
        query=f"browse {len(ids):,} products",
        requested=len(table),
        returned=len(table),
        simulated=connection.simulated,
        origin=connection.origin,
    )
    if unknown:
        names = ", ".join(sorted(unknown)[:3])
        words = f"{len(unknown)} files were left out: their names ({names}) are not understood."
        warn(CscWarning(words), stacklevel=3)
    return table


_COLUMNS: dict[str, type] = {
    "name": str,
    "kind": str,
    "band": str,
    "obsid": int,
    "obi": int,
    "region_id": int,
    "detect_stack_id": str,
    "filename": str,
    "version": int,
    "size": int,
    "product": str,
}


def _row(item: WantedProduct, file: ProductFile) -> dict[str, Any]:
    owner = item.owner
    row: dict[str, Any] = {
        "name": item.name,
        "kind": item.product.kind.name,
        "band": item.product.band,
        "filename": file.filename,
        "version": file.name.version,
        "size": file.size,
        "product": str(item.product),
    }
    if isinstance(owner, Observation):
        row |= {"obsid": owner.obsid, "obi": owner.obi, "region_id": owner.region_id}
    elif isinstance(owner, Stack):
        row |= {"detect_stack_id": owner.detect_stack_id, "region_id": owner.region_id}
    return {name: row.get(name) for name in _COLUMNS}


def _column(name: str, kind: type, values: list[Any]) -> MaskedColumn:
    blank = kind()
    mask = [value is None for value in values]
    filled = [blank if value is None else value for value in values]
    return MaskedColumn(filled, name=name, dtype=kind if filled or kind is int else "U1", mask=mask)


def _browse(connection: Connection, ids: Sequence[ProductId], monitor: Monitor) -> tuple[list[ProductFile], set[str]]:
    """The files the service names for some ids, and the names among them that are no product's."""
    lock = threading.Lock()
    files: list[ProductFile] = []
    unknown: set[str] = set()
    done = 0

    def ask(batch: Sequence[ProductId]) -> None:
        nonlocal done
        entries = _request(connection, batch)
        product_files, others = _read(entries)
        if entries and not product_files:
            raise QueryError(
                f"{connection.release.title} did not list its products",
                _what_is_there(entries[0]),
                "The service may have changed: look for a newer cscwidgets.",
            )
        with lock:
            files.extend(product_files)
            unknown.update(others)
            done += len(batch)

    def tell() -> None:
        if ids:
            monitor.report(f"listing products: {done:,} of {len(ids):,}", done / len(ids))

    batches = [ids[start : start + _PER_REQUEST] for start in range(0, len(ids), _PER_REQUEST)]
    for_each(ask, batches, monitor, tell=tell)
    return files, unknown


def _request(connection: Connection, batch: Sequence[ProductId]) -> list[dict[str, Any]]:
    release = connection.release
    with explained(release):
        answer = connection.session.get(
            f"{release.csccli}/browse",
            params={"packageset": ",".join(map(str, batch)), "version": release.version},
            stream=True,
        )
        content = body_of(answer, _LARGEST)  # which ends the answer, also that of a failure
        answer.raise_for_status()
    try:
        entries = json.loads(content)
        if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
            return entries
    except (ValueError, RecursionError):
        pass
    raise QueryError(
        f"{release.title} did not list its products", document_message(content), "Try again in a few minutes."
    )


def _what_is_there(entry: dict[str, Any]) -> str:
    """What a list has that names no product."""
    if "filename" in entry:
        return f'its list names none: the first filename is "{entry["filename"]!s:.100}"'
    fields = ", ".join(entry) or "nothing"
    return f"its list has no filename, but {fields:.100}"


def _read(entries: Iterable[dict[str, Any]]) -> tuple[list[ProductFile], list[str]]:
    files, unknown = [], []
    for entry in entries:
        filename = str(entry.get("filename") or "").removesuffix(".gz")
        size = entry.get("size")
        file = ProductFile(filename, size if isinstance(size, int) and size > 0 else None)
        try:
            _ = file.name
        except ProductError:
            unknown.append(filename)
        else:
            files.append(file)
    return files, unknown
