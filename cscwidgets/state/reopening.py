"""How a session that was read is given back to a workspace: state after state, each when what it follows is here."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from cscwidgets.errors import CscError

from .keeping import Kept
from .messages import Offer
from .session_file import SessionFile
from .tasks import Task
from .workspace import Workspace

__all__ = ["Reopening"]

_POLL = 0.01  # s
_NAMED = 5


class Reopening:
    """What of a session is to be restored, and what to be asked for again.

    Parameters
    ----------
    workspace : Workspace
    session : SessionFile

    Attributes
    ----------
    pending : dict of str to str
        By state, what the session had and is not here: it is asked for by `fetch_again`.
    """

    def __init__(self, workspace: Workspace, session: SessionFile) -> None:
        self._workspace, self._session = workspace, session
        self._offer = Offer("Fetch it", self.fetch_again)
        self.pending = {
            name: renewal.words
            for name, state in workspace.kept.items()
            if (renewal := state.renewal(session.states[name])).words
        }

    def kept(self, name: str) -> Kept:
        """What the session says of a state."""
        return self._session.states[name]

    def still_pending(self) -> dict[str, Kept]:
        """What the session says, plain, of states that lack it and have got nothing else since."""
        states = self._workspace.kept
        lacking = [name for name in self.pending if not states[name].renewal(states[name].kept_values).words]
        return {name: states[name].write_kept(self.kept(name)) for name in lacking}

    def start(self, *, fetch: bool | None = None) -> Task:
        """Restore everything, in a task; nothing that runs in it keeps the kernel.

        Parameters
        ----------
        fetch : bool, optional
            Whether to ask for what is pending; by default for all that takes no network, and never unasked for what is
            at an address or a path of the session's own.
        """
        workspace = self._workspace
        loop = _running_loop()

        def work(task: Task) -> None:
            task.report("restoring what was chosen", 0.0)
            self._go(task, loop, [(name, state.restore) for name, state in workspace.kept.items()])
            workspace.desk.tasks.in_turn(self._compare, loop)
            wanted = fetch
            if wanted is None:
                wanted = bool(self.pending) and workspace.desk.archive.local
            if wanted:
                self._fetch(task, loop, outside=bool(fetch))

        return workspace.desk.tasks.run(
            f"Opening {self._session.path.name}", work, lambda _: self._tell(), key="session"
        )

    def fetch_again(self) -> Task:
        """Ask for all that is pending, in a task."""
        loop = _running_loop()
        return self._workspace.desk.tasks.run(
            "Fetching what the session had",
            lambda task: self._fetch(task, loop, outside=True),
            lambda _: self._tell(),
            key="session",
        )

    def _fetch(self, task: Task, loop: asyncio.AbstractEventLoop | None, *, outside: bool) -> None:
        states = self._workspace.kept
        wanted = [
            name
            for name in states
            if name in self.pending and (outside or not states[name].renewal(self.kept(name)).outside)
        ]
        # A model is drawn with its spectra, whether or not there was a fit to ask for.
        follows = {name for name in states if not states[name].renewal(self.kept(name)).words}
        steps = [(name, states[name].renew) for name in states if name in {*wanted, *follows}]
        self._go(task, loop, steps)
        for name in wanted:
            self.pending.pop(name, None)

    def _go(
        self,
        task: Task,
        loop: asyncio.AbstractEventLoop | None,
        steps: Iterable[tuple[str, Callable[[Kept], Iterator[None]]]],
    ) -> None:
        """Take steps, with a pause after each part of one until nothing else runs."""
        tasks, steps = self._workspace.desk.tasks, list(steps)
        for number, (name, step) in enumerate(steps):
            task.report(name.replace("_", " "), number / len(steps))
            parts = step(self.kept(name))
            while tasks.in_turn(partial(self._advance, name, parts), loop):
                while any(other is not task and not other.is_settled() for other in tasks.running):
                    task.check()
                    time.sleep(_POLL)
            task.check()
        task.report("", 1.0)

    def _advance(self, name: str, parts: Iterator[None]) -> bool:
        """Take one part; whether there may be another. One state that cannot be restored hides no other."""
        try:
            next(parts)
        except StopIteration:
            return False
        except Exception as error:  # noqa: BLE001 - states of any kind
            why = (error.why or error.what) if isinstance(error, CscError) else str(error)
            self._workspace.desk.messages.warn(f"Of the session, {name.replace('_', ' ')} was not restored", why)
            return False
        return True

    def _compare(self) -> None:
        """Say what of the session is gone."""
        session, messages = self._session, self._workspace.desk.messages
        explorer = self._workspace.explorer
        title = explorer.archive_title
        if title and session.title and title != session.title:
            messages.warn(f"The session is of {session.title}", f"the archive is now {title}", "Numbers may differ.")
        if not session.sources or not len(explorer.table):
            return
        names = explorer.names
        if not session.names:
            if len(names) != session.sources:
                messages.warn(f"The session had {session.sources:,} sources", f"the archive now has {len(names):,}")
            return
        present, before = set(names), set(session.names)
        gone = [name for name in session.names if name not in present]
        new = len(present - before)
        if gone or new:
            listed = ", ".join(gone[:_NAMED]) + (f" and {len(gone) - _NAMED:,} more" if len(gone) > _NAMED else "")
            what = f"{len(gone):,} of {len(before):,} sources are gone, {new:,} are new"
            messages.warn(
                f"The archive answers otherwise than for the session: {what}", f"gone are {listed}" if gone else ""
            )

    def _tell(self) -> None:
        if self.pending:
            self._workspace.desk.messages.note(
                f"Not fetched yet, as it was in {self._session.path.name}: {'; '.join(self.pending.values())}",
                "",
                "app.fetch_again() asks for it.",
                self._offer,
            )
        else:
            self._workspace.desk.messages.take_back(self._offer)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
