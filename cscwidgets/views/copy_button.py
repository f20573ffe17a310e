"""A button that puts a text into the browser's clipboard."""

from __future__ import annotations

import anywidget
from traitlets import Unicode

from . import assets

__all__ = ["CopyButton"]


class CopyButton(anywidget.AnyWidget):
    """Copies `text`; there is nothing to press while that is empty.

    A page that is not served securely has no clipboard: the text has to be in sight as well.
    """

    _esm = assets.module("copy")

    label = Unicode("Copy").tag(sync=True)
    text = Unicode("").tag(sync=True)
