"""Where a database has its tables from: what it needs to know of them, and those of an archive folder."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cscwidgets.archive.folder import ArchiveInfo, read_info
from cscwidgets.archive.tables_on_disk import StoredTable, stored_table

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

__all__ = ["FolderTables", "Tables"]


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

    def asked(self) -> AbstractContextManager[None]:
        """Nothing more."""
        return nullcontext()
