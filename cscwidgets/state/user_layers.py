"""The tables of one's own on the sky beside the catalogue, and the rows that are chosen in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord, search_around_sky
from numpy.typing import ArrayLike
from traitlets import Tuple

from cscwidgets.errors import CscError
from cscwidgets.export.palette import next_colour
from cscwidgets.io.reading import reading
from cscwidgets.io.tables.bounds import LARGEST_TABLE
from cscwidgets.io.tables.read import FORMATS, read_tables
from cscwidgets.io.unpacking import unpack
from cscwidgets.science.masked import plain
from cscwidgets.science.matches.column_roles import ColumnRoles
from cscwidgets.sky.region import Region
from cscwidgets.sky.sphere import separation
from cscwidgets.sky.target import read_radius

from .area_layer import AreaLayer, area_of_content, is_area, is_area_content, read_area
from .explorer import ExplorerState, SkyView
from .keeping import Keeps, Kept, Renewal
from .kept_layers import FILES, MOST_CHOSEN, KeptLayer
from .selection import Mode
from .tasks import Task
from .user_layer import UserLayer, layer_of_tables, read_layer

__all__ = ["UserLayers"]

_SHOWN = 0.2  # degrees around a row that is looked at
_SAME = 2.0 / 3600  # degrees: a source that is so near is looked at with a row
_MOST = 12  # layers: more cannot be told apart


class UserLayers(Keeps):
    """The layers of an explorer.

    A session keeps those of files by their paths, and reads none unasked.

    Attributes
    ----------
    layers : tuple of UserLayer
        The last is drawn on top.
    areas : tuple of AreaLayer
        Regions and coverage maps, below them.
    files : tuple of KeptLayer
        What is kept of those of files.

    Examples
    --------
    >>> app.add_layer(table, "mine")  # doctest: +SKIP
    >>> app.layers["mine"].selected  # doctest: +SKIP
    """

    fields: ClassVar = {"files": FILES}

    layers = Tuple()
    areas = Tuple()

    def __init__(self, explorer: ExplorerState) -> None:
        super().__init__()
        self.explorer, self.desk = explorer, explorer.desk

    def __getitem__(self, name: str) -> UserLayer:
        """The layer of a name.

        Raises
        ------
        CscError
            If there is none.
        """
        layer: UserLayer
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise CscError(f"There is no layer {name!r:.80}", f"there are {self.names or 'none'}")

    @property
    def names(self) -> list[str]:
        """What the layers are called."""
        return [layer.name for layer in (*self.layers, *self.areas)]

    @property
    def files(self) -> tuple[KeptLayer, ...]:
        """Those that came from a file."""
        return tuple(KeptLayer.of(one) for one in (*self.layers, *self.areas) if one.file)

    def unkept(self) -> Iterator[str]:
        """Those that have no file, and very many chosen rows."""
        for one in self.layers:
            if not one.file:
                yield f"the layer {one.name}, which is of no file"
            elif len(one.chosen) > MOST_CHOSEN:
                yield f"which {len(one.chosen):,} rows are chosen in the layer {one.name}"
        for one in self.areas:
            if not one.file:
                yield f"the area {one.name}, which is of no file"

    def renewal(self, kept: Kept) -> Renewal:
        """The files, which the session names."""
        names = [one.name for one in kept["files"]]
        return Renewal(f"the layers {', '.join(names)}" if names else "", outside=True)

    def renew(self, kept: Kept) -> Iterator[None]:
        """Read them again, each in a task."""
        for one in kept["files"]:
            self._read_again(one)
            yield

    def _read_again(self, kept: KeptLayer) -> None:
        def work(_task: Task) -> UserLayer | AreaLayer:
            return read_area(kept.path, kept.name) if kept.area else read_layer(kept.path, kept.name, kept.roles)

        def done(layer: UserLayer | AreaLayer) -> None:
            self._show_any(layer, kept.colour)
            if kept.chosen:
                self.choose(kept.name, kept.chosen)

        self.desk.tasks.run(f"Reading {kept.name:.60}", work, done, key=f"layer {kept.name}")

    def add(
        self,
        thing: Any,
        name: str = "",
        *,
        roles: ColumnRoles | None = None,
        colour: str | None = None,
    ) -> UserLayer:
        """Add a table, in place of a layer of that name.

        Parameters
        ----------
        thing : Table, DataFrame, pyarrow table or path
            Of a file with several tables the one with a position, or "file.fits[2]", "file.vot#name".
        name : str
            The file's or "table" unless told.
        roles : ColumnRoles, optional
            Which columns are what; guessed unless told.
        colour : str, optional
            "#rrggbb"; one that no layer has unless told.

        Raises
        ------
        CscError
            If it is no table, or none with positions.
        """
        layer = read_layer(thing, name, roles)
        self.show(layer, colour)
        return self[layer.name]

    def show(self, layer: UserLayer, colour: str | None = None) -> None:
        """Show a layer that was read, in place of one of its name; its colour stays unless told."""
        layer = replace(layer, colour=colour or self._colour(layer.name))
        self._drop(layer.name)
        self.layers = (*self.layers, layer)
        lost = int(np.count_nonzero(~layer.placed))
        self._tell(
            layer.name, [*layer.notes, *([f"{lost:,} of {len(layer.ra):,} rows have no position"] if lost else [])]
        )

    def add_area(self, thing: Any, name: str = "", *, colour: str | None = None) -> AreaLayer:
        """Add regions or a coverage map, in place of an area of that name.

        Parameters
        ----------
        thing : SkyRegion, sequence of SkyRegion, MOC or path
            Of a region file of DS9 or CASA, or of a MOC in FITS, JSON or text.
        name : str
            The file's unless told.
        colour : str, optional
            "#rrggbb"; one that no layer has unless told.

        Raises
        ------
        CscError
            If it is none of these, or cannot be read.
        """
        return self._show_area(read_area(thing, name), colour)

    def _show_area(self, area: AreaLayer, colour: str | None = None) -> AreaLayer:
        area = replace(area, colour=colour or self._colour(area.name))
        self._drop(area.name)
        self.areas = (*self.areas, area)
        self._tell(area.name, area.notes)
        return area

    def _show_any(self, layer: UserLayer | AreaLayer, colour: str | None = None) -> None:
        if isinstance(layer, AreaLayer):
            self._show_area(layer, colour)
        else:
            self.show(layer, colour)

    def select_inside(self, name: str, mode: Mode = "new") -> int:
        """Select the catalogue's sources that lie in an area; returns how many these are.

        Raises
        ------
        CscError
            If there is no area of that name.
        """
        area = next((one for one in self.areas if one.name == name), None)
        if area is None:
            raise CscError(f"There is no area {name!r:.80}", f"there are {[one.name for one in self.areas] or 'none'}")
        table, names = self.explorer.table, []
        if len(table):
            inside = area.contains(plain(table["ra"]), plain(table["dec"]))
            names = [str(source) for source in table["name"][inside]]
        self.desk.selection.publish("layer", names, mode)
        return len(names)

    def remove(self, name: str) -> None:
        """Take a layer or an area off the sky.

        Raises
        ------
        CscError
            If there is none of that name.
        """
        if name not in self.names:
            raise CscError(f"There is no layer {name!r:.80}", f"there are {self.names or 'none'}")
        self._drop(name)

    def _drop(self, name: str) -> None:
        if name in self.names:
            self.layers = tuple(one for one in self.layers if one.name != name)
            self.areas = tuple(one for one in self.areas if one.name != name)

    def _colour(self, name: str) -> str:
        """That of what has the name already, or one that nothing has."""
        shown = (*self.layers, *self.areas)
        before: str | None = next((one.colour for one in shown if one.name == name), None)
        if before is None and len(shown) >= _MOST:
            raise CscError(f"The layer {name} was not added", f"there are {_MOST}", "Remove one first.")
        return before or next_colour([one.colour for one in shown])

    def _tell(self, name: str, notes: Sequence[str]) -> None:
        if notes:
            self.desk.messages.note(f"Layer {name}", "; ".join(notes))

    def choose(self, name: str, rows: ArrayLike, mode: Mode = "new") -> None:
        """Choose rows of a layer; those that it does not have are none of it."""
        layer = self[name]
        marked = np.zeros(len(layer.ra), bool)
        marked[layer.chosen] = True
        wanted = np.zeros_like(marked)
        numbers = np.atleast_1d(np.asarray(rows, int))
        wanted[numbers[(numbers >= 0) & (numbers < len(wanted))]] = True
        combined = {"new": wanted, "add": marked | wanted, "remove": marked & ~wanted, "intersect": marked & wanted}
        self._change(layer, chosen=np.flatnonzero(combined[mode]))

    def choose_inside(self, region: Region, mode: Mode | None = None) -> None:
        """Choose the rows of all layers that lie in a region; combined in the reader's mode unless told."""
        for layer in self.layers:
            inside = region.contains(layer.ra, layer.dec)
            self.choose(layer.name, np.flatnonzero(inside), mode or self.desk.selection.mode)

    def look_at(self, name: str, row: int, *, move: bool = False) -> None:
        """Look at one row, whose values are shown; the sky goes there if `move` is true.

        Raises
        ------
        CscError
            If there is no such layer or row.
        """
        layer = self[name]
        if not 0 <= row < len(layer.ra):
            raise CscError(f"The layer {name} has no row {row}", f"it has {len(layer.ra):,}")
        self._change(layer, row=row)
        if move and layer.placed[row]:
            self.explorer.view = SkyView(float(layer.ra[row]), float(layer.dec[row]), _SHOWN)

    def pick(self, name: str, row: int, mode: Mode | None = None) -> None:
        """One row was clicked: it is looked at and chosen; the catalogue's source at its place comes into focus."""
        self.choose(name, [row], mode or self.desk.selection.mode)
        self.look_at(name, row)
        layer, table = self[name], self.explorer.table
        if len(table) and layer.placed[row]:
            apart = separation(plain(table["ra"]), plain(table["dec"]), layer.ra[row], layer.dec[row])
            nearest = int(np.argmin(np.where(np.isfinite(apart), apart, np.inf)))
            if apart[nearest] <= _SAME:
                self.explorer.look_at(str(table["name"][nearest]))

    def leave(self) -> None:
        """Look at no row any more."""
        for layer in self.layers:
            if layer.row >= 0:
                self._change(layer, row=-1)

    def select_matches(self, name: str, radius: u.Quantity | str = "2 arcsec", mode: Mode = "new") -> int:
        """Select the catalogue's sources that have a row of a layer near, or one of those chosen if any are.

        Parameters
        ----------
        name : str
        radius : Quantity or str
        mode : {"new", "add", "remove", "intersect"}

        Returns
        -------
        int
            How many sources these are.
        """
        layer, table = self[name], self.explorer.table
        rows = layer.chosen if len(layer.chosen) else np.arange(len(layer.ra))
        rows = rows[layer.placed[rows]]
        names: list[str] = []
        if len(table) and len(rows):
            placed = np.flatnonzero(np.isfinite(plain(table["ra"])) & np.isfinite(plain(table["dec"])))
            sources = SkyCoord(plain(table["ra"])[placed], plain(table["dec"])[placed], unit="deg")
            own = SkyCoord(layer.ra[rows], layer.dec[rows], unit="deg")
            near, *_ = search_around_sky(sources, own, read_radius(radius) * u.deg)
            names = [str(table["name"][row]) for row in placed[np.unique(near)]]
        self.desk.selection.publish("layer", names, mode)
        return len(names)

    def select_sources(self, name: str, mode: Mode | None = None) -> int:
        """Select the catalogue's sources in an area, or near the rows of a layer, in the reader's mode unless told."""
        mode = mode or self.desk.selection.mode
        if any(one.name == name for one in self.areas):
            return self.select_inside(name, mode)
        return self.select_matches(name, mode=mode)

    def read_path(self, path: str) -> Task:
        """Add the table, the regions or the coverage map of a file of this machine, in the background."""

        def work(_task: Task) -> UserLayer | AreaLayer:
            return read_area(path) if is_area(path) else read_layer(path)

        return self.desk.tasks.run(f"Reading {path[-60:]}", work, self._show_any, key=f"layer {path}")

    def read(self, file: str, content: bytes) -> Task:
        """Add the table, the regions or the coverage map of a file whose content is here, in the background."""

        def work(task: Task) -> UserLayer | AreaLayer:
            with reading(f"{file} was not read", FORMATS):
                unpacked = unpack(content, LARGEST_TABLE)
                task.check()
                if is_area_content(unpacked, file):
                    return area_of_content(unpacked, file)
                return layer_of_tables(read_tables(unpacked, file), file, file.split(".", maxsplit=1)[0])

        return self.desk.tasks.run(f"Reading {file:.60}", work, self._show_any, key=f"layer {file}")

    def _change(self, layer: UserLayer, **changes: Any) -> None:
        changed = replace(layer, **changes)
        if changes.get("row", -1) >= 0:  # one row is looked at
            others = (replace(one, row=-1) if one.row >= 0 else one for one in self.layers)
            self.layers = tuple(changed if one.name == layer.name else one for one in others)
        else:
            self.layers = tuple(changed if one is layer else one for one in self.layers)
