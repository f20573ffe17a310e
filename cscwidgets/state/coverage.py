"""The sky coverage of the explorer's region: which maps it rests on, what came of them, and what is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, TypeVar

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import QTable
from traitlets import Bool, Enum, Float, Instance

from cscwidgets.csc.bands import BANDS, BANDS_KEV
from cscwidgets.errors import CscError
from cscwidgets.science.counted_sources import count_sources, flux_columns
from cscwidgets.science.coverage import mosaic
from cscwidgets.science.maps.coverage_curve import CoverageCurve, bin_edges
from cscwidgets.science.maps.detection_probability import DetectionThreshold, detection_curve
from cscwidgets.science.maps.flux_calibration import SOFT_BAND, FluxCalibration, power_law_calibration
from cscwidgets.science.maps.mosaic_image import ImageMosaic, image_mosaic
from cscwidgets.science.maps.sensitivity_map import PHOTON_FLUX
from cscwidgets.science.maps.sky_clip import Inside
from cscwidgets.science.maps.sky_mosaic import Mosaic
from cscwidgets.science.maps.sky_picture import clipped, grid_around, picture
from cscwidgets.science.number_counts import NumberCounts
from cscwidgets.sky.region import Region

from .explorer import ExplorerState
from .keeping import FLAG, PLACE, Keeps, Kept, Renewal
from .sensitivity_files import SensitivityFiles, fetch_sensitivity
from .tasks import Task

__all__ = ["Coverage", "CoverageState"]

_LOOKED_AT = ("flux", "place")
_PIXELS = 360  # of the picture's side: about one for each of the screen's

T = TypeVar("T")


@dataclass(frozen=True)
class Coverage:
    """The coverage of one region in one band.

    Attributes
    ----------
    region : Region
    title : str
        What the archive calls itself.
    fetched : SensitivityFiles
        The stacks that may reach into the region, and their maps.
    mosaic : Mosaic
        Of these maps; it may hold those of other stacks as well, which lie outside.
    curve : CoverageCurve
        Of the region, in photon flux.
    picture : ImageMosaic
        The limits in the region, for the eye.
    sources : QTable
        The catalogue's sources in the region with their fluxes in the band.
    unknown : dict of str to str
        Stacks whose area is unknown, and why.
    """

    region: Region
    title: str
    fetched: SensitivityFiles
    mosaic: Mosaic
    curve: CoverageCurve
    picture: ImageMosaic
    sources: QTable
    unknown: dict[str, str]

    @property
    def inside(self) -> Inside:
        """Which positions lie in the region."""
        return self.region.contains

    @property
    def stacks(self) -> QTable:
        """A row for each stack: observed area, that in which its limit is the lowest, and why if that is unknown."""
        table = self.mosaic.table()
        table = table[np.isin(np.asarray(table["stack"], str), self.used)]
        nothing = [np.nan] * len(self.unknown)
        return QTable(
            {
                "stack": [*table["stack"].tolist(), *self.unknown],
                "area": [*table["area"].value, *nothing] * u.deg**2,
                "lowest_in": [*table["lowest_in"].value, *nothing] * u.deg**2,
                "status": ["used"] * len(table) + ["area unknown"] * len(self.unknown),
                "why": [""] * len(table) + list(self.unknown.values()),
            }
        )

    @property
    def used(self) -> list[str]:
        """Stacks whose maps were read, the nearest first."""
        return [name for name in self.fetched.names if name not in self.unknown]


class CoverageState(Keeps):
    """How faint a source the archive shows where in the explorer's region.

    Attributes
    ----------
    band : str
        Letter of the band to ask for.
    threshold : str
        "TRUE" or "MARGINAL": of which class a source as bright as the limit would be.
    unit : str
        "photon", "CSC" (energy flux by the CSC's calibration of the soft band) or "power law".
    photon_index, nh : float
        Of the power law; the column of gas in 1e22 cm**-2.
    coverage : Coverage or None
        The last good result.
    flux : float
        A photon flux that is looked at, NaN for none.
    place : SkyCoord or None
        A position that is looked at.
    background : float
        Counts expected from background in a detection cell, with which number counts are corrected for Eddington bias;
        NaN for no correction: the maps do not tell them.
    only_selected : bool
        Whether number counts are those of the selected sources.
    """

    plain: ClassVar = ("band", "threshold", "unit", "photon_index", "nh", "flux", "background", "only_selected")
    fields: ClassVar = {"place": PLACE, "combined": FLAG}

    band = Enum(tuple(BANDS), "s")
    threshold = Enum(("TRUE", "MARGINAL"), "TRUE")
    unit = Enum(("photon", "CSC", "power law"), "photon")
    photon_index = Float(1.4)
    nh = Float(0.0)
    coverage = Instance(Coverage, allow_none=True)
    flux = Float(np.nan)
    place = Instance(SkyCoord, allow_none=True)
    background = Float(np.nan)
    only_selected = Bool(False)

    def __init__(self, explorer: ExplorerState) -> None:
        super().__init__()
        self.explorer, self.desk = explorer, explorer.desk

    @property
    def combined(self) -> bool:
        """Whether maps were combined."""
        return self.coverage is not None

    def restore(self, kept: Kept) -> Iterator[None]:
        """Choose what was chosen; what is looked at follows the maps."""
        self.assign({name: value for name, value in kept.items() if name not in _LOOKED_AT})
        yield from ()

    def renewal(self, kept: Kept) -> Renewal:
        """The maps."""
        return Renewal("the sky coverage" if kept["combined"] else "")

    def renew(self, kept: Kept) -> Iterator[None]:
        """Combine them again, and look at what was looked at."""
        if kept["combined"] and self.explorer.region is not None:
            self.run()
            yield
            self.assign(kept, "unit", *_LOOKED_AT)

    def run(self) -> None:
        """Fetch what maps are missing and combine them, in the background.

        Raises
        ------
        CscError
            If there is no region.
        """
        explorer, region, before = self.explorer, self.explorer.region, self.coverage
        if region is None:
            raise CscError("There is no sky coverage", "no region is chosen", "Draw one on the sky first.")
        band, threshold = self.band, self.threshold
        self.desk.calls.did("coverage.run")

        def work(task: Task) -> Coverage:
            archive = self.desk.archive
            title = archive.open(task).title
            fetched = fetch_sensitivity(archive, region, band, task)
            combined = _combined(fetched, band, threshold, _reusable(before, fetched, band, threshold), task)
            columns = [
                "likelihood_class",
                *(name for energy in (True, False) for name in flux_columns(band, energy=energy)),
            ]
            available = archive.columns(monitor=task)
            chosen = [name for name in columns if name in available]
            sources = archive.search(region, chosen, complete=True, quiet=True, monitor=task)
            task.report("measuring the area")
            inside = region.contains
            grid = grid_around(*region.centre, region.boundary(), pixels=_PIXELS)
            unknown = fetched.absent | _refused(fetched, combined)
            return Coverage(
                region,
                title,
                fetched,
                combined,
                combined.curve(inside),
                picture(combined, grid, inside),
                sources,
                unknown,
            )

        def done(coverage: Coverage) -> None:
            with self.hold_trait_notifications():
                if not self.units_of(band)[self.unit]:
                    self.unit = "photon"
                self.flux, self.place = np.nan, None
                self.coverage = coverage

        words = f"{BANDS[band].name} sky coverage, {threshold}"
        self.desk.tasks.run(
            f"Combining sensitivity maps ({words})",
            work,
            done,
            key="coverage",
            stands=lambda: (region, band, threshold) == (explorer.region, self.band, self.threshold),
        )

    def settle(self) -> None:
        """Wait for what runs, and raise what the search or the combining of maps failed with; see `Tasks.settle`."""
        self.desk.tasks.settle("search", "coverage")

    @property
    def current(self) -> Coverage:
        """The last good result.

        Raises
        ------
        CscError
            If there is none.
        """
        if self.coverage is None:
            raise CscError("There is no sky coverage yet", "no sensitivity maps were combined", "Run it first.")
        return self.coverage

    @staticmethod
    def units_of(band: str) -> dict[str, bool]:
        """Each `unit`, and whether fluxes of a band can be shown in it."""
        return {"photon": True, "CSC": band == SOFT_BAND.band, "power law": band in BANDS_KEV}

    @property
    def calibration(self) -> FluxCalibration | None:
        """From photon to energy flux, as `unit` says, in the result's band; None for photon fluxes.

        Raises
        ------
        CscError
            If there is none for the band.
        """
        band = self.current.mosaic.band
        if self.unit == "CSC" and band != SOFT_BAND.band:
            raise CscError(
                f"No calibration for the {BANDS[band].name} band",
                f"{SOFT_BAND.words} holds for no other",
                "State a spectrum, or take photon fluxes.",
            )
        if self.unit == "power law":
            return power_law_calibration(self.photon_index, band, nh=self.nh)
        return SOFT_BAND if self.unit == "CSC" else None

    @property
    def curve(self) -> CoverageCurve:
        """The area in the region against flux, calibrated as `unit` says."""
        return replace(self.current.curve, calibration=self.calibration)

    def histogram(self) -> QTable:
        """Area by limiting flux, and its running sum, in bins of 0.05 dex of the flux that `unit` says."""
        curve, calibration = self.curve, self.calibration
        ends = curve.flux[[0, -1]] * PHOTON_FLUX
        if calibration is not None:
            ends = calibration.energy_flux(ends)
        return curve.histogram(bin_edges(*ends.value) * ends.unit)

    def limit_at(self, coords: SkyCoord) -> QTable:
        """`Mosaic.limit_at`, calibrated as `unit` says."""
        return self.current.mosaic.limit_at(coords, self.calibration)

    def counts(self) -> NumberCounts:
        """Number counts of the sources in the region, or of the selected ones.

        Raises
        ------
        CscError
            If none can be counted.
        """
        sources = self.current.sources
        if self.only_selected:
            names = self.desk.selection.names
            sources = sources[[str(name) in names for name in sources["name"]]]
        coverage, detection = self.current, None
        if np.isfinite(self.background):
            detection = detection_curve(
                coverage.mosaic,
                DetectionThreshold(),
                coverage.inside,
                background=self.background,
                calibration=self.calibration,
            )
        return count_sources(sources, coverage.mosaic, self.curve, detection)

    def image(self, resolution: u.Quantity, progress: Callable[[float], None] = lambda _: None) -> ImageMosaic:
        """The limits in the region from the maps themselves, at a pixel size of choice."""
        coverage = self.current
        grid = grid_around(*coverage.region.centre, coverage.region.boundary(), resolution=resolution)
        files = [coverage.fetched.files[name] for name in coverage.used]
        image = image_mosaic(
            files, grid=grid, threshold=coverage.mosaic.threshold, band=coverage.mosaic.band, progress=progress
        )
        return clipped(image, coverage.inside)

    def in_background(self, label: str, work: Callable[[Task], T], done: Callable[[T], None]) -> None:
        """Do something with the result that takes a while."""
        self.desk.tasks.run(label, work, done, key=label)


def _reusable(before: Coverage | None, fetched: SensitivityFiles, band: str, threshold: str) -> Mosaic | None:
    """The mosaic before, if it is of the same kind and much of it is wanted again: then only new maps are read."""
    if before is None or (before.mosaic.band, before.mosaic.threshold) != (band, threshold):
        return None
    paths = {str(path) for path in fetched.files.values()}
    return before.mosaic if 2 * len(paths & set(before.mosaic.files)) >= len(before.mosaic.files) else None


def _combined(fetched: SensitivityFiles, band: str, threshold: str, onto: Mosaic | None, task: Task) -> Mosaic:
    def progress(fraction: float) -> None:
        task.report(f"combining {len(fetched.files)} sensitivity maps", fraction)
        task.check()

    task.check()
    copied = None if onto is None else onto.copy()  # the one before is still looked at
    files = list(fetched.files.values())
    if not files:
        why = next(iter(fetched.absent.values()))
        raise CscError(
            f"No sky coverage: none of {len(fetched.stacks)} stacks has a map that can be used",
            why,
            "Choose another band.",
        )
    return mosaic(files, threshold=threshold, band=band, onto=copied, progress=progress)


def _refused(fetched: SensitivityFiles, mosaic: Mosaic) -> dict[str, str]:
    """Stacks whose maps came and could not be used."""
    return {
        stack: mosaic.unknown[str(path)].why or mosaic.unknown[str(path)].what
        for stack, path in fetched.files.items()
        if str(path) in mosaic.unknown
    }
