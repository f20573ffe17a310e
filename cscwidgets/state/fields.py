"""Where the archive has looked: the fields of view of stacks, or of observations, that reach the explorer's region."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import QTable, Table
from traitlets import Any, Bool, Enum, Instance

from cscwidgets.archive import Archive
from cscwidgets.archive.stacks import stack_label
from cscwidgets.csc.instruments import configuration
from cscwidgets.csc.products import Observation, Owner, Stack
from cscwidgets.errors import CscError
from cscwidgets.science.maps.field_of_view import FieldOfView, read_field_of_view, union_moc
from cscwidgets.science.masked import plain
from cscwidgets.sky.region import Region

from .explorer import ExplorerState
from .keeping import PLACE, Keeps, Kept, Renewal
from .observing_log import LoggedObservation, observing_log, stack_members, times
from .product_files import fetch_files
from .selection import Mode
from .tasks import Task

if TYPE_CHECKING:
    from mocpy import MOC

__all__ = ["Field", "FieldsState", "FoundFields"]

_SHOWN_ORDER = 11
_KINDS = {"stacks": "stkfov", "observations": "fov"}


@dataclass(frozen=True, eq=False)
class Field:
    """One stack or observation, and where it has looked.

    Attributes
    ----------
    name : str
        The stack's identifier, or ObsID with the interval where it is not the first.
    label : str
        The same, short.
    stack : str
        Identifier of the stack, or of that which the observation is in.
    instrument : str
        One of `cscwidgets.csc.instruments.CONFIGURATIONS`.
    observations : tuple of LoggedObservation
        Of the stack, or the one.
    outline : FieldOfView
    """

    name: str
    label: str
    stack: str
    instrument: str
    observations: tuple[LoggedObservation, ...]
    outline: FieldOfView

    @property
    def exposure(self) -> float:
        """Of all its observations, s; NaN where that of one is not known."""
        return float(sum(one.exposure for one in self.observations))


@dataclass(frozen=True)
class FoundFields:
    """The fields of view that reach a region.

    Attributes
    ----------
    region : Region
    kind : str
        "stacks" or "observations".
    fields : tuple of Field
        The smallest first.
    absent : dict of str to str
        Those whose outlines are not known, and why.
    beyond : int
        How many are near the region and do not reach it.
    """

    region: Region
    kind: str
    fields: tuple[Field, ...]
    absent: Mapping[str, str] = field(default_factory=dict)
    beyond: int = 0

    @property
    def table(self) -> QTable:
        """A row for each field of view."""
        shown = self.fields
        centres = np.array([one.outline.centre for one in shown]).reshape(-1, 2)
        columns: dict[str, object] = {
            "stack": np.array([one.stack for one in shown], dtype=str),
            "instrument": np.array([one.instrument for one in shown], dtype=str),
            "ra": centres[:, 0] * u.deg,
            "dec": centres[:, 1] * u.deg,
            "exposure": np.array([one.exposure for one in shown]) * u.s,
            "date": times(min((each.start for each in one.observations), default=np.nan) for one in shown),
        }
        if self.kind == "stacks":
            columns["obsids"] = np.array([" ".join(each.name for each in one.observations) for one in shown], dtype=str)
        else:
            keys = [one.observations[0].key for one in shown]
            columns = {
                "obsid": np.array([key.obsid for key in keys], dtype=int),
                "obi": np.array([key.obi for key in keys], dtype=int),
            } | columns
        return QTable(columns)

    def moc(self, order: int) -> MOC:
        """The coverage map of all fields."""
        return union_moc((one.outline for one in self.fields), order)


class FieldsState(Keeps):
    """The fields of view around an explorer, and which is looked at.

    Attributes
    ----------
    shown : str
        "stacks", "observations", or empty: only then nothing is fetched.
    found : FoundFields or None
        The last good result of what is shown.
    place : SkyCoord or None
        A position whose fields are looked at.
    covered : bool
        Whether the coverage map of all is shown.
    coverage : MOC or None
        That map, as fine as is seen: HEALPix order 11, cells of 1.7 arcmin; `moc` makes finer ones.

    Examples
    --------
    >>> app.fields.shown = "stacks"  # doctest: +SKIP
    >>> app.fields.table["stack", "instrument", "exposure"]  # doctest: +SKIP
    >>> app.fields.moc().sky_fraction  # doctest: +SKIP
    """

    plain: ClassVar = ("shown", "covered")
    fields: ClassVar = {"place": PLACE}

    shown = Enum(("", *_KINDS), "")
    found = Instance(FoundFields, allow_none=True)
    place = Instance(SkyCoord, allow_none=True)
    covered = Bool(False)
    coverage = Any(None)

    def __init__(self, explorer: ExplorerState) -> None:
        super().__init__()
        self.explorer, self.desk = explorer, explorer.desk
        self.desk.when(self, "shown", self._load)
        self.desk.when(self, ("found", "covered"), self._cover)
        self.desk.when(explorer, "region", self._load)

    def restore(self, kept: Kept) -> Iterator[None]:
        """Show nothing yet: it would be fetched."""
        self.assign(kept, "covered")
        yield from ()

    def renewal(self, kept: Kept) -> Renewal:
        """The outlines."""
        return Renewal(f"the fields of view of {kept['shown']}" if kept["shown"] else "")

    def renew(self, kept: Kept) -> Iterator[None]:
        """Show them, and look at the place that was looked at."""
        self.shown = kept["shown"]
        yield
        self.place = kept["place"]

    def settle(self) -> None:
        """Wait for what runs, and raise what the search or the fetching of outlines failed with."""
        self.desk.tasks.settle("search", "fields")

    @property
    def current(self) -> FoundFields:
        """What is shown; waits for it.

        Raises
        ------
        CscError
            If nothing is shown, or it could not be had.
        """
        self.settle()
        if self.found is None:
            why = "they are not shown" if self.explorer.region is not None else "no region is chosen"
            hint = 'Set fields.shown to "stacks" or "observations", and a region.'
            raise CscError("There are no fields of view", why, hint)
        return self.found

    @property
    def table(self) -> QTable:
        """A row for each field of view that reaches the region; those of stacks list their observations."""
        return self.current.table

    @property
    def absent(self) -> dict[str, str]:
        """Stacks or observations whose outlines are not known, and why."""
        return dict(self.current.absent)

    def moc(self, order: int = 13) -> MOC:
        """The coverage map (mocpy) of all fields that are shown; `cscwidgets.export.write_moc` writes it."""
        return self.current.moc(order)

    def at(self, place: SkyCoord) -> list[Field]:
        """The fields of view that hold a position, the smallest first."""
        position = place.icrs
        shown = () if self.found is None else self.found.fields
        return [one for one in shown if one.outline.contains(position.ra.deg, position.dec.deg)[0]]

    def select(self, name: str, mode: Mode | None = None) -> None:
        """Select the sources of the table that lie in a field of view.

        Raises
        ------
        CscError
            If none of this name is shown.
        """
        shown = self.found or self.current  # a view that has a field to ask about does not wait for what else runs
        found = next((one for one in shown.fields if one.name == name), None)
        if found is None:
            raise CscError(f"No field of view {name!r} is shown", "", "fields.table has those that are.")
        table = self.explorer.table
        inside: list[str] = []
        if len(table):
            rows = found.outline.contains(plain(table["ra"]), plain(table["dec"]))
            inside = [str(source) for source in table["name"][rows]]
        self.desk.selection.publish("sky", inside, mode)

    def _load(self) -> None:
        kind, region = self.shown, self.explorer.region
        with self.hold_trait_notifications():
            self.found, self.place = None, None
        if not kind or region is None:
            return

        def done(found: FoundFields) -> None:
            self.found = found
            self._tell(found)

        self.desk.tasks.run(
            f"Fetching fields of view of {kind}",
            lambda task: _fetched(self.desk.archive, region, kind, task),
            done,
            key="fields",
            stands=lambda: (kind, region) == (self.shown, self.explorer.region),
        )

    def _cover(self) -> None:
        found = self.found
        if found is None or not found.fields or not self.covered:
            self.coverage = None
            return
        self.desk.tasks.run(
            f"Mapping the coverage of {found.kind}",
            lambda _: found.moc(_SHOWN_ORDER),
            lambda moc: self.set_trait("coverage", moc),
            key="field coverage",
            stands=lambda: found is self.found and self.covered,
        )

    def _tell(self, found: FoundFields) -> None:
        messages = self.desk.messages
        if not found.fields:
            messages.note(f"No {found.kind} with a known field of view reach the region", str(found.region))
        if found.absent:
            name, why = next(iter(found.absent.items()))
            more = f", and {len(found.absent) - 1:,} others" if len(found.absent) > 1 else ""
            messages.warn(
                f"{len(found.absent):,} {found.kind} near the region are not shown",
                f"{name}: {why}{more}",
                "fields.absent says why of each.",
            )


def _fetched(archive: Archive, region: Region, kind: str, task: Task) -> FoundFields:
    stacks = [str(name) for name in archive.stacks(region, monitor=task)["detect_stack_id"]]
    members = stack_members(archive, stacks, task)
    log = observing_log(archive, (key for keys in members.values() for key in keys), task)
    stack_of: dict[Owner, str] = {Stack(stack): stack for stack in stacks}
    if kind == "observations":
        stack_of = {key: stack for stack, keys in members.items() for key in keys}
    files, absent = fetch_files(archive, _rows(stack_of), _KINDS[kind], "field of view of it", task)
    fields = []
    for owner, path in files.items():
        task.check()
        stack = stack_of[owner]
        keys = [owner] if isinstance(owner, Observation) else members[stack]
        try:
            fields.append(_field(stack, owner, tuple(log[key] for key in keys), read_field_of_view(path)))
        except CscError as error:
            absent[owner] = error.why or error.what
    shown = sorted((one for one in fields if one.outline.reaches(region)), key=_size)
    return FoundFields(
        region, kind, tuple(shown), {_name(one): why for one, why in absent.items()}, len(fields) - len(shown)
    )


def _size(field: Field) -> tuple[float, str]:
    return round(field.outline.radius, 9), field.name


def _rows(owners: Iterable[Owner]) -> Table:
    stacks = [owner.detect_stack_id for owner in owners if isinstance(owner, Stack)]
    if stacks:
        return Table({"detect_stack_id": np.array(stacks, dtype=str)})
    keys = [owner for owner in owners if isinstance(owner, Observation)]
    return Table(
        {
            "obsid": np.array([key.obsid for key in keys], dtype=int),
            "obi": np.array([key.obi for key in keys], dtype=int),
        }
    )


def _name(owner: Owner) -> str:
    return LoggedObservation(owner).name if isinstance(owner, Observation) else str(owner)


def _field(stack: str, owner: Owner, observations: tuple[LoggedObservation, ...], outline: FieldOfView) -> Field:
    known = {one.instrument for one in observations} - {""}
    instrument = outline.instrument or configuration(stack)
    if known:
        instrument = known.pop() if len(known) == 1 else configuration(stack)
    label = stack_label(stack) if isinstance(owner, Stack) else _name(owner)
    return Field(_name(owner), label, stack, instrument, observations, outline)
