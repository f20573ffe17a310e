"""Where the numbers of a plot are on the page."""

from __future__ import annotations

import numpy as np


def place(nb, layer, selector, x, y, *, x_log=False):
    """Where numbers of a plot are on the page."""
    layer.scroll_into_view_if_needed()
    box = layer.bounding_box()
    x_range, y_range, margins = nb.kernel(f"[(s := {selector}).x_range, s.y_range, s.margins]")
    along = np.log if x_log else np.asarray
    across = (along(x) - along(x_range[0])) / (along(x_range[1]) - along(x_range[0]))
    up = (y - y_range[0]) / (y_range[1] - y_range[0])
    width = box["width"] - margins["left"] - margins["right"]
    height = box["height"] - margins["top"] - margins["bottom"]
    return box["x"] + margins["left"] + across * width, box["y"] + margins["top"] + (1 - up) * height
