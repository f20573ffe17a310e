"""The coverage on the sky: its limits as an image, and where the flux that is looked at is reached."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

from cscwidgets.arrays import Pixels

from ...science.maps.contour_lines import sky_contours
from ...state.coverage import Coverage, CoverageState
from ..bind import Bindings
from ..callbacks import Guard
from ..sky import Sky
from .limit_colours import LimitColours

__all__ = ["LIMITS", "REACHED", "CoverageOnSky"]

LIMITS, REACHED = "sky coverage", "flux reached"
"""Names of the layers."""

_PINK, _ENDS = 1.62, (1.0, 2.0)  # in "magma" near the colour of what is selected; an end of 0 is none to Aladin Lite
_VEIL = 0.55  # opacity
_NOWHERE = np.empty(0)


class CoverageOnSky:
    """Keeps the sky's layers as the state is.

    Parameters
    ----------
    sky : Sky
    state : CoverageState
    guard : callable
        Wraps callbacks so that their errors are shown.
    """

    def __init__(self, sky: Sky, state: CoverageState, guard: Guard) -> None:
        self._sky, self._state = sky, state
        self._visible, self._opacity, self._contours = True, 0.7, False
        self._laid: Coverage | None = None
        self._shaded = False
        bind = Bindings(guard)
        bind.when(state, "coverage", self._lay)
        bind.when(state, "coverage", self._trace)
        bind.when(state, ("coverage", "flux"), self._shade)
        self._lay()
        self._shade()

    @property
    def visible(self) -> bool:
        """Whether the layers are shown."""
        return self._visible

    @visible.setter
    def visible(self, visible: bool) -> None:
        self._visible = visible
        self._lay()
        self._trace()
        self._shade()

    @property
    def contours(self) -> bool:
        """Whether lines of equal limits are drawn."""
        return self._contours

    @contours.setter
    def contours(self, contours: bool) -> None:
        self._contours = contours
        self._trace()

    @property
    def opacity(self) -> float:
        """Of the image: 0 to 1."""
        return self._opacity

    @opacity.setter
    def opacity(self, opacity: float) -> None:
        self._opacity = opacity
        if self._laid is not None:
            self._sky.image_opacity(LIMITS, opacity)

    def _lay(self) -> None:
        wanted = self._state.coverage if self._visible else None
        if wanted is self._laid:
            return
        if wanted is None:
            self._sky.remove_image(LIMITS)
        else:
            colours = LimitColours.of(wanted.picture.limit)
            # Logarithms, so that the colours are those of the panel.
            self._add(
                LIMITS,
                np.log10(wanted.picture.limit),
                wanted.picture.wcs,
                colormap=colours.name,
                min_cut=math.log10(colours.low),
                max_cut=math.log10(colours.high),
                opacity=self._opacity,
            )
        self._laid = wanted

    def _trace(self) -> None:
        found = self._state.coverage if self._visible and self._contours else None
        if found is None:
            self._sky.show_contours(_NOWHERE, _NOWHERE)
        else:
            levels = LimitColours.of(found.picture.limit).levels
            self._sky.show_contours(*sky_contours(found.picture, levels))

    def _shade(self) -> None:
        found, flux = self._state.coverage, self._state.flux
        if found is not None and self._visible and np.isfinite(flux):
            with np.errstate(invalid="ignore"):
                veil = np.where(found.picture.limit <= flux, np.float32(_PINK), np.float32(np.nan))
            self._add(
                REACHED, veil, found.picture.wcs, colormap="magma", min_cut=_ENDS[0], max_cut=_ENDS[1], opacity=_VEIL
            )
            self._shaded = True
        elif self._shaded:
            self._sky.remove_image(REACHED)
            self._shaded = False

    def _add(self, name: str, image: Pixels, wcs: WCS, **options: Any) -> None:
        self._sky.add_fits(
            fits.HDUList([fits.PrimaryHDU(image, wcs.to_header())]),
            visit=False,
            name=name,
            stretch="linear",
            img_format="fits",  # or Aladin Lite takes the cuts for those of a PNG, and its own for these
            **options,
        )
