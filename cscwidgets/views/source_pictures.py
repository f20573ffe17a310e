"""The pictures of a source as a strip: one an observation, on one scale, with regions, error ellipse and candidates."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np

from cscwidgets.arrays import Floats
from cscwidgets.science.images import Display, SkyImage, picture
from cscwidgets.science.masked import plain

from ..state.cutouts import BAND, Cutout
from .plots.png import png

__all__ = ["PictureMarks", "picture_strip", "strip_words"]

_FAINTEST = 1e-6  # counts/ks: the scale's end where there is no photon
_SIDE = 112  # pixels of a picture on the screen
_DISPLAY = Display(stretch="log", low=0, high=100, colour_map="inferno")


@dataclass(frozen=True, eq=False)
class PictureMarks:
    """What is drawn over every picture.

    Attributes
    ----------
    ra, dec : float
        Of the source, ICRS degrees.
    ellipse : tuple of float
        Semi-axes of its 95 % position error in arcsec, and the first one's angle in degrees east of north; NaN for
        none.
    candidates : (ndarray, ndarray)
        ICRS degrees.
    best : int
        The candidate that is taken for the counterpart, -1 for none.
    """

    ra: float
    dec: float
    ellipse: tuple[float, float, float]
    candidates: tuple[Floats, Floats]
    best: int = -1

    @classmethod
    def of_source(cls, row: Any, candidates: tuple[Floats, Floats], best: int) -> PictureMarks:
        """For a source's row of the catalogue."""
        columns = ("err_ellipse_r0", "err_ellipse_r1", "err_ellipse_ang")
        ellipse = [float(plain(row[name])) if name in row.colnames else np.nan for name in columns]
        ra, dec = (float(plain(row[name])) for name in ("ra", "dec"))
        return cls(ra, dec, (ellipse[0], ellipse[1], ellipse[2]), candidates, best)


def picture_strip(cutouts: Sequence[Cutout], marks: PictureMarks) -> str:
    """HTML of the strip: first all observations together, then each.

    Parameters
    ----------
    cutouts : sequence of Cutout
        At least one.
    marks : PictureMarks
    """
    brightest = max(float(np.nanmax(cutout.image.values)) for cutout in cutouts)
    parts = []
    if len(cutouts) > 1:
        together = _together(cutouts)
        parts.append(
            _figure(
                together, float(np.nanmax(together.image.values)), marks, f"all\n{_counted(together)}", together.name
            )
        )
    for one in cutouts:
        date, _, _ = one.name.partition("  ")
        parts.append(_figure(one, brightest, marks, f"{date}\n{_counted(one)}", f"{one.name}: {_counted(one)}"))
    return f'<div class="csc-strip" role="list" aria-label="Pictures of the source">{"".join(parts)}</div>'


def _counted(cutout: Cutout) -> str:
    return f"{cutout.counts:,} ct, {cutout.exposure / 1000:.3g} ks"


def strip_words(cutouts: Sequence[Cutout], missing: int, further: int) -> str:
    """What the strip shows, in words."""
    size = cutouts[0].image.values.shape[0] * cutouts[0].image.pixel * 3600
    left = f" {missing} without a picture." if missing else ""
    left += f" {further} further observations are not shown." if further else ""
    return (
        f"Pictures: counts/ks in pixels of {cutouts[0].image.pixel * 3600:.3g}″, {BAND[0]:g}–{BAND[1]:g} keV"
        f" (HRC: all), {size:.3g}″ wide, north up, single observations on one logarithmic scale; solid: source region,"
        f" dashed: background, ellipse: 95% position error.{left}"
    )


def _together(cutouts: Sequence[Cutout]) -> Cutout:
    """The photons of all observations over all of their time."""
    exposure, first = sum(one.exposure for one in cutouts), cutouts[0].image
    values = np.sum([one.image.values * (one.exposure / exposure) for one in cutouts], axis=0)
    counts = sum(one.counts for one in cutouts)
    return Cutout(f"All {len(cutouts)} pictures together", replace(first, values=values), (), counts, exposure)


def _figure(cutout: Cutout, brightest: float, marks: PictureMarks, words: str, title: str) -> str:
    image = cutout.image
    rows, columns = image.values.shape
    coloured = picture([image], replace(_DISPLAY, cuts=(0.0, max(brightest, _FAINTEST)))).rgba
    content = base64.b64encode(png(coloured)).decode()
    shapes = [_outline(image, one.ra, one.dec, "background" if one.background else "region") for one in cutout.outlines]
    shapes += [*_ellipse(image, marks), *_crosses(image, marks)]
    return (
        f'<figure role="listitem" title="{escape(title)}">'
        f'<svg viewBox="0 0 {columns} {rows}" width="{_SIDE}" height="{_SIDE}" role="img" aria-label="{escape(title)}">'
        f'<image href="data:image/png;base64,{content}" width="{columns}" height="{rows}"/>{"".join(shapes)}</svg>'
        f"<figcaption>{escape(words)}</figcaption></figure>"
    )


def _places(image: SkyImage, ra: Floats, dec: Floats) -> tuple[Floats, Floats]:
    """Where positions lie in the picture, from its upper left corner."""
    x, y = image.wcs.wcs_world2pix(ra, dec, 0)
    return x + 0.5, len(image.values) - 0.5 - y


def _outline(image: SkyImage, ra: Floats, dec: Floats, kind: str) -> str:
    points = " ".join(f"{x:.2f},{y:.2f}" for x, y in zip(*_places(image, ra, dec), strict=True))
    return f'<polygon class="csc-{kind}" points="{points}"/>'


def _ellipse(image: SkyImage, marks: PictureMarks) -> list[str]:
    major, minor, angle = marks.ellipse
    if not np.isfinite(marks.ellipse).all():
        return []
    (x,), (y,) = _places(image, np.array([marks.ra]), np.array([marks.dec]))
    across, along = (axis / (image.pixel * 3600) for axis in (minor, major))
    # East is left: an angle east of north turns anticlockwise.
    turned = f'transform="rotate({-angle:.2f} {x:.2f} {y:.2f})"'
    return [f'<ellipse class="csc-error" cx="{x:.2f}" cy="{y:.2f}" rx="{across:.3f}" ry="{along:.3f}" {turned}/>']


def _crosses(image: SkyImage, marks: PictureMarks) -> list[str]:
    crosses = []
    for number, (x, y) in enumerate(zip(*_places(image, *marks.candidates), strict=True)):
        size = image.values.shape[1] / 28
        arm = f"{2 * size:.2f}"
        path = f"M{x - size:.2f} {y - size:.2f}l{arm} {arm}m0 -{arm}l-{arm} {arm}"
        crosses.append(f'<path class="csc-candidate{" csc-best" if number == marks.best else ""}" d="{path}"/>')
    return crosses
