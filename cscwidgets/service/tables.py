"""Where a database has its tables from: what it needs to know of them, and those of an archive folder."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow.parquet as pq

from cscwidgets.archive.folder import ArchiveInfo, read_info
from cscwidgets.archive.tables_on_disk import StoredTable, stored_table
from cscwidgets.sky.healpix import cell_centres

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

__all__ = ["FolderTables", "Tables", "counts_from_minus_180"]


class Tables(Protocol):
    """What a database needs to know of its tables."""

    @property
    def folder(self) -> Path | None:
        """Where they lie on this machine."""

    @property
    def info(self) -> ArchiveInfo:
        """What they say of themselves."""

    @property
    def files(self) -> AbstractFileSystem | None:
        """Who reads them, where it is not DuckDB itself."""

    @property
    def places(self) -> tuple[str, ...]:
        """What may be read."""

    def stored(self, name: str) -> StoredTable:
        """One of them."""

    def described(self, path: Path | str) -> pq.FileMetaData:
        """What one of their files says of itself."""

    def asked(self) -> AbstractContextManager[None]:
        """What a query runs in."""


class FolderTables:
    """Tables of an archive folder.

    Raises
    ------
    FolderError
        If it is not a complete archive folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.info = read_info(folder)
        self.files = None
        self.places = (f"{folder.resolve()}/",)

    def stored(self, name: str) -> StoredTable:
        """One of them."""
        return stored_table(self.folder, name)

    def described(self, path: Path | str) -> pq.FileMetaData:
        """What one of its files says of itself."""
        return pq.read_metadata(path)

    def asked(self) -> AbstractContextManager[None]:
        """Nothing more."""
        return nullcontext()


def counts_from_minus_180(tables: Tables, stored: StoredTable) -> bool:
    """Whether a HATS catalogue has right ascensions from -180 to 180 degrees: its part nearest to 270 degrees tells."""
    if stored.layout is None or stored.position is None or not set(stored.position) <= set(stored.schema.names):
        return False
    cells = stored.layout.partitions
    lon, _ = cell_centres(np.array([one.pixel for one in cells]), np.array([one.order for one in cells]))
    described = tables.described(stored.files[int(np.argmin(np.abs(lon - 270)))])
    ra = described.schema.to_arrow_schema().names.index(stored.position[0])
    known = (described.row_group(group).column(ra).statistics for group in range(described.num_row_groups))
    return any(one is not None and one.has_min_max and one.min < 0 for one in known)
