"""How an image is shown, and which photons are counted in it: the settings of the image panel."""

from __future__ import annotations

import ipywidgets

from cscwidgets.science.images import COLOUR_MAPS, STRETCHES

from ...state.images import ImagesState
from ..bind import Bindings
from ..controls import checkbox, dropdown, field, row, settings, spoken, text
from ..sky import Sky

__all__ = ["ImageControls"]


class ImageControls:
    """Controls tied to the state of the images and to the sky.

    Parameters
    ----------
    state : ImagesState
    sky : Sky
    bind : Bindings
    """

    def __init__(self, state: ImagesState, sky: Sky, bind: Bindings) -> None:
        self.stretch = field(dropdown("stretch", [(name, name) for name in STRETCHES], ""))
        self.colour_map = field(dropdown("colours", [(name, name) for name in COLOUR_MAPS], ""))
        self.low, self.high = (
            field(ipywidgets.BoundedFloatText(value, min=0, max=100, step=0.1, description=words), width)
            for value, words, width in ((state.low, "% from", "124px"), (state.high, "to", "90px"))
        )
        self.smoothing = field(
            ipywidgets.BoundedFloatText(state.smoothing, min=0, max=50, step=0.5, description="smoothing σ / pixels")
        )
        self.opacity = field(ipywidgets.FloatSlider(1, min=0, max=1, step=0.05, description="opacity", readout=False))
        self.energies = [
            field(ipywidgets.BoundedFloatText(value, min=0, max=20, step=0.1, description=words), width)
            for value, words, width in zip(state.energies, ("keV from", "to"), ("124px", "90px"), strict=True)
        ]
        self.pixel = field(
            ipywidgets.BoundedFloatText(state.pixel, min=0.1, max=600, step=0.5, description="pixel / arcsec")
        )
        self.all_times = ipywidgets.Button(
            description="All times", tooltip="Count the photons of all times, not of a part that was brushed"
        )
        self.path = spoken(field(text(placeholder="path of a FITS file")), "FITS file")
        self.extension = spoken(field(text(placeholder="extension"), "90px"), "Extension")
        self.add = ipywidgets.Button(description="Show it")
        self.archive = checkbox("the archive's own picture", value=True)
        self.widget = settings(
            *("Display", self.stretch, self.colour_map, row(self.low, self.high), self.smoothing, self.opacity),
            *("Photons", row(*self.energies), self.pixel, self.all_times),
            *("Any FITS image", self.path, row(self.extension, self.add)),
            *("Below it", self.archive),
        )
        for trait in ("stretch", "colour_map", "low", "high", "smoothing", "pixel"):
            bind.tie(state, trait, getattr(self, trait))
        bind.tie(state, "energies", *self.energies, to_state=lambda low, high: (low, high))
        bind.tie(sky, "picture_opacity", self.opacity)
        bind.tie(sky, "show_archive_pictures", self.archive)
        bind.when_pressed(self.all_times, lambda: setattr(state, "times", ()))
        bind.when_pressed(self.add, lambda: state.add(self.path.value.strip(), self._extension))

    @property
    def _extension(self) -> str | int | None:
        said = self.extension.value.strip()
        return int(said) if said.isascii() and said.isdigit() else said or None
