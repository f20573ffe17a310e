"""The demo's product files: made when asked for, always the same bytes."""

from __future__ import annotations

import threading
from functools import cache, lru_cache

import numpy as np

from cscwidgets.arrays import Flags
from cscwidgets.csc.bands import BANDS
from cscwidgets.csc.filenames import ProductFile, ProductName
from cscwidgets.csc.products import KINDS, Observation, ProductId, Stack
from cscwidgets.errors import ProductError

from ..simulation import region_counts, region_rows
from ..sky.source_spectra import BAND
from ..tables.measurements import timed_bands
from ..telescope.likelihood import log_likelihood
from ..telescope.observations import SimulatedStack, stacks
from .curve_file import curve_file
from .event_files import observation_event_file, region_event_file, region_file
from .fov_file import fov_file, fov_instrument
from .region_events import RegionRow
from .response_files import area_file, redistribution_file
from .sensitivity_file import sensitivity_file
from .spectrum_file import spectrum_file

__all__ = ["DemoStore", "demo_store"]

_VERSION = 1
_KEPT = 64  # files kept in memory: a download in pieces asks several times
_LARGE_KEPT = 2
_MAPS_KEPT = 16

_SPECTRAL = ("pha", "arf", "rmf")
_FIELDS = ("fov", "stkfov")
_MADE = ("lc", "regevt", "reg", "evt", *_SPECTRAL)


class DemoStore:
    """Light curves, spectra with responses, region events, region files and event files of the simulated observations.

    And the fields of view of observations and stacks, and the sensitivity maps of stacks, except of those that have
    none. As in the catalogue there is no light curve where a detection is too weak in its band. There are spectra of
    detections with at least one count in the broad or wide band, and responses of those of ACIS. The first question
    takes a few seconds, in which the simulated sky is observed again.
    """

    _lock = threading.Lock()

    def browse(self, product: ProductId) -> list[ProductFile]:
        """The file of a product, if the demo has it."""
        if product.kind.name in _FIELDS:
            instrument = fov_instrument(product.owner).lower()
            return [ProductFile(_named(product, instrument))] if instrument else []
        if isinstance(product.owner, Stack):
            return _maps(product.owner, product)
        if not isinstance(product.owner, Observation) or product.kind.name not in _MADE:
            return []
        with self._lock:
            rows = _rows(product.owner)
            if not rows or (product.kind.per_band and not _bright(rows[0])[BAND[product.band]]):
                return []
            if product.kind.name in _SPECTRAL and not _has(rows[0], product.kind.name):
                return []
        return [ProductFile(_name(rows[0], product))]

    def read(self, filetype: str, filename: str) -> bytes:
        """A file's gzipped content.

        Raises
        ------
        KeyError
            If there is no such file, or it is of another type.
        """
        try:
            product = ProductName.parse(filename).product
        except ProductError as error:
            raise KeyError(filename) from error
        owner, kind = product.owner, product.kind
        names = [file.filename for file in self.browse(product)]
        if kind.filetype != filetype or names != [filename]:
            raise KeyError(filename)
        if kind.name in _FIELDS:
            return fov_file(owner)
        if isinstance(owner, Stack):
            return _map(owner.detect_stack_id, product.band)
        if not isinstance(owner, Observation):
            raise KeyError(filename)
        return (_large_file if kind.level.full_field else _file)(owner, kind.name, product.band)


@cache
def demo_store() -> DemoStore:
    """The one store of this process."""
    return DemoStore()


def _make(owner: Observation, kind: str, band: str) -> bytes:
    rows = _rows(owner)
    match kind:
        case "lc":
            return curve_file(rows[0], band)
        case "regevt":
            return region_event_file(rows[0])
        case "reg":
            return region_file(rows[0])
        case "pha":
            filenames = [_name(rows[0], ProductId(owner, KINDS[name])) for name in _SPECTRAL if _has(rows[0], name)]
            return spectrum_file(rows[0], *filenames)
        case "arf":
            return area_file(rows[0])
        case "rmf":
            return redistribution_file(rows[0])
        case _:
            return observation_event_file(rows)


_file = lru_cache(maxsize=_KEPT)(_make)
_large_file = lru_cache(maxsize=_LARGE_KEPT)(_make)


def _maps(owner: Stack, product: ProductId) -> list[ProductFile]:
    """The map of a stack in a band of its instrument, if it has one."""
    stack = _stacks().get(owner.detect_stack_id)
    if stack is None or not stack.mapped or owner.region_id is not None or product.kind.name != "sensity":
        return []
    if BANDS[product.band].detector != stack.instrument:
        return []
    return [ProductFile(str(ProductName(owner, product.kind, _VERSION, product.band)))]


@lru_cache(maxsize=_MAPS_KEPT)
def _map(stack_id: str, band: str) -> bytes:
    return sensitivity_file(_stacks()[stack_id], band)


@cache
def _stacks() -> dict[str, SimulatedStack]:
    return {stack.stack_id: stack for stack in stacks()}


def _name(row: RegionRow, product: ProductId) -> str:
    """The name of a product's file."""
    return _named(product, row.observation.instrument.lower())


def _named(product: ProductId, instrument: str) -> str:
    return str(ProductName(product.owner, product.kind, _VERSION, band=product.band, instrument=instrument))


def _has(row: RegionRow, kind: str) -> bool:
    """Whether a region has a spectrum, or one of its responses."""
    acis = row.observation.instrument == "ACIS"
    counts = region_counts().aperture.counts[row.number, BAND["b" if acis else "w"]]
    return row.detected and bool(counts > 0) and (acis or kind == "pha")


def _rows(owner: Observation) -> list[RegionRow]:
    """The row of a region, or all of an observation; none where there is no such."""
    if owner.region_id is None:
        return _by_observation().get((owner.obsid, owner.obi), [])
    row = region_rows().get((owner.obsid, owner.obi, owner.region_id))
    return [] if row is None else [row]


@cache
def _by_observation() -> dict[tuple[int, int], list[RegionRow]]:
    rows: dict[tuple[int, int], list[RegionRow]] = {}
    for (obsid, obi, _), row in region_rows().items():
        rows.setdefault((obsid, obi), []).append(row)
    return rows


def _bright(row: RegionRow) -> Flags:
    """In which bands a row has a light curve."""
    return np.asarray(_bright_bands()[row.number])


@cache
def _bright_bands() -> Flags:
    records = region_counts()
    counts = records.aperture
    return timed_bands(records, log_likelihood(counts.counts, counts.off / counts.ratio[:, None]))
