"""The one door to Sherpa: imported quietly, and without it one error that says how to get it."""

from __future__ import annotations

import contextlib
import importlib
import logging
from collections.abc import Iterator

from cscwidgets.errors import CscError

__all__ = ["has_xspec", "quiet", "sherpa"]

_LOGGER = logging.getLogger("sherpa")


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep Sherpa from logging what we tell ourselves."""
    before = _LOGGER.level
    _LOGGER.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        _LOGGER.setLevel(before)


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
