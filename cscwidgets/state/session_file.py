"""The file of a session: one document of JSON, whose parts the states of a workspace write and read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cscwidgets.archive import Archive
from cscwidgets.errors import CscError
from cscwidgets.io.atomic import write_whole
from cscwidgets.io.json_document import read_json
from cscwidgets.io.json_schema import Schema, listed, one_of, record, require_schema, text
from cscwidgets.io.reading import Unreadable, reading

from .keeping import Keeps, Kept
from .name_sets import NameList, NameSet, with_sets
from .session_versions import MIGRATIONS, VERSION, migrated

__all__ = ["ENDING", "SessionFile", "session_archive", "session_document", "session_schema", "write_session"]

ENDING = ".csc.json"
_FORMAT = "cscwidgets session"
_LARGEST = 64_000_000  # bytes
_DEEPEST = 24
_MOST_NAMES = 1_000_000
_OPTION = {
    "anyOf": [{"type": ["boolean", "number", "null"]}, text(), listed({"type": ["boolean", "number", "string"]}, 1000)]
}
_OPTIONS = {"type": "object", "additionalProperties": _OPTION, "maxProperties": 100}
_HINT = "Save the session again from an explorer."


@dataclass(frozen=True)
class SessionFile:
    """A session that was read and checked; nothing was opened or asked.

    Attributes
    ----------
    path : Path
    archive : str
        Its name, or the path of its folder.
    title : str
        What the archive called itself.
    states : dict of str to dict
        What each state of a workspace kept.
    panels : dict of str to dict
        What each panel kept.
    names : list of str
        Sources of the table, in its order; empty where they were too many to keep.
    sources : int
        How many they were.
    """

    path: Path
    archive: str
    title: str
    states: dict[str, Kept]
    panels: dict[str, Kept]
    names: list[str] = field(default_factory=list)
    sources: int = 0

    @classmethod
    def read(cls, path: str | os.PathLike[str], kinds: Mapping[str, type[Keeps]]) -> SessionFile:
        """Read a file.

        Parameters
        ----------
        path : path
        kinds : mapping of str to type
            The states whose parts there are, by name.

        Raises
        ------
        CscError
            If it is not there, damaged, of a newer version, or holds what no state keeps.
        """
        file = Path(path).expanduser()
        with reading(f"The session {file} was not opened", _HINT):
            document = read_json(file, _LARGEST, _DEEPEST)
            if not isinstance(document, dict) or document.get("format") != _FORMAT:
                raise Unreadable("it is no session of cscwidgets", "Give a file that app.save() wrote.")
            document = migrated(document, MIGRATIONS)
            require_schema(document, session_schema(kinds))
            names = document["names"]
            if len(set(names)) < len(names) or document["sources"]["listed"] > len(names):
                raise Unreadable("its list of names is damaged")
            states = with_sets(document["states"], NameList(names))
            return cls(
                file,
                document["archive"]["name"],
                document["archive"]["title"],
                {name: kind.read_kept(states[name]) for name, kind in kinds.items()},
                document["panels"],
                names[: document["sources"]["listed"]],
                document["sources"]["number"],
            )


def session_schema(kinds: Mapping[str, type[Keeps]]) -> Schema:
    """The JSON Schema of sessions of the present version."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Session of a cscwidgets explorer",
        **record(
            {
                "format": one_of([_FORMAT]),
                "version": one_of([VERSION]),
                "made": record({"by": text(100), "at": text(40)}),
                "archive": record({"name": text(4000), "title": text(1000)}),
                "names": listed(text(200), _MOST_NAMES),
                "sources": record(
                    {
                        "number": {"type": "integer", "minimum": 0},
                        "listed": {"type": "integer", "minimum": 0, "maximum": _MOST_NAMES},
                    }
                ),
                "states": record({name: kind.json_schema() for name, kind in kinds.items()}),
                "panels": {"type": "object", "additionalProperties": _OPTIONS, "maxProperties": 200},
                "not kept": listed(text(2000), 1000),
            }
        ),
    }


def session_document(
    archive: tuple[str, str],
    table: Sequence[str],
    states: Mapping[str, Kept],
    panels: Mapping[str, Kept],
    unkept: Sequence[str],
    *,
    by: str,
) -> str:
    """The text of a session.

    Parameters
    ----------
    archive : (str, str)
        Its name and title.
    table : sequence of str
        Names of the table's sources.
    states, panels : mapping of str to dict
        What each keeps.
    unkept : sequence of str
        What is not kept, in words.
    by : str
        What wrote it.
    """
    listed_names = list(table) if len(table) <= _MOST_LISTED else []
    names = NameList(listed_names)

    def written(value: Any) -> Any:
        if isinstance(value, NameSet):
            return names.write(value.names)
        raise TypeError(f"a session cannot hold a {type(value).__name__}")

    document = {
        "format": _FORMAT,
        "version": VERSION,
        "made": {"by": by, "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"},
        "archive": {"name": archive[0], "title": archive[1]},
        "sources": {"number": len(table), "listed": len(listed_names)},
        "states": states,
        "panels": panels,
        "not kept": list(unkept),
        "names": names.names,  # last: sets that are written add to it
    }
    return json.dumps(document, default=written, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


_MOST_LISTED = 50_000  # sources of a table: of a whole catalogue only the number is kept


def session_archive(session: SessionFile) -> Archive:
    """The archive that a session was of: a release, the demo, or a folder of this machine.

    Raises
    ------
    CscError
        If it is gone, or lies on another machine.
    """
    name, hint = session.archive, "Say where it is: Explorer.open(path, archive=...)."
    what = f"The session {session.path} was not opened"
    if name.startswith(("\\\\", "//")) or "://" in name:
        raise CscError(what, f"its archive {name!r:.200} is on another machine", hint)
    try:
        return Archive(name)
    except CscError as error:
        raise CscError(what, f"its archive {name!r:.200} is not there: {error.why or error.what}", hint) from error


def write_session(path: str | os.PathLike[str], document: str, *, overwrite: bool) -> Path:
    """Write a session, whole or not at all.

    Raises
    ------
    CscError
        If the file exists or cannot be written, or has another ending.
    """
    if not os.fspath(path).endswith(ENDING):
        raise CscError(f"{os.fspath(path)} was not written", f"a session ends in {ENDING}", f'As in "m33{ENDING}".')
    return write_whole(path, lambda file: file.write_text(document, "utf-8"), overwrite=overwrite)
