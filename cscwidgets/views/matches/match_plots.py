"""How good a match is: separations beside chance, and probabilities beside completeness and purity."""

from __future__ import annotations

import ipywidgets
import numpy as np

from cscwidgets.arrays import Floats

from ...science.crossmatch import Crossmatch
from ...science.matches.false_matches import FalseMatches
from ...state.match import Match
from ..callbacks import Guard
from ..plots.layers import SERIES, Band, Layer, Line, Symbols, steps
from ..plots.legend import legend_line
from ..plots.line_plot import LinePlot
from ..theme import ACCENT, FAINT

__all__ = ["ProbabilityPlot", "SeparationPlot"]

_BINS = 40
_FLOOR = 0.05  # candidates in a bin: where the logarithmic axis begins
_SHORT = {
    "best candidates": "best",
    **dict.fromkeys(("chance, predicted", "false, predicted"), "predicted"),
    "chance, measured": "by chance",
    "false, measured": "false",
}
"""Of names, what there is room for below a plot; the words beside the match have the rest."""


class SeparationPlot:
    """Histogram of the separations of all candidates, with the chance ones as measured and as predicted.

    Parameters
    ----------
    guard : callable
        Wraps callbacks so that their errors are shown.
    """

    def __init__(self, guard: Guard) -> None:
        self.plot = LinePlot(guard, "Separations of candidates", y_log=True)
        self._legend = ipywidgets.HTML()
        self.widget = ipywidgets.VBox([self.plot.widget, self._legend])
        self.widget.add_class("csc-with-legend")

    def show(self, match: Match | None) -> None:
        """Draw a match in place of the one before."""
        self.plot.label("separation, arcsec", "candidates per bin", "", "Separations")
        if match is None:
            self.plot.show([], (0, 1), (_FLOOR, 1))
            return
        found, false = match.found, match.false
        radius = float(found.candidates.meta["crossmatch"]["radius_arcsec"])
        edges = np.linspace(0, radius, _BINS + 1)
        separation = found.candidates["separation"].to_value("arcsec")
        best = np.asarray(found.candidates["match_flag"]) == 1
        every, alone = (np.histogram(part, edges)[0].astype(float) for part in (separation, separation[best]))
        measured, error, predicted = (
            _by_chance(part, found.counts["sources_used"], edges)
            for part in (false.chance, false.chance_error, false.chance_predicted)
        )
        layers: list[Layer] = [
            Line(*_steps(edges, every), SERIES[0], 1.8, name="candidates"),
            Line(*_steps(edges, alone), SERIES[2], 1.2, name="best candidates"),
            Line(*_steps(edges, predicted), FAINT, 1.2, "dashed", name="chance, predicted"),
            Band((edges[1:] + edges[:-1]) / 2, _floored(measured - error), _floored(measured + error), SERIES[1]),
            Line(*_steps(edges, measured), SERIES[1], 1.8, name="chance, measured"),
        ]
        self.plot.show(layers, (0, radius), (_FLOOR, 2 * max(1.0, every.max(initial=0.0))))
        self._legend.value = legend_line(layers, lambda name: _SHORT.get(name, name))

    def words(self, match: Match) -> str:
        """Chance candidates, measured and predicted."""
        false = match.false
        left_out = f", {false.left_out:,} more fell on real sources and do not count" if false.left_out else ""
        return (
            f"Chance candidates per source: {false.chance:.3f} ± {false.chance_error:.3f} from {false.moved:,} moved"
            f" sources{left_out}; {false.chance_predicted:.3f} from the local density (dashed)."
        )


class ProbabilityPlot:
    """Distribution of p_any, with completeness, purity and false matches against a cut in it.

    Parameters
    ----------
    guard : callable
        Wraps callbacks so that their errors are shown.
    """

    def __init__(self, guard: Guard) -> None:
        self.plot = LinePlot(guard, "Probabilities that there is a counterpart")
        self._legend = ipywidgets.HTML()
        self.widget = ipywidgets.VBox([self.plot.widget, self._legend])
        self.widget.add_class("csc-with-legend")

    def show(self, match: Match | None, cut: float) -> None:
        """Draw a match in place of the one before; fractions are of the curve, the histogram is scaled to its peak."""
        self.plot.label("p_any", "fraction", "", "Counterpart probability")
        if match is None:
            self.plot.show([], (0, 1), (0, 1.05))
            return
        false = match.false
        p_any = _with_candidates(match.found)
        edges = np.linspace(0, 1, 26)
        number = np.histogram(p_any, edges)[0].astype(float)
        at = np.array([cut])
        layers: list[Layer] = [
            Line(*steps(edges, number / max(1.0, number.max())), SERIES[0], 1.2, name="sources"),
            Line(false.cut, false.completeness, SERIES[2], 2, name="completeness"),
            Line(false.cut, false.purity, SERIES[3], 2, name="purity"),
            Line(false.cut, false.predicted, FAINT, 1.2, "dashed", name="false, predicted"),
            Line(false.cut, false.shifted, SERIES[1], 2, name="false, measured"),
            Line(np.array([cut, cut]), np.array([0, 1.05]), ACCENT, 1.5, name="cut"),
            Symbols(at, _at(false, "completeness", cut), SERIES[2]),
            Symbols(at, _at(false, "purity", cut), SERIES[3]),
        ]
        self.plot.show(layers, (0, 1), (0, 1.05))
        self._legend.value = legend_line(layers, lambda name: _SHORT.get(name, name))

    def words(self, match: Match, cut: float) -> str:
        """Completeness, purity and false matches at the cut."""
        false = match.false
        taken = int((_with_candidates(match.found) >= cut).sum())
        completeness, purity = (100 * float(_at(false, name, cut)[0]) for name in ("completeness", "purity"))
        shifted, error = (100 * float(_at(false, name, cut)[0]) for name in ("shifted", "shifted_error"))
        of_taken = (
            f"{taken:,} sources, {completeness:.1f}% of all counterparts (completeness), {purity:.1f}% of them right"
            " (purity), as the probabilities predict"
        )
        return (
            f"At p_any ≥ {cut:.2f}: {of_taken if taken else 'no source'}; of moved sources {shifted:.2f} ± {error:.2f}%"
            " reach it, each a false match (dashed: predicted)."
        )


def _floored(values: Floats) -> Floats:
    """Above the lower end of the logarithmic axis, where none is drawn as well."""
    return np.maximum(values, _FLOOR)


def _steps(edges: Floats, values: Floats) -> tuple[Floats, Floats]:
    return steps(edges, _floored(values))


def _by_chance(per_source: float, sources: int, edges: Floats) -> Floats:
    """Chance candidates in bins of separation: as many as the bins have area."""
    return np.asarray(per_source * sources * np.diff(edges**2) / edges[-1] ** 2)


def _with_candidates(found: Crossmatch) -> Floats:
    table = found.sources
    return np.asarray(table["p_any"], float)[np.asarray(table["candidates"]) > 0]


def _at(false: FalseMatches, name: str, cut: float) -> Floats:
    return np.asarray([np.interp(cut, false.cut, getattr(false, name))])
