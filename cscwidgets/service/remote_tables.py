"""A HATS catalogue behind an address as the table of an archive: each query reads the groups of rows that it needs."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cscwidgets.archive.connection import connect_to
from cscwidgets.archive.failures import explained
from cscwidgets.archive.folder import info_of_catalogue
from cscwidgets.archive.monitor import current_monitor
from cscwidgets.archive.remote_file import whole_file
from cscwidgets.archive.service_session import ServiceSession
from cscwidgets.archive.tables_on_disk import StoredTable, catalogue_table
from cscwidgets.errors import CscError
from cscwidgets.io.hats import LARGEST_LIST, read_layout

from .remote_files import PROTOCOL, RemoteFiles

__all__ = ["RemoteTables"]


class RemoteTables:
    """The table of a HATS catalogue on a web server, of which a query reads the groups of rows that it needs.

    Parameters
    ----------
    address : str
        Of its folder.
    session : ServiceSession

    Raises
    ------
    CscError
        If it does not answer, or with no such catalogue.
    """

    folder = None
    places = (f"{PROTOCOL}://",)

    def __init__(self, address: str, session: ServiceSession) -> None:
        name = address.rpartition("/")[2]
        line = connect_to(address, f"The HATS catalogue {name}", session)

        def read(file: str) -> bytes:
            return whole_file(f"{address}/{file}", session, LARGEST_LIST)

        with explained(line.release):
            layout = read_layout(read, address)
        self.files = RemoteFiles(line, layout.files)
        paths = tuple(f"{PROTOCOL}://{file}" for file in layout.files)
        if not paths:
            raise CscError(f"{line.release.title} cannot be opened", "it lists no files", "Take another.")
        with self.files.reading():
            try:
                schema = pq.read_schema(pa.BufferReader(read(layout.common)))
            except FileNotFoundError:
                schema = self.described(paths[0]).schema.to_arrow_schema()
            rows = layout.rows or sum(self.described(path).num_rows for path in paths)
        self._table = catalogue_table(layout, paths, schema, rows)
        self.info = info_of_catalogue(self._table, f"the HATS catalogue at {address}")

    def stored(self, name: str) -> StoredTable:  # noqa: ARG002
        """The one there is."""
        return self._table

    def described(self, path: Path | str) -> pq.FileMetaData:
        """What one of its files says of itself."""
        return pq.read_metadata(self.files.open(str(path)))

    def asked(self) -> AbstractContextManager[None]:
        """Whoever asks is told how much has come, and may stop it."""
        return self.files.asked_by(current_monitor())
