"""Sets of sources in a session: all names once, and of each set which of them are in it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cscwidgets.io.json_schema import Schema, record, text
from cscwidgets.io.reading import Unreadable

__all__ = ["NAMES", "NameList", "NameSet", "with_sets"]

_MOST = 1_000_000

NAMES: Schema = record({"of_names": text(4 * (_MOST // 24 + 1))})
"""A set of names: bit i, the lowest of each byte first, tells of name i of the session; in base 64."""


@dataclass(frozen=True)
class NameSet:
    """Names of sources that a state keeps."""

    names: frozenset[str]


class NameList:
    """The names that sets refer to.

    Parameters
    ----------
    names : sequence of str
        Different ones; further ones of sets that are written follow them.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)
        self._place = {name: place for place, name in enumerate(self.names)}
        self._written: dict[frozenset[str], dict[str, str]] = {}

    def write(self, names: frozenset[str]) -> dict[str, str]:
        """A set as it is kept."""
        if names not in self._written:
            try:
                places = self._places(names)
            except KeyError:
                for name in sorted(names - self._place.keys()):
                    self._place[name] = len(self.names)
                    self.names.append(name)
                places = self._places(names)
            bits = np.zeros(len(self.names), bool)
            bits[places] = True
            packed = np.packbits(bits, bitorder="little").tobytes().rstrip(b"\0")
            self._written[names] = {"of_names": base64.b64encode(packed).decode("ascii")}
        return self._written[names]

    def _places(self, names: frozenset[str]) -> NDArray[np.intp]:
        return np.fromiter(map(self._place.__getitem__, names), np.intp, len(names))

    def read(self, kept: dict[str, str]) -> frozenset[str]:
        """The set that was kept.

        Raises
        ------
        Unreadable
            If it is no set of these names.
        """
        try:
            packed = base64.b64decode(kept["of_names"], validate=True)
        except binascii.Error as error:
            raise Unreadable("a set of names is damaged") from error
        places = np.flatnonzero(np.unpackbits(np.frombuffer(packed, np.uint8), bitorder="little"))
        if len(places) and places[-1] >= len(self.names):
            raise Unreadable("a set has more names than there are")
        return frozenset(self.names[place] for place in places.tolist())


def with_sets(kept: Any, names: NameList) -> Any:
    """A document with a set of names wherever one was kept."""
    if isinstance(kept, dict):
        if kept.keys() == {"of_names"}:
            return names.read(kept)
        return {name: with_sets(value, names) for name, value in kept.items()}
    return [with_sets(one, names) for one in kept] if isinstance(kept, list) else kept
