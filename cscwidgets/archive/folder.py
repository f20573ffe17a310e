"""The archive folder: its tables, a products directory and ``archive.json``.

The folder is the unit the embedded service answers from: the demo, an import of a user's own
tables, and an offline mirror all have this one form. How a table lies in it is `tables_on_disk`'s matter.
A catalogue in the format HATS is a folder of one table.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from cscwidgets.io.atomic import place_folder, recover_folder, staging_folder

from .tables_on_disk import FolderError, StoredTable, is_catalogue, is_stored, stored_table, write_table

__all__ = [
    "FORMAT",
    "ArchiveInfo",
    "FolderError",
    "info_of_catalogue",
    "read_info",
    "said_of",
    "write_folder",
    "write_info",
]

FORMAT = 1
_INFO_FILE = "archive.json"


@dataclass(frozen=True)
class ArchiveInfo:
    """What ``archive.json`` says of a folder.

    ``release`` names the catalogue release the columns follow ("csc2.1"), ``schema`` the TAP
    schema ("csc21"); ``origin`` says in words where the rows come from; ``simulated`` must be
    true for rows no telescope saw. ``tables`` maps table names to row counts. ``details`` is
    free (a seed, the imported files, the query of a mirror).
    """

    title: str
    release: str
    schema: str
    origin: str
    simulated: bool
    created: str
    tables: Mapping[str, int] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
    format: int = FORMAT


def read_info(folder: str | Path) -> ArchiveInfo:
    """Read and check ``archive.json``; of a catalogue in the format HATS, say what it says of itself.

    Raises
    ------
    FolderError
        If the folder is missing, is not an archive folder, or was written by a newer version.
    """
    folder = Path(folder)
    path = folder / _INFO_FILE
    if not folder.exists():
        recover_folder(folder)
    if not path.is_file() and is_catalogue(folder):
        return info_of_catalogue(stored_table(folder, ""), f"the HATS catalogue {folder.name}")
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw.get("format") != FORMAT:
            raise FolderError(
                f"The archive folder {folder} cannot be opened",
                f"it has format {raw.get('format')}, this version reads format {FORMAT}",
                "Install a matching cscwidgets, or make the folder again.",
            )
        info = ArchiveInfo(**raw)
    except FileNotFoundError:
        raise FolderError(
            f"{folder} is not an archive folder",
            f"there is no {_INFO_FILE} in it" if folder.is_dir() else "there is no such folder",
            "Make one with: cscwidgets import FILES... --into FOLDER",
        ) from None
    except (ValueError, TypeError, AttributeError) as error:
        raise FolderError(
            f"The archive folder {folder} cannot be opened", f"{_INFO_FILE} is damaged: {error}", "Make it again."
        ) from error
    for table in info.tables:
        if not is_stored(folder, table):
            raise FolderError(
                f"The archive folder {folder} is incomplete", f"the table {table} is missing", "Make it again."
            )
    return info


def info_of_catalogue(stored: StoredTable, origin: str) -> ArchiveInfo:
    """What a HATS catalogue says of itself; ``origin`` says where its rows come from where it does not."""
    said = stored.said
    return ArchiveInfo(
        title=stored.title,
        release=said.get("csc_release", "csc2.1"),
        schema=said.get("csc_schema", "csc21"),
        origin=said.get("csc_origin", origin),
        simulated=said.get("csc_simulated", "").lower() == "true",
        created=said.get("hats_creation_date", ""),
        tables={stored.name: stored.rows},
    )


def write_info(folder: Path, info: ArchiveInfo) -> None:
    """Write ``archive.json``, whole or not at all."""
    incoming = folder / f".{_INFO_FILE}"
    incoming.write_text(json.dumps(asdict(info), indent=2) + "\n", encoding="utf-8")
    incoming.replace(folder / _INFO_FILE)


def write_folder(
    folder: str | Path, tables: Mapping[str, pa.Table], info: ArchiveInfo, *, replace: bool = False
) -> None:
    """Write a whole archive folder, or nothing.

    The folder is built beside its final place and renamed, so a reader never sees half of it.
    Column metadata (``unit``, ``ucd``, ``description``) goes into the Arrow field metadata.
    Tables too large to be loaded are written in partitions; see `tables_on_disk.write_table`.

    Parameters
    ----------
    folder : path
        The folder to make.
    tables : mapping of str to pyarrow.Table
        Table name, without schema, to rows.
    info : ArchiveInfo
        Its ``tables`` entry is filled in here.
    replace : bool
        Replace an existing archive folder; anything else that exists is never touched.
    """
    folder = Path(folder)
    recover_folder(folder)
    occupied = folder.exists() and any(folder.iterdir())
    if occupied and not (replace and (folder / _INFO_FILE).is_file()):
        raise FolderError(
            f"The archive folder {folder} was not written",
            "something is there already",
            "Choose another folder, or replace an archive folder explicitly.",
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _write_beside(folder, tables, info)
    except OSError as error:
        raise FolderError(
            f"The archive folder {folder} was not written",
            error.strerror or str(error),
            "Check the place and its free space.",
        ) from error


def said_of(info: ArchiveInfo) -> dict[str, str]:
    """What a table of a folder says of itself where it is opened alone."""
    return {
        "obs_collection": info.title,
        "csc_release": info.release,
        "csc_schema": info.schema,
        "csc_origin": info.origin,
        "csc_simulated": str(info.simulated).lower(),
    }


def _write_beside(folder: Path, tables: Mapping[str, pa.Table], info: ArchiveInfo) -> None:
    staging = staging_folder(folder)
    try:
        (staging / "products").mkdir()
        for name, table in tables.items():
            write_table(staging, name, table, said_of(info))
        described = asdict(info) | {"tables": {name: table.num_rows for name, table in tables.items()}}
        write_info(staging, ArchiveInfo(**described))
        staging.chmod(0o755)
        place_folder(staging, folder)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
