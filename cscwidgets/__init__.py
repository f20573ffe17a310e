"""Explore the Chandra Source Catalog from a Jupyter notebook."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .archive import Archive
    from .explorer import Explorer

__all__ = ["Archive", "Explorer", "__version__"]

__version__ = "0.1.0"

# Widgets and the catalogue client load on first use: importing the package stays cheap.
_LAZY = {"Archive": "cscwidgets.archive", "Explorer": "cscwidgets.explorer"}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
