"""Keys of the WSGI environment by which the application and what stands in front of it speak."""

from __future__ import annotations

__all__ = ["BASE", "STARTED"]

BASE = "cscwidgets.base"
"""The address of the archive, as its documents give it."""

STARTED = "cscwidgets.started"
"""A caller in this process may leave a function here that is given the query's interrupt."""
