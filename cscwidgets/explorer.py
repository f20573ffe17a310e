"""The explorer: every panel over one archive, one table and one selection."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import astropy.units as u

from .archive import Archive
from .archive.lists.reading import Positions, is_list, read_list
from .errors import CscError
from .export.citation import Citation
from .export.variable import notebook_namespace, variable_of
from .scripting import Scripting
from .sky.target import Target, read_radius, understood
from .state.all_sky import opens_on_all_sky
from .state.explorer import ExplorerState
from .state.reopening import Reopening
from .state.session_file import SessionFile, session_archive
from .state.workspace import KEPT, Workspace
from .views.beside import Beside
from .views.citing import citation_of
from .views.disposal import close_all
from .views.panel import Panel, registered_panels
from .views.rerun import replace_when_rerun
from .views.screen.exporting import export_menu
from .views.screen.frame import HEIGHT
from .views.screen.layout import explorer_layout
from .views.screen.panels import Panels
from .views.screen.search import SearchBar
from .views.screen.skypanel import SkyPanel
from .views.screen.sourcespanel import SourcesPanel
from .views.still import Still

if TYPE_CHECKING:
    from .views.panels.coverage import CoveragePanel
    from .views.panels.crossmatch import CrossmatchPanel
    from .views.panels.diagrams import DiagramsPanel
    from .views.panels.hardness import HardnessPanel
    from .views.panels.images import ImagePanel
    from .views.panels.lightcurve import LightCurvePanel
    from .views.panels.query import QueryPanel
    from .views.panels.source import SourcePanel
    from .views.panels.spectrum import SpectrumPanel

__all__ = ["Explorer"]


class Explorer(Scripting):
    """Explore a catalogue on the sky, in diagrams and in a table, all linked.

    A cell that is run again closes the explorer it made before, unless a variable still holds that.

    Parameters
    ----------
    target : str, SkyCoord, SkyRegion or list, optional
        Where to look first: a name, coordinates, DS9 text, or a region; see `cscwidgets.sky.read_region`. Or a list of
        positions or names: several coordinates, a table, several lines, or a file of these; see
        `cscwidgets.Archive.search_list`. Without one an archive folder is shown whole.
    radius : str or Quantity, optional
        Radius around a name or position, 0.5 deg unless told; of a list, the error of each source unless told.
    archive : Archive, str or path
        "csc2.1" (the CXC's services), "demo" (a simulated sky, works offline), an archive folder,
        or an `Archive`.
    survey : str, optional
        Background image of the sky: the CDS identifier of a HiPS, its address (both need a network), or a folder under
        the notebook server; empty for none. Unless told, what was chosen last over this archive; at first DSS2 in
        colour over the CXC's services, and none over the demo or a folder: then the page asks the network for nothing.
    height : int
        Pixels below a cell; never higher than what is seen of the notebook. In a tab of its own an explorer fills that.

    Attributes
    ----------
    sky : Sky
        The sky, with ipyaladin's methods.
    source, hardness, diagrams, lightcurve, spectrum, crossmatch, coverage, images, query : Panel
        The panels, and by their names those that other packages register; see `cscwidgets.views.panel`.

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

    source: SourcePanel
    hardness: HardnessPanel
    diagrams: DiagramsPanel
    lightcurve: LightCurvePanel
    spectrum: SpectrumPanel
    crossmatch: CrossmatchPanel
    coverage: CoveragePanel
    images: ImagePanel
    query: QueryPanel

    def __init__(
        self,
        target: Target | Positions | None = None,
        radius: str | u.Quantity | None = None,
        archive: Archive | str | os.PathLike[str] = "csc2.1",
        *,
        survey: str | None = None,
        height: int = HEIGHT,
    ) -> None:
        if is_list(target):  # before any widget is made
            target = read_list(target)
        else:
            read_radius(radius) if target is None else understood(target, radius)
        state = ExplorerState(archive if isinstance(archive, Archive) else Archive(archive))
        workspace = Workspace(state, notebook_namespace())
        super().__init__(workspace)
        self.sky = SkyPanel(workspace, survey).sky
        self._sources = SourcesPanel(workspace)
        kinds, own = registered_panels(), {*dir(self), "panels", "widget"}
        for kind in kinds:
            if kind.name in own:
                raise CscError(
                    f"The panel {kind.title} was not added", f"an explorer has something named {kind.name!r}"
                )
        self.panels = Panels(kinds, workspace, self.sky)
        workspace.shape.front = self.panels.opens
        self._beside = beside = Beside(state, lambda: variable_of(self, workspace.namespace), self.codes)
        self.widget = explorer_layout(
            workspace,
            search=SearchBar(state, target if isinstance(target, str) else "", str(radius or "0.5 deg")),
            sky=self.sky,
            panels=self.panels,
            sources=self._sources,
            export=export_menu(self, beside.insert),
            beside=beside,
            height=height,
        )
        self._still = Still(workspace, self.panels, self.widget, lambda: beside.extension, self._session)
        beside.serve(self.widget, self._still.show)
        replace_when_rerun(self)
        if target is not None:
            self.search(target, radius)
        elif opens_on_all_sky(state.desk.archive):
            workspace.all_sky.open()

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        archive: Archive | str | os.PathLike[str] | None = None,
        *,
        fetch: bool | None = None,
        height: int = HEIGHT,
    ) -> Explorer:
        """Open what `save` wrote: the explorer as it was, in the background.

        Nothing in a session is executed. What is gone since (the archive's folder, sources, observations, files) is
        named. What was computed is computed again from the archive and the cache.

        Parameters
        ----------
        path : path
        archive : Archive, str or path, optional
            The archive to open it over, where it has moved; that of the session unless told.
        fetch : bool, optional
            Whether to ask for all that was there, such as files, matches and maps; unless told, for what takes no
            network. `fetch_again` asks for the rest.
        height : int
            Pixels.

        Raises
        ------
        CscError
            If it is no session, damaged, or of a newer version, or its archive is gone; nothing was changed then.

        Examples
        --------
        >>> app = Explorer.open("m33.csc.json")  # doctest: +SKIP
        """
        session = SessionFile.read(path, KEPT)
        app = cls(archive=session_archive(session) if archive is None else archive, height=height)
        app._state.desk.tasks.cancel_all()  # of a folder it would show all of the sky
        reopening = Reopening(app.workspace, session)
        shape = session.states["shape"]
        shape["front"] = shape["front"] if shape["front"] in app.panels else app.panels.opens
        shape["pinned"] = shape["pinned"] if shape["pinned"] in app.panels else ""
        app.panels.restore(session.panels)
        app._session.open(reopening, session.path, fetch=fetch)
        return app

    def _kept_by_panels(self) -> dict[str, dict[str, Any]]:
        return self.panels.keep()

    def __getattr__(self, name: str) -> Panel:
        panels = self.__dict__.get("panels", {})
        if name not in panels:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
        panel: Panel = panels[name]
        return panel

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.__dict__.get("panels", ())]

    def __repr__(self) -> str:
        return self._still.text()

    def _repr_mimebundle_(self, **_options: Any) -> Any:
        return self._still.bundle()

    def _ipython_display_(self) -> None:
        self._still.show()

    def show(self, panel: str) -> None:
        """Bring a panel to the front by its title or name: "hardness", "light curves", "spectrum", ...

        "beside" shows the whole explorer beside the notebook, in a tab of JupyterLab's main area; where there is no
        JupyterLab, it says so and shows the explorer below the cell.
        """
        if panel.lower() == "beside":
            self._beside.show()
            return
        titles = {name: title.lower() for name, title in self.panels.titles.items()}
        names = {word: name for name, title in titles.items() for word in (name, title)}
        if panel.lower() not in names:
            raise CscError(f"There is no panel {panel!r}", "", f"There are {', '.join(titles.values())}.")
        self.workspace.shape.front = names[panel.lower()]

    def citation(self) -> Citation:
        """What to acknowledge and to cite: for all that was asked and is shown, with the exact queries.

        What the search failed with is raised.
        """
        return citation_of(self.workspace, self.panels.made)

    def close(self) -> None:
        """Stop what runs and free every widget."""
        self._state.desk.tasks.cancel_all()
        self._session.close()
        self.workspace.samp.close()
        self._still.close()
        for panel in self.panels.made:
            panel.close()
        close_all(self.widget)
