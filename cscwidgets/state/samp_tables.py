"""Which tables the programs at a SAMP hub share: by their identifiers there, rows are names or those of a layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cscwidgets.errors import CscError

__all__ = ["SampTable", "SampTables"]

_MOST = 50  # tables that are remembered


@dataclass(frozen=True)
class SampTable:
    """A table that was sent or received.

    Attributes
    ----------
    identifier, url : str
        By which other programs know it.
    names : tuple of str
        Of the source in each row, of a table that was sent.
    layer : str
        Name of the layer that a received one became.
    """

    identifier: str
    url: str
    names: tuple[str, ...] = ()
    layer: str = ""


class SampTables:
    """The tables of one connection; asked by the threads that messages come in, and only ever added to.

    Attributes
    ----------
    latest : SampTable or None
        What was sent last.
    """

    def __init__(self) -> None:
        self.latest: SampTable | None = None
        self._tables: tuple[SampTable, ...] = ()

    def sent(self, identifier: str, url: str, names: tuple[str, ...]) -> None:
        """Remember a table that others are about to get."""
        self.latest = SampTable(identifier, url, names)
        self._add(self.latest)

    def received(self, identifier: str, url: str, layer: str) -> None:
        """Remember a table that came and is a layer now."""
        self._add(SampTable(identifier, url, layer=layer))

    def find(self, parameters: Mapping[str, Any]) -> SampTable:
        """The table that a message is about, by its ``table-id`` or else its ``url``; the newest of them.

        Raises
        ------
        CscError
            If neither is known here.
        """
        identifier, url = (str(parameters.get(key) or "") for key in ("table-id", "url"))
        for told, attribute in ((identifier, "identifier"), (url, "url")):
            for table in reversed(self._tables):
                if told and told == getattr(table, attribute):
                    return table
        raise CscError("The message was not used", "its table is not known here", "Send the table first.")

    def _add(self, table: SampTable) -> None:
        self._tables = (*self._tables[-_MOST:], table)
