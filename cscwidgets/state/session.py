"""The session of an explorer: saved when asked, or after each change, and what one that was opened still lacks."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from traitlets import HasTraits, Unicode

from cscwidgets.errors import CscError

from .keeping import Kept
from .reopening import Reopening
from .session_file import session_document, write_session
from .tasks import Task
from .workspace import Workspace

__all__ = ["Session"]

_PAUSE = 2.0  # s in which nothing more changes


class Session(HasTraits):
    """What of an explorer is kept in a file.

    Parameters
    ----------
    workspace : Workspace
    panels : callable
        Gives what each panel keeps of its own.

    Attributes
    ----------
    path : str
        Of the file that was saved or opened last; empty for none.
    """

    path = Unicode("")

    def __init__(self, workspace: Workspace, panels: Callable[[], dict[str, Kept]] = dict) -> None:
        super().__init__()
        self._workspace, self._panels = workspace, panels
        self.reopening: Reopening | None = None
        self._auto = self._closed = False
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        weak = weakref.WeakMethod(self._changed)
        desk = workspace.desk
        for state in workspace.kept.values():
            names = [name for name in state.all_fields() if state.has_trait(name)]
            if names:
                desk.when(state, names, lambda: _call(weak))
        own = workspace.explorer.own_columns
        desk.when(own, ("revision", "values"), lambda: _call(weak))
        desk.when(desk.selection, "names", lambda: _call(weak))
        desk.when(workspace.query, "text", lambda: _call(weak))
        desk.when(workspace.explorer, ("table", "focus"), lambda: _call(weak))
        desk.when(workspace.layers, ("layers", "areas"), lambda: _call(weak))
        for choice in workspace.diagrams.diagrams:
            desk.when(choice, choice.plain, lambda: _call(weak))

    def document(self) -> str:
        """The text of the session as it is now."""
        workspace, reopening = self._workspace, self.reopening
        states = {name: state.keep() for name, state in workspace.kept.items()}
        if reopening is not None:  # what was not fetched again is still what the session had
            states |= reopening.still_pending()
        unkept = [words for state in workspace.kept.values() for words in state.unkept()]
        archive = workspace.desk.archive
        folder = Path(archive.name)
        name = os.fspath(folder.absolute()) if folder.is_dir() else archive.name
        return session_document(
            (name, workspace.explorer.archive_title),
            workspace.explorer.names,
            states,
            self._panels(),
            unkept,
            by=f"cscwidgets {version('cscwidgets')}",
        )

    def save(self, path: str | os.PathLike[str] | None = None, *, overwrite: bool = False, auto: bool = False) -> Path:
        """Write the session; see `cscwidgets.scripting.Scripting.save`."""
        target = Path(path or self.path).expanduser()
        if not os.fspath(path or self.path):
            raise CscError("The session was not saved", "no file was named", 'Name one, as in "m33.csc.json".')
        mine = self.path and target.absolute() == Path(self.path).absolute()
        saved = write_session(target, self.document(), overwrite=overwrite or bool(mine))
        self.path = os.fspath(saved)
        self._auto = auto
        for words in [one for state in self._workspace.kept.values() for one in state.unkept()]:
            self._workspace.desk.messages.note(f"The session does not keep {words}")
        return saved

    def open(self, reopening: Reopening, path: Path, *, fetch: bool | None) -> Task:
        """Restore what was read of a file, in a task."""
        self.reopening, self.path = reopening, os.fspath(path)
        return reopening.start(fetch=fetch)

    def close(self) -> None:
        """Save no more."""
        self.unobserve_all()
        with self._lock:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()

    def _changed(self) -> None:
        """Save when nothing more changes."""
        with self._lock:
            if not self._auto or self._closed:
                return
            if self._timer is not None:
                self._timer.cancel()
            self._timer = threading.Timer(_PAUSE, _call, [weakref.WeakMethod(self._due)])
            self._timer.daemon = True
            self._timer.start()

    def _due(self) -> None:
        tasks = self._workspace.desk.tasks
        if any(task.key == "session" for task in tasks.running):
            self._changed()  # what is being restored is not whole yet
            return
        self._workspace.desk.messages.guard(self._save_again)()

    def _save_again(self) -> None:
        if self._auto and not self._closed:
            write_session(self.path, self.document(), overwrite=True)


def _call(method: weakref.WeakMethod[Callable[[], None]]) -> None:
    alive = method()
    if alive is not None:
        alive()
