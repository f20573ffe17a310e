"""The coverage on the sky: its limits as an image, and where the flux that is looked at is reached."""

from __future__ import annotations

import numpy as np
from astropy.io import fits

from ..science.sensitivitymap import PHOTON_FLUX
from ..science.skypicture import reached
from ..state.coverage import Coverage, CoverageState
from .callbacks import Guard
from .limitcolours import LimitColours
from .sky import Sky
from .theme import ACCENT

__all__ = ["LIMITS", "REACHED", "CoverageOnSky"]

LIMITS, REACHED = "sky coverage", "flux reached"
"""Names of the layers."""


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
        self._visible, self._opacity = True, 0.7
        self._laid: Coverage | None = None
        self._shaded = False
        state.observe(guard(lambda _: self._lay()), "coverage")
        state.observe(guard(lambda _: self._shade()), ["coverage", "flux"])

    @property
    def visible(self) -> bool:
        """Whether the layers are shown."""
        return self._visible

    @visible.setter
    def visible(self, visible: bool) -> None:
        self._visible = visible
        self._lay()
        self._shade()

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
            image = fits.PrimaryHDU(np.log10(wanted.picture.limit), wanted.picture.wcs.to_header())
            self._sky.add_fits(
                fits.HDUList([image]),
                visit=False,
                name=LIMITS,
                colormap=colours.name,
                stretch="linear",
                min_cut=float(np.log10(colours.low)),
                max_cut=float(np.log10(colours.high)),
                opacity=self._opacity,
            )
        self._laid = wanted

    def _shade(self) -> None:
        if self._shaded:
            self._sky.remove_overlay(REACHED)
            self._shaded = False
        found, flux = self._state.coverage, self._state.flux
        if found is None or not self._visible or not np.isfinite(flux):
            return
        where = reached(found.picture, flux * PHOTON_FLUX)
        if not where.empty():
            self._sky.add_moc(where, name=REACHED, color=ACCENT, opacity=0.35, fill=True, edge=False)
            self._shaded = True
