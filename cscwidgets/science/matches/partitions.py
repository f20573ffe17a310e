"""A catalogue too large for the memory: Parquet files in one folder per HEALPix cell, read through DuckDB."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import cdshealpix
import numpy as np
import pyarrow as pa
from astropy.table import Table
from pyarrow import dataset

from cscwidgets.arrays import Floats, Integers
from cscwidgets.errors import CscError
from cscwidgets.io.silent_duckdb import connect
from cscwidgets.sky.healpix import cells
from cscwidgets.sky.on_sky import on_sky

__all__ = ["Partitions", "partition"]


_DEPTH = 2  # 192 cells of 15 degrees
_NOWHERE = -1  # cell of rows without a position
_TOGETHER = 1_500_000  # rows read
_AT_ONCE = 200_000_000  # bytes written


def partition(batches: Iterable[pa.RecordBatch], folder: Path, ra: str = "ra", dec: str = "dec") -> Partitions:
    """Write a catalogue that comes in batches of rows, never holding all of it.

    Parameters
    ----------
    batches : iterable of RecordBatch
        All with the same columns.
    folder : Path
        To be made.
    ra, dec : str
        Columns of positions, degrees.

    Returns
    -------
    Partitions
        The catalogue, to be read by places on the sky.

    Raises
    ------
    CscError
        If there are no batches, or the folder is not empty.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import pyarrow as pa
    >>> from cscwidgets.science import matches
    >>> stars = pa.record_batch({"ra": [10.0, 200.0], "dec": [41.0, -30.0]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     print(matches.partition([stars], Path(folder)).columns.colnames)
    ['ra', 'dec', 'healpix']
    """
    rest = iter(batches)
    first = next(rest, None)
    if first is None:
        raise CscError("There is no catalogue to partition", "it has no rows")
    if folder.exists() and any(folder.iterdir()):
        raise CscError("The catalogue is not written", f"the folder {folder} is not empty", "Choose another one.")

    part: list[pa.RecordBatch] = []
    for number, batch in enumerate(chain([first], rest)):
        part.append(batch)
        if sum(one.nbytes for one in part) > _AT_ONCE:
            _write(part, folder, number, (ra, dec))
            part = []
    if part:
        _write(part, folder, -1, (ra, dec))
    return Partitions(folder)


def _write(batches: list[pa.RecordBatch], folder: Path, number: int, position: tuple[str, str]) -> None:
    """Add batches as one more file to each cell: a single write of all would queue all rows in memory."""
    table = pa.Table.from_batches(batches)
    lon, lat = (table[name].to_numpy().astype(np.float64) for name in position)
    cell = np.full(len(lon), _NOWHERE)
    valid = on_sky(lon, lat)
    cell[valid] = cells(lon[valid], lat[valid], _DEPTH)
    by_cell = pa.field("healpix", pa.int32())
    dataset.write_dataset(
        table.append_column(by_cell, pa.array(cell, pa.int32())),
        folder,
        format="parquet",
        partitioning=dataset.partitioning(pa.schema([by_cell]), flavor="hive"),
        basename_template=f"{number}-{{i}}.parquet",
        existing_data_behavior="overwrite_or_ignore",
        max_partitions=12 * 4**_DEPTH + 1,
    )
    pa.default_memory_pool().release_unused()


class Partitions:
    """A catalogue written by `partition`.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    CscError
        If the folder holds no such catalogue.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not any(folder.glob("healpix=*/*.parquet")):
            raise CscError(f"There is no catalogue in {folder}", "it has no folders healpix=... of Parquet files")
        with connect() as database:
            counted = database.execute(
                "SELECT healpix::INT, count(*) FROM read_parquet(?, hive_partitioning = true) GROUP BY 1 ORDER BY 1",
                [str(folder / "healpix=*" / "*.parquet")],
            ).fetchall()
        self.rows = {int(cell): int(number) for cell, number in counted}
        """Number of rows by cell."""
        self.without_position = self.rows.pop(_NOWHERE, 0)

    def cells(self, ra: Floats, dec: Floats) -> Integers:
        """In which cells some positions (degrees) lie."""
        return cells(ra, dec, _DEPTH)

    def near(self, ra: Floats, dec: Floats) -> list[int]:
        """Cells with rows in which some positions (degrees) lie, or next to one in which they do."""
        own = np.unique(cells(ra, dec, _DEPTH))
        if not len(own):
            return []
        around = np.unique(cdshealpix.nested.neighbours(own.astype(np.uint64), _DEPTH))
        return [int(cell) for cell in around if int(cell) in self.rows]

    def read(self, columns: list[str], cells: list[int]) -> Iterator[tuple[Integers, Table]]:
        """Rows of some cells, a few cells at a time: which cells, and the columns, null where masked."""
        listed = ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
        with connect({"memory_limit": "512MB"}) as database:
            for group in self._together(cells):
                files = [str(self.folder / f"healpix={cell}" / "*.parquet") for cell in group]
                answer = database.execute(f"SELECT {listed} FROM read_parquet(?)", [files]).fetchnumpy()
                yield np.array(group), Table(dict(answer), copy=False)

    @property
    def columns(self) -> Table:
        """The columns, without rows."""
        with connect() as database:
            files = str(self.folder / "healpix=*" / "*.parquet")
            answer = database.execute("SELECT * FROM read_parquet(?) LIMIT 0", [files]).fetchnumpy()
        return Table(dict(answer))

    def _together(self, cells: list[int]) -> Iterator[list[int]]:
        group: list[int] = []
        number = 0
        for cell in cells:
            if group and number + self.rows[cell] > _TOGETHER:
                yield group
                group, number = [], 0
            group.append(cell)
            number += self.rows[cell]
        if group:
            yield group
