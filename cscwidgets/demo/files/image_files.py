"""The simulated images of fields (img3, bkgimg3, exp3) and of regions (regimg3, regexp3), in an energy band.

What they hold is what the catalogue's hold: https://cxc.cfa.harvard.edu/csc/data_products/. An img3 is
(counts - background) / exposure, in photon cm**-2 s**-1, and NaN where nobody looked. The background is the mean that
the simulation draws from, the exposure that of `cscwidgets.demo.telescope.effective_area`. Images of regions hold plain
counts.

One thing differs: the catalogue's images of fields have pixels of 0.49 arcsec (ACIS) or 0.26 arcsec (HRC), which takes
50 to 500 MB each; these have pixels of about an arcsecond, twice that for the HRC. Images of regions are as sharp as
the catalogue's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from astropy.io import fits

from cscwidgets.arrays import Floats, Integers

from ..sky.source_spectra import BAND
from ..telescope.effective_area import exposed
from ..telescope.events import PlacedEvents
from ..telescope.instrument import background_rate
from ..telescope.responses import in_band
from .image_frame import ImageFrame, band_keywords
from .keywords import FAST, Keywords, zipped

if TYPE_CHECKING:
    from ..telescope.observations import SimulatedObservation, SimulatedStack

__all__ = ["FIELD_BLOCK", "REGION_BLOCK", "exposure_file", "field_image_file", "region_image_file"]

FIELD_BLOCK = {"ACIS": 2, "HRC": 16}
"""Sky pixels to the side of a pixel of a field's image."""

REGION_BLOCK = {"ACIS": 1, "HRC": 2}
"""The same of a region's image."""

_FLUX = ("photon cm**-2 s**-1", "flux in the pixel")
_COUNTS = ("count", "events in the pixel")


def field_image_file(
    stack: SimulatedStack,
    fields: Sequence[tuple[SimulatedObservation, PlacedEvents]],
    band: str,
    keywords: Keywords,
    *,
    background: bool = False,
) -> bytes:
    """A gzipped img3 of observations of a stack, each with its events; or, instead, the bkgimg3 it was made with."""
    observations = [observation for observation, _ in fields]
    frame = ImageFrame.whole(observations[0], FIELD_BLOCK[stack.instrument])
    east, north = frame.offsets()
    exposure = exposed(observations, band, east, north)
    rate = background_rate(stack.instrument)[BAND[band]] * frame.pixel_size**2
    expected = exposure.live_time * stack.glow(np.hypot(east, north)) * rate
    if background:
        return _image_file(expected, _COUNTS, frame, ("BKGIMG3", band, keywords))
    counts = _counts(frame, [events for _, events in fields], band)
    with np.errstate(divide="ignore", invalid="ignore"):
        flux = np.where(exposure.live_time > 0, (counts - expected) / exposure.area_time[0], np.nan)
    return _image_file(flux, _FLUX, frame, ("IMG3", band, keywords))


def exposure_file(
    content: str, frame: ImageFrame, observations: Sequence[SimulatedObservation], band: str, keywords: Keywords
) -> bytes:
    """A gzipped exp3 or regexp3: the sum of effective area and live time, 0 where nobody looked."""
    (area_time,) = exposed(observations, band, *frame.offsets()).area_time
    unit = ("cm**2 s", "count for a flux of 1 photon cm**-2 s**-1")
    return _image_file(area_time, unit, frame, (content, band, keywords))


def region_image_file(frame: ImageFrame, events: Sequence[PlacedEvents], band: str, keywords: Keywords) -> bytes:
    """A gzipped regimg3: the counts in and around a region."""
    return _image_file(_counts(frame, events, band), _COUNTS, frame, ("REGIMG3", band, keywords))


def _counts(frame: ImageFrame, events: Sequence[PlacedEvents], band: str) -> Integers:
    counts = np.zeros((frame.size, frame.size), dtype=np.int64)
    for placed in events:
        inside = in_band(placed.events.part, BAND[band])
        # In single precision, as in the event files: what is binned from these is the same.
        counts += frame.counts(placed.x[inside].astype(np.float32), placed.y[inside].astype(np.float32))
    return counts


def _image_file(
    pixels: Floats | Integers, unit: tuple[str, str], frame: ImageFrame, what: tuple[str, str, Keywords]
) -> bytes:
    content, band, keywords = what
    image = fits.PrimaryHDU(pixels.astype(np.int32 if pixels.dtype.kind == "i" else np.float32))
    cards: Keywords = {
        "HDUNAME": (content, "block name"),
        "BUNIT": unit,
        **keywords,
        **band_keywords(content, band),
        **frame.keywords(),
    }
    image.header.extend([(key, *value) for key, value in cards.items()])
    return zipped([image], FAST)
