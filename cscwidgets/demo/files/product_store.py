"""The demo's product files: made when asked for, always the same bytes."""

from __future__ import annotations

import threading
from functools import cache, lru_cache

import numpy as np

from cscwidgets.arrays import Flags
from cscwidgets.csc.filenames import ProductFile, ProductName
from cscwidgets.csc.products import KINDS, Observation, Owner, ProductId, Source, Stack
from cscwidgets.errors import ProductError

from ..simulation import field_exposures, region_counts, region_rows
from ..sky.source_spectra import BAND
from ..tables.measurements import timed_bands
from ..telescope.likelihood import log_likelihood
from .curve_file import curve_file
from .event_files import region_event_file, region_file
from .field_products import Field, has_field_file, region_image
from .fov_file import fov_file, fov_instrument
from .keywords import observation_keywords, stack_keywords
from .region_events import RegionRow
from .response_files import area_file, redistribution_file
from .sensitivity_file import sensitivity_file
from .spectrum_file import spectrum_file

__all__ = ["DemoStore", "demo_store"]

_VERSION = 1
_KEPT = 64  # files kept in memory: a download in pieces asks several times
_LARGE_KEPT = 8

_SPECTRAL = ("pha", "arf", "rmf")
_OUTLINES = ("fov", "stkfov")  # they need no simulation
_OF_REGIONS = ("lc", "regevt", "reg", "regimg", "regexp", "stkregimg", "stkregexp", *_SPECTRAL)


class DemoStore:
    """The product files of the simulated observations and stacks, and of the regions in them.

    Of fields: outlines, events, images, background, exposure, and the sensitivity maps of the stacks that have one.
    Of regions: light curves, spectra with responses, events, regions, images and their exposure. As in the catalogue
    there is no light curve where a detection is too weak in its band. There are spectra of detections with at least one
    count in the broad or wide band, and responses of those of ACIS. The first question takes a few seconds, in which
    the simulated sky is observed again.
    """

    _lock = threading.Lock()

    def browse(self, product: ProductId) -> list[ProductFile]:
        """The file of a product, if the demo has it."""
        if product.kind.name in _OUTLINES:
            instrument = fov_instrument(product.owner)
            return [ProductFile(_named(product, instrument))] if instrument else []
        with self._lock:
            field = _field(product.owner)
            if field is None or not _has(field, product):
                return []
        return [ProductFile(_name(field, product))]

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
        names = [file.filename for file in self.browse(product)]
        if product.kind.filetype != filetype or names != [filename]:
            raise KeyError(filename)
        if product.kind.name in _OUTLINES:
            return fov_file(product.owner)
        return (_large_file if product.kind.level.full_field else _file)(product.owner, product.kind.name, product.band)


@cache
def demo_store() -> DemoStore:
    """The one store of this process."""
    return DemoStore()


@lru_cache(maxsize=_LARGE_KEPT)
def _large_file(owner: Owner, kind: str, band: str) -> bytes:
    field = _field(owner)
    if field is None:
        raise KeyError(str(owner))
    return sensitivity_file(field.stack, band) if kind == "sensity" else field.file(kind, band)


@lru_cache(maxsize=_KEPT)
def _file(owner: Owner, kind: str, band: str) -> bytes:
    field, rows = _field(owner), _rows(owner)
    if field is None or not rows:
        raise KeyError(str(owner))
    match kind:
        case "lc":
            return curve_file(rows[0], band)
        case "regevt":
            return region_event_file(rows[0])
        case "reg":
            return region_file(rows[0])
        case "pha":
            products = [ProductId(owner, KINDS[name]) for name in _SPECTRAL if _has_spectral(rows[0], name)]
            return spectrum_file(rows[0], *(_name(field, product) for product in products))
        case "arf":
            return area_file(rows[0])
        case "rmf":
            return redistribution_file(rows[0])
        case _:
            return region_image(rows, kind, band, field.keywords)


def _name(field: Field, product: ProductId) -> str:
    """The name of a product's file."""
    return _named(product, field.stack.instrument)


def _named(product: ProductId, instrument: str) -> str:
    instrument = instrument.lower() if isinstance(product.owner, Observation) else ""
    return str(ProductName(product.owner, product.kind, _VERSION, band=product.band, instrument=instrument))


def _has(field: Field, product: ProductId) -> bool:
    """Whether the demo has a product of a field or of a region in it."""
    kind, rows = product.kind.name, _rows(product.owner)
    if product.kind.level.full_field:
        mapped = kind == "sensity" and field.stack.mapped and field.has_band(product.band)
        return mapped or has_field_file(field, product)
    if not rows or kind not in _OF_REGIONS:
        return False
    if kind == "lc":
        return bool(_bright(rows[0])[BAND[product.band]])
    return _has_spectral(rows[0], kind) if kind in _SPECTRAL else field.has_band(product.band)


def _field(owner: Owner) -> Field | None:
    """What an observation or a stack sees, of a region in it too; None where the demo has no such."""
    if isinstance(owner, Observation):
        return _fields().get(Observation(owner.obsid, owner.obi))
    return _fields().get(Stack(owner.detect_stack_id)) if isinstance(owner, Stack) else None


@cache
def _fields() -> dict[Owner, Field]:
    fields: dict[Owner, Field] = {}
    for seen in field_exposures():
        stack = seen[0].stack
        fields[Stack(stack.stack_id)] = Field(seen, stack_keywords(stack))
        for exposure in seen:
            observation = exposure.observation
            keywords = observation_keywords(stack, observation)
            fields[Observation(observation.obsid, observation.obi)] = Field((exposure,), keywords)
    return fields


def _rows(owner: Owner) -> list[RegionRow]:
    """The rows of a region: one of an observation's, of a stack's those of all observations that see it."""
    field = _field(owner)
    if field is None or isinstance(owner, Source) or owner.region_id is None:
        return []
    seen = (exposure.observation for exposure in field.exposures)
    keys = ((observation.obsid, observation.obi, owner.region_id) for observation in seen)
    return [row for key in keys if (row := region_rows().get(key)) is not None]


def _has_spectral(row: RegionRow, kind: str) -> bool:
    """Whether a region has a spectrum, or one of its responses."""
    acis = row.observation.instrument == "ACIS"
    counts = region_counts().aperture.counts[row.number, BAND["b" if acis else "w"]]
    return row.detected and bool(counts > 0) and (acis or kind == "pha")


def _bright(row: RegionRow) -> Flags:
    """In which bands a row has a light curve."""
    return np.asarray(_bright_bands()[row.number])


@cache
def _bright_bands() -> Flags:
    records = region_counts()
    counts = records.aperture
    return timed_bands(records, log_likelihood(counts.counts, counts.off / counts.ratio[:, None]))
