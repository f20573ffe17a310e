"""The layers of the reader's own on the sky: squares, the values of the row that is clicked, and what is chosen."""

from __future__ import annotations

from regions import SkyRegion

from cscwidgets.sky.region import Region
from cscwidgets.state.area_layer import AreaLayer
from cscwidgets.state.selection import Mode
from cscwidgets.state.user_layer import UserLayer
from cscwidgets.state.user_layers import UserLayers

from ..bind import Bindings
from ..callbacks import Guard
from ..sky import Sky
from ..sky.marks import OwnAreaMark, OwnLayerMark

__all__ = ["OwnLayersOnSky"]


class OwnLayersOnSky:
    """Keeps the sky's layers as the state is.

    Parameters
    ----------
    sky : Sky
    state : UserLayers
    guard : callable
        Wraps callbacks so that their errors are shown.
    """

    def __init__(self, sky: Sky, state: UserLayers, guard: Guard) -> None:
        self._sky, self._state = sky, state
        bind = Bindings(guard)
        bind.when(state, "layers", self._draw)
        bind.when(state, "areas", self._draw_areas)
        sky.on_own_row(self._clicked)
        sky.on_own_layer(self._pressed)
        sky.on_encircled(self._encircled)
        sky.on_file(state.read)
        self._draw()
        self._draw_areas()

    def _draw(self) -> None:
        layers: tuple[UserLayer, ...] = self._state.layers
        marks = [_mark(layer) for layer in layers]
        looked_at = next((index for index, layer in enumerate(layers) if layer.row >= 0), None)
        with self._sky.hold_sync():
            self._sky.show_own_layers(marks)
            if looked_at is None:
                self._sky.show_own_row()
            else:
                layer = layers[looked_at]
                self._sky.show_own_row(marks[looked_at], layer.row, layer.words(layer.row))

    def _draw_areas(self) -> None:
        areas: tuple[AreaLayer, ...] = self._state.areas
        self._sky.show_own_areas(
            OwnAreaMark.of(one.name, one.colour, one.words, (region.boundary() for region in one.regions), one.moc)
            for one in areas
        )

    def _clicked(self, name: str, row: int, mode: Mode | None) -> None:
        if name:
            self._state.pick(name, row, mode)
        else:
            self._state.leave()

    def _pressed(self, name: str, act: str, mode: Mode | None) -> None:
        if act == "remove":
            self._state.remove(name)
        else:
            self._state.select_sources(name, mode)

    def _encircled(self, region: SkyRegion, mode: Mode | None) -> None:
        self._state.choose_inside(Region.of(region), mode)


def _mark(layer: UserLayer) -> OwnLayerMark:
    return OwnLayerMark(layer.name, layer.colour, layer.ra, layer.dec, layer.labels, layer.chosen)
