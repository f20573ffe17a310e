"""The CSC's command-line interface for product files: what there is, one file, many files as one tar."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping

from cscwidgets.csc.filenames import ProductFile
from cscwidgets.csc.products import Level, Observation, Owner, ProductId, Source, Stack
from cscwidgets.errors import ProductError

from ..database import Database
from ..products import ProductStore

__all__ = ["browse", "retrieve", "retrieve_file"]

_MOST = 1000

# What holds the owners of each level, by the observations that are part of them.
_OWNERS: Mapping[Level, tuple[tuple[str, ...], str]] = {
    Level.STACK: (("stack_observation_assoc b",), "b.detect_stack_id"),
    Level.STACK_REGION: (("stack_observation_assoc b",), "b.detect_stack_id, b.region_id"),
    Level.MASTER: (("stack_observation_assoc b", "master_stack_assoc a"), "a.name"),
}


def browse(database: Database, store: ProductStore, parameters: Mapping[str, str]) -> bytes:
    """The newest files of ``packageset``, ``ID/filetype/band`` several times with commas between, as JSON.

    Raises
    ------
    ProductError
        If an entry of it is not understood.
    """
    return json.dumps(
        [
            {
                "productId": str(file.name.product),
                "filename": file.filename,
                "filetype": file.name.kind.filetype,
                "size": file.size,
            }
            for file in _files(database, store, parameters)
        ]
    ).encode()


def retrieve_file(store: ProductStore, parameters: Mapping[str, str]) -> bytes:
    """The file ``filename`` of type ``filetype``, gzipped, as it is sent.

    Raises
    ------
    KeyError
        If there is none.
    """
    return store.read(parameters.get("filetype", ""), parameters.get("filename", "").removesuffix(".gz"))


def retrieve(database: Database, store: ProductStore, parameters: Mapping[str, str]) -> Iterator[bytes]:
    """The newest files of ``packageset`` as a tar, file by file.

    Raises
    ------
    ProductError
        If an entry of it is not understood.
    """
    return _tar(store, _files(database, store, parameters))


def _tar(store: ProductStore, files: Iterable[ProductFile]) -> Iterator[bytes]:
    for file in files:
        try:
            content = store.read(file.name.kind.filetype, file.filename)
        except KeyError:
            continue  # gone since it was listed
        zipped = "" if file.name.kind.suffix == "jpg" else ".gz"
        member = tarfile.TarInfo(f"{file.filename}{zipped}")
        member.size = len(content)
        yield member.tobuf(tarfile.USTAR_FORMAT)
        yield content
        yield bytes(-len(content) % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _files(database: Database, store: ProductStore, parameters: Mapping[str, str]) -> list[ProductFile]:
    products = [ProductId.parse(entry) for entry in parameters.get("packageset", "").split(",") if entry.strip()]
    if not products or len(products) > _MOST:
        raise ProductError(f"packageset names {len(products)} products", "", f"Name 1 to {_MOST}, with commas between.")
    owners = _owners(database, products)
    files: dict[str, ProductFile] = {}
    for product in products:
        for owner in owners.get(product, ()):
            for file in store.browse(ProductId(owner, product.kind, product.band)):
                files.setdefault(file.filename, file)
    return list(files.values())


def _owners(database: Database, products: Iterable[ProductId]) -> dict[ProductId, list[Owner]]:
    """Whom products belong to: what is asked for by an observation may be of a stack or a source it is part of."""
    owners: dict[ProductId, list[Owner]] = {}
    through: dict[Level, list[ProductId]] = {}
    for product in products:
        owner, level = product.owner, product.kind.level
        if level in _OWNERS and isinstance(owner, Observation):
            through.setdefault(level, []).append(product)
        elif level is Level.OBSERVATION and isinstance(owner, Observation):
            owners[product] = [Observation(owner.obsid, owner.obi)]
        else:
            owners[product] = [owner]
    for level, of_level in through.items():
        parts = _partners(database, level, {product.owner for product in of_level})
        owners |= {product: parts.get(product.owner, []) for product in of_level}
    return owners


def _partners(database: Database, level: Level, observations: Iterable[Owner]) -> dict[Owner, list[Owner]]:
    tables, columns = _OWNERS[level]
    if any(table.split()[0] not in database.info.tables for table in tables):
        return {}
    conditions = []
    by_key: dict[tuple[int, int, int | None], list[Observation]] = {}
    for observation in observations:
        if not isinstance(observation, Observation) or (observation.region_id is None and level is not Level.STACK):
            continue
        key = (observation.obsid, observation.obi, None if level is Level.STACK else observation.region_id)
        by_key.setdefault(key, []).append(observation)
        names = ("obsid", "obi", "region_id")
        pairs = [f"b.{name} = {value}" for name, value in zip(names, key, strict=True) if value is not None]
        conditions.append(f"({' AND '.join(pairs)})")
    if not conditions:
        return {}
    join = "a.detect_stack_id = b.detect_stack_id AND a.region_id = b.region_id AND " if level is Level.MASTER else ""
    rows = database.query(
        f"SELECT DISTINCT b.obsid, b.obi, b.region_id, {columns} FROM {', '.join(tables)}"
        f" WHERE {join}({' OR '.join(conditions)})"
    ).table
    partners: dict[Owner, list[Owner]] = {}
    for obsid, obi, region, *rest in zip(*(column.to_pylist() for column in rows.columns), strict=True):
        owner: Owner = Source(rest[0]) if level is Level.MASTER else Stack(*rest)
        for observation in by_key.get((obsid, obi, None if level is Level.STACK else region), ()):
            owners = partners.setdefault(observation, [])
            if owner not in owners:
                owners.append(owner)
    return partners
