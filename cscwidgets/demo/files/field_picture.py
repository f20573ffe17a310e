"""The picture of a simulated field: its photons in red (soft), green (medium) and blue (hard).

Counts are divided by the exposure, smoothed adaptively, freed of the background, and stretched by an asinh that leaves
the colours as they are: white is what the whole field is like. Its format is that of
`cscwidgets.archive.files.picture_format`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from astropy.io import fits
from astropy.visualization import AsinhStretch
from numpy.typing import NDArray

from cscwidgets.arrays import Flags, Floats
from cscwidgets.science.images import smoothed_adaptively

from ..sky.fields import SkyField
from ..sky.source_spectra import BAND
from ..sky.tangent_plane import offsets, on_other_plane
from ..telescope.effective_area import exposed
from ..telescope.instrument import background_rate
from ..telescope.responses import in_band
from .keywords import FAST, Keywords, simulation_keywords, zipped

if TYPE_CHECKING:
    from ..telescope.observations import SimulatedStack
    from .field_events import FieldExposure

__all__ = ["field_picture", "picture_header", "picture_name"]

_BANDS = "smh"  # red, green, blue
_REACH = 11.75  # arcmin from the aim point to the farthest corner of ACIS
_NEAR = 30.0  # arcmin: pointings farther away would leave the field a speck in its picture
_PIXEL = 1.5 / 60  # arcmin
_LARGEST = 1600  # pixels to a side

_COUNTS = 20.0  # under a kernel
_WIDEST = 24 / 60  # arcmin
_BRIGHT = 99.9  # per cent of the pixels are fainter than full brightness
_ABOVE_BACKGROUND = 60.0  # full brightness is at least so many times that
_SOFTENING = 0.03  # of full brightness, below which the stretch is linear


def picture_name(field: SkyField) -> str:
    """The name of a field's picture: m33, lockman-hole."""
    return field.name.lower().replace(" ", "-")


def picture_header(field: SkyField, pointed: Iterable[SimulatedStack]) -> fits.Header:
    """The header of the picture of a field with some stacks: those of ACIS near the field's centre are in it."""
    used = [stack for stack in pointed if _in_picture(field, stack)]
    return _header(field, used, _Grid.around(field, used))


def field_picture(field: SkyField, seen: Iterable[FieldExposure]) -> bytes:
    """A gzipped picture of the exposures of a field, of all its stacks."""
    used = [one for one in seen if _in_picture(field, one.stack)]
    pointed = list(dict.fromkeys(one.stack for one in used))
    grid = _Grid.around(field, pointed)
    counts, exposure, background = np.zeros((3, 3, *grid.shape))
    for one in used:
        grid.add(one, counts, exposure, background)
    looked = exposure[0] > 0
    flux, dark = np.zeros((2, 3, *grid.shape))
    np.divide(counts, exposure, out=flux, where=looked)
    np.divide(background, exposure, out=dark, where=looked)
    total = np.where(looked, counts.sum(axis=0), 0)
    smooth = smoothed_adaptively(total, _COUNTS, largest=_WIDEST / grid.pixel, light=flux)
    image = fits.PrimaryHDU(_stretched(np.maximum(smooth - dark, 0), dark, looked))
    image.header.update(_header(field, pointed, grid))
    return zipped([image], FAST)


def _in_picture(field: SkyField, stack: SimulatedStack) -> bool:
    return stack.instrument == "ACIS" and bool(np.hypot(*_aim(field, stack)) < _NEAR)


def _header(field: SkyField, pointed: Sequence[SimulatedStack], grid: _Grid) -> fits.Header:
    cards: Keywords = {
        **simulation_keywords(field),
        "OBJECT": (field.name, "what it would be, were it real"),
        "TITLE": (f"SIMULATED X-rays around {field.name}", ""),
        "CREDIT": ("SIMULATED by cscwidgets, no telescope saw this", ""),
        "INSTRUME": ("ACIS", "Instrument"),
        "RADESYS": ("ICRS", ""),
        **grid.keywords(),
        "CTYPE3": ("RGB", "soft, medium and hard X-rays"),
    }
    image = fits.PrimaryHDU(np.broadcast_to(np.uint8(0), (3, *grid.shape)))
    image.header.extend([(key, *value) for key, value in cards.items()])
    for stack in pointed:
        image.header.add_history(f"stack {stack.stack_id}")
    return image.header


def _aim(field: SkyField, stack: SimulatedStack) -> tuple[float, float]:
    east, north = offsets(field.ra, field.dec, np.array([stack.ra]), np.array([stack.dec]))
    return float(east[0]), float(north[0])


