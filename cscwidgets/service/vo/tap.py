"""TAP requests: parameters in, an answer out; the same for synchronous queries and jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from cscwidgets.io.adql.refusals import refusal

from ..database import Database
from ..limits import DEFAULT_MAXREC, HARD_MAXREC, SYNC_SECONDS
from .formats import archive_infos, find_format, write
from .parameters import whole_number
from .upload import read_uploads

__all__ = ["TapRequest", "run"]

_LANGUAGES = ("", "ADQL", "ADQL-2.0", "ADQL-2.1")


@dataclass
class TapRequest:
    """The parameters of one query, by upper-case name, and the tables that came with it."""

    parameters: dict[str, str] = field(default_factory=dict)
    uploads: dict[str, pa.Table] = field(default_factory=dict)

    def update(
        self, parameters: Mapping[str, str], parts: Mapping[str, bytes], result_at: Callable[[str], bytes | None]
    ) -> None:
        """Take further parameters; later ones win. Uploads are read at once (see ``read_uploads``).

        Raises
        ------
        QueryError
            For uploads that cannot be read.
        """
        given = {name.upper(): value for name, value in parameters.items()}
        if specification := given.get("UPLOAD", "").strip():
            self.uploads |= read_uploads(specification, parts, result_at)
        self.parameters |= given

    @property
    def maxrec(self) -> int:
        """Most rows to return."""
        text = self.parameters.get("MAXREC", "").strip()
        if not text:
            return DEFAULT_MAXREC
        return min(whole_number("MAXREC", text, "rows"), HARD_MAXREC)

    @property
    def response_format(self) -> str:
        """The format asked for, under its new or old parameter name."""
        return self.parameters.get("RESPONSEFORMAT") or self.parameters.get("FORMAT") or ""


def run(
    database: Database,
    request: TapRequest,
    *,
    seconds: float | None = SYNC_SECONDS,
    started: Callable[[Callable[[], None]], None] | None = None,
) -> tuple[str, Iterator[bytes]]:
    """Answer a TAP query.

    Returns
    -------
    (str, iterator of bytes)
        Media type and document.

    Raises
    ------
    QueryError
        If a parameter or the query is wrong.
    QueryCancelled
        If it was interrupted.
    """
    values = request.parameters
    operation = values.get("REQUEST", "doQuery")
    if operation.lower() != "doquery":
        raise refusal(f"REQUEST is {operation!r}", "Only REQUEST=doQuery is answered here.")
    language = values.get("LANG", "")
    if language.upper() not in _LANGUAGES:
        raise refusal(f"the query language {language!r} is not known", "Write ADQL.")
    if "QUERY" not in values:
        raise refusal("the parameter QUERY is missing")
    output = find_format(request.response_format)
    result = database.query(
        values["QUERY"], maxrec=request.maxrec, uploads=request.uploads, seconds=seconds, started=started
    )
    return output.mime, write(result, output, archive_infos(database.info))
