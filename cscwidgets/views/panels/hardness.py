"""The hardness panel: two linked diagrams, coloured by variability within and between observations."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from html import escape
from typing import Any

import ipywidgets
import numpy as np
from astropy.table import QTable
from bqplot import LinearScale
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import NDArray

from cscwidgets.csc.bands import BANDS

from ...export.figure import PaperFigure
from ...science.hardness import Kind
from ...science.hardness_diagram import PAIRS, HardnessDiagram, Ratio, hardness_diagram
from ...state.selection import Mode
from ...state.workspace import Workspace
from ..marks import error_bars, limit_arrows
from ..panel import Panel, panel
from ..plots.diagram import MANY, Diagram, Points
from ..rows import RowIndex
from ..sky import Sky
from ..theme import ACCENT, FAINT, PROBABILITY, SIMULATED_BADGE, probability_bar

__all__ = ["HardnessPanel"]

_KEY = "hardness"
_EDGE = 1.06
_GUTTER = -1.3  # where a source stands whose ratio has no value at all
_ARROW = 0.07
_TITLES = ("Variability within an observation", "Variability between observations")

Floats = NDArray[np.float64]


def axis_label(pair: str) -> str:
    """The catalogue's column and what it is."""
    x, y = (band.upper() for band in pair)
    return f"hard_{pair} = ({x} − {y}) / ({x} + {y})"


def _bands_in_words(*pairs: str) -> str:
    bands = sorted({suffix for pair in pairs for suffix in pair})
    return ", ".join(f"{suffix.upper()} {BANDS[suffix].low_kev:g}–{BANDS[suffix].high_kev:g} keV" for suffix in bands)