@dataclass(frozen=True, slots=True)
class _Grid:
    """Pixels on the plane that touches the sky at the field's centre; `east` and `north` of the lower left corner."""

    field: SkyField
    east: float
    north: float
    pixel: float
    shape: tuple[int, int]

    @classmethod
    def around(cls, field: SkyField, pointed: Sequence[SimulatedStack]) -> _Grid:
        """The pixels that hold the fields of view of some stacks."""
        aims = np.array([_aim(field, stack) for stack in pointed])
        low, high = aims.min(axis=0) - _REACH, aims.max(axis=0) + _REACH
        pixel = max(_PIXEL, float((high - low).max()) / _LARGEST)
        width, height = (int(np.ceil(side / pixel - 1e-6)) for side in high - low)
        return cls(field, float(high[0]), float(low[1]), pixel, (height, width))

    def add(self, one: FieldExposure, counts: Floats, exposure: Floats, background: Floats) -> None:
        """Add an exposure to the maps, each of shape (3, ny, nx)."""
        stack, observation = one.stack, one.observation
        here, there = (self.field.ra, self.field.dec), (stack.ra, stack.dec)
        part = self._part(*_aim(self.field, stack))
        rows, columns = np.mgrid[part]
        east, north = on_other_plane(
            here, there, self.east - (columns + 0.5) * self.pixel, self.north + (rows + 0.5) * self.pixel
        )
        gathered = exposed([observation], _BANDS, east, north)
        exposure[:, *part] += gathered.area_time
        per_pixel = gathered.live_time * stack.glow(np.hypot(east, north)) * (60 * self.pixel) ** 2
        photons = one.events(energies=False)
        scale = observation.pixel_size / 60
        east, north = on_other_plane(
            there, here, (observation.middle_pixel - photons.x) * scale, (photons.y - observation.middle_pixel) * scale
        )
        row = np.floor((north - self.north) / self.pixel).astype(int)
        column = np.floor((self.east - east) / self.pixel).astype(int)
        flat = row * self.shape[1] + column
        for number, band in enumerate(_BANDS):
            background[number, *part] += background_rate(stack.instrument)[BAND[band]] * per_pixel
            inside = in_band(photons.events.part, BAND[band])
            counts[number] += np.bincount(flat[inside], minlength=counts[number].size).reshape(self.shape)

    def _part(self, east: float, north: float) -> tuple[slice, slice]:
        """The pixels that a field of view about an aim point can reach."""
        column, row = (self.east - east) / self.pixel, (north - self.north) / self.pixel
        reach = _REACH / self.pixel + 2
        return _within(row, reach, self.shape[0]), _within(column, reach, self.shape[1])

    def keywords(self) -> Keywords:
        step = self.pixel / 60
        return {
            "CTYPE1": ("RA---TAN", ""),
            "CTYPE2": ("DEC--TAN", ""),
            "CUNIT1": ("deg", ""),
            "CUNIT2": ("deg", ""),
            "CRVAL1": (self.field.ra, ""),
            "CRVAL2": (self.field.dec, ""),
            "CRPIX1": (self.east / self.pixel + 0.5, ""),
            "CRPIX2": (-self.north / self.pixel + 0.5, ""),
            "CDELT1": (-step, ""),
            "CDELT2": (step, ""),
        }


def _within(middle: float, reach: float, size: int) -> slice:
    return slice(max(0, int(middle - reach)), min(size, int(middle + reach)))


def _stretched(flux: Floats, dark: Floats, looked: Flags) -> NDArray[np.uint8]:
    """Three planes from 0 to 255: black where nobody looked, and nowhere else."""
    balance = 1 / flux.sum(axis=(1, 2), keepdims=True)
    weighted = flux * balance
    brightness = weighted.mean(axis=0)
    # Where there is little but background its noise is not to be taken for light.
    background = np.median((dark * balance).mean(axis=0)[looked])
    full = max(np.percentile(brightness[looked], _BRIGHT), _ABOVE_BACKGROUND * background)
    shown = AsinhStretch(_SOFTENING)(np.minimum(brightness / full, 1))
    colours = weighted * np.divide(shown, brightness, out=np.zeros_like(shown), where=brightness > 0)
    colours /= np.maximum(colours.max(axis=0), 1)  # what is too bright for one colour keeps its hue
    return np.where(looked, np.maximum(np.round(255 * colours), 1), 0).astype(np.uint8)
