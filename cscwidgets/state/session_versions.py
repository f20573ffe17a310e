"""Versions of sessions: what made of one its successor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from cscwidgets.io.reading import Unreadable

__all__ = ["MIGRATIONS", "VERSION", "migrated"]

VERSION = 1
"""Of the sessions that are written."""

Migration = Callable[[dict[str, Any]], dict[str, Any]]

MIGRATIONS: Mapping[int, Migration] = MappingProxyType({})
"""By version, what makes of a document of it one of the next."""


def migrated(document: dict[str, Any], migrations: Mapping[int, Migration], version: int = VERSION) -> dict[str, Any]:
    """A document as the version has it.

    Raises
    ------
    Unreadable
        If it is of a later version, or of none.
    """
    of = document.get("version")
    if not isinstance(of, int) or isinstance(of, bool):
        raise Unreadable("it does not say of which version it is")
    if of > version:
        raise Unreadable(
            f"it is of version {of}, and this cscwidgets reads versions up to {version}",
            "Update cscwidgets: pip install --upgrade cscwidgets",
        )
    while of < version:
        if of not in migrations:
            raise Unreadable(f"there was no version {of}")
        document = {**migrations[of](document), "version": of + 1}
        of += 1
    return document
