"""The sources around many positions, and those of many names, asked for in few questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from astropy.table import QTable, Table

from cscwidgets.errors import QueryError, ServiceUnreachable
from cscwidgets.sky.boxes import Box

from ..answer_checks import require
from ..monitor import Monitor
from ..query import NAMES_PER_QUERY, Query, quote_text
from ..repeated import once_each
from ..truncation import in_pieces, stacked

__all__ = ["ListAsker", "together"]

_BOXES_PER_QUERY = 100  # as long as a list of `NAMES_PER_QUERY` names
_ROWS_PER_UPLOAD = 20_000

Uploads = Mapping[str, Table] | None


@dataclass
class ListAsker:
    """Asks for sources with tables that go along, where the service takes them, and else in pieces.

    Parameters
    ----------
    query : Query
        Columns and conditions.
    ask : callable
        Sends ADQL with the tables that go along.
    uploads : bool
        Whether the service takes tables; false from the first that it refuses.
    monitor : Monitor
        Told of progress, asked whether to stop.
    """

    query: Query
    ask: Callable[[str, Uploads], QTable]
    uploads: bool
    monitor: Monitor

    def in_boxes(self, boxes: Sequence[Box]) -> list[QTable]:
        """Answers that hold all sources in some boxes, perhaps in several of them."""
        columns = {name: [getattr(box, name) for box in boxes] for name in ("ra_low", "ra_high", "dec_low", "dec_high")}
        condition = "m.ra >= w.ra_low AND m.ra < w.ra_high AND m.dec >= w.dec_low AND m.dec < w.dec_high"
        answers = self._uploaded(Table(columns), condition, "parts of the sky")
        return answers if answers is not None else self._pieces_of_boxes(boxes)

    def named(self, names: Sequence[str]) -> list[QTable]:
        """Answers that hold the sources of some names, written as the archive does."""
        answers = self._uploaded(Table({"name": np.array(names, str)}), "m.name = w.name", "names")
        return answers if answers is not None else self._pieces_of_names(names)

    def _uploaded(self, rows: Table, condition: str, what: str) -> list[QTable] | None:
        """Answers with tables that went along; None where the service takes none, or cut an answer short."""
        if not self.uploads or len(rows) <= _BOXES_PER_QUERY:
            return None
        text = replace(self.query, beside="TAP_UPLOAD.wanted w").having(self._conditions(condition)).adql()
        answers = []
        try:
            for start in range(0, len(rows), _ROWS_PER_UPLOAD):
                self._say(start, len(rows), what)
                answer = self.ask(text, {"wanted": rows[start : start + _ROWS_PER_UPLOAD]})
                answers.append(self._checked(answer))
        except ServiceUnreachable:
            raise
        except QueryError:
            self.uploads = False
            return None
        return answers if all(answer.meta["provenance"].complete for answer in answers) else None

    def _pieces_of_boxes(self, boxes: Sequence[Box]) -> list[QTable]:
        answers = []
        for start in range(0, len(boxes), _BOXES_PER_QUERY):
            self._say(start, len(boxes), "parts of the sky")
            piece = replace(self.query, boxes=tuple(boxes[start : start + _BOXES_PER_QUERY]))
            answers.append(in_pieces(piece, lambda adql, _: self.ask(adql, None), self.monitor))
        return answers

    def _pieces_of_names(self, names: Sequence[str]) -> list[QTable]:
        answers = []
        for start in range(0, len(names), NAMES_PER_QUERY):
            self._say(start, len(names), "names")
            quoted = ", ".join(map(quote_text, names[start : start + NAMES_PER_QUERY]))
            answer = self._checked(self.ask(self.query.having(self._conditions(f"m.name IN ({quoted})")).adql(), None))
            if not answer.meta["provenance"].complete:
                raise QueryError("The list was not asked for", "the service cut the answer to 200 names short")
            answers.append(answer)
        return answers

    def _conditions(self, condition: str) -> list[str]:
        return [condition, *([self.query.where] if self.query.where else [])]

    def _checked(self, answer: QTable) -> QTable:
        return once_each(require(answer, self.query.names, self.query.numbers))

    def _say(self, start: int, number: int, what: str) -> None:
        self.monitor.check()
        self.monitor.report(f"{start:,} of {number:,} {what} asked for", start / number)


def together(answers: Sequence[QTable]) -> QTable:
    """All sources of some answers, each once."""
    rows = stacked(answers)
    _, first = np.unique(np.asarray(rows["name"], str), return_index=True)
    sources = rows[np.sort(first)]
    sources.meta["provenance"] = replace(
        answers[0].meta["provenance"],
        query="\n".join(dict.fromkeys(answer.meta["provenance"].query for answer in answers)),
        requested=len(sources),
        returned=len(sources),
        truncated=0,
    )
    return sources
