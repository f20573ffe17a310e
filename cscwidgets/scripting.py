"""What code asks of an explorer: its region, table, selection and focus, and where rows go."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import astropy.units as u
from astropy.table import QTable, Table
from regions import SkyRegion

from .archive import Archive
from .archive.lists.reading import Positions, is_list, read_list
from .errors import NotFound
from .export.files import write_table
from .export.variable import free_name, to_variable, variable_of
from .neighbouring import Neighbouring
from .sky.source_names import SourceNames, names_of
from .sky.target import Target
from .state.fields import FieldsState
from .state.scripts.panels import explorer_code, rerun_query
from .state.scripts.whole import whole_script
from .state.selection import Mode
from .state.session import Session
from .state.workspace import Workspace

__all__ = ["Scripting"]


class Scripting(Neighbouring):
    """The explorer as a script sees it; it needs no widget.

    Parameters
    ----------
    workspace : Workspace
        The states that are asked and changed.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._session = Session(workspace, self._kept_by_panels)

    @property
    def region(self) -> SkyRegion | None:
        """The region the table answers to; set it (region, name, DS9 text) to ask for another.

        Raises
        ------
        CscError
            What the last search failed with, until the next succeeds. A search that was cancelled is no failure: region
            and table stay those of the answer before, and only a call that was waiting for it raises `QueryCancelled`.
        """
        self._state.settle()
        region = self._state.region
        return None if region is None else region.shape

    @region.setter
    def region(self, target: Target) -> None:
        self._state.search(target)

    @property
    def table(self) -> QTable:
        """The sources found. Waits for a running search, and raises what it failed with, as `region` does.

        A column that is assigned to it appears in all views; those of the catalogue stay as they are.
        """
        self._state.settle()
        return self._state.table

    @property
    def listed(self) -> QTable:
        """What each row of the last list was, a QTable; see `cscwidgets.Archive.search_list`. Waits, as `table` does.

        Without rows before a list was searched.
        """
        self.workspace.listed.settle()
        return self.workspace.listed.answer

    @property
    def selected(self) -> QTable:
        """The selected sources, a QTable. Raises what the search failed with, as `region` does."""
        self._state.settle()
        return self._state.selected

    @property
    def focus(self) -> str | None:
        """Name of the source in focus; set it, written in any way, to look at one, or to try again what failed of it.

        Raises
        ------
        NotFound
            If a name is set that the archive does not have.
        """
        return self._state.focus or None

    @focus.setter
    def focus(self, name: str | None) -> None:
        if name:
            self.workspace.source.show(self._state.source_called(name))
        else:
            self._state.focus = ""

    @property
    def fields(self) -> FieldsState:
        """The fields of view of the stacks or observations that reach the region: show, list, select by them."""
        return self.workspace.fields

    @property
    def archive(self) -> Archive:
        """The archive that is asked, for questions of your own."""
        return self._state.desk.archive

    @property
    def messages(self) -> list[str]:
        """What the messages panel says, oldest first."""
        return [str(message) for message in self._state.desk.messages.entries]

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
        self._state.desk.tasks.settle(timeout=timeout)

    def search(self, target: Target | Positions, radius: str | u.Quantity | None = None) -> None:
        """Ask for the sources in another region, or for those of a list of positions or names, in the background.

        Several coordinates, a table, several lines, or a file of these are a list; see `listed`.

        Raises
        ------
        CscError
            At once, if the target or the radius is none.
        """
        if is_list(target):
            self.workspace.listed.search(read_list(target), radius)
        else:
            self._state.search(target, radius)

    def limits(self, band: str = "b", threshold: str = "TRUE") -> QTable:
        """What is `listed`, with limits where it has no source and a sensitivity map covers it. Waits for the maps.

        Parameters
        ----------
        band : str
            Letter.
        threshold : {"TRUE", "MARGINAL"}
            Of which class a source as bright as the limit would be.

        Raises
        ------
        CscError
            If no list was searched, or the archive does not answer.
        """
        listed = self.workspace.listed
        listed.settle()
        listed.band, listed.threshold = band, threshold
        listed.limits()
        return self.listed

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
        self._state.settle()
        self._state.select(wanted, mode)

    def undo(self) -> None:
        """Undo the last change of the selection."""
        self._state.desk.selection.undo()

    def redo(self) -> None:
        """Redo what was undone."""
        self._state.desk.selection.redo()

    def add_column(self, name: str, formula: str, description: str = "") -> None:
        """Add a column to the table by a formula of its columns; of every later search it is computed anew.

        Where errors of the columns are known, ``NAME_lolim`` and ``NAME_hilim`` come with it. Values of your own are
        assigned: ``app.table["name"] = values``.

        Parameters
        ----------
        name : str
            Letters, digits and underscores.
        formula : str
            See `cscwidgets.science.columns.read_formula`; a comparison makes a column of true and false.
        description : str
            What it is.

        Raises
        ------
        CscError
            If the name is taken, or it cannot be computed in the present table.
        """
        self._state.settle()
        self._state.own_columns.add(name, formula, description)

    def remove_column(self, name: str) -> None:
        """Take a column of your own away."""
        self._state.own_columns.remove(name)

    def label(self, label: str, names: SourceNames | Table | None = None, colour: str | None = None) -> None:
        """Give sources a label, which all views show in its colour; none with an empty text.

        Parameters
        ----------
        label : str
        names : str, iterable of str or Table, optional
            Sources of the table; those selected unless told.
        colour : str, optional
            "#rrggbb".

        Raises
        ------
        NotFound
            If a source is not in the table.
        """
        self._state.own_columns.label(self._named(names), label, colour)

    def note(self, name: str, text: str) -> None:
        """Write a note beside a source of the table; none with an empty text. Raises as `label` does."""
        for source in self._named([name]):
            self._state.own_columns.annotations.note(source, text)

    def subset(
        self,
        name: str,
        names: SourceNames | Table | None = None,
        *,
        condition: str = "",
        colour: str | None = None,
    ) -> None:
        """Keep a subset of the sources: a column of true and false of that name, and a colour in all views.

        Parameters
        ----------
        name : str
            Letters, digits and underscores.
        names : str, iterable of str or Table, optional
            Its sources; those selected unless told.
        condition : str
            Of which it is told instead, in every table: ``"flux_aper_b > 1e-14 and not conf_flag"``.
        colour : str, optional
            "#rrggbb".

        Raises
        ------
        CscError
            If the name is taken, or the condition cannot be computed.
        """
        self._state.settle()
        told = {"condition": condition} if condition else {"names": self._named(names)}
        self._state.own_columns.keep_subset(name, colour=colour, **told)

    def _named(self, names: SourceNames | Table | None) -> list[str]:
        self._state.settle()
        if names is None:
            return sorted(self._state.desk.selection.names)
        present, missing = self._state.in_table(names_of(names, simulated=None))
        if missing:
            raise NotFound(missing, "the table", "Search where they are first.")
        return present

    def script(self) -> str:
        """The table and the selection as a script of public names without widgets; see the panels' ``script`` too.

        Its head has the release, the query, versions and what to cite. What the search failed with is raised.
        """
        self._state.settle()
        code = explorer_code(self._state)
        return whole_script(f"Sources: {self._state.place}", code, [self._state.provenance])

    @property
    def call(self) -> str:
        """The last action as one line of Python, whoever did it, here or in the explorer; empty before the first.

        Searches, selections, the focus, fits, matches, coverages, images and queries are such actions.
        """
        return self._state.desk.calls.line(variable_of(self, self.workspace.namespace) or "app")

    @property
    def codes(self) -> dict[str, Callable[[], str]]:
        """What commands of JupyterLab put into a cell, by their names: the selection, the query, a variable."""
        return {
            "selection": self.script,
            "query": lambda: rerun_query(self._state),
            "variable": self._as_variable,
        }

    def _as_variable(self) -> str:
        """Export the selected rows to a variable that nobody has; its name."""
        name = free_name("sources", self.workspace.namespace)
        rows = self.export(name)
        return f"{name}  # {len(rows):,} selected rows"

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
        to_variable(selected, name, self.workspace.namespace, overwrite=overwrite)
        return selected

    def save(self, path: str | os.PathLike[str] | None = None, *, overwrite: bool = False, auto: bool = False) -> Path:
        """Keep the whole explorer in a file, a session, which `Explorer.open` gives back.

        Kept are region and query, selection with its history, focus, arrangement, the settings of every panel, fits
        with their results, matches with their verdicts, and what you wrote beside sources. Tables and files are not
        copied: they come from the archive and the cache again. What cannot be kept is a message, and is named in it.

        Parameters
        ----------
        path : path, optional
            Ends in ``.csc.json``; the file that was saved or opened last unless told.
        overwrite : bool
            Replace a file that is not this explorer's own.
        auto : bool
            Save again, in the background, two seconds after each change.

        Returns
        -------
        Path
            Where the file is.

        Raises
        ------
        CscError
            If the file exists or cannot be written, or has another ending.

        Examples
        --------
        >>> app.save("m33.csc.json", auto=True)  # doctest: +SKIP
        """
        return self._session.save(path, overwrite=overwrite, auto=auto)

    def fetch_again(self) -> None:
        """Ask, in the background, for what a session that was opened had and is not here yet.

        That is what takes a network, and what is at an address or a path that the session names.
        """
        if self._session.reopening is not None:
            self._session.reopening.fetch_again()

    def _kept_by_panels(self) -> dict[str, dict[str, Any]]:
        return {}

    def write(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Write the selected rows to a file: VOTable, ECSV, FITS or Parquet by its ending.

        Raises what the search failed with, as `export` does.
        """
        return write_table(self.selected, path, overwrite=overwrite)
