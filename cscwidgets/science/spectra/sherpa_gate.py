"""The one door to Sherpa: imported quietly, and without it one error that says how to get it."""

from __future__ import annotations

import contextlib
import importlib
import logging
import threading
from collections.abc import Iterator

from cscwidgets.errors import CscError

__all__ = ["ESTIMATING", "has_xspec", "quiet", "sherpa"]

ESTIMATING = threading.RLock()
"""To be held while Sherpa estimates errors (``est_errors``).

Its compiled part keeps the function it calls in one place for all threads: two at a time mix up their answers, or end
the process.
"""


class _Silence:
    """The level of a logger that several threads want silent; the last to leave restores it."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._lock = threading.Lock()
        self._inside = 0
        self._before = logging.NOTSET

    def enter(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._before = self._logger.level
                self._logger.setLevel(logging.CRITICAL)
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._logger.setLevel(self._before)


_SILENCE = _Silence(logging.getLogger("sherpa"))


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep Sherpa from logging what we tell ourselves, as long as any thread is inside."""
    _SILENCE.enter()
    try:
        yield
    finally:
        _SILENCE.leave()


with quiet():
    try:
        import sherpa.astro.data
        import sherpa.astro.instrument
        import sherpa.astro.utils
        import sherpa.data
        import sherpa.estmethods
        import sherpa.fit
        import sherpa.models
        import sherpa.optmethods
        import sherpa.sim
        import sherpa.stats
        import sherpa.utils.err
    except ImportError as error:
        raise CscError(
            "Spectra cannot be fitted",
            f"Sherpa is not installed ({error})",
            "Run: pip install sherpa (on a clean Debian it needs: "
            "apt-get install bison flex libfftw3-dev pkg-config g++ python3-dev); or use CIAO's.",
        ) from error


def has_xspec() -> bool:
    """Whether this Sherpa was built with XSPEC's models."""
    with quiet():
        try:
            importlib.import_module("sherpa.astro.xspec")
        except ImportError:
            return False
    return True
