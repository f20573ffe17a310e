"""Where a table came from and what is missing from it; travels in ``table.meta["provenance"]``."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from astropy.io.misc.yaml import AstropyDumper
from astropy.utils.metadata import MergeStrategy

__all__ = ["Provenance"]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """The record of one query.

    Attributes
    ----------
    release, service : str
        Catalogue release and the address that answered.
    query : str
        The ADQL, or the cone search request, as sent.
    requested : int or None
        Rows the service holds for the query; None where it was not asked.
    returned : int
        Rows the service sent.
    truncated : int or None
        Rows it holds but did not send; None if it cut the answer and did not say where.
    outside : int
        Rows sent but left out because they lie outside the region (the box asked for is larger).
    unplaced : int
        Rows left out because they have no position.
    repeated : int
        Rows left out because they came more than once.
    region : str
        DS9 text of the region, empty if there was none.
    simulated : bool
        True for rows no telescope saw.
    origin : str
        Where the service says its rows come from.
    version : str
        The state of its data as the service says it, in the words of the IVOA's note on data origin: version, dates.
        CSC 2.1 and its overlay 2.1.1 of 2024-10-18 have one address: where none is said, `time` is all there is.
    time : str
        When the answer came, UTC.
    """

    release: str
    service: str
    query: str
    requested: int | None
    returned: int
    truncated: int | None = 0
    outside: int = 0
    unplaced: int = 0
    repeated: int = 0
    region: str = ""
    simulated: bool = False
    origin: str = ""
    version: str = ""
    time: str = field(default_factory=_now)

    @property
    def complete(self) -> bool:
        """Whether every row the service holds for the query was sent."""
        return self.truncated == 0

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for file formats."""
        return asdict(self)

    def __str__(self) -> str:
        inside = self.returned - self.outside - self.unplaced
        release = f"{self.release} ({self.version})" if self.version else self.release
        clauses = [f"{'SIMULATED, ' if self.simulated else ''}{release}: {inside:,} rows"]
        if self.outside:
            clauses.append(f"{self.outside:,} more in the box around the region")
        if self.unplaced:
            clauses.append(f"{self.unplaced:,} without a position left out")
        if self.repeated:
            clauses.append(f"{self.repeated:,} that came more than once left out")
        if self.truncated:
            clauses.append(f"{self.truncated:,} of {self.requested:,} NOT sent by the service")
        elif self.truncated is None:
            clauses.append("the service cut the answer short, by how much is not known")
        return "; ".join(clauses)


# astropy writes table metadata to ECSV as YAML: a plain mapping there.
AstropyDumper.add_representer(Provenance, lambda dumper, data: dumper.represent_dict(data.as_dict()))


class MergeProvenances(MergeStrategy):  # type: ignore[misc]  # astropy says nothing of its types
    """``vstack`` and ``join`` of tables of several queries: what each of them was is kept."""

    types = (Provenance, Provenance)
    enabled = True  # astropy would else keep the last, and warn

    @classmethod
    def merge(cls, left: Provenance, right: Provenance) -> Provenance:
        """The record of two queries: words one below the other, numbers added."""
        return Provenance(
            release=_both(left.release, right.release),
            service=_both(left.service, right.service),
            query=_both(left.query, right.query),
            requested=_sum(left.requested, right.requested),
            returned=left.returned + right.returned,
            truncated=_sum(left.truncated, right.truncated),
            outside=left.outside + right.outside,
            unplaced=left.unplaced + right.unplaced,
            repeated=left.repeated + right.repeated,
            region=_both(left.region, right.region),
            simulated=left.simulated or right.simulated,
            origin=_both(left.origin, right.origin),
            version=_both(left.version, right.version),
            time=_both(left.time, right.time),
        )


def _both(left: str, right: str) -> str:
    lines = [*left.splitlines(), *right.splitlines()]
    return left if left == right else "\n".join(dict.fromkeys(lines))


def _sum(left: int | None, right: int | None) -> int | None:
    return None if left is None or right is None else left + right
