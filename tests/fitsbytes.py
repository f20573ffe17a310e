"""FITS read from its bytes by the letter of the standard (FITS 4.0), without astropy: another reader to compare with.

What the standard does not allow is not guessed at: `NoJudge` is raised, and there is nothing to compare with.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["NoJudge", "Unit", "units_of"]

BLOCK, CARD = 2880, 80
_PACKED = {b"\x1f\x8b": gzip.decompress, b"BZh": bz2.decompress, b"\xfd7zXZ": lzma.decompress}
_FORM = re.compile(r"(\d*)([LXBIJKAEDPQ])(.*)")
_KINDS = {"L": "S1", "B": "u1", "I": ">i2", "J": ">i4", "K": ">i8", "E": ">f4", "D": ">f8"}
_PIXELS = {8: "u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}
_VALUE = re.compile(r"\s*(?:'((?:[^']|'')*)'|([TF])(?=[\s/]|$)|([+-]?[\d.]+(?:[ED][+-]?\d+)?)(?=[\s/]|$))")


class NoJudge(Exception):
    """The file is none that this reader, or another, can tell anything of."""


@dataclass
class Unit:
    """A header with its data. `cards` are values by keyword, None where it has several."""

    header: bytes
    data: bytes
    cards: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.cards.get("EXTNAME", "")).strip().upper()

    @property
    def is_table(self) -> bool:
        return self.text("XTENSION") == "BINTABLE"

    @property
    def names(self) -> list[str]:
        """Of the columns, in capitals."""
        count = self.cards.get("TFIELDS", 0) if self.is_table else 0
        return [str(self.cards.get(f"TTYPE{at}", "")).strip().upper() for at in range(1, count + 1)]

    def number(self, key: str, default: float | None = None) -> float:
        value = self.cards.get(key, default)
        if isinstance(value, str):
            try:
                value = float(value)
            except ValueError:
                value = None
        if value is None:
            raise NoJudge(f"{key} is no number")
        return float(value)

    def text(self, key: str) -> str:
        return str(self.cards.get(key, "")).strip()

    def of_column(self, prefix: str, name: str) -> Any:
        """What a keyword says of a column."""
        return self.cards.get(f"{prefix}{self._place(name)}")

    def unit(self, name: str) -> str:
        """Of a column, empty where the file tells none: a number is none."""
        told = self.of_column("TUNIT", name)
        return told.strip() if isinstance(told, str) else ""

    def column(self, name: str) -> Any:
        """The values of a column: an array of rows, a list where rows differ in length, or a list of words."""
        at = self._place(name)
        form = _FORM.fullmatch(str(self.cards[f"TFORM{at}"]).strip())
        if form is None or f"TDIM{at}" in self.cards:
            raise NoJudge("a form of a column")
        repeat, kind, rest = int(form[1] or 1), form[2], form[3]
        width, rows = self.cards["NAXIS1"], self.cards["NAXIS2"]
        start = sum(self._width(number) for number in range(1, at))
        if kind == "A":
            cells = np.ndarray(rows, f"S{repeat}", self.data, start, (width,))
            return [cell.partition(b"\0")[0].decode("latin-1").rstrip() for cell in cells.tolist()]
        if kind in "PQ":
            pairs = np.ndarray(
                (rows, 2), ">i4" if kind == "P" else ">i8", self.data, start, (width, 4 if kind == "P" else 8)
            )
            heap, element = self.cards.get("THEAP", width * rows), _KINDS[rest[:1]]
            return [
                self._scaled(at, np.frombuffer(self.data, element, count, heap + offset) if count else np.empty(0))
                for count, offset in pairs.tolist()
            ]
        element = np.dtype(_KINDS[kind])
        values = np.ndarray((rows, repeat), element, self.data, start, (width, element.itemsize))
        return self._scaled(at, values[:, 0] if repeat == 1 else values)

    def image(self) -> np.ndarray:
        """The pixels of an image."""
        axes = [self.cards[f"NAXIS{axis}"] for axis in range(self.cards["NAXIS"], 0, -1)]
        kind = np.dtype(_PIXELS[self.cards["BITPIX"]])
        pixels = np.frombuffer(self.data, kind, int(np.prod(axes))).reshape(axes)
        return self._linear(pixels, "BSCALE", "BZERO", "BLANK")

    def _place(self, name: str) -> int:
        if self.names.count(name.upper()) != 1:
            raise NoJudge(f"the column {name}")
        return self.names.index(name.upper()) + 1

    def _width(self, number: int) -> int:
        form = _FORM.fullmatch(str(self.cards[f"TFORM{number}"]).strip())
        if form is None:
            raise NoJudge("a form of a column")
        repeat, kind = int(form[1] or 1), form[2]
        if kind == "X":
            return -(-repeat // 8)
        return repeat * (1 if kind == "A" else {"P": 8, "Q": 16}.get(kind) or np.dtype(_KINDS[kind]).itemsize)

    def _scaled(self, at: int, values: np.ndarray) -> np.ndarray:
        return self._linear(values, f"TSCAL{at}", f"TZERO{at}", f"TNULL{at}")

    def _linear(self, values: np.ndarray, scale: str, zero: str, null: str) -> np.ndarray:
        for key in (scale, zero):
            if isinstance(self.cards.get(key, 0.0), str | bool | type(None)):
                raise NoJudge(f"{key} is no number")
        result = values.astype(float) * self.cards.get(scale, 1.0) + self.cards.get(zero, 0.0)
        if values.dtype.kind in "iu" and isinstance(self.cards.get(null), int):
            result[values == self.cards[null]] = np.nan
        return result


def units_of(path: Path) -> list[Unit]:
    """The units of a file.

    Raises
    ------
    NoJudge
        Where it is no FITS, or none by the standard.
    """
    content = path.read_bytes()
    try:
        for start, unpack in _PACKED.items():
            if content.startswith(start):
                content = unpack(content)
        return list(_walk(content))
    except (EOFError, OSError, ValueError, LookupError, TypeError, lzma.LZMAError) as error:
        raise NoJudge(str(error)) from error


def _walk(content: bytes) -> Any:
    at = 0
    while at < len(content):
        begin, cards, ended, ambiguous = at, {}, False, set()
        while not ended:
            block = content[at : at + BLOCK]
            if len(block) < BLOCK:
                raise NoJudge("a header does not end")
            for place in range(0, BLOCK, CARD):
                card = block[place : place + CARD].decode("latin-1")
                if card.rstrip() == "END":
                    ended = True
                    break
                if card[8:10] == "= ":
                    key, value = card[:8].rstrip(), _value(card[10:])
                    if cards.setdefault(key, value) != value:
                        ambiguous.add(key)
            at += BLOCK
        cards.update(dict.fromkeys(ambiguous))  # the standard does not say which
        axes = [cards[f"NAXIS{axis}"] for axis in range(1, cards["NAXIS"] + 1)]
        size = (
            abs(cards["BITPIX"])
            // 8
            * cards.get("GCOUNT", 1)
            * (cards.get("PCOUNT", 0) + (int(np.prod(axes)) if axes else 0))
        )
        if size < 0 or at + size > len(content):
            raise NoJudge("data end before they should")
        yield Unit(content[begin:at], content[at : at + size], cards)
        at += -(-size // BLOCK) * BLOCK


def _value(text: str) -> Any:
    found = _VALUE.match(text)
    if found is None:
        return None
    if found[1] is not None:
        return found[1].replace("''", "'").rstrip()
    if found[2]:
        return found[2] == "T"
    try:
        return int(found[3])
    except ValueError:
        try:
            return float(found[3].replace("D", "E"))
        except ValueError:
            return None
