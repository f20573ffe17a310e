"""The hardness panel: two linked diagrams, coloured by variability within and between observations."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import ipywidgets
import numpy as np
from astropy.table import QTable
from bqplot import LinearScale

from cscwidgets.arrays import Flags, Floats
from cscwidgets.csc.bands import BANDS
from cscwidgets.state.rows import RowIndex, index_of

from ...export.script import Code
from ...science.hardness import Kind
from ...science.hardness_diagram import PAIRS, HardnessDiagram, Ratio, hardness_diagram
from ...state.scripts.panels import hardness_code
from ...state.workspace import Workspace
from ..controls import checkbox, dropdown
from ..marks import error_bars, limit_arrows
from ..panel import Panel, panel
from ..panel_body import PanelBody
from ..plots.diagram import MANY, Points
from ..plots.linked_diagram import LinkedDiagram, tool_choice
from ..plots.point_layer import NO_SEGMENTS
from ..sky import Sky
from ..theme import SIMULATED_BADGE, probability_bar

if TYPE_CHECKING:  # imports matplotlib
    from ...export.figure import PaperFigure

__all__ = ["HardnessPanel"]

_KEY = "hardness"
_EDGE = 1.06
_GUTTER = -1.3  # where a source stands whose ratio has no value at all
_ARROW = 0.07
_INVITATION = "Search for sources to see how hard they are, and which of them vary."
_TITLES = ("Variability within an observation", "Variability between observations")


def axis_label(pair: str) -> str:
    """The catalogue's column and what it is."""
    x, y = (band.upper() for band in pair)
    return f"hard_{pair} = ({x} − {y}) / ({x} + {y})"


def _bands_in_words(*pairs: str) -> str:
    bands = sorted({suffix for pair in pairs for suffix in pair})
    return ", ".join(f"{suffix.upper()} {BANDS[suffix].low_kev:g}–{BANDS[suffix].high_kev:g} keV" for suffix in bands)


