"""Where the axes of a plot lie, for the layers above it."""

from __future__ import annotations

from traitlets import Bool, Dict, Float, HasTraits, List

__all__ = ["PlotAxes"]


class PlotAxes(HasTraits):
    """What a layer over a plot must know of it.

    Attributes
    ----------
    margins : dict
        The plot's ``fig_margin`` in pixels.
    x_range, y_range : list of float
        What the axes show.
    x_log, y_log : bool
        Whether the axes are logarithmic.
    """

    margins = Dict().tag(sync=True)
    x_range = List(Float(), minlen=2, maxlen=2, default_value=[0.0, 1.0]).tag(sync=True)
    y_range = List(Float(), minlen=2, maxlen=2, default_value=[0.0, 1.0]).tag(sync=True)
    x_log = Bool(False).tag(sync=True)
    y_log = Bool(False).tag(sync=True)