@panel("Hardness", name="hardness", after="Source")
class HardnessPanel(Panel):
    """Hardness diagrams of the explorer's table, linked to its selection."""

    def __init__(self, workspace: Workspace, sky: Sky) -> None:
        super().__init__(workspace, sky)
        self._state = state = workspace.explorer
        guard = state.desk.messages.guard
        self.diagram: HardnessDiagram = hardness_diagram(state.table)
        self._scales = LinearScale(min=-_EDGE, max=_EDGE), LinearScale(min=-_EDGE, max=_EDGE)
        ticks = (-1.0, -0.5, 0.0, 0.5, 1.0)
        self.within, self.between = (Diagram(title, self._scales, guard, ticks) for title in _TITLES)
        self._drawn = np.zeros(0, bool)
        self._index = RowIndex()
        self._x = _choice("Across", "hm")
        self._y = _choice("Up", "ms")
        self._tool = ipywidgets.ToggleButtons(
            options=[("Lasso", "lasso"), ("Box", "box")],
            style={"button_width": "58px"},
            tooltips=["Free shape", "Rectangle"],
        )
        self._bars = ipywidgets.Checkbox(value=True, description="68% errors", indent=False, layout={"width": "110px"})
        self._undetermined = ipywidgets.Checkbox(
            value=False, description="undetermined", indent=False, layout={"width": "130px"}
        )
        self._note = ipywidgets.HTML()
        self.widget = ipywidgets.VBox(
            [
                ipywidgets.HBox(
                    [
                        *(self._x, self._y, self._tool, self._bars, self._undetermined),
                        ipywidgets.HTML(probability_bar("Probability of variability")),
                    ],
                    layout=ipywidgets.Layout(flex_flow="row wrap", align_items="center"),
                ),
                ipywidgets.HBox(
                    [self.within.widget, self.between.widget], layout=ipywidgets.Layout(flex_flow="row wrap")
                ),
                self._note,
            ]
        )
        for control in (self._x, self._y, self._bars, self._undetermined):
            self.bind.when(control, "value", self.redraw)
        self._tool.observe(guard(self._choose_tool), "value")
        for diagram in (self.within, self.between):
            selector = diagram.selector
            selector.on_shape(partial(self._picked, diagram))
            selector.on_click(partial(self._clicked, diagram))
            selector.on_hover(partial(self._hovered, diagram))
            selector.on_escape(state.desk.selection.clear)
        self.bind.when(state, "table", self.redraw)
        self.bind.when(state, "focus", self._focus)
        self.bind.when(state.desk.selection, "names", self._highlight)
        self.redraw()

    @property
    def positions(self) -> tuple[Floats, Floats]:
        """Where the sources stand, arrays of shape (n,) in the table's order."""
        x, y = self.diagram.x.position, self.diagram.y.position
        if self._undetermined.value:
            x, y = (np.where(np.isfinite(along), along, _GUTTER) for along in (x, y))
        return x, y

    def redraw(self) -> None:
        """Draw the table anew."""
        self.diagram = hardness_diagram(self._state.table, self._x.value, self._y.value)
        self._index = RowIndex(self.diagram.names.tolist())
        self._drawn = np.ones(len(self.diagram.names), bool) if self._undetermined.value else self.diagram.determined
        low = _GUTTER - 0.1 if self._undetermined.value else -_EDGE
        for scale in self._scales:
            scale.min = low
        bars, arrows = self._segments()
        for diagram, colour in ((self.within, self.diagram.within), (self.between, self.diagram.between)):
            diagram.label(axis_label(self._x.value), axis_label(self._y.value))
            x, y = (along[self._drawn] for along in self.positions)
            diagram.show(Points(x, y, colour[self._drawn], bars, arrows))
        self._note.value = self._words()
        self._highlight()
        self._focus()

    def _segments(self) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
        """Error bars and limit arrows of both axes as (x, y) segments."""
        x, y = self.diagram.x, self.diagram.y
        shown = self.diagram.determined
        bars: list[tuple[Floats, Floats]] = []
        arrows: list[tuple[Floats, Floats]] = []
        for along, across, swapped in ((x, y.position, False), (y, x.position, True)):
            measured = shown & (along.kind == Kind.MEASURED)
            if self._bars.value:
                bars.append(_oriented(error_bars(across[measured], along.low[measured], along.high[measured]), swapped))
            for kind, length in ((Kind.LOWER_LIMIT, _ARROW), (Kind.UPPER_LIMIT, -_ARROW)):
                limited = shown & (along.kind == kind)
                arrows.append(_oriented(limit_arrows(across[limited], along.position[limited], length, 0.018), swapped))
        return _joined(bars), _joined(arrows)

    def _words(self) -> str:
        words = [self.diagram.summary()]
        if len(self.diagram.names) and self.diagram.absent:
            words.append(f"the archive has no {', '.join(self.diagram.absent)}")
        for title, values in ((_TITLES[0], self.diagram.within), (_TITLES[1], self.diagram.between)):
            missing = int(np.isnan(values[self._drawn]).sum())
            if missing:
                words.append(f"{missing:,} without an estimate of {title.lower()} (grey)")
        if int(self._drawn.sum()) > MANY:
            words.append(
                f"more than {MANY:,} sources: the picture shows how many in each cell (logarithmic) and their mean "
                "probability; errors and limits are not drawn; picking is exact"
            )
        if self._undetermined.value:
            words.append("a source without a ratio stands in the margin below −1")
        words.append(
            f"aperture photon fluxes in {_bands_in_words(self._x.value, self._y.value)}, 68% intervals, "
            "probabilities in the broad band 0.5–7 keV"
        )
        badge = SIMULATED_BADGE if self._state.simulated else ""
        text = escape(f"{self._state.archive_title}: {'; '.join(words)}.")
        return f'<div class="csc-panel-note">{badge} {text}</div>'

    def _picked(self, diagram: Diagram, corner_x: Floats, corner_y: Floats, mode: Mode | None) -> None:
        inside = diagram.selector.inside(*self.positions, (corner_x, corner_y)) & self._drawn
        self._state.desk.selection.publish(_KEY, self._index.names[inside].tolist(), mode)

    def _clicked(self, diagram: Diagram, place: Mapping[str, Any], mode: Mode | None) -> None:
        row = self._row_at(diagram, place)
        if row is not None:
            name = self._index.names[row]
            self._state.focus = name
            self._state.desk.selection.publish(_KEY, [name], mode)

    def _hovered(self, diagram: Diagram, place: Mapping[str, Any] | None) -> None:
        row = None if place is None else self._row_at(diagram, place)
        if row is None:
            diagram.selector.hint = {}
            return
        x, y = (float(along[row]) for along in self.positions)
        text = "\n".join([self._index.names[row], _in_words(self.diagram.x, row), _in_words(self.diagram.y, row)])
        diagram.selector.hint = {"x": x, "y": y, "text": text}

    def _row_at(self, diagram: Diagram, place: Mapping[str, Any]) -> int | None:
        x, y = self.positions
        return diagram.selector.nearest(np.where(self._drawn, x, np.nan), y, place)

    def _highlight(self) -> None:
        chosen = self._index.marks(self._state.desk.selection.names)
        for diagram in (self.within, self.between):
            diagram.highlight(chosen[self._drawn])

    def _focus(self) -> None:
        row = self._index.row(self._state.focus)
        place = None if row is None or not self._drawn[row] else int(self._drawn[:row].sum())
        for diagram in (self.within, self.between):
            diagram.focus(place)

    def _choose_tool(self, change: Mapping[str, Any]) -> None:
        for diagram in (self.within, self.between):
            diagram.selector.tool = change["new"]

    @property
    def table(self) -> QTable:
        """What is drawn: both ratios of every source with their 68% intervals, and its probabilities of variability.

        Raises
        ------
        CscError
            What the search failed with, until the next succeeds.
        """
        self.settle()
        return self.diagram.table()

    def figure(self) -> PaperFigure:
        """The same diagrams as a matplotlib figure, for the paper.

        Returns
        -------
        PaperFigure
            A matplotlib figure: two panels and a colour bar; selected sources are ringed.

        Raises
        ------
        CscError
            What the search failed with, until the next succeeds.
        """
        self.settle()
        figure = PaperFigure(figsize=(11, 5), simulated=self._state.simulated)
        panels = figure.subplots(1, 2, sharex=True, sharey=True)
        colours = LinearSegmentedColormap.from_list("probability", PROBABILITY)
        x, y = self.positions
        bars, arrows = self._segments()
        chosen = self._index.marks(self._state.desk.selection.names) & self._drawn
        for axes, title, values in zip(panels, _TITLES, (self.diagram.within, self.diagram.between), strict=True):
            axes.plot(*bars, color=FAINT, lw=0.5, alpha=0.6, zorder=1)
            axes.plot(*arrows, color=FAINT, lw=0.8, zorder=1)
            known = self._drawn & np.isfinite(values)
            unknown = self._drawn & ~np.isfinite(values)
            axes.scatter(x[unknown], y[unknown], s=8, color=FAINT, zorder=2)
            points = axes.scatter(x[known], y[known], s=12, c=values[known], cmap=colours, vmin=0, vmax=1, zorder=3)
            axes.scatter(x[chosen], y[chosen], s=36, facecolors="none", edgecolors=ACCENT, zorder=4)
            low, high = self._scales[0].min, self._scales[0].max
            axes.set(title=title, xlim=(low, high), ylim=(low, high), xlabel=axis_label(self._x.value))
        panels[0].set_ylabel(axis_label(self._y.value))
        figure.colorbar(points, ax=panels, label="Probability of variability (0.5–7 keV)")
        figure.suptitle(f"{self._state.archive_title}: {self.diagram.summary()}", fontsize=9)
        return figure


def _choice(label: str, value: str) -> ipywidgets.Dropdown:
    return ipywidgets.Dropdown(
        options=PAIRS,
        value=value,
        description=label,
        layout=ipywidgets.Layout(width="124px"),
        style={"description_width": "50px"},
    )


def _oriented(segments: tuple[Floats, Floats], swapped: bool) -> tuple[Floats, Floats]:
    across, along = segments
    return (across, along) if swapped else (along, across)


def _joined(parts: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    if not parts:
        return np.empty(0), np.empty(0)
    x, y = zip(*parts, strict=True)
    return np.concatenate(x), np.concatenate(y)


def _in_words(ratio: Ratio, row: int) -> str:
    kind, value, low, high = ratio.kind[row], ratio.value[row], ratio.low[row], ratio.high[row]
    if kind == Kind.UNDETERMINED:
        words = "undetermined"
    elif kind == Kind.LOWER_LIMIT:
        words = f"> {low:.2f}"
    elif kind == Kind.UPPER_LIMIT:
        words = f"< {high:.2f}"
    else:
        words = f"{value:.2f} +{high - value:.2f} -{value - low:.2f}"
    return f"hard_{ratio.pair} {words.replace('-', '−')}"