@panel("Hardness", name="hardness", after="Source", opens=True)
class HardnessPanel(Panel):
    """Hardness diagrams of the explorer's table, linked to its selection."""

    def __init__(self, workspace: Workspace, sky: Sky) -> None:
        super().__init__(workspace, sky)
        self._state = state = workspace.explorer
        self.diagram: HardnessDiagram = hardness_diagram(state.table)
        self._scales = LinearScale(min=-_EDGE, max=_EDGE), LinearScale(min=-_EDGE, max=_EDGE)
        ticks = (-1.0, -0.5, 0.0, 0.5, 1.0)
        self.within, self.between = (
            LinkedDiagram(title, _KEY, state, self._scales, ticks, unknown="no estimate") for title in _TITLES
        )
        self._drawn = np.zeros(0, bool)
        self._x = _choice("Across", "hm")
        self._y = _choice("Up", "ms")
        self._colour = dropdown(
            "Colour", [("within observations", "within"), ("between observations", "between")], "216px"
        )
        self._colour.add_class("csc-one-diagram")
        self._bars = checkbox("68% errors", value=True)
        self._undetermined = checkbox("undetermined ratios, in a margin", value=False)
        self.options = {
            "x": self._x,
            "y": self._y,
            "colour": self._colour,
            "errors": self._bars,
            "undetermined": self._undetermined,
        }
        self._note = ipywidgets.HTML()
        tools = tool_choice((self.within, self.between), self.desk.messages.guard)
        self.widget = PanelBody(
            [self._x, self._y, self._colour, tools],
            [self.within.widget, self.between.widget],
            across=True,
            settings=ipywidgets.VBox([self._bars, self._undetermined]),
            foot=self._note,
        )
        self.widget.add_class("csc-hardness")
        self.bind.when(self._colour, "value", self._choose)
        self._choose()
        for control in (self._x, self._y, self._bars, self._undetermined):
            self.bind.when(control, "value", self.redraw)
        self.bind.when(state, "table", self.redraw)
        self.redraw()

    @property
    def positions(self) -> tuple[Floats, Floats]:
        """Where the sources stand, arrays of shape (n,) in the table's order."""
        x, y = self.diagram.x.position, self.diagram.y.position
        if self._undetermined.value:
            x, y = (np.where(np.isfinite(along), along, _GUTTER) for along in (x, y))
        return x, y

    def _choose(self) -> None:
        """Where there is no room for two diagrams, the chosen one is shown."""
        for name, diagram in (("within", self.within), ("between", self.between)):
            (diagram.widget.remove_class if name == self._colour.value else diagram.widget.add_class)("csc-other")

    def redraw(self) -> None:
        """Draw the table anew."""
        self.diagram = hardness_diagram(self._state.table, self._x.value, self._y.value)
        self.widget.fill_or_invite(len(self._state.table), _INVITATION)
        ratios = self.diagram.x, self.diagram.y
        every = np.ones(len(self.diagram.names), bool)
        self._drawn = drawn = every if self._undetermined.value else self.diagram.determined
        index = index_of(self._state.table).of(drawn) if len(drawn) else RowIndex()
        x, y = (along[drawn] for along in self.positions)
        low = _GUTTER - 0.1 if self._undetermined.value else -_EDGE
        for scale in self._scales:
            scale.min = low
        bars, arrows = (NO_SEGMENTS, NO_SEGMENTS) if drawn.sum() > MANY else self._segments()
        lines = [_wordings(ratio) for ratio in ratios]
        numbers = _numbers(ratios[0], drawn) | _numbers(ratios[1], drawn)
        for diagram, colour in ((self.within, self.diagram.within), (self.between, self.diagram.between)):
            diagram.label(axis_label(self._x.value), axis_label(self._y.value))
            diagram.show_sources(index, Points(x, y, colour[drawn], bars, arrows), lines, numbers)
        self._note.value = self._words()

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
        bar = probability_bar("P(variable)")
        return f'<div class="csc-beside-bar">{bar}<div class="csc-panel-note">{badge} {text}</div></div>'

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

    @property
    def code(self) -> Code:
        """What is shown as parts of a script; see `script`."""
        return hardness_code(self._state, self._x.value, self._y.value)

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
        figure = self.paper_figure(figsize=(11, 5), simulated=self._state.simulated)
        panels = figure.beside(2, sharex=True, sharey=True)
        for axes, diagram in zip(panels, (self.within, self.between), strict=True):
            points = diagram.draw(axes)
            axes.label_outer()
        figure.colorbar(points, ax=panels, label="Probability of variability (0.5–7 keV)")
        figure.legend_below(*panels)
        figure.suptitle(f"{self._state.archive_title}: {self.diagram.summary()}", fontsize=9)
        return figure


def _choice(label: str, value: str) -> ipywidgets.Dropdown:
    made = dropdown(label, [(pair, pair) for pair in PAIRS], "max-content")
    made.value = value
    return made


def _oriented(segments: tuple[Floats, Floats], swapped: bool) -> tuple[Floats, Floats]:
    across, along = segments
    return (across, along) if swapped else (along, across)


def _joined(parts: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    if not parts:
        return NO_SEGMENTS
    x, y = zip(*parts, strict=True)
    return np.concatenate(x), np.concatenate(y)


def _wordings(ratio: Ratio) -> list[str]:
    """A ratio in words, from the columns of `_numbers`: measured, a limit, or none."""
    name, pair = f"hard_{ratio.pair}", ratio.pair
    measured = f"{name} {{{pair}:.2f}} +{{{pair}_above:.2f}} −{{{pair}_below:.2f}}"
    return [measured, f"{name} > {{{pair}_lower:.2f}}", f"{name} < {{{pair}_upper:.2f}}", f"{name} undetermined"]


def _numbers(ratio: Ratio, drawn: Flags) -> dict[str, Floats]:
    kind, pair = ratio.kind[drawn], ratio.pair
    value, low, high = (column[drawn] for column in (ratio.value, ratio.low, ratio.high))
    return {
        pair: np.where(kind == Kind.MEASURED, value, np.nan),
        f"{pair}_above": high - value,
        f"{pair}_below": value - low,
        f"{pair}_lower": np.where(kind == Kind.LOWER_LIMIT, low, np.nan),
        f"{pair}_upper": np.where(kind == Kind.UPPER_LIMIT, high, np.nan),
    }
