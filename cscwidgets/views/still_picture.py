"""The picture of an explorer that stays in a saved notebook: the sky, and beside it a panel's figure."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from PIL import Image

from ..export.figure import PaperFigure
from ..sky.region import Region
from ..sky.sphere import project
from .theme import ACCENT, PROBABILITY

__all__ = ["draw_sky", "side_by_side"]

_DPI = 96
_SKY = 4.6  # inches
_HIGHEST = 660  # pixels of a panel's figure


def draw_sky(
    region: Region, ra: ArrayLike, dec: ArrayLike, selected: ArrayLike, words: Sequence[str], *, simulated: bool
) -> PaperFigure:
    """Sources and region, as offsets from its centre in the tangent plane.

    Parameters
    ----------
    region : Region
    ra, dec : array
        ICRS degrees.
    selected : array of bool
        Of the sources.
    words : sequence of str
        Lines above.
    simulated : bool
    """
    figure = PaperFigure(simulated=simulated, figsize=(_SKY, _SKY + 0.6))
    axes = figure.add_subplot()
    centre = region.centre
    x, y = (60 * np.degrees(part) for part in project(ra, dec, *centre))
    edge = [60 * np.degrees(part) for part in project(*region.boundary(), *centre)]
    chosen = np.asarray(selected, bool)
    axes.plot(*(np.append(part, part[:1]) for part in edge), color="#8c8c8c", lw=0.8)
    axes.scatter(x, y, s=9, color=PROBABILITY[0], lw=0, rasterized=True)
    axes.scatter(x[chosen], y[chosen], s=34, facecolors="none", edgecolors=ACCENT, lw=1)
    axes.set_aspect("equal", "datalim")
    axes.invert_xaxis()
    axes.set_xlabel(f"offset from RA {centre[0]:.4f}° to the east, arcmin")
    axes.set_ylabel(f"offset from Dec {centre[1]:+.4f}° to the north, arcmin")
    figure.suptitle("\n".join(words), fontsize=8)
    return figure


def side_by_side(figures: Sequence[Figure]) -> bytes:
    """Some figures in one picture, on white.

    Returns
    -------
    bytes
        A PNG file.
    """
    pictures = []
    for figure in figures:
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=_DPI, facecolor="white")
        picture = Image.open(buffer).convert("RGB")
        if picture.height > _HIGHEST:
            picture = picture.resize(
                (round(picture.width * _HIGHEST / picture.height), _HIGHEST), Image.Resampling.LANCZOS
            )
        pictures.append(picture)
    whole = Image.new("RGB", (sum(one.width for one in pictures), max(one.height for one in pictures)), "white")
    left = 0
    for picture in pictures:
        whole.paste(picture, (left, 0))
        left += picture.width
    buffer = io.BytesIO()
    whole.quantize(128).save(buffer, format="png", optimize=True)
    return buffer.getvalue()
