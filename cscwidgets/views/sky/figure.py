"""The sky as it is shown, drawn by matplotlib from the data: for the paper, at any resolution."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.visualization.wcsaxes import WCSAxes
from astropy.wcs import WCS
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from numpy.typing import ArrayLike, NDArray

from cscwidgets.arrays import Floats
from cscwidgets.export.figure import PaperFigure
from cscwidgets.sky.sphere import destination, project

from ..theme import ACCENT

__all__ = ["ShownPicture", "SkyMap", "draw_sky_map", "round_angle"]

_WIDTH = 800.0  # pixels of the frame, which only matrices and marks see
_INCHES = 6.4
_ROUND = (1, 2, 3, 5, 10, 15, 20, 30)
_UNITS = ((1.0, "°"), (1 / 60, "′"), (1 / 3600, "″"))
_INK = "#222222"
_COVERED = "#56b4e9"
_LABEL = 6  # points
_HALO = [withStroke(linewidth=1.6, foreground="white")]
_RIM = [withStroke(linewidth=3.5, foreground="white")]  # of what must stand out on a dark picture too
_SHARE = 0.85  # of the figure's width that is the frame's, with its labels beside it

# Okabe and Ito's, darkened where thin lines on white need it; the same as on the screen.
INSTRUMENTS: Mapping[str, tuple[str, Any]] = {
    "ACIS-I": ("#b36b00", "-"),
    "ACIS-S": ("#a8487f", (0, (6, 2))),
    "HRC": ("#0072b2", (0, (1, 1.5))),
    "ACIS": ("#5a6672", (0, (8, 2, 1, 2))),
}

Line = tuple[Floats, Floats]
"""Right ascension and declination along a line, ICRS degrees; NaN between one and the next."""


@dataclass(frozen=True, eq=False)
class ShownPicture:
    """An image below everything.

    Attributes
    ----------
    data : ndarray, shape (ny, nx) or (ny, nx, 4)
        Values, or colours with opacity from 0 to 1 (or 0 to 255 as bytes); the first row is the lowest.
    header : Header
        Its celestial WCS.
    opacity : float
    options : dict
        Colours of values, as matplotlib's ``pcolormesh`` takes them: ``cmap``, ``norm``, ``vmin``, ``vmax``.
    """

    data: NDArray[Any]
    header: fits.Header
    opacity: float = 1.0
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, kw_only=True)
class SkyMap:
    """What a sky shows; angles in degrees, positions ICRS.

    Attributes
    ----------
    centre : (float, float)
    size : (float, float)
        Width and height.
    rotation : float
        Of the view, as Aladin Lite counts it: north is so far to the left of upwards.
    title : str
    simulated : bool
    grid : bool
        Whether grid, scale bar and compass are drawn.
    sources, selected, focus, candidates : Line
        Positions.
    best : int
        The candidate that stands out, -1 for none.
    region : Line
    detections : sequence of (Line, bool)
        Outlines; those of backgrounds are dashed.
    fields : sequence of (str, str, Line)
        Label, instrument and outline.
    own, own_areas : sequence of (str, str, Line)
        Name, colour and positions of layers, and outlines of areas, of the reader's own.
    contours : Line
    covered : Line
        Cells of a coverage map, four corners each and the first one again.
    candidate_outlines : sequence of Line
    pictures : sequence of ShownPicture
        The lowest first.
    """

    centre: tuple[float, float]
    size: tuple[float, float]
    rotation: float = 0.0
    title: str = ""
    simulated: bool = False
    grid: bool = True
    sources: Line
    selected: Line
    focus: Line
    candidates: Line
    best: int = -1
    region: Line
    detections: Sequence[tuple[Line, bool]] = ()
    fields: Sequence[tuple[str, str, Line]] = ()
    own: Sequence[tuple[str, str, Line]] = ()
    own_areas: Sequence[tuple[str, str, Line]] = ()
    contours: Line
    covered: Line
    candidate_outlines: Sequence[Line] = ()
    pictures: Sequence[ShownPicture] = ()

    @property
    def wcs(self) -> WCS:
        """Of the frame, tangential about the centre."""
        height = _WIDTH * self.size[1] / self.size[0]
        turn = np.radians(self.rotation)
        wcs = WCS(naxis=2)
        wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
        wcs.wcs.cunit = ["deg", "deg"]
        wcs.wcs.radesys = "ICRS"
        wcs.wcs.crval = self.centre
        wcs.wcs.crpix = [_WIDTH / 2 + 0.5, height / 2 + 0.5]
        # The width is that of the tangent plane, whose edges are a little nearer to the centre than its scale tells.
        scale = 2 * np.degrees(np.tan(np.radians(self.size[0]) / 2)) / _WIDTH
        wcs.wcs.cdelt = [-scale, scale]
        wcs.wcs.pc = [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]
        wcs.pixel_shape = (round(_WIDTH), round(height))
        return wcs


def draw_sky_map(sky: SkyMap, **options: Any) -> PaperFigure:
    """Draw it.

    Parameters
    ----------
    sky : SkyMap
    **options
        Of the figure; see `PaperFigure`.

    Returns
    -------
    PaperFigure
        Its only axes are WCSAxes.
    """
    width, height = sky.size
    figsize = (_INCHES, min(1.6, max(0.45, height / width)) * _INCHES + 0.9)
    figure = PaperFigure(simulated=sky.simulated, **({"figsize": figsize} | options))
    if sky.title:
        figure.suptitle(sky.title, fontsize=10)
    wcs = sky.wcs
    axes: WCSAxes = figure.add_subplot(projection=wcs)
    frame = _Frame(axes, wcs, sky)
    for picture in sky.pictures:
        frame.picture(picture)
    frame.marks()
    if sky.grid:
        axes.coords.grid(color="#b8c4d0", lw=0.4, alpha=0.8)
        frame.scale_bar()
        frame.compass()
    axes.set_xlim(-0.5, wcs.pixel_shape[0] - 0.5)
    axes.set_ylim(-0.5, wcs.pixel_shape[1] - 0.5)
    axes.set_aspect("equal")
    axes.set_xlabel("right ascension (ICRS)")
    axes.set_ylabel("declination (ICRS)")
    if frame.key:
        columns = 2 if figure.narrow else 4
        figure.legend(
            handles=list(frame.key.values()), loc="outside lower center", ncols=columns, fontsize=7, frameon=False
        )
    return figure


def round_angle(degrees: float) -> tuple[float, str]:
    """The largest round angle that is not larger, in degrees, and as text.

    >>> [round_angle(angle)[1] for angle in (12.0, 0.4, 0.01, 0.0001)]
    ['10°', '20′', '30″', '0.2″']
    """
    for unit, mark in _UNITS:
        whole = [value for value in _ROUND if value * unit <= degrees * (1 + 1e-9)]
        if whole:
            return whole[-1] * unit, f"{whole[-1]}{mark}"
    ten = 10.0 ** np.floor(np.log10(degrees * 3600))
    arcsec = next((value * ten for value in (5, 2) if value * ten <= degrees * 3600 * (1 + 1e-9)), ten)
    return float(arcsec / 3600), f"{arcsec:.3g}″"


class _Frame:
    """Draws in the pixels of a frame; what is on the other side of the sky is nowhere."""

    def __init__(self, axes: WCSAxes, wcs: WCS, sky: SkyMap) -> None:
        self.axes, self.wcs, self.sky = axes, wcs, sky
        self.key: dict[str, Line2D | Patch] = {}

    def pixels(self, ra: ArrayLike, dec: ArrayLike) -> tuple[Floats, Floats]:
        """Pixels of positions, NaN for those that have none."""
        ra, dec = np.atleast_1d(np.asarray(ra, float)), np.atleast_1d(np.asarray(dec, float))
        near = np.isfinite(project(ra, dec, *self.sky.centre)[0])
        x, y = np.full((2, *ra.shape), np.nan)
        if near.any():
            x[near], y[near] = self.wcs.wcs_world2pix(ra[near], dec[near], 0)
        return x, y

    def picture(self, picture: ShownPicture) -> None:
        ny, nx = picture.data.shape[:2]
        # Corners of pixels, so that each is where it is on the sky in whatever projection the image has.
        x, y = np.meshgrid(np.arange(nx + 1) - 0.5, np.arange(ny + 1) - 0.5)
        corners = WCS(picture.header, fix=False).celestial.wcs_pix2world(x.ravel(), y.ravel(), 0)
        across, up = (axis.reshape(x.shape) for axis in self.pixels(*corners))
        data = picture.data
        whole = np.isfinite(across) & np.isfinite(up)
        if not whole.all():  # matplotlib takes no corners that are nowhere
            good = whole[1:, 1:] & whole[:-1, 1:] & whole[1:, :-1] & whole[:-1, :-1]
            across, up = np.where(whole, across, 0.0), np.where(whole, up, 0.0)
            data = np.ma.masked_where(~good, data) if data.ndim == 2 else _hidden(data, ~good)
        if data.ndim == 2:
            data = np.ma.masked_invalid(data)
        options = {"alpha": picture.opacity, "zorder": 0.5, "rasterized": True, "lw": 0} | dict(picture.options)
        self.axes.pcolormesh(across, up, data, **options)

    def marks(self) -> None:
        sky = self.sky
        self._cells()
        self._lines("contour", [sky.contours], color="#444444", lw=0.7)
        self._lines("region", [sky.region], closed=True, color="#007a59", lw=1.4)
        self._fields()
        for name, colour, line in sky.own_areas:
            self._lines(name, [line], color=colour, lw=1.0)
        for dashed, name in ((False, "source region"), (True, "background region")):
            lines = [line for line, background in sky.detections if background == dashed]
            self._lines(name, lines, closed=True, color="#8a5a00", lw=0.9, ls="--" if dashed else "-")
        few = len(sky.sources[0]) <= 1500
        self._points("source", sky.sources, "o", mfc="none", mec="#0072b2", ms=4 if few else 2.5, mew=0.7)
        self._points("selected", sky.selected, "D", mfc=ACCENT, mec="white", ms=5, mew=0.5)
        for name, colour, at in sky.own:
            self._points(name, at, "s", mfc="none", mec=colour, ms=4.5, mew=0.9)
        self._lines("candidate", sky.candidate_outlines, closed=True, named=False, color="#d55e00", lw=0.8)
        self._points("candidate", sky.candidates, "x", mec="#d55e00", ms=5, mew=1)
        if 0 <= sky.best < len(sky.candidates[0]):
            best = tuple(axis[sky.best : sky.best + 1] for axis in sky.candidates)
            self._points("counterpart", (best[0], best[1]), "x", mec="#d55e00", ms=7, mew=2)
        self._points("in focus", sky.focus, "o", mfc="none", mec=_INK, ms=12, mew=1.2)

    def _cells(self) -> None:
        x, y = self.pixels(*self.sky.covered)
        corners = np.stack([x, y], axis=-1).reshape(-1, 6, 2)[:, :4]
        cells = corners[np.isfinite(corners).all(axis=(1, 2))]
        if len(cells):
            self.axes.add_collection(PolyCollection(list(cells), facecolor=_COVERED, lw=0, alpha=0.25, zorder=0.8))
            self.key["observed"] = Patch(color=_COVERED, alpha=0.25, label="observed")

    def _fields(self) -> None:
        taken: list[tuple[float, float, float, float]] = []
        outlined = crowded = 0
        for label, instrument, line in self.sky.fields:
            colour, dashes = INSTRUMENTS.get(instrument, INSTRUMENTS["ACIS"])
            self._lines(instrument or "field of view", [line], color=colour, ls=dashes, lw=0.9)
            corners = self._inside(*line)
            box = self._free(corners, label, taken)
            outlined += bool(len(corners))
            if box is not None:
                taken.append(box)
                middle = (box[0] + box[1]) / 2
                style = {"color": colour, "fontsize": _LABEL, "path_effects": _HALO, "zorder": 5}
                self.axes.text(middle, box[2], label, ha="center", va="bottom", **style)
            crowded += bool(len(corners)) and box is None
        if crowded:
            words = f"{crowded:,} of {outlined:,} labels of fields have no room"
            self.axes.text(0.5, 0.99, words, ha="center", va="top", fontsize=_LABEL, transform=self.axes.transAxes)

    def _inside(self, ra: Floats, dec: Floats) -> Floats:
        """Pixels of the corners that are in the frame, shape (n, 2), the highest first."""
        x, y = self.pixels(ra, dec)
        inside = (x > 0) & (x < self.wcs.pixel_shape[0]) & (y > 0) & (y < self.wcs.pixel_shape[1])
        corners: Floats = np.column_stack([x, y])[inside]
        return np.asarray(corners[np.argsort(-corners[:, 1])])

    def _free(
        self, corners: Floats, label: str, taken: list[tuple[float, float, float, float]]
    ) -> tuple[float, float, float, float] | None:
        """Left, right, bottom and top of a label at the first corner with room for it."""
        width, depth = self.wcs.pixel_shape
        point = width / (72 * self.axes.figure.get_figwidth() * _SHARE)
        half, height = 0.35 * _LABEL * len(label) * point, 1.25 * _LABEL * point
        for x, y in corners:
            for bottom in (y + point, y - point - height):
                box = x - half, x + half, bottom, bottom + height
                whole = box[0] > 0 and box[1] < width and 0 < bottom < depth - height
                if whole and not any(_overlap(box, other) for other in taken):
                    return box
        return None

    def _points(self, name: str, at: Line, marker: str, **style: Any) -> None:
        if len(at[0]):
            (drawn,) = self.axes.plot(*self.pixels(*at), ls="", marker=marker, label=name, **style)
            self._note(name, drawn)

    def _lines(
        self, name: str, lines: Iterable[Line], *, closed: bool = False, named: bool = True, **style: Any
    ) -> None:
        for ra, dec in lines:
            if len(ra):
                x, y = self.pixels(ra, dec)
                if closed:
                    x, y = np.append(x, x[0]), np.append(y, y[0])
                (drawn,) = self.axes.plot(x, y, label=name, **style)
                if named:
                    self._note(name, drawn)

    def _note(self, name: str, drawn: Line2D) -> None:
        if name not in self.key:
            sample = Line2D([], [])
            sample.update_from(drawn)
            sample.set_label(name)
            self.key[name] = sample

    def scale_bar(self) -> None:
        """At most a quarter of the width, to the scale of the middle."""
        width = self.wcs.pixel_shape[0]
        degrees, words = round_angle(self.sky.size[0] / 4)
        pixels = width * np.tan(np.radians(degrees) / 2) / np.tan(np.radians(self.sky.size[0]) / 2)
        left, y = 0.04 * width, 0.04 * width
        bar = {"color": _INK, "lw": 1.5, "solid_capstyle": "butt", "path_effects": _RIM}
        self.axes.plot([left, left + pixels], [y, y], gid="scale bar", **bar)
        place = {"textcoords": "offset points", "ha": "center", "va": "bottom"}
        self.axes.annotate(words, (left + pixels / 2, y), (0, 3), fontsize=8, path_effects=_RIM, **place)

    def compass(self) -> None:
        """North and east where it stands, in the lower right corner."""
        width = self.wcs.pixel_shape[0]
        at = np.array([0.91 * width, 0.09 * width])
        ra, dec = (float(value) for value in self.wcs.wcs_pix2world(*at, 0))
        for angle, name in ((0.0, "N"), (90.0, "E")):
            toward = np.ravel(self.pixels(*destination(ra, dec, angle, self.sky.size[0] * 1e-3))) - at
            arrow = 0.045 * width * toward / np.hypot(*toward)
            pointing = {"arrowstyle": "->", "color": _INK, "shrinkA": 0, "shrinkB": 0, "path_effects": _RIM}
            self.axes.annotate("", at + arrow, at, arrowprops=pointing)
            style = {"ha": "center", "va": "center", "fontsize": 8, "color": _INK, "path_effects": _RIM}
            self.axes.text(*(at + 1.7 * arrow), name, **style)


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[1] and one[1] > other[0] and one[2] < other[3] and one[3] > other[2]


def _hidden(colours: NDArray[Any], where: NDArray[np.bool_]) -> NDArray[Any]:
    """Colours that are transparent in some places."""
    shown = colours.copy()
    shown[where, 3] = 0
    return shown
