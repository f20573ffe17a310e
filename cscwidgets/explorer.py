"""The explorer: every panel over one archive, one table and one selection."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import astropy.units as u
import ipywidgets
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import QTable, Table
from regions import SkyRegion

from .archive import Archive
from .errors import CscError
from .export.files import write_table
from .export.variable import notebook_namespace, to_variable
from .science.masked import plain
from .sky.region import Target, boundary, centre, read_radius, understood
from .sky.sourcenames import SourceNames, names_of
from .sky.sphere import separation
from .state.coverage import CoverageState
from .state.crossmatch import CrossmatchState
from .state.explorer import ExplorerState
from .state.lightcurve import LightCurveState
from .state.selection import Mode
from .state.source import SourceState
from .state.spectrum import SpectrumState
from .views.disposal import close_all
from .views.export import ExportBar
from .views.lazy import fill_when_shown
from .views.limits import limit_cells
from .views.panels.coverage import CoveragePanel
from .views.panels.crossmatch import CrossmatchPanel
from .views.panels.hardness import HardnessPanel
from .views.panels.lightcurve import LightCurvePanel
from .views.panels.source import SourcePanel
from .views.panels.spectrum import SpectrumPanel
from .views.rerun import replace_when_rerun
from .views.search import SearchBar
from .views.selection import SelectionBar
from .views.sky import Sky
from .views.style import style
from .views.table import SourceTable
from .views.tasks import MessagesPanel, TasksPanel

__all__ = ["Explorer"]

# What the table shows first; its column chooser has the others.
_TABLE_COLUMNS = (
    *("name", "significance", "flux_aper_b", "flux_aper_w", "hard_hm", "hard_hs", "hard_ms"),
    *("var_intra_prob_b", "var_inter_prob_b", "extent_flag", "conf_flag", "sat_src_flag", "ra", "dec"),
)

_LIGHT_CURVES, _SPECTRUM, _COUNTERPARTS = 1, 2, 3  # the tabs

_REVIEW_VIEW = 3.0  # search radii across the sky: its height still holds all candidates


class Explorer:
    """Explore a catalogue on the sky, in diagrams and in a table, all linked.

    A cell that is run again closes the explorer it made before, unless a variable still holds that.

    Parameters
    ----------
    target : str, SkyCoord or SkyRegion, optional
        Where to look first: a name, coordinates, DS9 text, or a region; see `cscwidgets.sky.region.read_region`.
    radius : str or Quantity
        Radius around a name or position.
    archive : Archive, str or path
        "csc2.1" (the CXC's services), "demo" (a simulated sky, works offline), an archive folder,
        or an `Archive`.
    survey : str
        Background image of the sky: the address of a HiPS, its CDS identifier (needs a network),
        or a folder under the notebook server. None unless told.

    Raises
    ------
    CscError
        At once, if target, radius or archive is none. What a question fails with later is a message in the explorer,
        and whatever code asks that follows from it (`table`, `selected`, `region`, `export`, `write`, `wait`, the
        panels' ``table``, ``figure``, ``run``) raises it until the same question succeeds.

    Examples
    --------
    >>> from cscwidgets import Explorer
    >>> app = Explorer("M33", radius="1 deg", archive="demo")  # doctest: +SKIP
    >>> app  # doctest: +SKIP
    >>> app.selected  # doctest: +SKIP
    """

    def __init__(
        self,
        target: Target | None = None,
        radius: str | u.Quantity = "0.5 deg",
        archive: Archive | str | os.PathLike[str] = "csc2.1",
        *,
        survey: str = "",
    ) -> None:
        read_radius(radius) if target is None else understood(target, radius)  # before any widget is made
        self.state = ExplorerState(archive if isinstance(archive, Archive) else Archive(archive))
        state, guard = self.state, self.state.messages.guard
        self.sky = Sky(guard=guard, survey=survey, height=480)
        self.hardness = HardnessPanel(state)
        source = SourceState(state)
        self.source = SourcePanel(source)
        self.lightcurve = LightCurvePanel(LightCurveState(source))
        self.spectrum = SpectrumPanel(SpectrumState(source))
        self._namespace = notebook_namespace()
        self.crossmatch = CrossmatchPanel(CrossmatchState(state), self._namespace, self._visit)
        self.coverage = CoveragePanel(CoverageState(state), self._namespace, self.sky)
        source.observe(guard(lambda change: self.sky.show_outlines(change["new"])), "outlines")
        self._panels = ipywidgets.Tab()
        pages = {
            "Hardness": self.hardness.widget,
            "Light curves": self.lightcurve.widget,
            "Spectrum": self.spectrum.widget,
            "Counterparts": self.crossmatch.widget,
            "Sky coverage": self.coverage.widget,
        }
        fill_when_shown(self._panels, pages, guard, selected=0)
        self._table_view = SourceTable(
            guard=guard, height=400, layout=ipywidgets.Layout(flex="1 1 0", min_width="420px")
        )
        self._search = SearchBar(state, target if isinstance(target, str) else "", str(radius))
        self._selection_bar = SelectionBar(state.selection, state.messages)
        self._export_bar = ExportBar(self._export_clicked, self._write_clicked, state.messages)
        self._link(guard)
        self.widget = self._layout()
        replace_when_rerun(self)
        if target is not None:
            state.search(target, radius)

    def _link(self, guard: Any) -> None:
        """Wire the views to the state: what happens in one is shown in all."""
        state, selection = self.state, self.state.selection
        state.observe(guard(lambda _: self._show_table()), "table")
        state.observe(guard(lambda _: self._show_region()), "region")
        state.observe(guard(lambda change: self.sky.focus(change["new"] or None)), "focus")
        state.observe(guard(lambda _: self._show_candidates()), "focus")
        self.crossmatch.state.observe(guard(lambda _: self._show_candidates()), "counterparts")
        selection.observe(guard(lambda change: self._highlight(change["new"])), "names")
        self.sky.on_drawn(self._drawn)
        self.sky.on_select(lambda names, mode: selection.publish("sky", names, mode))
        self.sky.on_click(self._clicked)
        self._table_view.on_select(self._picked)
        self._panels.observe(guard(lambda _: self._show_panel()), "selected_index")

    def _show_table(self) -> None:
        table = self.state.table
        names = [str(name) for name in table["name"]]
        r0, r1, angle = ellipse = ("err_ellipse_r0", "err_ellipse_r1", "err_ellipse_ang")
        has_ellipses = set(ellipse) <= set(table.colnames)
        self.sky.show_sources(
            names,
            plain(table["ra"]),
            plain(table["dec"]),
            ellipses=(plain(table[r0]), plain(table[r1]), plain(table[angle])) if has_ellipses else None,
            rank=plain(table["significance"]) if "significance" in table.colnames else None,
        )
        shown = [name for name in _TABLE_COLUMNS if name in table.colnames]
        self._table_view.show(table, shown, format_cell=limit_cells(table))
        self._highlight(self.state.selection.names)

    def _show_region(self) -> None:
        region = self.state.region
        self.sky.show_region(region)
        at = centre(region)
        # The view is wider than high: leave room for the region's height.
        reach = float(separation(*boundary(region), *at).max())
        self.sky.target = SkyCoord(*at, unit="deg")
        self.sky.fov = min(180.0, 3.2 * reach)

    def _show_panel(self) -> None:
        # Products are fetched only while somebody looks at them.
        self.lightcurve.state.active = self._panels.selected_index == _LIGHT_CURVES
        self.spectrum.state.active = self._panels.selected_index == _SPECTRUM
        if self._panels.selected_index == _COUNTERPARTS:
            self.crossmatch.state.offer()

    def _show_candidates(self) -> None:
        found = self.crossmatch.state.on_sky(self.state.focus)
        self.sky.show_candidates(found.ra, found.dec, best=found.best, outlines=found.outlines)

    def _visit(self, name: str) -> None:
        """Bring a source into focus and close to the eye."""
        self.state.focus = name
        rows = np.flatnonzero(np.asarray(self.state.table["name"]) == name)
        if len(rows):
            self.sky.target = SkyCoord(self.state.table["ra"][rows[0]], self.state.table["dec"][rows[0]])
            self.sky.fov = _REVIEW_VIEW * self.crossmatch.state.radius / 3600

    def _highlight(self, names: frozenset[str]) -> None:
        self.sky.highlight(names)
        self._table_view.highlight(names)

    def _drawn(self, region: SkyRegion, purpose: str) -> None:
        if purpose == "region":
            self.state.search(region)

    def _clicked(self, name: str, mode: Mode | None) -> None:
        self.state.focus = name
        self.state.selection.publish("sky", [name], mode)

    def _picked(self, names: list[str], mode: Mode | None) -> None:
        if len(names) == 1 and mode is None:
            self.state.focus = names[0]
        self.state.selection.publish("table", names, mode)

    def _layout(self) -> ipywidgets.VBox:
        bars = ipywidgets.HBox(
            [self._selection_bar.widget, self._export_bar.widget],
            layout=ipywidgets.Layout(flex_flow="row wrap", justify_content="space-between"),
        )
        top = ipywidgets.HBox([self.sky, self._table_view], layout=ipywidgets.Layout(flex_flow="row wrap"))
        state = self.state
        box = ipywidgets.VBox(
            [
                style(),
                self._search.widget,
                TasksPanel(state.tasks, state.messages).widget,
                MessagesPanel(state.messages).widget,
                bars,
                top,
                self.source.widget,
                self._panels,
            ]
        )
        box.add_class("csc-explorer")
        return box

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.widget._repr_mimebundle_(**kwargs)

    @property
    def region(self) -> SkyRegion | None:
        """The region the table answers to; set it (region, name, DS9 text) to ask for another.

        Raises
        ------
        CscError
            What the last search failed with, until the next succeeds. A search that was cancelled is no failure: region
            and table stay those of the answer before, and only a call that was waiting for it raises `QueryCancelled`.
        """
        self.state.settle()
        return self.state.region

    @region.setter
    def region(self, target: Target) -> None:
        self.state.search(target)

    @property
    def table(self) -> QTable:
        """The sources found. Waits for a running search, and raises what it failed with, as `region` does."""
        self.state.settle()
        return self.state.table

    @property
    def selected(self) -> QTable:
        """The selected sources, a QTable. Raises what the search failed with, as `region` does."""
        self.state.settle()
        return self.state.selected

    @property
    def focus(self) -> str | None:
        """Name of the source in focus; set it, written in any way, to look at one.

        Raises
        ------
        NotFound
            If a name is set that the archive does not have.
        """
        return self.state.focus or None

    @focus.setter
    def focus(self, name: str | None) -> None:
        if name:
            self.source.state.show(self.state.source_called(name))
        else:
            self.state.focus = ""

    @property
    def archive(self) -> Archive:
        """The archive that is asked, for questions of your own."""
        return self.state.archive

    @property
    def messages(self) -> list[str]:
        """What the messages panel says, oldest first."""
        return [str(message) for message in self.state.messages.entries]

    def wait(self, timeout: float | None = None) -> None:
        """Wait until nothing runs in the background.

        A kernel interrupt ends the wait; what runs goes on, and can be cancelled in the explorer.

        Parameters
        ----------
        timeout : float, optional
            Seconds to wait at most.

        Raises
        ------
        CscError
            What a question of any panel failed with, until it succeeds or something else is asked.
        TimeoutError
            If something still runs after ``timeout`` seconds.
        """
        self.state.tasks.settle(timeout=timeout)

    def show(self, panel: str) -> None:
        """Bring a panel to the front: "hardness", "light curves", "spectrum", "counterparts" or "sky coverage"."""
        titles = [title.lower() for title in self._panels.titles]
        if panel.lower() not in titles:
            raise CscError(f"There is no panel {panel!r}", "", f"There are {', '.join(titles)}.")
        self._panels.selected_index = titles.index(panel.lower())

    def search(self, target: Target, radius: str | u.Quantity | None = None) -> None:
        """Ask for the sources in another region, in the background.

        Raises
        ------
        RegionError
            At once, if the target or the radius is none.
        """
        self.state.search(target, radius)

    def select(self, names: SourceNames | Table, mode: Mode = "new") -> None:
        """Select sources of the table by name.

        Parameters
        ----------
        names : str, iterable of str or Table
            Names as people write them, or rows with ``name``.
        mode : {"new", "add", "remove", "intersect"}
            How they combine with what is selected.

        Raises
        ------
        NotFound
            If none of the names is in the table; of some, a warning `SomeNotFound` names these.
        CscError
            If there is no such mode, or something is no name; or what the search failed with.
        """
        wanted = names_of(names, simulated=None)
        self.state.settle()
        self.state.select(wanted, mode)

    def undo(self) -> None:
        """Undo the last change of the selection."""
        self.state.selection.undo()

    def redo(self) -> None:
        """Redo what was undone."""
        self.state.selection.redo()

    def export(self, name: str, *, overwrite: bool = False) -> QTable:
        """Write the selected rows to a notebook variable, and return them.

        Raises
        ------
        VariableExists
            If the variable holds something and ``overwrite`` is false.
        CscError
            What the search failed with: the rows of another question are not exported.
        """
        selected = self.selected.copy()
        to_variable(selected, name, self._namespace, overwrite=overwrite)
        return selected

    def write(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Write the selected rows to a file: VOTable, ECSV, FITS or Parquet by its ending.

        Raises what the search failed with, as `export` does.
        """
        return write_table(self.selected, path, overwrite=overwrite)

    def close(self) -> None:
        """Stop what runs and free every widget."""
        self.state.tasks.cancel_all()
        close_all(self.widget)
        close_all(self.hardness.widget)  # pages that were never shown are not in the widget
        self.lightcurve.close()
        self.spectrum.close()
        self.crossmatch.close()
        self.coverage.close()

    def _export_clicked(self, name: str, overwrite: bool) -> QTable:
        return self.export(name, overwrite=overwrite)

    def _write_clicked(self, path: str, overwrite: bool) -> Path:
        return self.write(path, overwrite=overwrite)
