"""The cross-match panel: a catalogue, its match with the explorer's sources, how good it is, and what it tells."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import astropy.units as u
import ipywidgets
import numpy as np
from astropy.table import QTable, Table

from ...archive import Provenance
from ...archive.catalogues.catalogue import Catalogue
from ...archive.catalogues.finder import find_catalogue
from ...archive.catalogues.table_catalogue import TableCatalogue
from ...errors import CscError
from ...export.files import write_table
from ...export.script import Code
from ...export.variable import to_variable
from ...science.crossmatch import Crossmatch
from ...science.matches.crossmatch_options import search_radius
from ...science.matches.crossmatch_tables import count_words
from ...science.matches.verdicts import Thresholds
from ...state.match import Match
from ...state.scripts.crossmatch import crossmatch_code
from ...state.workspace import Workspace
from ..controls import checkbox, heading, note, row, text
from ..deck import Deck
from ..export import ExportBar
from ..lazy import LazyAccordion
from ..matches.catalogue_chooser import CatalogueChooser
from ..matches.match_diagrams import MatchDiagrams, magnitudes
from ..matches.match_plots import ProbabilityPlot, SeparationPlot
from ..matches.match_review import MatchReview
from ..matches.roles_form import RolesForm
from ..panel import Panel, panel
from ..panel_body import PanelBody
from ..plots.legend import draw_legend
from ..sky import Sky
from ..theme import SIMULATED_BADGE

if TYPE_CHECKING:  # imports matplotlib
    from ...export.figure import PaperFigure

__all__ = ["CrossmatchPanel"]

_METHOD = (
    "Probabilities after Budavári &amp; Szalay (2008) with error ellipses of both sides (the CSC's hold 95%), the"
    " catalogue's local density, and the completeness learnt from the data: p_any that a source has its counterpart"
    " among its candidates, p_i that it is this one."
)


_INVITATION = (
    "Choose a catalogue and match: its objects in and around the region are fetched, and each source gets the"
    " probability that one of them is its counterpart."
)


@panel("Counterparts", name="crossmatch", after="Spectrum")
class CrossmatchPanel(Panel):
    """Counterparts of the explorer's sources.

    Tables to match with are variables of the workspace's notebook, and matched ones become such.
    """

    def __init__(self, workspace: Workspace, sky: Sky) -> None:
        super().__init__(workspace, sky)
        self.state = state = workspace.crossmatch
        self._namespace = namespace = workspace.namespace
        messages = self.desk.messages
        guard = messages.guard
        layout = ipywidgets.Layout
        self._chooser = CatalogueChooser(state, namespace, guard)
        self._radius = ipywidgets.BoundedFloatText(
            state.radius, min=0.01, max=3600, step=0.5, description="radius / arcsec", layout=layout(width="auto")
        )
        self._epoch = text(
            _words_of(state.epoch),
            description="epoch of the sources",
            placeholder="none",
            tooltip="Julian year, such as 2010.5: moves the catalogue there by its proper motions",
            layout=layout(width="auto"),
        )
        self._selected = checkbox("selected only", value=state.only_selected)
        self._prior = ipywidgets.SelectMultiple(
            description="prior from",
            rows=3,
            tooltip="Magnitudes or colours whose distribution among counterparts is learnt",
            layout=layout(width="auto"),
        )
        self._run = ipywidgets.Button(description="Match", button_style="primary")
        self._none, self._matched = (
            ipywidgets.BoundedFloatText(value, min=0, max=1, step=0.01, description=words, layout=layout(width=width))
            for value, words, width in (
                (state.thresholds.none, "none below", "138px"),
                (state.thresholds.matched, "matched from", "152px"),
            )
        )
        for control in (self._radius, self._epoch, self._prior, self._none, self._matched):
            control.style.description_width = "initial"
        self.separations, self.probabilities = SeparationPlot(guard), ProbabilityPlot(guard)
        self.diagrams = MatchDiagrams(state)
        self.review = MatchReview(state)
        self._roles = RolesForm(state, guard)
        self._export = ExportBar(self.export, self.write, messages, name="matched")
        quality = ipywidgets.Box([self.separations.widget, self.probabilities.widget])
        quality.add_class("csc-across")
        quality.add_class("csc-quality")
        self.views = Deck(
            {"Quality": quality, "Diagrams": self.diagrams.widget, "Review": self.review.widget},
            guard,
            controls={
                "Quality": [self._none, self._matched],
                "Diagrams": self.diagrams.controls,
                "Review": self.review.controls,
            },
        )
        self.options = {"view": self.views.switch, **self.diagrams.options}
        self._columns = LazyAccordion({"Columns of the catalogue": self._roles.widget}, guard)
        settings = ipywidgets.VBox(
            [
                *(heading("Match"), self._radius, self._selected, self._epoch, self._prior, self._columns),
                *(heading("Diagrams"), *self.diagrams.settings),
                *(heading("Export"), self._export.widget),
            ]
        )
        self._ask = row()
        self._ask.add_class("csc-ask")
        self._note = ipywidgets.HTML()
        self.widget = PanelBody([self._ask], [self.views.bar, self.views], settings=settings, foot=self._note)
        self.widget.add_class("csc-crossmatch")
        self.widget.invite(_INVITATION, self._chooser.title, self._run, controls=True)
        self._wire()
        self._show_prior()
        self._show()

    def _wire(self) -> None:
        state, bind = self.state, self.bind
        bind.tie(state, "radius", self._radius)
        bind.tie(state, "only_selected", self._selected)
        bind.tie(state, "epoch", self._epoch, to_state=_year, to_control=_words_of)
        bind.tie(
            *(state, "thresholds", self._none, self._matched),
            to_state=lambda none, matched: Thresholds(matched=matched, none=none),
            to_control=lambda thresholds: (thresholds.none, thresholds.matched),
        )
        bind.when_chosen(self._prior, lambda names: setattr(state, "prior", tuple(names)))
        bind.when_pressed(self._run, state.run)
        bind.when(state, ("objects", "prior"), self._show_prior)
        bind.when(state, ("counterparts", "catalogue"), self._show)

    def _show_prior(self) -> None:
        names = magnitudes(self.state.objects)
        self.bind.offer(self._prior, names, [name for name in self.state.prior if name in names])

    def _show(self) -> None:
        match, cut = self.state.match, self.state.thresholds.matched
        self._run.disabled = self.state.catalogue is None
        self.separations.show(match)
        self.probabilities.show(match, cut)
        if match is None:
            self._ask.children = [self._chooser.widget]
            self.widget.invite(_INVITATION, self._chooser.title, self._run, controls=True)
            self._note.value = ""
            return
        self._ask.children = [self._chooser.widget, self._run]
        self.widget.fill()
        quality = (escape(part) for part in (self.separations.words(match), self.probabilities.words(match, cut)))
        self._note.value = note(" ".join((self._words(), *quality, _METHOD)))

    def _words(self) -> str:
        """What was matched, what became of every row, and what it rests on."""
        match, table = self.state.match, self.state.counterparts
        if match is None:
            return ""
        badge = f"{SIMULATED_BADGE} " if match.simulated else ""
        settings = table.meta["crossmatch"]
        found = match.found
        parts = [f"{self._title()}, radius {settings['radius_arcsec']:g}″"]
        parts.append(count_words(settings["counts"]))
        error = f" ± {found.completeness_error:.3f}" if np.isfinite(found.completeness_error) else " (given)"
        parts.append(f"{found.completeness:.3f}{error} of the sources have a counterpart in the catalogue")
        if match.moves:
            applied = (
                "not applied: the epoch of the sources is not given"
                if np.isnan(match.epoch)
                else f"applied to {match.epoch:g}"
            )
            parts.append(f"proper motions {applied}")
        if settings["prior"]:
            parts.append(f"with a prior learnt from {', '.join(settings['prior'])}")
        provenance = match.objects.meta.get("provenance")
        if provenance is not None and provenance.unplaced:
            parts.append(f"{provenance.unplaced:,} rows of the catalogue without a position left out")
        if provenance is not None and not provenance.complete:
            parts.append(f"the catalogue is incomplete here ({provenance})")
        parts += match.objects.meta.get("notes", ())
        return f"{badge}{escape('; '.join(parts))}."

    def _title(self) -> str:
        match = self.state.match
        return f"{self.state.explorer.archive_title} × {match.catalogue.title}" if match else ""

    def match(
        self,
        catalogue: Catalogue | Table | str | None = None,
        radius: u.Quantity | None = None,
        *,
        prior: str | Sequence[str] | None = None,
        epoch: float | None = None,
    ) -> Crossmatch:
        """Match the explorer's sources, as the button does, and wait.

        Parameters
        ----------
        catalogue : Catalogue, Table or str, optional
            What to match with: a table, a catalogue of `cscwidgets.archive.catalogues.finder`, or text that its
            `find_catalogue` knows ("2mass", "sim_infrared", the path of a file). The one that is chosen unless told.
        radius : Quantity, optional
            Search radius.
        prior : str or sequence of str, optional
            Columns whose distribution among counterparts is learnt and used.
        epoch : float, optional
            When the sources were seen, Julian year: the catalogue's proper motions are applied.

        Raises
        ------
        CscError
            If there is nothing to match, or what the search, the catalogue or the match failed with.
        """
        state = self.state
        state.explorer.settle()
        if isinstance(catalogue, str):
            catalogue = find_catalogue(catalogue, state.desk.archive)
        elif catalogue is not None and not isinstance(catalogue, Catalogue):
            catalogue = TableCatalogue(catalogue)
        if catalogue is not None:
            state.catalogue = catalogue
        if radius is not None:
            state.radius = search_radius(radius)
        if prior is not None:
            state.prior = (prior,) if isinstance(prior, str) else tuple(prior)
        if epoch is not None:
            state.epoch = epoch
        state.run()
        state.settle()
        if state.match is None:
            raise CscError("There is no match", "another catalogue was chosen meanwhile", "Match again.")
        return state.match.found

    @property
    def table(self) -> QTable:
        """Every source with its counterpart, those that are no match too; see `matched`.

        Raises
        ------
        CscError
            What the search, the catalogue or the match failed with, until the next succeeds; so do all others here.
        """
        self.state.settle()
        return self.state.counterparts

    @property
    def matched(self) -> QTable:
        """The rows whose verdict is "matched"; ``meta["crossmatch"]`` says with which cut."""
        table = self.table
        return table[np.asarray(table["verdict"]) == "matched"] if len(table) else table

    def export(self, name: str, overwrite: bool = False) -> QTable:
        """Write the matched sources with their counterparts to a notebook variable, and return them."""
        table = self._to_export()
        to_variable(table, name, self._namespace, overwrite=overwrite)
        return table

    def write(self, path: str | Path, overwrite: bool = False) -> Path:
        """Write the matched sources with their counterparts to a file: VOTable, ECSV, FITS or Parquet."""
        return write_table(self._to_export(), path, overwrite=overwrite)

    def _to_export(self) -> QTable:
        matched = self.matched
        if self.state.match is None:
            raise CscError("Nothing was exported", "no catalogue was matched", "Choose one and match.")
        return matched.copy()

    def _made(self) -> Match:
        self.state.settle()
        if self.state.match is None:
            raise CscError("There is no figure", "nothing was matched yet", "Choose a catalogue and match.")
        return self.state.match

    def settle(self) -> None:
        """Wait for the match."""
        self.state.settle()

    @property
    def provenances(self) -> list[Provenance | None]:
        """Where sources and objects came from."""
        return [self.workspace.explorer.provenance, self.state.objects.meta.get("provenance")]

    @property
    def code(self) -> Code:
        """What is shown as parts of a script; see `script`."""
        return crossmatch_code(self.state, self._namespace)

    def figure(self) -> PaperFigure:
        """The diagrams as a matplotlib figure, for the paper."""
        match = self._made()
        figure = self.paper_figure(figsize=(14, 4.8), simulated=match.simulated)
        self.diagrams.draw(figure)
        figure.suptitle(self._title(), fontsize=10)
        return figure

    def quality_figure(self) -> PaperFigure:
        """Separations and probabilities as a matplotlib figure."""
        match = self._made()
        figure = self.paper_figure(figsize=(10, 3.8), simulated=match.simulated)
        for plot, axes in zip((self.separations.plot, self.probabilities.plot), figure.beside(2), strict=True):
            plot.draw(axes)
            draw_legend(axes, plot.layers, ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.25), frameon=False)
        figure.suptitle(self._title(), fontsize=10)
        return figure


def _year(text: str) -> float:
    if not text.strip():
        return float("nan")
    try:
        year = float(text)
    except ValueError:
        year = np.inf
    if not np.isfinite(year):
        raise CscError(f"{text!r} is no epoch", "it is a Julian year", "Write one like 2010.5.")
    return year


def _words_of(year: float) -> str:
    return "" if np.isnan(year) else f"{year:.10g}"
