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


def king(rng: np.random.Generator, number: int, core: float, edge: float) -> np.ndarray:
    """Distances from the centre of a cluster with King's (1962) profile 1 / (1 + (r / core)**2) out to an edge."""
    return core * np.sqrt((1 + (edge / core) ** 2) ** rng.random(number) - 1)


def king_density(distance: np.ndarray, number: int, core: float, edge: float) -> np.ndarray:
    """The same, as a number per area."""
    return number / (np.pi * core**2 * np.log1p((edge / core) ** 2)) / (1 + (distance / core) ** 2)


def simulate_clusters(
    seed: int, *, clusters: int, stars: int, others: int, sources: int, share: float, core: float = 30.0
) -> Field:
    """Clusters of stars, far from one another, among others; of the sources, half lie in still smaller cores.

    Sizes in arcsec: fields of 1200, errors of 0.2 to 1.3 and of 0.02 to 0.1.
    """
    rng = np.random.default_rng(seed)
    edge, has = 1200.0, rng.random((clusters, sources)) < share
    tables: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    truth, before = np.full(has.shape, -1), 0
    for cluster, mine in enumerate(has):
        parts = [king(rng, stars, core, edge), edge * np.sqrt(rng.random(others))]
        true = np.append(king(rng, sources // 2, core / 2, edge), edge * np.sqrt(rng.random(sources - sources // 2)))
        angle = rng.uniform(0, 2 * np.pi, stars + others + sources)
        place = np.append(np.concatenate(parts), true) * [np.sin(angle), np.cos(angle)]
        objects = np.concatenate([place[:, : stars + others], place[:, stars + others :][:, mine]], axis=1)
        centre = np.array([[3.0 + 2 * (cluster % 20)], [2.0 * (cluster // 20)]])
        for rows, offset, error in (
            (tables[0], place[:, stars + others :], np.exp(rng.normal(np.log(0.5), 0.5, sources))),
            (tables[1], objects, rng.uniform(0.02, 0.1, objects.shape[1])),
        ):
            east, north = (offset + rng.normal(0, error, offset.shape)) / 3600
            dec = centre[1] + north
            rows.append(np.array([centre[0] + east / np.cos(np.radians(dec)), dec, error]))
        truth[cluster, mine] = before + stars + others + np.arange(mine.sum())
        before += objects.shape[1]
    made = []
    for rows in tables:
        ra, dec, error = np.concatenate(rows, axis=1)
        made.append(
            QTable({"id": np.arange(len(ra)), "ra": ra * u.deg, "dec": dec * u.deg, "pos_err": error * u.arcsec})
        )
    return Field(*made, truth.ravel())


@pytest.fixture(scope="session")
def clusters():
    """Make clusters of a seed."""
    return simulate_clusters


@pytest.fixture(scope="session")
def simulated():
    """Make a field of a seed."""
    return simulate


@pytest.fixture(scope="session")
def field() -> Field:
    """One small field."""
    return simulate(1, sources=5_000, objects=50_000, radius=0.35)
