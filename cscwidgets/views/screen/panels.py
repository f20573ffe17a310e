"""The panels of one explorer, each made when it is first seen or asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...state.workspace import Workspace
from ..panel import Panel
from ..sky import Sky

__all__ = ["Panels"]


class Panels(Mapping[str, Panel]):
    """Panels by their names; looking one up makes it.

    Parameters
    ----------
    kinds : sequence of type
        The registered panels, in the order of their tabs.
    workspace : Workspace
    sky : Sky

    Attributes
    ----------
    kinds : dict of str to type
        By name.
    """

    def __init__(self, kinds: Sequence[type[Panel]], workspace: Workspace, sky: Sky) -> None:
        self.kinds = {kind.name: kind for kind in kinds}
        self._made: dict[str, Panel] = {}
        self._kept: dict[str, Mapping[str, Any]] = {}
        self._workspace, self._sky = workspace, sky

    def __getitem__(self, name: str) -> Panel:
        if name not in self._made:
            self._made[name] = self.kinds[name](self._workspace, self._sky)
            self._made[name].restore(self._kept.pop(name, {}))
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.kinds)

    def __len__(self) -> int:
        return len(self.kinds)

    def keep(self) -> dict[str, dict[str, Any]]:
        """What a session keeps of each panel, those too that were not made since it was opened."""
        return {name: dict(kept) for name, kept in self._kept.items()} | {
            name: panel.keep() for name, panel in self._made.items()
        }

    def restore(self, kept: Mapping[str, Mapping[str, Any]]) -> None:
        """Give each panel what a session kept of it, now or when it is made."""
        self._kept = dict(kept)
        for name, panel in self._made.items():
            panel.restore(self._kept.pop(name, {}))

    @property
    def titles(self) -> dict[str, str]:
        """What the tab of each is called."""
        return {name: kind.title for name, kind in self.kinds.items()}

    @property
    def made(self) -> tuple[Panel, ...]:
        """Those that were seen or asked for."""
        return tuple(self._made.values())

    @property
    def opens(self) -> str:
        """The one that is in front when an explorer opens."""
        return next((name for name, kind in self.kinds.items() if kind.opens), next(iter(self.kinds)))
