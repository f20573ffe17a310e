"""What a panel is, and the register of those that an explorer shows.

A panel is a subclass of `Panel` under the decorator `panel`, in a file of `cscwidgets.views.panels` or, from another
package, a module or class that an entry point of the group ``cscwidgets.panels`` names.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import ipywidgets
from astropy.table import QTable
from astropy.timeseries import TimeSeries
from traitlets import TraitError

from ..archive import Provenance
from ..errors import CscError, CscWarning, warn
from ..export.journal import journal_style
from ..export.script import Code
from ..state.scripts.whole import whole_script
from ..state.workspace import Workspace
from .bind import Bindings
from .disposal import close_all
from .sky import Sky

if TYPE_CHECKING:  # imports matplotlib
    from ..export.figure import PaperFigure

__all__ = ["Panel", "panel", "registered_panels"]

_ENTRY_POINTS = "cscwidgets.panels"


class Panel:
    """One view of what an explorer holds.

    A subclass makes its `widget` and answers `table` and `figure`; it reads and changes states of the workspace, and
    through them is linked to all other panels. It is made when it is first seen or asked for, and then shows what the
    states hold.

    Parameters
    ----------
    workspace : Workspace
        All states of the explorer.
    sky : Sky
        To draw on.

    Attributes
    ----------
    title : str
        What its tab is called.
    name : str
        What it is called as an attribute of the explorer.
    widget : Widget
        What is shown; it fills the page that it is given, 620 × 480 pixels or any other.
    bind : Bindings
        Ties of its controls.
    options : dict of str to Widget
        Controls of its own, which no state holds: a session keeps their values.
    """

    title = ""
    name = ""
    after: str | None = None
    opens = False
    widget: ipywidgets.Widget

    def __init__(self, workspace: Workspace, sky: Sky) -> None:
        self.workspace, self.desk, self.sky = workspace, workspace.desk, sky
        self.bind = Bindings(self.desk.messages.guard)
        self.options: dict[str, ipywidgets.Widget] = {}

    def __repr__(self) -> str:
        place = self.workspace.explorer.place or "nothing found yet"
        return f"cscwidgets panel {self.title}: {place}, {self.desk.archive.name}"

    @classmethod
    def line(cls, workspace: Workspace) -> ipywidgets.Widget | None:  # noqa: ARG003 - for subclasses
        """What the panel has to say in the bar of the explorer, whichever panel is in front, itself made or not."""
        return None

    def shown(self, visible: bool) -> None:
        """Told when the panel comes to the front or leaves it.

        A panel whose state has the trait ``active`` sets it, so that files are fetched only while somebody looks.
        """
        state = getattr(self, "state", None)
        if state is not None and state.has_trait("active"):
            state.active = visible

    def keep(self) -> dict[str, Any]:
        """What a session keeps of the panel besides the states: truth values, numbers, texts, and lists of these."""
        return {name: _plain(control.value) for name, control in self.options.items()}

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Take what a session kept; what a control does not take is a message."""
        for name, value in kept.items():
            control = self.options.get(name)
            try:
                if control is not None:
                    control.value = tuple(value) if isinstance(value, list) else value
            except (TraitError, ValueError, TypeError) as error:
                self.desk.messages.warn(f"The panel {self.title} was not restored as it was", f"{name}: {error}"[:300])

    def settle(self) -> None:
        """Wait for what the panel's numbers rest on.

        Raises
        ------
        CscError
            What one of these questions failed with, until it succeeds or something else is asked.
        """
        self.desk.tasks.settle("search")

    @property
    def table(self) -> QTable | TimeSeries | None:
        """The numbers that are shown; raises as `settle` does."""
        raise CscError(f"The panel {self.title} has no table")

    @property
    def code(self) -> Code:
        """What is shown as parts of a script, see `script`; raises where there is nothing to write."""
        raise CscError(f"The panel {self.title} has no script")

    @property
    def provenances(self) -> list[Provenance | None]:
        """Where the tables that it shows came from."""
        return [self.workspace.explorer.provenance]

    def script(self) -> str:
        """What is shown as a script of public names without widgets, which makes the same numbers; raises as `settle`.

        Its head has the release, the query, versions and what to cite.

        Raises
        ------
        CscError
            If there is nothing to write, with the reason.
        """
        self.settle()
        place = self.workspace.explorer.place
        return whole_script(f"{self.title}: {place}" if place else self.title, self.code, self.provenances)

    def figure(self) -> PaperFigure:
        """What is shown, as a matplotlib figure for the paper; raises as `settle` does."""
        raise CscError(f"The panel {self.title} has no figure")

    @property
    def works(self) -> tuple[str, ...]:
        """Keys of the works that what is shown rests on, see `cscwidgets.export.works`; none where nothing is shown."""
        try:
            return self.code.works
        except CscError:
            return ()

    def write_figure(
        self, path: str | Path, width: str = "AAS column", *, description: str = "", overwrite: bool = False
    ) -> Path:
        """Write the figure to a file as journals want it; raises as `figure` does.

        Parameters
        ----------
        path : str or path
            Ends with ".pdf", ".svg" or ".png"; see `cscwidgets.export.write_figure`.
        width : {"AAS column", "AAS page", "A&A column", "A&A page"}
            Of which journal, and whether over one column or both.
        description : str
            Alternative text; made of titles, axes and numbers unless told.
        overwrite : bool
            Whether a file that is there is replaced.

        Returns
        -------
        Path
        """
        from ..export.figure_file import write_figure  # noqa: PLC0415 (imports matplotlib)

        with journal_style(width):
            return write_figure(self.figure(), path, description=description, overwrite=overwrite)

    def paper_figure(self, *, simulated: bool, **options: Any) -> PaperFigure:
        """An empty figure for the paper, to draw on; see `PaperFigure`."""
        from ..export.figure import PaperFigure  # noqa: PLC0415 (imports matplotlib)

        return PaperFigure(simulated=simulated, **options)

    def close(self) -> None:
        """Free every widget, those that never came into the page too."""
        for part in vars(self).values():
            if isinstance(part, ipywidgets.Widget) and part is not self.sky:
                close_all(part)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple | list) else value


