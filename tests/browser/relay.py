"""A notebook that one test hands to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack

from playwright.sync_api import BrowserContext

from .lab import Lab
from .notebook import Notebook


class Relay:
    """The page and kernel of the test before, for a test that does not mind: half of a test's time is to get them.

    Parameters
    ----------
    lab : Lab
        Where the notebooks are.
    browser : callable
        Starts a fresh browser.
    """

    def __init__(self, lab: Lab, browser: Callable[[], AbstractContextManager[BrowserContext]]) -> None:
        self._lab = lab
        self._browser = browser
        self._browsers = ExitStack()
        self._open: Notebook | None = None

    def take(self, kind: type[Notebook], test: str, cells: Sequence[str]) -> Notebook:
        """A notebook of these cells, new or as good as new."""
        if self._open is not None and type(self._open) is kind and self._open.renew(test, cells):
            return self._open
        self.end()
        self._open = kind(self._lab, self._browsers.enter_context(self._browser()), test, cells)
        return self._open

    def end(self) -> None:
        """Close the notebook and its browser, before another one starts or since a test has failed in it."""
        with self._browsers:
            open_, self._open = self._open, None
            if open_ is not None:
                open_.close()
