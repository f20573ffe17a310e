"""What an explorer's results rest on: of the table, of each panel that shows something, of the images below."""

from __future__ import annotations

from collections.abc import Iterable

from ..export.citation import Citation
from ..state.scripts.panels import explorer_code
from ..state.workspace import Workspace
from .panel import Panel

__all__ = ["citation_of"]


def citation_of(workspace: Workspace, panels: Iterable[Panel]) -> Citation:
    """What to acknowledge and to cite.

    Raises
    ------
    CscError
        What the search failed with, or that nothing was searched.
    """
    explorer = workspace.explorer
    explorer.settle()
    works, provenances = list(explorer_code(explorer).works), [explorer.provenance]
    for panel in panels:
        if panel.works:
            works += panel.works
            provenances += panel.provenances
    asked = (one for one in provenances if one is not None)
    return Citation(tuple(dict.fromkeys(works)), tuple(dict.fromkeys(asked)), workspace.surveys.credits)