P = TypeVar("P", bound=type[Panel])

_registered: dict[str, type[Panel]] = {}


def panel(title: str, *, name: str, after: str | None = None, opens: bool = False) -> Callable[[P], P]:
    """Register a class as a panel of every explorer that is made from now on.

    Parameters
    ----------
    title : str
        What its tab is called.
    name : str
        What it is called as an attribute of the explorer.
    after : str, optional
        Title of the panel that it follows, empty to be the first; it comes last unless told.
    opens : bool
        Whether it is in front when an explorer opens.

    Raises
    ------
    CscError
        If the name is no name of Python's, or another panel has it.
    """

    def register(cls: P) -> P:
        other = _registered.get(name)
        if not name.isidentifier():
            raise CscError(f"There is no panel {title!r}", f"{name!r} is no name of an attribute")
        if other is not None and (other.__module__, other.__qualname__) != (cls.__module__, cls.__qualname__):
            raise CscError(
                f"There is no second panel {name!r}", f"{other.__module__}.{other.__qualname__} has that name"
            )
        cls.title, cls.name, cls.after, cls.opens = title, name, after, opens
        _registered[name] = cls
        return cls

    return register


def registered_panels() -> list[type[Panel]]:
    """All panels, each after the one that it names; one of another package that cannot be loaded is warned of."""
    panels: Any = import_module("cscwidgets.views.panels")
    for module in pkgutil.iter_modules(panels.__path__):
        import_module(f"{panels.__name__}.{module.name}")
    for entry in entry_points(group=_ENTRY_POINTS):
        try:
            entry.load()
        except Exception as error:  # noqa: BLE001 - somebody else's code: the explorer opens without it
            warn(CscWarning(f"The panel {entry.name} ({entry.value}) was left out: {type(error).__name__}: {error}."))
    return _in_order(list(_registered.values()))


def _in_order(panels: list[type[Panel]]) -> list[type[Panel]]:
    ordered: list[type[Panel]] = []

    def append(follows: str | None) -> None:
        # Of several that follow one, the newest stands next to it.
        for one in reversed(panels) if follows else panels:
            if one.after == follows and one not in ordered:
                ordered.append(one)
                append(one.title)

    append("")
    append(None)
    for one in panels:  # those that follow a panel that is not there
        append(one.after)
    return ordered
