"""A catalogue to match with in the format HATS behind an address: only groups of rows near the region are fetched."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cached_property
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import requests
from astropy.table import QTable
from urllib3.exceptions import HTTPError

from cscwidgets.errors import QueryError
from cscwidgets.io.hats import LARGEST_LIST, HatsLayout, read_layout
from cscwidgets.io.reading import Unreadable, reading
from cscwidgets.sky.boxes import Box
from cscwidgets.sky.healpix import cell_centres
from cscwidgets.sky.sphere import separation

from ..connection import connect_to
from ..failures import explained
from ..monitor import Monitor, watched
from ..provenance import Provenance
from ..remote_file import RemoteFile, whole_file
from ..service_session import ServiceSession
from ..tables_on_disk import HIDDEN
from .answer_cache import AnswerCache
from .catalogue import Catalogue, Neighbourhood
from .hats_catalogue import in_boxes
from .margin import Position
from .own_table import OwnTable

__all__ = ["RemoteHatsCatalogue"]

_MOST = 500_000_000  # bytes of one answer, packed or not
_REACH = np.degrees(1.1)  # of a HEALPix cell of order 0 from its centre; it halves with each order
_FOOTER = 8  # bytes behind Parquet's description of itself: how long that is, and its name
_NETWORK = (requests.RequestException, HTTPError)


class RemoteHatsCatalogue(Catalogue):
    """A catalogue in the format HATS on any web server; LSDB is not needed.

    Parameters
    ----------
    address : str
        Of its folder, which has a file ``partition_info.csv``.
    session : ServiceSession, optional
        The session to use.
    cache : AnswerCache, optional
        Where answers are kept; the user's own unless told.
    """

    def __init__(
        self, address: str, *, session: ServiceSession | None = None, cache: AnswerCache | None = None
    ) -> None:
        self.address = address.strip().rstrip("/")
        parts = urlsplit(self.address)
        self.name = parts.path.rpartition("/")[2] or parts.hostname or "hats"
        self.title = f"the HATS catalogue {self.name}"
        self._connection = connect_to(self.address, self.title, session or ServiceSession())
        self._cache = cache or AnswerCache()

    @property
    def reference(self) -> str:
        """What `find_catalogue` finds it by."""
        return f"hats:{self.address}"

    def __repr__(self) -> str:
        return f"RemoteHatsCatalogue({self.address!r})"

    def rows(self, around: Neighbourhood) -> QTable:
        """Those of boxes around the region and its margin."""
        boxes = around.region.boxes(around.margin)
        return self._cache.answer(
            self.address, f"HATS {boxes!r}", lambda: self._ask(around, boxes), refresh=around.refresh
        )

    def position(self, rows: QTable) -> Position:
        """By the columns that the catalogue names."""
        return Position.of(rows, *rows.meta["position"])

    @cached_property
    def _layout(self) -> HatsLayout:
        return read_layout(self._small_file, self.address)

    def _small_file(self, name: str) -> bytes:
        return whole_file(f"{self.address}/{name}", self._connection.session, LARGEST_LIST)

    def _ask(self, around: Neighbourhood, boxes: Sequence[Box]) -> QTable:
        why = f"{self.title[0].upper()}{self.title[1:]} cannot be read"
        hint = "It may be damaged: try again, or take another."
        with watched(around.monitor), explained(self._connection.release):
            around.monitor.report(f"asking {self.title}")
            layout = self._layout
            with reading(why, hint, error=QueryError, passing=_NETWORK):
                found = pa.concat_tables(self._found(layout, around, boxes), promote_options="permissive")
        rows = OwnTable.of(found, self.title).rows
        rows.meta["position"] = list(layout.position)
        rows.meta["provenance"] = Provenance(
            release=layout.name,
            service=self.address,
            query="",
            requested=len(rows),
            returned=len(rows),
            truncated=0,
            simulated=layout.properties.get("csc_simulated") == "true",
            origin=layout.properties.get("csc_origin", self.title),
        )
        return rows

    def _found(self, layout: HatsLayout, around: Neighbourhood, boxes: Sequence[Box]) -> list[pa.Table]:
        # Without any near, one tells the columns.
        asked = _near(layout, around) or layout.files[:1]
        if not asked:
            raise Unreadable("it lists no files")
        found: list[pa.Table] = []
        left = _MOST
        for number, path in enumerate(asked):
            around.monitor.report(f"file {number + 1} of {len(asked)}", number / len(asked))
            rows, left = _rows(self._open(path), layout.position, boxes, around.monitor, left)
            found += rows
        return found

    def _open(self, path: str) -> RemoteFile:
        try:
            return RemoteFile(f"{self.address}/{path}", self._connection.session)
        except FileNotFoundError:
            raise Unreadable(f"it lists {path}, which is not there") from None


def _near(layout: HatsLayout, around: Neighbourhood) -> Sequence[str]:
    """Files of partitions whose cells may hold a part of the region and its margin."""
    partitions = layout.partitions
    if around.region.is_all_sky:
        return layout.files
    order = np.array([one.order for one in partitions], np.int64)
    lon, lat = cell_centres(np.array([one.pixel for one in partitions], np.int64), order)
    reach = around.region.radius + around.margin + _REACH / 2.0**order
    near = separation(lon, lat, *around.region.centre) <= reach
    return [file for file, yes in zip(layout.files, near.tolist(), strict=True) if yes]


def _rows(
    file: RemoteFile, position: tuple[str, str], boxes: Sequence[Box], monitor: Monitor, left: int
) -> tuple[list[pa.Table], int]:
    """Rows in the boxes, of those groups whose statistics allow any, and how many bytes may still come then."""
    parquet = _described(file)
    schema = parquet.schema_arrow
    shown = [name for name in schema.names if name not in HIDDEN]
    found = [pa.table({name: pa.array([], schema.field(name).type) for name in shown})]
    for number in range(parquet.num_row_groups):
        group = parquet.metadata.row_group(number)
        if not _overlaps(group, position, boxes):
            continue
        chunks = [group.column(column) for column in range(group.num_columns)]
        first = min(_first_byte(chunk) for chunk in chunks)
        last = max(_first_byte(chunk) + chunk.total_compressed_size for chunk in chunks)
        left -= max(last - first, group.total_byte_size)
        if left < 0:
            raise Unreadable(f"there are more than {_MOST / 1e6:.0f} MB near the region", "Take a smaller region.")
        monitor.check()
        file.fetch(first, last)
        rows = parquet.read_row_group(number, columns=shown, use_threads=False)
        found.append(rows.filter(in_boxes(boxes, *position)))
    return found, left


def _described(file: RemoteFile) -> pq.ParquetFile:
    """The file, whose description of itself at its end is here."""
    file.seek(-_FOOTER, io.SEEK_END)
    length = int.from_bytes(file.read(4), "little") + _FOOTER
    if file.read(4) != b"PAR1" or length > min(file.size, LARGEST_LIST):
        raise Unreadable("one of its files is not Parquet")
    file.fetch(file.size - length, file.size)
    return pq.ParquetFile(file)


def _first_byte(chunk: pq.ColumnChunkMetaData) -> int:
    return int(chunk.dictionary_page_offset or chunk.data_page_offset)


def _overlaps(group: pq.RowGroupMetaData, position: tuple[str, str], boxes: Sequence[Box]) -> bool:
    told = {}
    for number in range(group.num_columns):
        chunk = group.column(number)
        statistics = chunk.statistics if chunk.is_stats_set else None
        if chunk.path_in_schema in position and statistics is not None and statistics.has_min_max:
            told[chunk.path_in_schema] = statistics.min, statistics.max
    (ra_low, ra_high), (dec_low, dec_high) = (told.get(name, (-np.inf, np.inf)) for name in position)
    return any(
        dec_low <= box.dec_high
        and dec_high >= box.dec_low
        and any(ra_low <= box.ra_high - turn and ra_high >= box.ra_low - turn for turn in (0.0, 360.0))
        for box in boxes
    )
