"""What one detection of a source in one observation is known by."""

from __future__ import annotations

import numpy as np
from astropy.table import Table

from cscwidgets.errors import CscError

__all__ = ["ObservationKey"]

_COLUMNS = ("obsid", "obi", "region_id")


class ObservationKey(str):
    """The catalogue's key of a detection: observation, observation interval, region in it.

    It is the text "obsid.obi.region_id": that is how people write it, and how it is kept in files and in pages.

    Parameters
    ----------
    obsid, obi, region_id : int

    Examples
    --------
    >>> key = ObservationKey(635, 0, 12)
    >>> key, key.obsid, key == "635.0.12"
    (ObservationKey(635, 0, 12), 635, True)
    """

    __slots__ = ("obi", "obsid", "region_id")

    obsid: int
    obi: int
    region_id: int

    def __new__(cls, obsid: int, obi: int, region_id: int) -> ObservationKey:
        key = super().__new__(cls, f"{obsid:d}.{obi:d}.{region_id:d}")
        key.obsid, key.obi, key.region_id = int(obsid), int(obi), int(region_id)
        return key

    def __getnewargs__(self) -> tuple[int, int, int]:  # type: ignore[override]
        return self.obsid, self.obi, self.region_id

    def __repr__(self) -> str:
        return f"ObservationKey({self.obsid}, {self.obi}, {self.region_id})"

    @classmethod
    def read(cls, text: str) -> ObservationKey:
        """The key that a text is.

        Raises
        ------
        CscError
            If it is not three whole numbers with dots between them.
        """
        if isinstance(text, ObservationKey):
            return text
        parts = str(text).strip().split(".")
        if len(parts) != len(_COLUMNS) or not all(part.isascii() and part.isdigit() for part in parts):
            raise CscError(
                f"{text!r} does not name an observation", "", 'Write it as "obsid.obi.region_id", such as "635.0.12".'
            )
        return cls(*map(int, parts))

    @classmethod
    def of_rows(cls, rows: Table) -> list[ObservationKey]:
        """The keys of rows with the columns ``obsid``, ``obi`` and ``region_id``."""
        columns = (np.ma.filled(np.ma.asarray(rows[name]), -1).astype(np.int64).tolist() for name in _COLUMNS)
        return [cls(*numbers) for numbers in zip(*columns, strict=True)]

    @classmethod
    def in_columns(cls, names: list[str]) -> bool:
        """Whether a table with these columns has keys."""
        return set(_COLUMNS) <= set(names)
