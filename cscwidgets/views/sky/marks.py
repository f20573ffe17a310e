"""What is drawn on the sky: sources, selection, focus, outlines; all of it state: a late view shows the same."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy.coordinates import SkyCoord
from ipyaladin import Aladin
from regions import SkyRegion
from traitlets import Dict, List

from cscwidgets.arrays import Floats, Integers
from cscwidgets.sky.usable import icrs
from cscwidgets.state.rows import RowIndex

from ...science.region_file import Outline
from .layers import MAX_DRAWN, Layer, coverage_cells, region_outline

if TYPE_CHECKING:
    from mocpy import MOC

__all__ = ["FieldEntry", "FieldMark", "OwnAreaMark", "OwnLayerMark", "SkyMarks"]

_GAP = np.full((2, 1), np.nan)
_NONE = np.empty(0)


@dataclass(frozen=True, slots=True)
class FieldMark:
    """A field of view as it is drawn: its label, its instrument, and corners (RA and Dec, deg) of its polygons."""

    label: str
    instrument: str
    outline: Sequence[tuple[Floats, Floats]]


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """A field of view as a card tells of it.

    Attributes
    ----------
    name : str
        What is handed back when its sources are asked for.
    row : int
        Its place among the fields that are shown.
    title, words : str
        A line, and another below it.
    observations : sequence of dict
        Each with ``name``, ``instrument``, ``date``, ``exposure``, ``page`` (an address, or empty).
    """

    name: str
    row: int
    title: str
    words: str
    observations: Sequence[dict[str, str]]


@dataclass(frozen=True, eq=False)
class OwnLayerMark:
    """A layer of the reader's own as it is drawn.

    Attributes
    ----------
    name, colour : str
    ra, dec : ndarray, shape (n,)
        ICRS degrees, of all its rows; NaN where there is none.
    labels : sequence of str, shape (n,)
    chosen : ndarray of int
        Rows.
    """

    name: str
    colour: str
    ra: Floats
    dec: Floats
    labels: Sequence[str]
    chosen: Integers

    def state(self) -> dict[str, Any]:
        """As it is sent to the browser: of too many rows those that are chosen and the first others."""
        rows = np.flatnonzero(np.isfinite(self.ra) & np.isfinite(self.dec))
        if len(rows) > MAX_DRAWN:
            first = np.isin(rows, self.chosen)
            rows = np.sort(np.concatenate([rows[first], rows[~first]])[:MAX_DRAWN])
        return {
            "name": self.name,
            "colour": self.colour,
            "total": int(np.count_nonzero(np.isfinite(self.ra) & np.isfinite(self.dec))),
            "positions": np.concatenate([self.ra[rows], self.dec[rows]]).tobytes(),
            "rows": rows.astype(np.uint32).tobytes(),
            "labels": "\0".join(self.labels[row] for row in rows.tolist()).encode(),
            "chosen": self.chosen.astype(np.uint32).tobytes(),
        }


@dataclass(frozen=True, eq=False)
class OwnAreaMark:
    """An area of the reader's own as it is drawn: outlines of regions, or the cells of a coverage map.

    Attributes
    ----------
    name, colour, words : str
    lines : ndarray, shape (2, n)
        ICRS degrees, NaN between one and the next.
    filled : bool
    """

    name: str
    colour: str
    words: str
    lines: Floats
    filled: bool

    @classmethod
    def of(
        cls, name: str, colour: str, words: str, outlines: Iterable[tuple[Floats, Floats]], moc: MOC | None
    ) -> OwnAreaMark:
        """Of closed outlines, or of a coverage map."""
        if moc is not None:
            return cls(name, colour, words, coverage_cells(moc), True)
        parts = [
            part for ra, dec in outlines for part in (np.stack([np.append(ra, ra[0]), np.append(dec, dec[0])]), _GAP)
        ]
        return cls(name, colour, words, np.concatenate(parts, axis=1), False)

    def state(self) -> dict[str, Any]:
        """As it is sent to the browser."""
        told = {"name": self.name, "colour": self.colour, "words": self.words, "filled": self.filled}
        return {**told, "positions": self.lines.tobytes()}


class SkyMarks(Aladin):  # type: ignore[misc]
    """A sky that marks are shown on; see `cscwidgets.views.sky.Sky`."""

    _sources = Dict().tag(sync=True)
    _highlighted = Dict().tag(sync=True)
    _density = Dict(help="How many sources are in cells of the sky, where they are too many.").tag(sync=True)
    _focused = Dict().tag(sync=True)
    _outline = Dict().tag(sync=True)
    _regions = List(Dict()).tag(sync=True)
    _groups = List(Dict()).tag(sync=True)
    _candidates = Dict().tag(sync=True)
    _contours = Dict().tag(sync=True)
    _fields = Dict().tag(sync=True)
    _coverage = Dict().tag(sync=True)
    _own_layers = List(Dict(), help="Layers of the reader's own.").tag(sync=True)
    _own_areas = List(Dict(), help="Areas of the reader's own.").tag(sync=True)
    _own_row = Dict(help="The row of one that is looked at.").tag(sync=True)
    _card = Dict(help="What is said of the fields of view at a place.").tag(sync=True)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._layer = Layer()
        self._selected: tuple[str, ...] = ()
        self._focus: str | None = None
        self._own: list[OwnLayerMark] = []
        self._areas: list[OwnAreaMark] = []
        super().__init__(*arguments, **options)

    def show_sources(
        self,
        names: Sequence[str] | RowIndex,
        ra: Floats,
        dec: Floats,
        *,
        ellipses: tuple[Floats, Floats, Floats] | None = None,
        rank: Floats | None = None,
    ) -> None:
        """Show these sources in place of those shown before.

        Parameters
        ----------
        names : sequence of str or RowIndex, shape (n,)
            Unique names.
        ra, dec : array, shape (n,)
            ICRS degrees.
        ellipses : tuple of three arrays, shape (n,), optional
            Error ellipses: semi-axes in arcsec and the first one's angle in degrees east of north.
        rank : array, shape (n,), optional
            Of more than 10,000 sources those with the highest rank are drawn.
        """
        self._layer = Layer(names, ra, dec, ellipses, rank)
        with self.hold_sync():
            self._show_sources()
            self._show_focus()

    def show_crowd(self, ra: Floats, dec: Floats) -> None:
        """Show how many sources are where in place of the sources shown before, whose names are yet to come."""
        self._layer = Layer(RowIndex.without_names(len(ra)), ra, dec)
        with self.hold_sync():
            self._show_sources()

    def _show_sources(self) -> None:
        """Of too many sources those around where the sky looks, and how many are in each cell if they still are."""
        at, radius = self._seen_around()
        every = self._layer.look(*at, radius)
        self._sources = self._layer.sources()
        self._highlighted = self._layer.highlighted(self._selected)
        self._density = {} if every else self._layer.cells(*at, radius, self._selected)

    def _seen_around(self) -> tuple[tuple[float, float], float]:
        """Where the sky looks, and the radius of a circle that holds what is seen and some more, degrees."""
        centre, width = self.target.icrs, float(self._fov)
        return (float(centre.ra.deg), float(centre.dec.deg)), 180.0 if width > 100 else 0.9 * width

    def highlight(self, names: Iterable[str]) -> None:
        """Draw these sources as selected, also those beyond the drawing limit; unknown names wait."""
        self._selected = tuple(names)
        with self.hold_sync():
            self._highlighted = self._layer.highlighted(self._selected)
            if self._density:
                self._density = self._layer.cells(*self._seen_around()[0], self._seen_around()[1], self._selected)

    def show_groups(
        self, groups: Iterable[tuple[str, Collection[str]]], places: Iterable[tuple[str, Floats, Floats]] = ()
    ) -> None:
        """Mark the sources of each group in its colour; of those beyond 10,000 in one, and unknown ones, none.

        Parameters
        ----------
        groups : iterable of (str, collection of str)
            Colours and names.
        places : iterable of (str, ndarray, ndarray)
            Colours, and positions (ICRS degrees) where no source is.
        """
        marked = [(colour, self._layer.positions(names)) for colour, names in groups]
        marked += [(colour, (ra, dec)) for colour, ra, dec in places]
        self._groups = [
            {"colour": colour, "positions": np.concatenate([axis[:MAX_DRAWN] for axis in place]).tobytes()}
            for colour, place in marked
        ]

    def focus(self, name: str | None) -> None:
        """Ring the source in focus; none with None."""
        self._focus = name
        self._show_focus()

    def _show_focus(self) -> None:
        position = self._layer.position(self._focus)
        self._focused = {} if position is None else {"name": self._focus, "ra": position[0], "dec": position[1]}

    def show_region(self, region: SkyRegion | None) -> None:
        """Show the outline of a circle, rectangle, ellipse or polygon in place of the one before."""
        self._outline = region_outline(None if region is None else icrs(region))

    def show_outlines(self, outlines: Iterable[Outline]) -> None:
        """Show the regions of detections in place of those before; background regions are dashed."""
        self._regions = [
            {"positions": np.concatenate([outline.ra, outline.dec]).tobytes(), "dashed": outline.background}
            for outline in outlines
        ]

    def show_candidates(
        self,
        ra: Floats,
        dec: Floats,
        *,
        best: int = -1,
        outlines: Iterable[tuple[Floats, Floats]] = (),
    ) -> None:
        """Mark the candidates for a counterpart in place of those before.

        Parameters
        ----------
        ra, dec : array, shape (n,)
            ICRS degrees.
        best : int
            The one that stands out; none with -1.
        outlines : iterable of (array, array)
            Right ascension and declination of the corners of error ellipses.
        """
        self._candidates = {
            "positions": np.concatenate([ra, dec]).tobytes(),
            "best": best,
            "outlines": [np.concatenate(corners).tobytes() for corners in outlines],
        }

    def show_contours(self, ra: Floats, dec: Floats) -> None:
        """Show contour lines in place of those before.

        Parameters
        ----------
        ra, dec : array, shape (n,)
            ICRS degrees along the lines, NaN between one and the next.
        """
        self._contours = {"positions": np.concatenate([ra, dec]).tobytes()}

    def show_fields(self, fields: Iterable[FieldMark]) -> None:
        """Show fields of view in place of those before; each is labelled where there is room."""
        marks = [*fields]
        lines = [np.stack([np.append(axis, axis[0]) for axis in line]) for mark in marks for line in mark.outline]
        parts = [part for line in lines for part in (line, _GAP)]
        points = [sum(len(ra) + 2 for ra, _ in mark.outline) for mark in marks]
        self._fields = {
            "positions": (np.concatenate(parts, axis=1) if parts else np.empty((2, 0))).tobytes(),
            "ends": np.cumsum(points).astype(np.uint32).tobytes(),
            "labels": "\0".join(mark.label for mark in marks).encode(),
            "instruments": "\0".join(mark.instrument for mark in marks).encode(),
        }

    def show_coverage(self, moc: MOC | None) -> None:
        """Shade the cells of a coverage map below all marks; none with None."""
        self._coverage = {} if moc is None else {"positions": coverage_cells(moc).tobytes()}

    def show_card(self, place: SkyCoord | None = None, entries: Sequence[FieldEntry] = (), note: str = "") -> None:
        """Say something of some fields of view in a card at a place; without any there is none.

        Parameters
        ----------
        place : SkyCoord
        entries : sequence of FieldEntry
            The first one is open.
        note : str
            A word beside the title ("SIMULATED").
        """
        if place is None or not entries:
            self._card = {}
            return
        at = place.icrs
        self._card = {
            "ra": at.ra.deg,
            "dec": at.dec.deg,
            "note": note,
            "entries": [asdict(entry) for entry in entries],
        }

    def show_own_layers(self, layers: Iterable[OwnLayerMark]) -> None:
        """Show layers of the reader's own in place of those before; the last is on top."""
        self._own = [*layers]
        self._own_layers = [layer.state() for layer in self._own]

    def show_own_areas(self, areas: Iterable[OwnAreaMark]) -> None:
        """Show areas of the reader's own in place of those before."""
        self._areas = [*areas]
        self._own_areas = [area.state() for area in self._areas]

    def show_own_row(
        self, layer: OwnLayerMark | None = None, row: int = -1, values: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Show the values of one row of such a layer in a card beside its place; without a layer there is none."""
        if layer is None:
            self._own_row = {}
            return
        title = {"layer": layer.name, "title": layer.labels[row], "colour": layer.colour}
        placed = bool(np.isfinite(layer.ra[row]) and np.isfinite(layer.dec[row]))
        place = {"ra": float(layer.ra[row]), "dec": float(layer.dec[row])} if placed else {}
        self._own_row = {**title, **place, "values": [list(pair) for pair in values]}

    def _shown(self) -> dict[str, Any]:
        """All marks as positions, for a `SkyMap`."""
        selected = self._layer.positions(self._selected)
        focus = self._focused
        return {
            "sources": (self._layer.ra, self._layer.dec),
            "selected": selected,
            "focus": (np.array([focus["ra"]]), np.array([focus["dec"]])) if focus else (_NONE, _NONE),
            "region": _unpacked(self._outline.get("positions")),
            "detections": [(_unpacked(one["positions"]), one["dashed"]) for one in self._regions],
            "candidates": _unpacked(self._candidates.get("positions")),
            "best": self._candidates.get("best", -1),
            "candidate_outlines": [_unpacked(one) for one in self._candidates.get("outlines", ())],
            "covered": _unpacked(self._coverage.get("positions")),
            "contours": _unpacked(self._contours.get("positions")),
            "fields": self._fields_shown(),
            "own_areas": [(area.name, area.colour, (area.lines[0], area.lines[1])) for area in self._areas],
            "own": [(layer.name, layer.colour, (layer.ra, layer.dec)) for layer in self._own],
        }

    def _fields_shown(self) -> list[tuple[str, str, tuple[Floats, Floats]]]:
        ra, dec = _unpacked(self._fields.get("positions"))
        ends = np.frombuffer(self._fields.get("ends", b""), np.uint32).tolist()
        names, instruments = (self._fields.get(key, b"").decode().split("\0") for key in ("labels", "instruments"))
        lines = [(ra[start:end], dec[start:end]) for start, end in zip([0, *ends], ends, strict=False)]
        return list(zip(names, instruments, lines, strict=False))


def _unpacked(packed: bytes | None) -> tuple[Floats, Floats]:
    values = np.frombuffer(packed or b"", float)
    return values[: len(values) // 2], values[len(values) // 2 :]
