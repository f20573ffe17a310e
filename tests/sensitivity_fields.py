"""Round fields whose limits grow as the square of the distance from their centres: all areas are known.

The truth comes from arcs of circles of declination, and knows neither pixels nor HEALPix. It is the same however the
sky is turned.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS
from scipy.spatial.transform import Rotation

from cscwidgets.science.maps.sensitivity_map import SensitivityMap

__all__ = ["Fields", "write_map"]

_GROWTH = 0.15  # deg at which the limit is twice that on the axis


@dataclass(frozen=True)
class Fields:
    """Centres in degrees, limits on axis in photon/s/cm**2, roll angles in radians; one radius in degrees."""

    lon: np.ndarray
    lat: np.ndarray
    faintest: np.ndarray
    roll: np.ndarray
    radius: float

    @classmethod
    def simulate(cls, number: int, *, spread: float = 0.6, radius: float = 0.26, seed: int = 1) -> Fields:
        rng = np.random.default_rng(seed)
        return cls(
            rng.uniform(-spread, spread, number),
            rng.uniform(-spread, spread, number),
            10 ** rng.uniform(-7.0, -6.0, number),
            rng.uniform(0, 2 * np.pi, number),
            radius,
        )

    def maps(self, size: int, turn: Rotation | None = None) -> list[SensitivityMap]:
        """Maps of a number of pixels a side, of the sky turned away from (0, 0)."""
        return [self.map(index, size, turn) for index in range(len(self.lon))]

    def map(self, index: int, size: int, turn: Rotation | None = None) -> SensitivityMap:
        centre = _vector(self.lon[index], self.lat[index])
        if turn is not None:
            centre = turn.apply(centre)
        wcs = WCS(naxis=2)
        wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
        wcs.wcs.crval = [np.degrees(np.arctan2(centre[1], centre[0])) % 360, np.degrees(np.arcsin(centre[2]))]
        wcs.wcs.crpix = [size / 2 + 0.5 + 3.2, size / 2 + 0.5 - 1.7]
        pixel = 2.1 * self.radius / size
        cos, sin = np.cos(self.roll[index]), np.sin(self.roll[index])
        wcs.wcs.cdelt = [-pixel, pixel]
        wcs.wcs.pc = [[cos, -sin], [sin, cos]]
        wcs.wcs.radesys = "ICRS"
        y, x = np.indices((size, size))
        lon, lat = wcs.wcs_pix2world(x.ravel(), y.ravel(), 0)
        away = np.degrees(2 * np.arcsin(np.linalg.norm(_vector(lon, lat) - centre, axis=1) / 2)).reshape(size, size)
        limit = self.faintest[index] * (1 + (away / _GROWTH) ** 2)
        limit[away > self.radius] = np.nan
        return SensitivityMap(limit.astype(np.float32), wcs, f"acisfJ{index:07d}p000000_001", "b")

    def area(self, flux: float = np.inf, rows: int = 10_000) -> float:
        """Area in deg**2 in which the lowest limit is at most a flux."""
        reach = _GROWTH * np.sqrt(np.maximum(np.minimum(flux, 1.0) / self.faintest - 1, 0))
        radius = np.radians(np.minimum(reach, self.radius))[:, None]
        lat0 = np.radians(self.lat)[:, None]
        edges = np.linspace((lat0 - radius).min(), (lat0 + radius).max(), rows + 1)
        lat = (edges[1:] + edges[:-1])[None, :] / 2
        cos = (np.cos(radius) - np.sin(lat) * np.sin(lat0)) / (np.cos(lat) * np.cos(lat0))
        half = np.degrees(np.arccos(np.clip(cos, -1, 1)))
        start, stop = self.lon[:, None] - half, self.lon[:, None] + half
        order = np.argsort(start, axis=0)
        start, stop = (np.take_along_axis(one, order, 0) for one in (start, stop))
        before = np.maximum.accumulate(stop, axis=0)
        before = np.vstack([np.full((1, rows), -np.inf), before[:-1]])
        width = np.maximum(stop - np.maximum(start, before), 0).sum(axis=0)
        return float((width * np.degrees(np.diff(np.sin(edges)))).sum())


def _vector(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    lon, lat = np.radians(lon), np.radians(lat)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def write_map(path: Path, one: SensitivityMap, *, marginal: float = 0.6, **keywords: object) -> Path:
    """A file of two images, MARGINAL and TRUE, as the catalogue has them; keywords of None are left out."""
    header = one.wcs.to_header()
    header.update({"BUNIT": "photon/cm**2/s", "STACK_ID": one.stack, "BAND": "broad"})
    for key, value in keywords.items():
        if value is None:
            header.remove(key)
        else:
            header[key] = value
    images = fits.PrimaryHDU(one.limit * np.float32(marginal), header), fits.ImageHDU(one.limit, header)
    fits.HDUList(list(images)).writeto(path, overwrite=True)
    return path
