"""The source panel: the card of the source in focus and a table of its detections."""

from __future__ import annotations

from html import escape

import ipywidgets
import numpy as np
from astropy.table import QTable
from astropy.time import Time

from cscwidgets.csc.flags import MATCH_TYPES
from cscwidgets.csc.observation import ObservationKey

from ...archive import Provenance
from ...export.script import Code
from ...state.scripts.panels import detected_code
from ...state.workspace import Workspace
from ..controls import note, text
from ..focus_line import FocusLine
from ..limits import limit_cells
from ..panel import Panel, panel
from ..panel_body import PanelBody
from ..sky import Sky
from ..source_card import source_card
from ..source_pictures import PictureMarks, picture_strip, strip_words
from ..table import SourceTable

__all__ = ["SourcePanel"]

_KEY = "detection"
_COLUMNS = (
    *("date", "instrument", "detector", "theta", "livetime", "match", "flux_significance_b", "flux_aper_b"),
    *("photflux_aper_b", "flux_aper_w", "hard_hm", "var_index_b", "var_prob_b", "obsid", "obi", "region_id"),
)
_INVITATION = (
    "Click a source on the sky, in a diagram or in the table, or type its name, to see all that is known of it."
)


@panel("Source", name="source", after="")
class SourcePanel(Panel):
    """Everything the catalogue says of the source in focus."""

    def __init__(self, workspace: Workspace, sky: Sky) -> None:
        super().__init__(workspace, sky)
        self.state = source = workspace.source
        self.cutouts = workspace.cutouts
        guard = self.desk.messages.guard
        self._name = text(
            description="Source",
            placeholder="2CXO J… or SIM J…",
            layout=ipywidgets.Layout(flex="1 1 200px", min_width="0", max_width="320px"),
            style={"description_width": "50px"},
        )
        self._previous, self._next = (
            ipywidgets.Button(icon=f"chevron-{way}", tooltip=f"{words} source of the table", layout={"width": "36px"})
            for way, words in (("left", "Previous"), ("right", "Next"))
        )
        self._regions = ipywidgets.ToggleButton(
            description="Regions on the sky",
            tooltip="Outline the source and background regions of its detections",
            layout=ipywidgets.Layout(width="150px"),
        )
        self._pictures = ipywidgets.ToggleButton(
            description="Pictures",
            tooltip="Its photons in each observation, which are fetched for it",
            layout=ipywidgets.Layout(width="90px"),
        )
        self._strip = ipywidgets.HTML()
        self._strip.add_class("csc-strip-place")
        self._strip.tabbable = True  # it scrolls
        self._card = ipywidgets.HTML()
        self._card.add_class("csc-scrolled")
        self._counts = ipywidgets.HTML()
        self._rows = SourceTable(
            key=_KEY, height=0, noun="observations", guard=guard, layout={"flex": "2 2 0", "min_height": "158px"}
        )
        self.widget = PanelBody(
            [self._name, self._previous, self._next, self._regions, self._pictures],
            [self._card, self._strip, self._rows],
            foot=self._counts,
        )
        self.widget.add_class("csc-source")
        self._words: dict[str, str] = {}
        bind, explorer = self.bind, workspace.explorer
        bind.when_chosen(self._name, self._typed)
        bind.when_pressed(self._previous, lambda: self._step(-1))
        bind.when_pressed(self._next, lambda: self._step(1))
        bind.tie(source, "with_regions", self._regions)
        bind.when(source, "name", self._show)
        bind.tie(self.cutouts, "wanted", self._pictures)
        bind.when(self.cutouts, ("wanted", "photons", "chosen"), self._show_pictures)
        bind.when(workspace.crossmatch, "counterparts", self._show_pictures)
        bind.when(explorer, "focus", self._show_name)
        self._show_name()
        self._show()

    @classmethod
    def line(cls, workspace: Workspace) -> ipywidgets.Widget:
        """The source in focus, which leads here."""
        return FocusLine(workspace.source, workspace.shape, cls.name).widget

    @property
    def table(self) -> QTable:
        """All detections of the source in focus, in order of time; without columns while there is none.

        Raises
        ------
        CscError
            What the source could not be opened for, until another is.
        """
        self.state.settle()
        detections = self.state.detections
        return detection_table(detections) if detections.colnames else detections

    @property
    def detections(self) -> QTable:
        """The same as `table`, by the name that the archive has for it."""
        return self.table

    def settle(self) -> None:
        """Wait for the source."""
        self.state.settle()

    @property
    def provenances(self) -> list[Provenance | None]:
        """Where the detections came from."""
        return [self.state.detections.meta.get("provenance")]

    @property
    def code(self) -> Code:
        """What is shown as parts of a script; see `script`."""
        return detected_code(self.state)

    def shown(self, visible: bool) -> None:
        """Told when the panel comes to the front or leaves it: only then pictures are fetched."""
        self.cutouts.active = visible

    def _show_pictures(self) -> None:
        row, cutouts = self.state.row, self.cutouts.cutouts if self.cutouts.wanted else []
        self._strip.layout.display = "" if self.cutouts.wanted else "none"
        self._words.pop("pictures", None)
        if row is None or not cutouts:
            why = next(iter(self.cutouts.missing.values()), "")
            self._strip.value = note(escape(f"No picture: {why}." if why else "")) if self.cutouts.wanted else ""
        else:
            candidates = self.workspace.crossmatch.on_sky(self.state.name)
            self._strip.value = picture_strip(
                cutouts, PictureMarks.of_source(row, (candidates.ra, candidates.dec), candidates.best)
            )
            further = len(self.cutouts.observations) - len(self.cutouts.chosen)
            self._words["pictures"] = strip_words(cutouts, len(self.cutouts.missing), further)
        self._counts.value = note(escape(" ".join(self._words.values())))

    def _typed(self, text: str) -> None:
        explorer = self.state.explorer
        if text != explorer.focus:
            self.state.open(text)
            self._name.value = explorer.focus

    def _show_name(self) -> None:
        self._name.value = self.state.explorer.focus

    def _step(self, by: int) -> None:
        """To the next source of the explorer's table."""
        explorer = self.state.explorer
        names = [str(name) for name in explorer.table["name"]] if len(explorer.table) else []
        if names:
            at = names.index(explorer.focus) + by if explorer.focus in names else 0
            explorer.look_at(names[at % len(names)])

    def _show(self) -> None:
        source = self.state
        if source.row is None or source.release is None:
            self.widget.invite(_INVITATION, controls=True)
            return
        self.widget.fill()
        self._card.value = source_card(source.row, source.release, simulated=source.simulated)
        self._words["counts"] = _counted(source.detections)
        self._show_pictures()
        self._rows.layout.display = "" if source.detections.colnames else "none"
        if source.detections.colnames:
            table = detection_table(source.detections)
            self._rows.show(table, _COLUMNS, format_cell=limit_cells(table))


def detection_table(detections: QTable) -> QTable:
    """Detections with one name each, in order of time, with the date and the kind of match in words.

    Parameters
    ----------
    detections : QTable
        As `Archive.detections` gives them.
    """
    table = detections.copy(copy_data=False)
    if "time" in table.colnames:
        table["date"] = Time(table["time"]).strftime("%Y-%m-%d")
        table = table[np.argsort(table["time"].mjd)]
        table.remove_column("time")
    table[_KEY] = list(map(str, ObservationKey.of_rows(table)))
    table["match"] = [MATCH_TYPES.get(str(kind).strip(), str(kind)) for kind in table["match_type"]]
    return table


def _counted(detections: QTable) -> str:
    if not detections.colnames:
        return "This archive has no table of detections."
    kinds = [str(kind).strip() for kind in detections["match_type"]]
    parts = [f"{kinds.count(kind)} {words}" for kind, words in MATCH_TYPES.items() if kind in kinds]
    return f"{len(kinds)} observation{'s' if len(kinds) != 1 else ''}: {', '.join(parts)}."
