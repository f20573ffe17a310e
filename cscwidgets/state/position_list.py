"""A list of positions or names: what each of its rows is, and which are the explorer's sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord, SphericalRepresentation
from astropy.table import QTable
from traitlets import Enum, Unicode

from cscwidgets.archive.lists.answer import FOUND, NEAR_FIELD, NOT_FOUND, NOT_OBSERVED, OBSERVED, in_words
from cscwidgets.archive.lists.reading import Positions, read_list
from cscwidgets.archive.query import chosen_columns
from cscwidgets.arrays import Floats
from cscwidgets.csc.bands import BANDS
from cscwidgets.errors import CscError, QueryCancelled
from cscwidgets.io.json_schema import text
from cscwidgets.io.typed import plain_text
from cscwidgets.sky.enclosing import enclosing_region
from cscwidgets.sky.position_list import PositionList
from cscwidgets.sky.target import read_radius

from .explorer import ExplorerState, SkyView
from .keeping import Field, Keeps, Kept
from .kept_list import LIST, kept_list, read_kept_list
from .list_coverage import fetch_limits, fetch_outlines, stacks_of
from .table_trait import TableTrait
from .tasks import Task

__all__ = ["PLACE_COLOURS", "ListState"]

PLACE_COLOURS = {OBSERVED: "#1a8fc4", NEAR_FIELD: "#b08900", NOT_OBSERVED: "#6b7a8f", NOT_FOUND: "#6b7a8f"}
"""In which rows without a source are marked on the sky."""

_MOST_OUTLINES = 60  # stacks whose outlines are fetched unasked


class ListState(Keeps):
    """What a list of positions and names is in the catalogue.

    Attributes
    ----------
    answer : QTable
        A row for each of the list's, as of `cscwidgets.Archive.search_list`; without rows before there was a list.
    words : str
        The answer in words.
    notes : str
        What is to be said of the list.
    band : str
        Letter of the band whose limits are asked for.
    threshold : str
        "TRUE" or "MARGINAL": of which class a source as bright as the limit would be.
    """

    plain: ClassVar = ("band", "threshold")
    fields: ClassVar = {"list": Field(LIST, kept_list, read_kept_list), "radius": Field(text(100))}

    answer = TableTrait()
    words = Unicode("")
    notes = Unicode("")
    band = Enum(tuple(BANDS), "b")
    threshold = Enum(("TRUE", "MARGINAL"), "TRUE")

    def __init__(self, explorer: ExplorerState) -> None:
        super().__init__()
        self.explorer, self.desk = explorer, explorer.desk
        self._place = ""
        self.list: PositionList | None = None
        self.radius = ""

    def restore(self, kept: Kept) -> Iterator[None]:
        """Search the list again, if there was one."""
        self.assign(kept, "band", "threshold")
        if kept["list"] is not None:
            self.search(kept["list"], kept["radius"] or None)
            yield

    @property
    def shown(self) -> bool:
        """Whether the explorer's sources are those of the list."""
        return bool(len(self.answer)) and self.explorer.place == self._place

    @property
    def places(self) -> list[tuple[str, Floats, Floats]]:
        """Colours and positions (degrees) of the rows without a source, while the list is what is shown."""
        if not self.shown:
            return []
        ra, dec, status = self.answer["ra"].value, self.answer["dec"].value, np.asarray(self.answer["status"])
        rows = ((colour, np.flatnonzero(status == words)) for words, colour in PLACE_COLOURS.items())
        return [(colour, ra[at], dec[at]) for colour, at in rows if len(at)]

    def settle(self) -> None:
        """Wait for what was asked, and raise what it failed with; see `Tasks.settle`."""
        self.desk.tasks.settle("search", "limits")

    def search(self, positions: Positions, radius: u.Quantity | str | None = None) -> None:
        """Ask for the sources of a list, in the background: they become the explorer's.

        Of few stacks the outlines are fetched as well, so that it is known which rows were observed.

        Raises
        ------
        RegionError
            At once, if the radius is none.
        """
        read_radius(radius)
        archive, further, conditions = self.desk.archive, self.explorer.columns, self.explorer.conditions

        def work(task: Task) -> tuple[PositionList, QTable, str, list[str]]:
            rows = read_list(positions)
            title = archive.open(task).title
            columns = [*chosen_columns(None, archive.columns(monitor=task)), *further] if further else None
            answer = archive.search_list(rows, columns, conditions, radius=radius, monitor=task)
            notes = answer.meta["notes"]
            stacks = stacks_of(answer)
            if len(stacks) > _MOST_OUTLINES:  # what a source is known by was observed
                stacks = stacks_of(answer, np.asarray(answer["status"]) == NEAR_FIELD)
            if len(stacks) > _MOST_OUTLINES:
                notes = [*notes, f"{len(stacks):,} stacks are near: their limits tell which rows were observed"]
                return rows, answer, title, notes
            try:
                answer = fetch_outlines(archive, answer, stacks, task)
            except QueryCancelled:
                raise
            except CscError as error:
                notes = [*notes, f"no outlines of fields came: {error.why or error.what}"]
            return rows, answer, title, notes

        def done(result: tuple[PositionList, QTable, str, list[str]]) -> None:
            rows, answer, title, notes = result
            self.list, self.radius = rows, "" if radius is None else str(radius)
            self._take(answer, title, notes, conditions)

        self.desk.tasks.run("Searching a list", work, done, key="search")

    def read(self, text: str, namespace: Mapping[str, Any], radius: str = "") -> None:
        """Search what a reader typed: lines, the path of a file, or the name of a notebook variable.

        Raises
        ------
        CscError
            If nothing is there.
        """
        plain = plain_text(text)
        if not plain:
            raise CscError("There is no list", "nothing was written", "Paste positions or names, one a line.")
        thing = namespace[plain] if plain.isidentifier() and plain in namespace else text
        self.search(thing, radius.strip() or None)

    def limits(self) -> None:
        """Fetch the sensitivity maps of the stacks near rows without a source, in the background.

        Raises
        ------
        CscError
            If there is no list.
        """
        if not len(self.answer):
            raise CscError("There are no limits", "no list was searched", "Paste one first.")
        archive, answer, band, threshold = self.desk.archive, self.answer, self.band, self.threshold

        def work(task: Task) -> QTable:
            return fetch_limits(archive, answer, band, threshold, task)

        def done(result: QTable) -> None:
            self._say(result, self.notes)

        self.desk.tasks.run(
            f"Reading limits ({BANDS[band].name} band)", work, done, key="limits", stands=lambda: self.answer is answer
        )

    def look_at(self, row: int) -> None:
        """Bring a row's source into focus, or the sky to where it lies."""
        one = self.answer[row]
        if one["status"] == FOUND:
            self.explorer.picked("list", str(one["name"]), None)
        elif np.isfinite(one["ra"].value) and np.isfinite(one["dec"].value):
            self.explorer.view = SkyView(float(one["ra"].value), float(one["dec"].value), 0.2)

    def _take(self, answer: QTable, title: str, notes: list[str], conditions: tuple[Any, ...]) -> None:
        sources = QTable(answer.meta.pop("sources"), copy=False)
        answer.meta["notes"] = notes
        placed = np.isfinite(answer["ra"].value) & np.isfinite(answer["dec"].value)
        region = enclosing_region(answer["ra"][placed], answer["dec"][placed]) if placed.any() else None
        explorer = self.explorer
        explorer.archive_title = explorer.archive_title or title
        self._place = f"list of {len(answer):,}"
        explorer.show(sources, self._place, region, "list")
        explorer.applied = conditions
        if region is None:
            explorer.view = _all_of_the_sky(answer["ra"][placed], answer["dec"][placed])
        self._say(answer, "; ".join(notes))

    def _say(self, answer: QTable, notes: str) -> None:
        words = in_words(answer)
        if "limit" in answer.colnames:
            known = np.isfinite(answer["limit"].value)
            without = int(np.count_nonzero((np.asarray(answer["status"]) == OBSERVED) & ~known))
            words += f"; {int(np.count_nonzero(known)):,} with a limit in the {BANDS[self.band].name} band"
            words += f", {without:,} observed without a map of it" if without else ""
        elif np.any(np.asarray(answer["status"]) == NEAR_FIELD):
            words += " (their limits tell whether they were observed)"
        with self.hold_trait_notifications():
            self.words, self.notes = words, notes
            self.answer = answer


def _all_of_the_sky(ra: u.Quantity, dec: u.Quantity) -> SkyView:
    """Half the sky around the middle of some positions."""
    if not len(ra):
        return SkyView(0.0, 0.0, 180.0)
    middle = SkyCoord(ra, dec).cartesian.sum().represent_as(SphericalRepresentation)
    return SkyView(float(middle.lon.deg), float(middle.lat.deg), 180.0)
