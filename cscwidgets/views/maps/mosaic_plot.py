"""The mosaic in the panel: limits as colours, with right ascension and declination at its edges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import bqplot
import ipywidgets
import numpy as np
from astropy.coordinates import SkyCoord

from cscwidgets.arrays import Floats

from ...science.maps.contour_lines import contours as contour_lines
from ...science.maps.mosaic_image import ImageMosaic
from ...state.coverage import Coverage
from ..callbacks import Guard
from ..disposal import close_all
from ..plots.lines import drawable
from ..plots.plot_selector import PlotSelector
from ..theme import ACCENT, FAINT
from .limit_colours import LimitColours
from .sky_ticks import sky_ticks

__all__ = ["MosaicPlot"]

_MARGINS = {"top": 8, "right": 14, "bottom": 38, "left": 82}
_ACROSS, _DOWN = _MARGINS["left"] + _MARGINS["right"], _MARGINS["top"] + _MARGINS["bottom"]
_SIDE = f"min(100cqw - {_ACROSS}px, 100cqh - {_DOWN}px)"  # square: as large as the room allows

Heard = Callable[[SkyCoord | None], Any]


class MosaicPlot:
    """A picture of limits that tells where the pointer is.

    Parameters
    ----------
    guard : callable
        Wraps callbacks so that their errors are shown.
    """

    def __init__(self, guard: Guard) -> None:
        self._scales = {"x": bqplot.LinearScale(min=0, max=1), "y": bqplot.LinearScale(min=0, max=1)}
        self._x_axis = bqplot.Axis(scale=self._scales["x"], grid_lines="none", label_offset="31px")
        self._y_axis = bqplot.Axis(scale=self._scales["y"], side="left", grid_lines="none", label_offset="67px")
        self._x_axis.label, self._y_axis.label = "RA (ICRS)", "Dec (ICRS)"
        self._limits, self._veil = (self._image() for _ in range(2))
        self._contours = self._line("white", 0.9)
        self._outline, self._reach = self._line(FAINT, 1.2), self._line(ACCENT, 1.8)
        self._spot = bqplot.Scatter(
            x=[], y=[], scales=self._scales, marker="cross", colors=[ACCENT], stroke=ACCENT, default_size=110
        )
        self._figure = bqplot.Figure(
            axes=[self._x_axis, self._y_axis],
            marks=[self._limits, self._contours, self._veil, self._reach, self._outline, self._spot],
            fig_margin=_MARGINS,
            padding_x=0,
            padding_y=0,
            animation_duration=0,
            display_toolbar=False,
            layout=ipywidgets.Layout(width="100%", height="100%", min_width="0"),
        )
        self.selector = PlotSelector(
            guard, self._figure, margins=_MARGINS, label="Mosaic of limiting fluxes", tool="box"
        )
        plot = ipywidgets.Box(
            [self._figure, self.selector],
            layout=ipywidgets.Layout(
                width=f"calc({_SIDE} + {_ACROSS}px)",
                height=f"calc({_SIDE} + {_DOWN}px)",
                flex="0 0 auto",
                overflow="hidden",
            ),
        )
        plot.add_class("csc-diagram")
        self.widget = ipywidgets.Box([plot])
        self.widget.add_class("csc-mosaic")
        self.picture: ImageMosaic | None = None

    def _image(self) -> bqplot.Image:
        return bqplot.Image(
            image=ipywidgets.Image(format="png"), scales=self._scales, x=[0, 1], y=[0, 1], visible=False
        )

    def _line(self, colour: str, width: float) -> bqplot.Lines:
        return bqplot.Lines(x=[], y=[], scales=self._scales, colors=[colour], stroke_width=width)

    def on_hover(self, callback: Heard) -> None:
        """Call with the position under the pointer, None when it leaves."""
        self.selector.on_hover(lambda place: callback(None if place is None else self.sky(place)))

    def on_click(self, callback: Callable[[SkyCoord], Any]) -> None:
        """Call with the position that was clicked."""
        self.selector.on_click(lambda place, _: callback(self.sky(place)) if self.picture is not None else None)

    def sky(self, place: Mapping[str, Any]) -> SkyCoord | None:
        """The position at a place of the plot."""
        if self.picture is None:
            return None
        return SkyCoord(*self.picture.wcs.wcs_pix2world(place["x"], place["y"], 0), unit="deg")

    def hint(self, at: SkyCoord | None, text: str) -> None:
        """Say something beside a position; nothing with None."""
        if at is None or self.picture is None:
            self.selector.hint = {}
        else:
            x, y = _pixels(self.picture, at.ra.deg, at.dec.deg)
            self.selector.hint = {"x": float(x), "y": float(y), "text": text}

    def show(self, coverage: Coverage | None, colours: LimitColours, *, contours: bool) -> None:
        """Draw a coverage in place of the one before."""
        self.picture = None if coverage is None else coverage.picture
        if coverage is None or self.picture is None:
            self._limits.visible = False
            return
        side = len(self.picture.limit)
        ends = -0.5, side - 0.5
        for scale in self._scales.values():
            with scale.hold_sync():
                scale.min, scale.max = ends
        self.selector.x_range, self.selector.y_range = list(ends), list(ends)
        shown = sky_ticks(self.picture.wcs, side)
        self._x_axis.label = f"RA (ICRS), {shown.shared}…" if shown.shared else "RA (ICRS)"
        for axis, ticks in ((self._x_axis, shown.x), (self._y_axis, shown.y)):
            with axis.hold_sync():
                axis.tick_values = np.array(list(ticks))
                axis.tick_labels = {f"{place:g}": words for place, words in ticks.items()}
        self._draw(self._limits, colours.png(self.picture.limit), ends)
        _set_line(self._contours, contour_lines(self.picture.limit, colours.levels if contours else []))
        ra, dec = coverage.region.boundary()
        _set_line(self._outline, np.array(_pixels(self.picture, np.append(ra, ra[0]), np.append(dec, dec[0]))))

    def shade(self, flux: float) -> None:
        """Veil what does not reach a photon flux, and draw its contour; nothing with NaN."""
        if self.picture is None or not np.isfinite(flux):
            self._veil.visible = False
            _set_line(self._reach, np.empty((2, 0)))
            return
        limit = self.picture.limit
        self._draw(self._veil, LimitColours.shade_png(limit, flux), (-0.5, len(limit) - 0.5))
        _set_line(self._reach, contour_lines(limit, [flux]))

    def mark(self, place: SkyCoord | None) -> None:
        """Mark a position; none with None."""
        at = np.empty((2, 0))
        if place is not None and self.picture is not None:
            at = np.array(_pixels(self.picture, [place.ra.deg], [place.dec.deg]))
        with self._spot.hold_sync():
            self._spot.x, self._spot.y = at

    def _draw(self, mark: bqplot.Image, png: bytes, ends: tuple[float, float]) -> None:
        before = mark.image  # bqplot draws another image, not the same with other contents
        with mark.hold_sync():
            mark.image = ipywidgets.Image(value=png, format="png")
            mark.x, mark.y, mark.visible = list(ends), list(ends), True
        close_all(before)


def _pixels(picture: ImageMosaic, ra: Any, dec: Any) -> tuple[Floats, Floats]:
    x, y = picture.wcs.wcs_world2pix(ra, dec, 0)
    return x, y


def _set_line(mark: bqplot.Lines, line: Floats) -> None:
    with mark.hold_sync():
        drawn = drawable(line[0], line[1], (0.0, 0.0))
        mark.x, mark.y = drawn["x"], drawn["y"]
