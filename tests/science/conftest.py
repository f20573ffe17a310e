"""Simulated fields of sources and of a catalogue, with the counterparts known."""

from dataclasses import dataclass

import astropy.units as u
import numpy as np
import pytest
from astropy.table import QTable

from cscwidgets.science.crossmatch import Crossmatch


@dataclass(frozen=True)
class Field:
    """`truth` is the catalogue's row of each source's counterpart, -1 where the catalogue does not have it."""

    sources: QTable
    catalogue: QTable
    truth: np.ndarray

    @property
    def completeness(self) -> float:
        return float((self.truth >= 0).mean())

    def right(self, match: Crossmatch) -> tuple[np.ndarray, np.ndarray]:
        """Which candidates are counterparts, and which sources have theirs among the candidates."""
        right = np.asarray(match.candidates["catalogue_row"] == self.truth[match.candidates["source_row"]])
        found = np.zeros(len(self.truth), bool)
        found[match.candidates["source_row"][right]] = True
        return right, found


def simulate(
    seed: int,
    *,
    sources: int = 20_000,
    objects: int = 200_000,
    share: float = 0.7,
    ratio: float = 3.0,
    radius: float = 0.7,
) -> Field:
    """A round field about RA 0 with a gradient of density; errors of 0.3 to 8 arcsec, elliptical by `ratio`."""
    rng = np.random.default_rng(seed)

    def disc(number, size, power):
        distance, angle = size * rng.random(number) ** power, rng.uniform(0, 2 * np.pi, number)
        return distance * np.cos(angle), distance * np.sin(angle)

    has = rng.random(sources) < share
    others = objects - int(has.sum())
    x, y = disc(sources, radius, 0.5)
    other_x, other_y = disc(others, 1.05 * radius, 0.7)
    error = rng.uniform(0.05, 0.3, objects)
    ra = np.concatenate([other_x, x[has]]) + rng.normal(0, error) / 3600
    dec = np.concatenate([other_y, y[has]]) + rng.normal(0, error) / 3600
    major, angle = np.exp(rng.normal(np.log(1.5), 0.5, sources)), rng.uniform(0, 180, sources)
    along, across = rng.normal(0, major) / 3600, rng.normal(0, major / ratio) / 3600
    sin, cos = np.sin(np.radians(angle)), np.cos(np.radians(angle))
    truth = np.full(sources, -1)
    truth[has] = others + np.arange(objects - others)
    return Field(
        QTable(
            {
                "name": np.char.add("SIM ", np.arange(sources).astype(str)),
                "ra": np.mod(x + along * sin - across * cos, 360) * u.deg,
                "dec": (y + along * cos + across * sin) * u.deg,
                "err_ellipse_r0": 2.4477468 * major * u.arcsec,
                "err_ellipse_r1": 2.4477468 * major / ratio * u.arcsec,
                "err_ellipse_ang": angle * u.deg,
            }
        ),
        QTable(
            {
                "id": np.arange(objects),
                "ra": np.mod(ra, 360) * u.deg,
                "dec": dec * u.deg,
                "pos_err": error * u.arcsec,
                "mag": np.concatenate([rng.normal(22, 1.5, others), rng.normal(20, 1.2, objects - others)]),
                "colour": np.concatenate([rng.normal(1, 0.5, others), rng.normal(0.5, 0.4, objects - others)]),
            }
        ),
        truth,
    )


@pytest.fixture(scope="session")
def simulated():
    """Make a field of a seed."""
    return simulate


@pytest.fixture(scope="session")
def field() -> Field:
    """One small field."""
    return simulate(1, sources=5_000, objects=50_000, radius=0.35)
