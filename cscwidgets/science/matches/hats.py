"""Catalogues in the format HATS, through LSDB: the one door to it, and without it one error that says how to get it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import astropy.units as u
import numpy as np
import pandas as pd
from astropy.table import Table
from astropy.time import Time

from cscwidgets.errors import CscError
from cscwidgets.sky.healpix import cells

from .column_roles import ColumnRoles
from .sky_table import SkyTable, read_positions

try:
    import lsdb
    from lsdb.core.crossmatch.abstract_crossmatch_algorithm import AbstractCrossmatchAlgorithm as CrossmatchAlgorithm
except ImportError as error:
    raise CscError(
        "Catalogues in the format HATS cannot be matched",
        f"LSDB is not installed ({error})",
        "Run: pip install 'cscwidgets[scale]'.",
    ) from error

__all__ = ["CrossmatchAlgorithm", "HatsCatalogue", "as_table", "hats_catalogue"]

_PARTITION = 500_000  # rows, of tables that are made catalogues
_DEEPEST = 9  # no partition is smaller than such a HEALPix cell, 7 arcmin


@dataclass(frozen=True)
class HatsCatalogue:
    """A catalogue of LSDB, and which of its columns is what.

    Attributes
    ----------
    what : str
        "sources" or "catalogue", for messages.
    catalog : lsdb.Catalog
    roles : ColumnRoles
    """

    what: str
    catalog: Any
    roles: ColumnRoles

    @property
    def rows(self) -> int:
        """How many; they are counted where the catalogue was cut down since it was opened."""
        total = self.catalog.hc_structure.catalog_info.total_rows
        return int(
            total
            or self.catalog.map_partitions(_counted, meta=_counted(pd.DataFrame()))
            .compute(progress_bar=False)["rows"]
            .sum()
        )


def _counted(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"rows": [len(frame)]})


def hats_catalogue(
    given: Any,
    what: str,
    roles: ColumnRoles | None,
    *,
    error: u.Quantity | None,
    margin: float,
    epoch: Time | float | None = None,
) -> HatsCatalogue:
    """Open a catalogue by its path or address, take it as it is, or make one of a table.

    Parameters
    ----------
    given : str, Path, lsdb.Catalog or Table
    what : str
        What to call it in messages.
    roles : ColumnRoles, optional
        Guessed from names if not given.
    error : Quantity, optional
        Circular 1 sigma error, for a table.
    margin : float
        Arcsec: the overlap that partitions made of a table get.
    epoch : Time or float, optional
        For a table.

    Raises
    ------
    CscError
        If it cannot be opened, or a table is not what it should be.
    """
    if isinstance(given, Table):
        rows = read_positions(given, roles or ColumnRoles.guess(given), what, error, epoch=epoch)
        return _of_table(rows, margin)
    if isinstance(given, str | Path):
        catalog = _opened(str(given), what, "all")
        chosen = roles or _guessed(catalog)
        present = [name for name in chosen.columns if name in catalog.columns]
        return HatsCatalogue(what, _opened(str(given), what, present), chosen)
    return HatsCatalogue(what, given, roles or _guessed(given))


def _opened(path: str, what: str, columns: str | list[str]) -> Any:
    try:
        return lsdb.open_catalog(path, columns=columns)
    except (OSError, ValueError) as error:
        raise CscError(f"The {what} cannot be matched", f"{path} is no HATS catalogue: {error}") from error


def _guessed(catalog: Any) -> ColumnRoles:
    info = catalog.hc_structure.catalog_info
    return replace(ColumnRoles.guess(Table(names=list(catalog.columns))), ra=info.ra_column, dec=info.dec_column)


def _of_table(rows: SkyTable, margin: float) -> HatsCatalogue:
    """A catalogue of a table's usable rows, in plain units."""
    frame = pd.DataFrame({"row": rows.row, "ra": rows.ra, "dec": rows.dec})
    roles = ColumnRoles(ra="ra", dec="dec")
    if rows.names is not None:
        named: Any = np.ma.asarray(rows.names)[rows.row].astype(str)
        frame["name"] = named.filled("")
        roles = replace(roles, name="name")
    if rows.errors is not None:
        east, north = np.sqrt(rows.errors.east), np.sqrt(rows.errors.north)
        frame = frame.assign(ra_error=east, dec_error=north, correlation=rows.errors.cross / (east * north))
        roles = replace(roles, ra_error="ra_error", dec_error="dec_error", correlation="correlation")
    frame = frame.assign(pmra=rows.pmra, pmdec=rows.pmdec, epoch=rows.epoch)
    roles = replace(roles, pmra="pmra", pmdec="pmdec", epoch="epoch")
    if not len(rows):
        raise CscError(f"The {rows.what} cannot be matched", "none of its rows has a position")
    densest = np.unique(cells(rows.ra, rows.dec, _DEEPEST), return_counts=True)[1].max()
    catalog = lsdb.from_dataframe(
        frame,
        ra_column="ra",
        dec_column="dec",
        catalog_name=rows.what,
        highest_order=_DEEPEST,
        partition_rows=max(_PARTITION, int(densest)),
        margin_threshold=margin,
    )
    return HatsCatalogue(rows.what, catalog, roles)


def as_table(frame: Any, columns: list[str]) -> Table:
    """Some columns of a frame of pandas, which has a type of its own for nulls."""
    return Table({name: _plain(frame[name]) for name in columns}, copy=False)


def _plain(values: Any) -> Any:
    if not pd.api.types.is_numeric_dtype(values.dtype):
        return values.fillna("").to_numpy(dtype=object).astype(str)
    return values.to_numpy(dtype=float, na_value=np.nan) if values.hasnans else values.to_numpy()
