"""The browser's half of the widgets: where its files are, and how a page gets the heavy ones.

A widget's own module is a few kilobytes and travels with it. The libraries behind it (Aladin Lite, Tabulator) are
megabytes: a page takes them from the JupyterLab extension's static files, or, where no server serves those, asks
the kernel once.
"""

from __future__ import annotations

import site
import sysconfig
from pathlib import Path
from typing import Any

from ipywidgets import DOMWidget

from ..errors import CscError

__all__ = ["library", "module", "serve_libraries", "style"]

LIBRARIES = ("aladin", "tabulator")

_PACKAGE = Path(__file__).resolve().parents[1]
_REBUILD = "Install the package from its wheel, or run `npm ci && npm run build` in the folder of package.json"


def module(name: str) -> str:
    """The ES module of a widget, as anywidget's ``_esm``."""
    return _text(_PACKAGE / "static" / f"{name}.js")


def style(name: str) -> str:
    """The style sheet of a widget, as anywidget's ``_css``."""
    return _text(_PACKAGE / "static" / f"{name}-style.css")


def _text(path: Path) -> str:
    # Not the path: anywidget would watch it with a signal of the class, which keeps every widget ever made alive.
    return _built(path).read_text(encoding="utf-8")


def library(name: str) -> Path:
    """A shared library's file: beside the source in a checkout, with Jupyter's data files once installed."""
    shared = Path("share", "jupyter", "labextensions", "cscwidgets")
    folders = [_PACKAGE / "labextension", *(root / shared for root in _data_roots())]
    candidates = [folder / "static" / f"{name}.js" for folder in folders]
    return next((path for path in candidates if path.is_file()), None) or _built(candidates[0])


def _data_roots() -> list[Path]:
    # `pip install --target` puts the data files beside the packages.
    roots = [_PACKAGE.parent, Path(sysconfig.get_path("data"))]
    return [*roots, Path(site.getuserbase())] if site.ENABLE_USER_SITE else roots


def _built(path: Path) -> Path:
    if path.is_file():
        return path
    raise CscError(f"The front end is not built: {path.name} is missing", f"Looked in {path.parent}", _REBUILD)


def serve_libraries(widget: DOMWidget) -> None:
    """Answer the pages that ask this widget's kernel for a library."""
    widget.on_msg(_answer)


def _answer(widget: DOMWidget, message: dict[str, Any], _buffers: list[memoryview]) -> None:
    if message.get("event_type") != "asset":
        return
    reply = {"event_name": "asset", "name": message.get("name")}
    if reply["name"] not in LIBRARIES:
        widget.send({**reply, "error": f"there is no library {reply['name']!r}"})
        return
    try:
        content = library(reply["name"]).read_bytes()
    except (CscError, OSError) as error:
        widget.send({**reply, "error": str(error)})
    else:
        widget.send(reply, [content])
