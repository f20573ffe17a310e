"""What every state of one explorer needs: the archive, the tasks, the messages, the selection."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from traitlets import HasTraits

from cscwidgets.archive import Archive

from .calls import Calls
from .messages import Messages
from .selection import Selection
from .tasks import Tasks

__all__ = ["Desk"]


class Desk:
    """Shared by the states of one explorer.

    Parameters
    ----------
    archive : Archive
        What is asked.
    reraise : bool
        Raise what callbacks fail with again after it became a message; for tests.
    """

    def __init__(self, archive: Archive, *, reraise: bool = False) -> None:
        self.archive = archive
        self.messages = Messages(reraise=reraise)
        self.tasks = Tasks(self.messages)
        self.selection = Selection()
        self.calls = Calls()

    def when(self, state: HasTraits, traits: str | Sequence[str], act: Callable[[], object]) -> None:
        """Act when a trait of a state changes; what that fails with becomes a message."""
        state.observe(self.messages.guard(lambda _: act()), traits if isinstance(traits, str) else list(traits))
