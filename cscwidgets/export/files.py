"""Write a table to a file in the formats astronomers' tools read: VOTable, ECSV, FITS, Parquet."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from astropy.io import fits
from astropy.io.votable.tree import Info, Resource, TableElement, VOTableFile
from astropy.table import QTable, Table

from cscwidgets.archive.provenance import Provenance
from cscwidgets.errors import CscError
from cscwidgets.io.atomic import write_whole

__all__ = ["FORMATS", "write_table"]


def write_table(table: QTable, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Write a table to a file, whole or not at all.

    Parameters
    ----------
    table : QTable
        Units, descriptions and provenance are kept.
    path : path
        The ending chooses the format: .vot, .xml, .ecsv, .fits or .parquet.
    overwrite : bool
        Replace an existing file.

    Returns
    -------
    Path
        Where the file is.

    Raises
    ------
    CscError
        If the ending is none of these, the file exists, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import astropy.units as u
    >>> from astropy.table import QTable
    >>> from cscwidgets import export
    >>> table = QTable({"name": ["A"], "flux": [1e-14] * u.erg / u.s / u.cm**2})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = export.write_table(table, Path(folder) / "sources.ecsv")
    ...     print(QTable.read(path)["flux"])
    [1.e-14] erg / (s cm2)
    """
    write = FORMATS.get(Path(path).suffix.lower())
    if write is None:
        raise CscError(
            f"{Path(path).name} was not written",
            f"no format belongs to the ending {Path(path).suffix!r}",
            f"End the name in {', '.join(FORMATS)}.",
        )
    return write_whole(path, lambda temporary: write(_plain(table), temporary), overwrite=overwrite)


def _plain(table: QTable) -> Table:
    """The table with its provenance as flat text."""
    plain = Table(table, copy=False)
    plain.meta = dict(table.meta)
    provenance = plain.meta.pop("provenance", None)
    if isinstance(provenance, Provenance):
        plain.meta.update({f"provenance_{key}": value for key, value in provenance.as_dict().items()})
    return plain


def _write_votable(table: Table, path: Path) -> None:
    meta, table.meta = table.meta, {}
    # Version 1.3: from 1.4 on astropy, reading and writing, warns of every "erg".
    document = VOTableFile(version="1.3")
    element = TableElement.from_table(document, table)
    resource = Resource()
    resource.tables.append(element)
    document.resources.append(resource)
    for key, value in meta.items():
        element.infos.append(Info(name=key, value=str(value)))
    document.to_xml(str(path))


def _write_ecsv(table: Table, path: Path) -> None:
    table.write(path, format="ascii.ecsv", overwrite=True)


def _write_fits(table: Table, path: Path) -> None:
    meta, table.meta = table.meta, {}
    for name in table.colnames:
        if table[name].dtype.kind == "O":
            table[name] = table[name].astype(str)
    hdu = fits.table_to_hdu(table)
    for key, value in meta.items():
        # Eight characters are too few for the names, one card for an ADQL query; a region has several lines.
        text = "; ".join(f"{key} = {value}".splitlines())
        hdu.header.add_comment(text.encode("ascii", "replace").decode())
    for number, name in enumerate(table.colnames, 1):
        description = table[name].description
        if description:
            hdu.header[f"TCOMM{number}"] = description.encode("ascii", "replace").decode()[:67]
    hdu.writeto(path, overwrite=True)


def _write_parquet(table: Table, path: Path) -> None:
    arrays, fields = [], []
    for name in table.colnames:
        column = table[name]
        values = np.ma.asarray(column)
        missing = np.ma.getmaskarray(values)
        if values.dtype.kind == "f":
            missing = missing | np.isnan(values.data)
        array = pa.array(np.asarray(values.data), mask=missing)
        described = {"unit": str(column.unit or ""), "description": column.description or ""}
        arrays.append(array)
        fields.append(pa.field(name, array.type, metadata={key: text for key, text in described.items() if text}))
    schema = pa.schema(fields, metadata={"cscwidgets": json.dumps(table.meta, default=str)})
    pq.write_table(pa.table(arrays, schema=schema), path)


FORMATS: Mapping[str, Callable[[Table, Path], Any]] = MappingProxyType(
    {
        ".vot": _write_votable,
        ".xml": _write_votable,
        ".ecsv": _write_ecsv,
        ".fits": _write_fits,
        ".parquet": _write_parquet,
    }
)
"""Writers by file ending."""
