"""Write a table to a file in the formats astronomers' tools read: VOTable, ECSV, FITS, Parquet, CSV."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from astropy.io import fits
from astropy.io.votable.tree import Info, Resource, TableElement, VOTableFile
from astropy.table import Column, MaskedColumn, QTable, Table

from cscwidgets.archive.provenance import Provenance
from cscwidgets.errors import CscError
from cscwidgets.io.atomic import write_whole
from cscwidgets.io.quiet import quiet
from cscwidgets.io.reading import reading
from cscwidgets.io.votable_writer import write_votable

from .portable import Portable, portable, widened

__all__ = ["FORMATS", "USUAL_FORMATS", "votable_text", "write_table"]

_PACKED = ".gz"
_NO_FLAG = 0  # the byte beside "T" and "F" (FITS Standard 4.0, 7.3.3.1)
_CLIPBOARD = 8_000_000  # bytes: a Jupyter server takes messages of 10 MB


def write_table(table: QTable, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Write a table to a file, whole or not at all.

    Parameters
    ----------
    table : QTable
        Units, descriptions and provenance are kept, but in CSV, which has values, and a column ``simulated`` where that
        is true. Times become ISO 8601 with their scale (in Parquet its own timestamps), coordinates two columns of
        degrees; ECSV has both as they are.
    path : path
        The ending chooses the format: .vot, .xml, .votable, .ecsv, .fits, .parquet, .pq or .csv; with .gz
        behind it is packed.
    overwrite : bool
        Replace an existing file.

    Returns
    -------
    Path
        Where the file is.

    Raises
    ------
    CscError
        If the ending is none of these, the file exists or cannot be written, or the format cannot hold a column.

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
    name = Path(path).name
    ending = Path(name.removesuffix(_PACKED)).suffix.lower()
    write = FORMATS.get(ending)
    if write is None:
        raise CscError(
            f"{name} was not written",
            f"no format belongs to the ending {ending or Path(name).suffix!r}",
            f"End the name in {', '.join(FORMATS)}, with {_PACKED} behind if it is to be packed.",
        )

    def written(temporary: Path) -> None:
        with reading(f"{name} was not written", "Try .ecsv, which can hold the most.", passing=OSError):
            write(_plain(table), temporary)
        if name.endswith(_PACKED):
            temporary.write_bytes(gzip.compress(temporary.read_bytes(), mtime=0))

    return write_whole(path, written, overwrite=overwrite)


def _plain(table: QTable) -> Table:
    """The table with its provenance as flat text."""
    plain = Table(table, copy=False)
    plain.meta = dict(table.meta)
    provenance = plain.meta.pop("provenance", None)
    if isinstance(provenance, Provenance):
        plain.meta.update({f"provenance_{key}": value for key, value in provenance.as_dict().items()})
    return plain


def votable_text(table: QTable) -> str:
    """A table as the text of a VOTable, for the clipboard.

    Parameters
    ----------
    table : QTable
        Units, descriptions and provenance are kept.

    Returns
    -------
    str
        A document of VOTable 1.3.

    Raises
    ------
    CscError
        If it is empty, or longer than a clipboard takes.

    Examples
    --------
    >>> from astropy.table import QTable
    >>> from cscwidgets import export
    >>> "<TD>M33</TD>" in export.votable_text(QTable({"name": ["M33"]}))
    True
    """
    if not len(table):
        raise CscError("Nothing was copied", "no rows are selected", "Select some first.")
    content = BytesIO()
    with reading("Nothing was copied", "Write a file: .ecsv can hold the most."):
        write_votable(_votable(_plain(table)), content)
    if content.tell() > _CLIPBOARD:
        size = f"they are {content.tell() / 1e6:.0f} MB, more than {_CLIPBOARD / 1e6:.0f} MB"
        raise CscError(f"{len(table):,} rows were not copied", size, "Write them to a file.")
    return content.getvalue().decode()


def _write_votable(table: Table, path: Path) -> None:
    with path.open("wb") as file:  # by its path, astropy would pack it by the ending
        write_votable(_votable(table), file)


def _votable(table: Table) -> VOTableFile:
    columns = [widened(column) for column in portable(table)]
    # Version 1.3: from 1.4 on astropy, reading and writing, warns of every "erg".
    document = VOTableFile(version="1.3")
    element = TableElement.from_table(document, Table([_fastest_first(column).column() for column in columns]))
    for field, column in zip(element.fields, columns, strict=True):
        field.ucd = column.meta.get("ucd")
        if "scale" in column.meta:
            field.xtype = "timestamp"
    resource = Resource()
    resource.tables.append(element)
    document.resources.append(resource)
    for key, value in table.meta.items():
        element.infos.append(Info(name=key, value=str(value)))
    return document


def _fastest_first(column: Portable) -> Portable:
    """VOTable names the fastest axis first, which astropy forgets: the same numbers, the lengths turned round."""
    values = column.values.reshape(len(column.values), *reversed(column.values.shape[1:]))
    return replace(column, values=values)


def _write_ecsv(table: Table, path: Path) -> None:
    first = table.columns[0] if table.colnames else Column([])
    if isinstance(first, Column) and first.dtype.kind in "OU" and any(str(text).startswith("#") for text in first):
        raise CscError(
            "The table was not written",
            f"the column {table.colnames[0]} has a text that begins with #, and ECSV takes its row for a comment",
            "Put another column first, or try .vot.",
        )
    table.write(path, format="ascii.ecsv", overwrite=True)


def _write_fits(table: Table, path: Path) -> None:
    columns = [widened(column) for column in portable(table)]
    with quiet():  # astropy warns of units that are none of the standard's, left out
        hdu = fits.table_to_hdu(Table([_fits_column(column) for column in columns]))
    for key, value in table.meta.items():
        # Eight characters are too few for the names, one card for an ADQL query; a region has several lines.
        text = "; ".join(f"{key} = {value}".splitlines())
        hdu.header.add_comment(text.encode("ascii", "replace").decode())
    for number, column in enumerate(columns, 1):
        if column.description:
            hdu.header[f"TCOMM{number}"] = column.description.encode("ascii", "replace").decode()[:67]
        if "scale" in column.meta:
            hdu.header[f"TCTYP{number}"] = column.meta["scale"]
        if column.unit and f"TUNIT{number}" not in hdu.header:
            hdu.header[f"TUNIT{number}"] = column.unit  # as "mag(AB)"
    content = BytesIO()
    hdu.writeto(content, output_verify="silentfix")
    with path.open("wb") as file:
        _with_missing_flags(content, columns).writeto(file, output_verify="silentfix")


def _with_missing_flags(content: BytesIO, columns: list[Portable]) -> fits.HDUList:
    """A table of FITS whose masked flags are neither true nor false, as astropy writes them."""
    content.seek(0)
    hdus = fits.open(content)
    for number, column in enumerate(columns):
        missing = np.ma.getmaskarray(column.values)
        if column.values.dtype.kind == "b" and missing.any():
            np.recarray.field(hdus[1].data, number)[missing] = _NO_FLAG
    return hdus


def _fits_column(column: Portable) -> Column:
    """A column as FITS has it.

    Text is bytes: FITS knows ASCII alone, and most readers take other bytes for UTF-8. What stands for a missing whole
    number is one that no row has.
    """
    values = column.values
    if values.dtype.kind == "U":
        return replace(column, values=np.ma.array(np.char.encode(values.filled(""), "utf-8"))).column()
    if values.dtype == np.uint8 and np.ma.getmaskarray(values).any():
        values = np.ma.array(values, dtype=np.int16)  # all its numbers may be there
    made = replace(column, values=values).column()
    if isinstance(made, MaskedColumn) and values.dtype.kind == "i":
        present, lowest = set(values.compressed().tolist()), np.iinfo(values.dtype).min
        made.fill_value = next(null for null in range(lowest, -lowest) if null not in present)
    return made


def _write_parquet(table: Table, path: Path) -> None:
    arrays, fields = [], []
    for column in portable(table):
        described = {"unit": column.unit, "description": column.description, **column.meta}
        array = _arrow(column)
        arrays.append(array)
        fields.append(pa.field(column.name, array.type, metadata={k: text for k, text in described.items() if text}))
    schema = pa.schema(fields, metadata={"cscwidgets": json.dumps(table.meta, default=str)})
    pq.write_table(pa.table(arrays, schema=schema), path)


def _arrow(column: Portable) -> pa.Array:
    """Values as Parquet has them: NaN and what is masked are null, vectors are lists of one length."""
    values, missing = column.values.data, np.ma.getmaskarray(column.values)
    if "scale" in column.meta:
        values = _timestamps(values)
    if values.dtype.kind == "f":
        missing = missing | np.isnan(values)
    array = pa.array(values.reshape(-1), mask=missing.reshape(-1))
    for length in reversed(values.shape[1:]):
        array = pa.FixedSizeListArray.from_arrays(array, length)
    return array


def _timestamps(texts: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Nanoseconds, which hold the years 1678 to 2261, else microseconds."""
    rough = texts.astype("datetime64[us]")
    exact = texts.astype("datetime64[ns]")
    return exact if np.array_equal(exact.astype("datetime64[us]"), rough, equal_nan=True) else rough


def _write_csv(table: Table, path: Path) -> None:
    columns = portable(table)
    if vectors := [column.name for column in columns if column.values.ndim > 1]:
        raise CscError(
            "The table was not written", f"CSV cannot hold the vectors of {vectors[0]}", "Try .ecsv or .fits."
        )
    plain = Table([column.column() for column in columns])
    if table.meta.get("provenance_simulated") and "simulated" not in plain.colnames:
        plain["simulated"] = [True] * len(plain)  # there is no other place to say so
    plain.write(path, format="ascii.csv", overwrite=True)


FORMATS: Mapping[str, Callable[[Table, Path], Any]] = MappingProxyType(
    {
        ".vot": _write_votable,
        ".xml": _write_votable,
        ".votable": _write_votable,
        ".ecsv": _write_ecsv,
        ".fits": _write_fits,
        ".parquet": _write_parquet,
        ".pq": _write_parquet,
        ".csv": _write_csv,
    }
)
"""Writers by file ending."""

USUAL_FORMATS = (".vot", ".ecsv", ".fits", ".parquet", ".csv")
"""One ending for each format."""
