"""Counterparts of the explorer's sources in a catalogue: what is matched with what, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import QTable
from traitlets import Any, Bool, Dict, Float, Instance, Tuple

from cscwidgets.archive.catalogues.catalogue import Catalogue
from cscwidgets.archive.catalogues.finder import ArchiveCatalogue, find_catalogue, is_elsewhere
from cscwidgets.archive.catalogues.tap_catalogue import TapCatalogue
from cscwidgets.archive.catalogues.well_known import CATALOGUES
from cscwidgets.arrays import Floats
from cscwidgets.errors import CscError
from cscwidgets.io.json_schema import listed, text
from cscwidgets.science.matches.column_roles import ColumnRoles
from cscwidgets.science.matches.counterparts import NO_COUNTERPART, counterpart_table
from cscwidgets.science.matches.error_ellipse import ellipse_outline, offset_position
from cscwidgets.science.matches.verdicts import Thresholds
from cscwidgets.sky.source_names import source_name

from .explorer import ExplorerState
from .keeping import Field, Keeps, Kept, Renewal
from .kept_match import DECISIONS, ROLES, THRESHOLDS, Decision, same_candidate
from .match import Match, MatchQuestion
from .table_trait import TableTrait
from .tasks import Task

__all__ = ["CrossmatchState", "SkyCandidates"]


@dataclass(frozen=True)
class SkyCandidates:
    """The candidates of one source on the sky.

    Attributes
    ----------
    ra, dec : ndarray, shape (candidates,)
        Degrees, ICRS, at the epoch of the sources.
    best : int
        Which one is taken for the counterpart, -1 for none.
    outlines : tuple of (ndarray, ndarray)
        Right ascension and declination of the corners of ellipses that hold 95 %: of the source, then of the others.
    """

    ra: Floats = field(default_factory=lambda: np.empty(0))
    dec: Floats = field(default_factory=lambda: np.empty(0))
    best: int = -1
    outlines: tuple[tuple[Floats, Floats], ...] = ()


class CrossmatchState(Keeps):
    """The match of an explorer's sources with one catalogue.

    Attributes
    ----------
    active : bool
        Whether anybody looks: then catalogues are offered.
    catalogue : Catalogue or None
        What to match against.
    offered : tuple of Catalogue
        Those with a title of their own; see `offer`.
    radius : float
        Search radius, arcsec.
    prior : tuple of str
        Columns of the catalogue whose distribution among counterparts is learnt and used.
    epoch : float
        When the sources were seen, Julian year; NaN where proper motions are not to be applied.
    only_selected : bool
        Match the selected sources instead of all.
    roles : ColumnRoles or None
        Of the catalogue's columns, where they were edited; guessed otherwise.
    objects : QTable
        What the catalogue has in and around the region; without columns before the first answer.
    match : Match or None
        The last one; kept until the next succeeds or other sources arrive.
    thresholds : Thresholds
        Of the verdicts; they may change without a new match.
    decisions : dict of str to int
        Names of reviewed sources and the row of their counterpart, or `NO_COUNTERPART`.
    counterparts : QTable
        `science.matches.counterparts.counterpart_table` of the match; without columns where there is none.
    """

    plain: ClassVar = ("radius", "epoch", "only_selected")
    fields: ClassVar = {
        "reference": Field(text(2000)),
        "prior": Field(listed(text(200), 100), list, tuple),
        "roles": ROLES,
        "thresholds": THRESHOLDS,
        "matched": Field({"type": "integer", "minimum": 0}),
        "reviewed": DECISIONS,
    }

    active = Bool(False)
    catalogue = Any(None, allow_none=True)
    radius = Float(3.0)
    prior = Tuple()
    epoch = Float(np.nan)
    only_selected = Bool(False)
    roles = Instance(ColumnRoles, allow_none=True)
    objects = TableTrait()
    match = Instance(Match, allow_none=True)
    thresholds = Instance(Thresholds, args=())
    decisions: Dict[str, int] = Dict()
    counterparts = TableTrait()
    offered = Tuple()

    def __init__(self, explorer: ExplorerState) -> None:
        super().__init__()
        self.explorer, self.desk = explorer, explorer.desk
        self._fetched: tuple[object, ...] = ()
        self._rows: tuple[object, ...] = ()
        self.desk.when(explorer, "table", self._other_sources)
        self.desk.when(self, "catalogue", self._other_catalogue)
        self.desk.when(self, "active", self._look)
        self.desk.when(self, ("match", "thresholds", "decisions"), self._join)

    @property
    def reference(self) -> str:
        """What the catalogue is found by again; empty for none, or one that only code has."""
        return "" if self.catalogue is None else self.catalogue.reference

    @property
    def matched(self) -> int:
        """How many sources were matched."""
        return 0 if self.match is None else len(self.match.sources)

    @property
    def reviewed(self) -> tuple[Decision, ...]:
        """What was decided, by where the chosen candidates are."""
        return tuple(Decision.of(name, row, self.candidates(name)) for name, row in self.decisions.items())

    def unkept(self) -> Iterator[str]:
        """A catalogue that only code has."""
        if self.catalogue is not None and not self.reference:
            yield f"the catalogue {self.catalogue.title}, which code made"

    def restore(self, kept: Kept) -> Iterator[None]:
        """Choose the catalogue again, unless it is at an address or a path, and all that is said of the match."""
        reference = kept["reference"]
        if reference and not is_elsewhere(reference):
            self.find(reference)
            yield
        self.assign(kept)

    def renewal(self, kept: Kept) -> Renewal:
        """The match, and a catalogue that the session has an address or a path of."""
        reference = kept["reference"]
        if reference and (kept["matched"] or is_elsewhere(reference)):
            what = "the match with" if kept["matched"] else "the catalogue"
            return Renewal(f"{what} {reference}", outside=is_elsewhere(reference))
        return Renewal()

    def renew(self, kept: Kept) -> Iterator[None]:
        """Match again, and decide what was decided."""
        if kept["reference"] and is_elsewhere(kept["reference"]):
            self.find(kept["reference"])
            yield
            self.assign(kept)
        if not kept["matched"] or self.catalogue is None:
            return
        self.run()
        yield
        if self.match is None:
            return
        if len(self.match.sources) != kept["matched"]:
            self.desk.messages.warn(
                "The match is not what it was", f"{kept['matched']:,} sources were matched, now {self.matched:,} are"
            )
        found = {one.name: same_candidate(one, self.candidates(one.name)) for one in kept["reviewed"]}
        lost = [name for name, row in found.items() if row is None]
        if lost:
            self.desk.messages.warn(
                f"{len(lost):,} reviewed sources have another candidate or none: their verdicts are gone",
                ", ".join(lost[:5]),
            )
        self.decisions = {name: row for name, row in found.items() if row is not None}

    @property
    def guessed_roles(self) -> ColumnRoles:
        """The roles in use: as edited, or as guessed from the objects' columns."""
        return self.roles or ColumnRoles.guess(self.objects)

    def settle(self) -> None:
        """Wait for what runs, and raise what the search, the choice of a catalogue or the match failed with.

        See `Tasks.settle`.
        """
        self.desk.tasks.settle("search", "catalogue", "crossmatch")

    def _look(self) -> None:
        if self.active:
            self.offer()

    def offer(self) -> None:
        """Find out, in the background, which catalogues can be chosen by their titles."""
        archive = self.desk.archive
        if self.offered:
            return

        def work(task: Task) -> tuple[Catalogue, ...]:
            well_known = (TapCatalogue.known(row) for row in CATALOGUES.values())
            return (*archive.catalogues(monitor=task), *well_known, ArchiveCatalogue(archive))

        def done(catalogues: tuple[Catalogue, ...]) -> None:
            self.offered = catalogues

        self.desk.tasks.run("Listing catalogues", work, done, key="catalogues")

    def find(self, text: str) -> None:
        """Choose, in the background, the catalogue that somebody means: see `archive.counterparts.find_catalogue`."""
        archive, before = self.desk.archive, self.catalogue

        self.desk.tasks.run(
            f"Looking for {text}",
            lambda task: find_catalogue(text, archive, monitor=task),
            lambda catalogue: self.set_trait("catalogue", catalogue),
            key="catalogue",
            stands=lambda: self.catalogue is before,  # or another was chosen meanwhile
        )

    def run(self) -> None:
        """Fetch the catalogue's objects, unless they are here, and match them with the sources, in the background.

        Raises
        ------
        CscError
            If there is nothing to match.
        """
        explorer, question = self.explorer, self._question()
        asked = question.fetches  # before it is fetched: what changes meanwhile is fetched anew the next time
        fetched = self.objects if asked == self._fetched else None

        def work(task: Task) -> tuple[QTable, Match | CscError]:
            objects = question.fetch(task) if fetched is None else fetched
            try:
                return objects, question.match(objects, task)
            except CscError as error:  # the objects are here all the same, so that their columns can be given roles
                return objects, error

        def done(answer: tuple[QTable, Match | CscError]) -> None:
            objects, match = answer
            self._fetched = asked
            provenance = objects.meta.get("provenance")
            if provenance is not None and not provenance.complete:
                self.desk.messages.warn(str(provenance), "The service limits its answers", "Match a smaller region.")
            with self.hold_trait_notifications():
                self.objects = objects
                if isinstance(match, Match):
                    self.decisions, self.match = {}, match
            if isinstance(match, CscError):
                raise match

        self.desk.tasks.run(
            f"Matching with {question.catalogue.title}",
            work,
            done,
            key="crossmatch",
            stands=lambda: question.catalogue is self.catalogue and question.table is explorer.table,
        )

    def _question(self) -> MatchQuestion:
        explorer, catalogue = self.explorer, self.catalogue
        table, region = explorer.table, explorer.region
        sources = explorer.selected if self.only_selected else table
        if catalogue is None:
            raise CscError("There is no match", "no catalogue is chosen", "Choose one to match with.")
        if not len(sources) or region is None:
            which = "selected" if self.only_selected else "here"
            raise CscError("There is no match", f"no sources are {which}", "Draw a region on the sky first.")
        settings = self.radius * u.arcsec, self.prior, self.roles, self.epoch
        return MatchQuestion(catalogue, table, sources, region, *settings)

    def decide(self, name: str, row: int | None) -> None:
        """Take an object, or `NO_COUNTERPART`, for a source's counterpart; None takes the decision back.

        Raises
        ------
        CscError
            If the object is no candidate of the source.
        """
        name = self._matched_name(name)
        candidates = self.candidates(name)
        if row not in (None, NO_COUNTERPART) and not (len(candidates) and row in candidates["catalogue_row"]):
            raise CscError("The decision was not taken", f"object {row} is no candidate of {name}", "Choose another.")
        others = {other: chosen for other, chosen in self.decisions.items() if other != name}
        self.decisions = others if row is None else others | {name: row}

    def candidates(self, name: str) -> QTable:
        """The candidates of a source, the most probable first, with the columns of the catalogue; empty if none."""
        if self.match is None:
            return QTable()
        name = self._matched_name(name)
        table = self.match.found.candidates
        rows = table[np.asarray(table["name"]) == name] if "name" in table.colnames else table[:0]
        rows = rows[np.argsort(-np.asarray(rows["p_i"]), kind="stable")]
        objects = self.match.objects[rows["catalogue_row"]]
        for column in objects.colnames:
            if column not in rows.colnames:
                rows[column] = objects[column]
        return rows

    def on_sky(self, name: str) -> SkyCandidates:
        """Where the candidates of a source are, with its error ellipse and theirs; empty if there is no match."""
        match, row = self.match, self._row_of.get(name)
        if match is None or row is None:
            return SkyCandidates()
        candidates = self.candidates(name)
        sources, objects = match.found.positions
        source = SkyCoord(match.sources["ra"][row], match.sources["dec"][row]).icrs
        source_error = sources.error_of(row)
        outlines = [] if source_error is None else [ellipse_outline(source.ra.deg, source.dec.deg, source_error)]
        # At the epoch of the sources: where the match has seen them.
        east, north = (candidates[column].to_value("arcsec") for column in ("offset_ra", "offset_dec"))
        ra, dec = offset_position(
            source.ra.deg, source.dec.deg, np.degrees(np.arctan2(east, north)), np.hypot(east, north)
        )
        for position, object_row in zip(zip(ra, dec, strict=True), candidates["catalogue_row"].tolist(), strict=True):
            error = objects.error_of(object_row)
            if error is not None:
                outlines.append(ellipse_outline(*position, error))
        chosen = self.decisions.get(name, candidates["catalogue_row"][0] if len(candidates) else NO_COUNTERPART)
        best = np.flatnonzero(candidates["catalogue_row"] == chosen)
        return SkyCandidates(ra, dec, int(best[0]) if len(best) else -1, tuple(outlines))

    def _matched_name(self, name: str) -> str:
        """A matched source's name as the table writes it."""
        return name if name in self._row_of else source_name(name, simulated=self.explorer.simulated)

    @property
    def _row_of(self) -> dict[str, int]:
        return {} if self.match is None else {str(name): row for row, name in enumerate(self.match.sources["name"])}

    def _other_sources(self) -> None:
        table = self.explorer.table
        rows = (self.explorer.region, *map(str, table["name"] if len(table) else ()))
        if rows != self._rows:  # else they have got more columns
            self._rows = rows
            self._forget()

    def _forget(self) -> None:
        """Other sources: what was found is not theirs."""
        self._fetched = ()
        with self.hold_trait_notifications():
            self.match, self.objects, self.decisions = None, QTable(), {}

    def _other_catalogue(self) -> None:
        with self.hold_trait_notifications():
            self.roles, self.prior = None, ()
        self._forget()

    def _join(self) -> None:
        match = self.match
        if match is None:
            self.counterparts = QTable()
            return
        row_of = self._row_of
        decided = {row_of[name]: chosen for name, chosen in self.decisions.items() if name in row_of}
        self.counterparts = counterpart_table(
            match.sources,
            match.objects,
            match.found,
            match.catalogue.name,
            thresholds=self.thresholds,
            decisions=decided,
        )
