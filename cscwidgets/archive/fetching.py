"""The part of the client that fetches product files."""

from __future__ import annotations

import os
from pathlib import Path

from astropy.table import Table

from cscwidgets.errors import IncompleteFetch

from .files.downloads import download, items_of
from .files.layout import lay_out
from .monitor import SILENT, Monitor
from .pictures import PictureClient

__all__ = ["FetchClient"]


class FetchClient(PictureClient):
    """What `cscwidgets.archive.Archive` fetches."""

    def fetch(
        self, products: Table, folder: str | os.PathLike[str] | None = None, *, monitor: Monitor = SILENT
    ) -> list[Path]:
        """Fetch product files, as far as they are not here already.

        Parameters
        ----------
        products : Table
            Rows of `products`.
        folder : path, optional
            Lay the files out there as ``search_csc`` does, besides the cache: source, observation or stack, file.
        monitor : Monitor
            Told the bytes and the time left, asked whether to stop.

        Returns
        -------
        list of Path
            Where each row's file is. In the cache, all files of an observation lie together, as Sherpa wants it.

        Raises
        ------
        IncompleteFetch
            If files could not be had: it says which and why, and holds the paths of the others.
        QueryCancelled
            If the monitor said so. What had arrived is kept.
        """
        connection = self._connect(monitor)
        items = items_of(products)
        outcomes = download(connection, items, self.cache, monitor)
        if folder is not None:
            lay_out(outcomes.fetched, ((item.source, item.file) for item in items), Path(folder))
        if outcomes.failed:
            raise IncompleteFetch(outcomes.fetched, outcomes.failed)
        return [outcomes.fetched[item.file.filename] for item in items]

    def to_download(self, products: Table, *, monitor: Monitor = SILENT) -> Table:
        """Those of some products whose files would come over a network: what is here already does not.

        Parameters
        ----------
        products : Table
            Rows of `products`.
        monitor : Monitor
            Told of progress, asked whether to stop.
        """
        connection = self._connect(monitor)
        if connection.local:
            return products[:0]
        return products[
            [not self.cache.path(connection.key, str(filename)).is_file() for filename in products["filename"]]
        ]
