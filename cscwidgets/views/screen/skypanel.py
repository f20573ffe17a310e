"""The sky of an explorer: shows its region, its sources and what is in focus, and changes them."""

from __future__ import annotations

from astropy.coordinates import SkyCoord
from regions import SkyRegion

from cscwidgets.errors import CscError
from cscwidgets.science.masked import plain
from cscwidgets.sky.region import Region
from cscwidgets.state.explorer import SkyView
from cscwidgets.state.rows import index_of
from cscwidgets.state.survey_memory import SurveyMemory
from cscwidgets.state.workspace import Workspace

from ..bind import Bindings
from ..sky import Sky
from .fields_on_sky import FieldsOnSky
from .own_layers_on_sky import OwnLayersOnSky

__all__ = ["SkyPanel"]

_HALF = 180.0  # degrees; more are seen in Aitoff's projection
_FILL = -1  # ipyaladin's height of a viewer that fills its container


class SkyPanel:
    """Links a sky to the states of an explorer.

    Parameters
    ----------
    workspace : Workspace
    survey : str or None
        Background image, see `Sky`; None for what was chosen last over this archive.
    """

    def __init__(self, workspace: Workspace, survey: str | None = None) -> None:
        self._workspace, self._selection = workspace, workspace.desk.selection
        explorer, guard = workspace.explorer, workspace.desk.messages.guard
        memory = SurveyMemory(workspace.desk.archive.name, workspace.desk.messages)
        if survey is None:
            memory.begin(workspace.surveys)
        else:
            workspace.surveys.base = survey
        self.sky = Sky(guard=guard, surveys=workspace.surveys, height=_FILL)
        self.sky.on_survey_chosen(lambda: memory.keep(workspace.surveys))
        self.sky.on_survey_refused(self._survey_refused)
        bind = Bindings(guard)
        bind.when(workspace.all_sky, "positions", self._show_crowd)
        bind.when(explorer, "table", self._show_table)
        bind.when(explorer, "region", self._show_region)
        bind.when(explorer, "view", self._look)
        bind.when(explorer, "focus", lambda: self.sky.focus(explorer.focus or None))
        bind.when(explorer, "focus", self._show_candidates)
        bind.when(workspace.crossmatch, "counterparts", self._show_candidates)
        bind.when(workspace.source, "outlines", lambda: self.sky.show_outlines(workspace.source.outlines))
        bind.when(self._selection, "names", self._highlight)
        bind.when(explorer.own_columns, "groups", self._show_groups)
        bind.when(workspace.listed, "answer", self._show_groups)
        bind.when(workspace.images, "shown", self._show_image)
        pictures = workspace.archive_pictures
        bind.when(pictures, "pictures", lambda: self.sky.set_archive_pictures(pictures.pictures))
        bind.when(self.sky, "_is_loaded", lambda: setattr(pictures, "active", True))
        self.sky.on_point(self._pointed)
        self.sky.on_unwanted_picture(workspace.images.clear)
        FieldsOnSky(self.sky, workspace.fields, guard)
        OwnLayersOnSky(self.sky, workspace.layers, guard)
        self.sky.before_figure(self._settled)
        self.sky.on_drawn(self._drawn)
        self.sky.on_select(lambda names, mode: self._selection.publish("sky", names, mode))
        self.sky.on_click(lambda name, mode: explorer.picked("sky", name, mode))

    def _settled(self) -> str:
        explorer = self._workspace.explorer
        self._workspace.fields.settle()  # and the search
        found = f"{len(explorer.table):,} sources"
        return f"{explorer.archive_title}: {', '.join(filter(None, (explorer.place, found)))}"

    def _show_region(self) -> None:
        region = self._workspace.explorer.region
        self.sky.show_region(None if region is None or region.is_all_sky else region.shape)

    def _show_crowd(self) -> None:
        positions = self._workspace.all_sky.positions
        if positions is not None:
            self._workspace.explorer.view = SkyView.of_region(Region.all_sky())
            self.sky.show_crowd(*positions)

    def _show_table(self) -> None:
        table = self._workspace.explorer.table
        self.sky.simulated = self._workspace.explorer.simulated
        r0, r1, angle = ellipse = ("err_ellipse_r0", "err_ellipse_r1", "err_ellipse_ang")
        has_ellipses = set(ellipse) <= set(table.colnames)
        self.sky.show_sources(
            index_of(table) if len(table) else (),
            plain(table["ra"]),
            plain(table["dec"]),
            ellipses=(plain(table[r0]), plain(table[r1]), plain(table[angle])) if has_ellipses else None,
            rank=plain(table["significance"]) if "significance" in table.colnames else None,
        )
        self._show_groups()
        self._highlight()

    def _show_groups(self) -> None:
        groups = self._workspace.explorer.own_columns.groups
        self.sky.show_groups(((group.colour, group.names) for group in groups), self._workspace.listed.places)

    def _look(self) -> None:
        view = self._workspace.explorer.view
        if view is None:
            return
        if view.fov is not None:
            self.sky.projection = "AIT" if view.fov > _HALF else "SIN"
            self.sky.fov = view.fov
        self.sky.target = SkyCoord(view.ra, view.dec, unit="deg")

    def _show_candidates(self) -> None:
        candidates = self._workspace.crossmatch.on_sky(self._workspace.explorer.focus)
        self.sky.show_candidates(candidates.ra, candidates.dec, best=candidates.best, outlines=candidates.outlines)

    def _show_image(self) -> None:
        shown = self._workspace.images.shown
        self.sky.show_picture(None if shown is None else shown.picture)

    def _pointed(self, place: SkyCoord | None) -> None:
        shown = self._workspace.images.shown
        self.sky.say_value("" if shown is None or place is None else shown.value_words(place))

    def _highlight(self) -> None:
        self.sky.highlight(self._selection.names)

    def _survey_refused(self, error: CscError) -> None:
        # A note: the sky says so itself, and the list of messages would open over the menu that helps.
        self._workspace.desk.messages.note(error.what, error.why, error.hint)

    def _drawn(self, region: SkyRegion, purpose: str) -> None:
        if purpose == "region":
            self._workspace.explorer.search(region)
