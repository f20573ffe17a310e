"""The field that an empty panel offers: the name of the source to look at."""

from __future__ import annotations

import ipywidgets

from ..state.source import SourceState
from .bind import Bindings

__all__ = ["INVITATION", "SourceField"]

INVITATION = "Bring a source into focus: click it on the sky, or type its name."


class SourceField(ipywidgets.Text):  # type: ignore[misc]
    """Brings the source of a name into focus.

    Parameters
    ----------
    source : SourceState
    """

    def __init__(self, source: SourceState) -> None:
        super().__init__(
            description="Source",
            placeholder="2CXO J… or SIM J…",
            continuous_update=False,
            layout=ipywidgets.Layout(width="320px"),
        )
        Bindings(source.desk.messages.guard).when_chosen(self, source.open)
