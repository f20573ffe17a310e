"""The fields of view on the sky: their outlines, the card of those at a place, and their coverage map."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from traitlets import link

from cscwidgets.csc.links import observation_page
from cscwidgets.state.fields import Field, FieldsState
from cscwidgets.state.observing_log import LoggedObservation
from cscwidgets.state.selection import Mode

from ..bind import Bindings
from ..callbacks import Guard
from ..numbers import MISSING
from ..sky import Sky
from ..sky_marks import FieldEntry, FieldMark

__all__ = ["FieldsOnSky", "field_marks"]


class FieldsOnSky:
    """Keeps the sky's fields of view as the state is.

    Parameters
    ----------
    sky : Sky
    state : FieldsState
    guard : callable
        Wraps callbacks so that their errors are shown.
    """

    def __init__(self, sky: Sky, state: FieldsState, guard: Guard) -> None:
        self._sky, self._state = sky, state
        link((state, "shown"), (sky, "fields"))
        link((state, "covered"), (sky, "covered"))
        bind = Bindings(guard)
        bind.when(state, "found", self._draw)
        bind.when(state, ("found", "place"), self._tell)
        bind.when(state, "coverage", lambda: sky.show_coverage(state.coverage))
        sky.on_place(lambda place: setattr(state, "place", place), beside=True)
        sky.on_field(self._chosen)
        self._draw()

    @property
    def _fields(self) -> tuple[Field, ...]:
        return () if self._state.found is None else self._state.found.fields

    def _draw(self) -> None:
        self._sky.show_fields(field_marks(self._fields))

    def _tell(self) -> None:
        place = self._state.place
        here = [] if place is None else self._state.at(place)
        simulated = any(one.outline.simulated for one in here)
        rows = {one.name: row for row, one in enumerate(self._fields)}
        entries = [_entry(one, rows[one.name]) for one in here]
        self._sky.show_card(place, entries, "SIMULATED" if simulated else "")

    def _chosen(self, name: str, mode: Mode | None) -> None:
        if name:
            self._state.select(name, mode)
        else:
            self._state.place = None


def field_marks(fields: Iterable[Field]) -> list[FieldMark]:
    """Fields of view as the sky draws them."""
    return [
        FieldMark(one.label, one.instrument, [(polygon.ra, polygon.dec) for polygon in one.outline.polygons])
        for one in fields
    ]


def _entry(field: Field, row: int) -> FieldEntry:
    of_stack = field.name == field.stack
    number = len(field.observations)
    words = [field.instrument or MISSING, _exposure(field.exposure)]
    words.append(f"{number} observation{'s' if number > 1 else ''}" if of_stack else f"in {field.stack}")
    title = f"Stack {field.name}" if of_stack else f"ObsID {field.name}"
    simulated = field.outline.simulated
    rows = [_row(one, simulated=simulated) for one in field.observations]
    return FieldEntry(field.name, row, title, " · ".join(words), rows)


def _row(one: LoggedObservation, *, simulated: bool) -> dict[str, str]:
    return {
        "name": one.name,
        "instrument": one.instrument or MISSING,
        "date": one.date or MISSING,
        "exposure": _exposure(one.exposure),
        "page": "" if simulated else observation_page(one.key.obsid),
    }


def _exposure(seconds: float) -> str:
    return f"{seconds / 1000:.1f} ks" if np.isfinite(seconds) else MISSING
