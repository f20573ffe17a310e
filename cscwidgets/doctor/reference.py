"""What is known of a release beforehand, to compare with what its services say.

Columns are those of `csc.columns`: of the master table all 515 are the service's own. Of the detection tables some 350
names have been seen in answers (`archive.query.DETECTION_COLUMNS` and keys among them); the others follow families.
Counts are of https://cxc.cfa.harvard.edu/csc/about.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cscwidgets.archive.holdings import DETECTIONS, STACKS
from cscwidgets.archive.query import DEFAULT_COLUMNS, DETECTION_COLUMNS
from cscwidgets.csc.columns import TABLES
from cscwidgets.csc.families import Column
from cscwidgets.csc.releases import RELEASES

__all__ = ["REFERENCES", "Published", "Reference"]


@dataclass(frozen=True)
class Published:
    """A number that was published, and how to ask for it.

    Attributes
    ----------
    what : str
        What is counted.
    adql : str
        The question; ``{schema}`` stands for the schema.
    number : int
        What was published.
    others : mapping of str to int
        What was published of other releases, by their titles: to tell which one answers.
    """

    what: str
    adql: str
    number: int
    others: Mapping[str, int]


@dataclass(frozen=True)
class Reference:
    """What an archive should be like.

    Attributes
    ----------
    tables : mapping of str to mapping of str to Column
        Columns by table.
    complete : bool
        Whether it should have all of them, as the CSC itself; else it may hold some, and others.
    counts : tuple of Published
        Numbers to compare.
    most_rows : int
        Rows that it answers at once at least, 0 where that is not known.
    centre : tuple of float, optional
        Right ascension and declination around which there are sources; one is asked for unless told.
    radius : float
        Degrees around it that are asked for.
    """

    tables: Mapping[str, Mapping[str, Column]] = field(default_factory=lambda: TABLES)
    complete: bool = False
    counts: tuple[Published, ...] = ()
    most_rows: int = 0
    centre: tuple[float, float] | None = None
    radius: float = 0.1

    def needs(self, table: str, column: str) -> bool:
        """Whether the package asks for a column unless told otherwise, or joins by it."""
        keys = {**STACKS, **DETECTIONS}.get(table, ())
        asked = {"master_source": DEFAULT_COLUMNS, "observation_source": DETECTION_COLUMNS}.get(table, ())
        return column in keys or column in asked


# By release: sources, detections with upper limits, stacks, observations.
_NUMBERS: Mapping[str, tuple[int | None, ...]] = {
    "csc2.0": (317_167, None, 7_287, 10_382),
    "csc2.1": (407_806, 2_143_847, 10_034, 15_533),
}
_ASKED = (
    ("sources", "SELECT COUNT(*) AS n FROM {schema}.master_source"),
    ("detections and upper limits in observations", "SELECT COUNT(*) AS n FROM {schema}.observation_source"),
    ("stacks", "SELECT COUNT(DISTINCT detect_stack_id) AS n FROM {schema}.detect_stack"),
    ("observations", "SELECT COUNT(DISTINCT obsid) AS n FROM {schema}.detect_stack"),
)
_SINCE_21 = ("deltax", "deltay", "deltarot")
_M33 = (23.4621, 30.6599)


def _published(name: str) -> tuple[Published, ...]:
    counts = []
    for index, (what, adql) in enumerate(_ASKED):
        number = _NUMBERS[name][index]
        others = {
            RELEASES[other].title: of_other
            for other, numbers in _NUMBERS.items()
            if other != name and (of_other := numbers[index]) is not None
        }
        if number is not None:
            counts.append(Published(what, adql, number, others))
    return tuple(counts)


def _tables(name: str) -> Mapping[str, Mapping[str, Column]]:
    if name != "csc2.0":
        return TABLES
    stack = {column: known for column, known in TABLES["stack_source"].items() if column not in _SINCE_21}
    return MappingProxyType({**TABLES, "stack_source": MappingProxyType(stack)})


def _reference(name: str) -> Reference:
    return Reference(_tables(name), complete=True, counts=_published(name), most_rows=1_000_000, centre=_M33)


REFERENCES: Mapping[str, Reference] = MappingProxyType(
    {"csc2.0": _reference("csc2.0"), "csc2.1": _reference("csc2.1"), "current": _reference("csc2.1")}
)
"""Of the releases, by the names ``Archive`` takes."""
