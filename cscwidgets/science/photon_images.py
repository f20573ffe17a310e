"""Photons of one or more observations, counted in pixels of the sky."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .images.event_image import count_photons, photon_grid
from .images.sky_image import SkyImage
from .times.events import EventList

__all__ = ["count_bands"]


def count_bands(
    lists: Sequence[EventList],
    energies: Sequence[tuple[float, float]] = ((0.5, 7.0),),
    *,
    times: tuple[float, ...] = (),
    size: float = 0.5,
    side: int = 1280,
) -> list[SkyImage]:
    """Count the photons of event lists, together, in an image for each band of energies.

    Parameters
    ----------
    lists : sequence of EventList
        With places on the sky; the HRC measures no energies: of its lists all photons count in each band.
    energies : sequence of (float, float)
        Ends of each band, keV.
    times : (float, float), optional
        Start and stop, s of mission time; all unless told.
    size : float
        Side of a pixel, arcsec; larger ones where these would be too many.
    side : int
        Pixels to a side that the images may have.

    Returns
    -------
    list of SkyImage
        One for each band, on the same pixels.

    Examples
    --------
    >>> from cscwidgets.science import photon_images, times
    >>> events = times.read_events("regevt3.fits")
    >>> (image,) = photon_images.count_bands([events], [(0.5, 7.0)])
    >>> int(image.values.sum()) == len(events.within(0.5, 7.0))
    True
    """
    everything = [(events.x, events.y, events.wcs) for events in lists if events.wcs is not None]
    wcs, shape = photon_grid(everything, size, side=side)
    chosen = [events.during(*times) for events in lists] if times else list(lists)
    simulated = any(events.header.simulated for events in lists)
    title = ", ".join(dict.fromkeys(str(events.header.obsid) for events in lists))
    counted = []
    for low, high in energies:
        kept = [events.within(low, high) if events.has_energies else events for events in chosen]
        image = count_photons([(one.x, one.y, one.wcs) for one in kept if one.wcs is not None], wcs, shape, title=title)
        counted.append(replace(image, simulated=simulated))
    return counted
