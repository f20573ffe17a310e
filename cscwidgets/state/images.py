"""The images of an explorer: which there are, which are shown on its sky, and how."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, TypeAlias

from astropy.io import fits
from astropy.table import Table
from traitlets import Bool, Enum, Float, Instance, Tuple, Unicode

from cscwidgets.archive import Archive
from cscwidgets.archive.stacks import stack_label
from cscwidgets.csc.bands import BANDS, BANDS_KEV
from cscwidgets.csc.products import Level
from cscwidgets.errors import CscError, IncompleteFetch
from cscwidgets.io.json_schema import listed, number, text
from cscwidgets.science.images import STRETCHES, Display, on_one_grid, read_image

from .explorer import ExplorerState
from .image_list import EVENTS, IMAGES, ImageList, list_images
from .keeping import FLAG, Field, Keeps, Kept, Renewal
from .lightcurve import LightCurveState
from .shown_images import SIDE, ArchiveFiles, Photons, ShownImages, combine_images, count_events, read_photons
from .source import SourceState
from .spectral_model import SpectralModelState
from .tasks import Task

__all__ = ["COLOUR", "ImagesState"]

COLOUR = "smh"
"""The bands of an image in colours: soft is red, medium green, hard blue."""

FitsImage: TypeAlias = str | os.PathLike[str] | fits.PrimaryHDU | fits.ImageHDU

_LOOKS = {
    "field": Display("asinh", 60.0, 99.9, smoothing=1.5),  # most pixels of an X-ray image are noise
    "source": Display("asinh", 0.0, 100.0),
    "map": Display("linear", 0.0, 100.0),
}
_MAPS = ("stkexpmap", "stkbkgimg", "exp", "bkgimg")
_DISPLAY = ("stretch", "low", "high", "colour_map", "smoothing")
_DETECTION = ("stkregimg", "regimg", "regevt", "psf")


class ImagesState(Keeps):
    """Which images there are of the explorer's region or source, and what is on the sky.

    Photons follow what is brushed elsewhere: the times of a light curve and the energies of a spectrum.

    Attributes
    ----------
    active : bool
        Whether anybody looks: only then images are listed.
    kind : str
        One of `IMAGES`.
    bands : str
        A band's letter, or "smh" for three bands as colours.
    found : ImageList or None
        What the archive has of the kind.
    chosen : tuple of str
        Keys of its images.
    shown : ShownImages or None
        What is on the sky.
    stretch, low, high, colour_map, smoothing
        See `cscwidgets.science.images.Display`. They become those of images of fields, of sources, or of smooth maps
        when one of another of these is shown.
    energies : (float, float)
        keV of the photons that are counted in one image.
    times : tuple of float
        Start and stop of their time, s of mission time; empty for all.
    pixel : float
        Side of a pixel in which they are counted, arcsec.
    """

    plain: ClassVar = ("kind", "bands", *_DISPLAY, "pixel")
    fields: ClassVar = {
        "energies": Field(listed(number(0, 100), 2, fewest=2), list, tuple),
        "times": Field(listed(number(), 2), list, tuple),
        "chosen": Field(listed(text(200), 10_000), list, tuple),
        "on_sky": FLAG,
    }

    active = Bool(False)
    kind = Enum(tuple(IMAGES), "stkecorrimg")
    bands = Enum((COLOUR, *BANDS), COLOUR)
    found = Instance(ImageList, allow_none=True)
    chosen = Tuple()
    shown = Instance(ShownImages, allow_none=True)
    stretch = Enum(tuple(STRETCHES), _LOOKS["field"].stretch)
    low = Float(_LOOKS["field"].low)
    high = Float(_LOOKS["field"].high)
    colour_map = Unicode(_LOOKS["field"].colour_map)
    smoothing = Float(_LOOKS["field"].smoothing)
    energies = Tuple((0.5, 7.0))
    times = Tuple()
    pixel = Float(0.5)

    def __init__(
        self,
        explorer: ExplorerState,
        source: SourceState,
        lightcurve: LightCurveState,
        spectral_model: SpectralModelState,
    ) -> None:
        super().__init__()
        self.explorer, self.source, self.desk = explorer, source, explorer.desk
        when = self.desk.when
        when(self, ("active", "kind", "bands"), self._look)
        when(explorer, "region", self._look_at_fields)
        when(source, "name", self._look_at_detections)
        when(self, (*_DISPLAY, "energies", "times", "pixel"), self._redraw)
        when(self, "bands", self._choose_band)
        self._last_look, self._held, self._own = "field", False, False
        when(lightcurve, "times", lambda: self._follow_times(lightcurve))
        when(spectral_model, "band", lambda: self.set_trait("energies", spectral_model.band))

    @property
    def on_sky(self) -> bool:
        """Whether images of the archive are shown."""
        return self.shown is not None and not self._own

    def unkept(self) -> Iterator[str]:
        """An image of the reader's own."""
        if self.shown is not None and self._own:
            yield f"the image {self.shown.words}, which is no image of the archive"

    def restore(self, kept: Kept) -> Iterator[None]:
        """Choose what was chosen."""
        self.assign(kept)
        self._last_look = _look_of(kept["kind"])
        yield from ()

    def renewal(self, kept: Kept) -> Renewal:
        """The images that were shown."""
        return Renewal(IMAGES[kept["kind"]] if kept["on_sky"] else "")

    def renew(self, kept: Kept) -> Iterator[None]:
        """Show them again, as they were shown."""
        if kept["on_sky"]:
            self.assign(kept)  # a time of a light curve chose others meanwhile
            self.find()
            yield
            self.chosen = kept["chosen"]
            self.show()
            yield
            self.assign(kept, *_DISPLAY, "energies", "times", "pixel")
            yield

    @property
    def display(self) -> Display:
        """How values become colours.

        Raises
        ------
        CscError
            If the settings contradict each other.
        """
        return Display(**{name: getattr(self, name) for name in _DISPLAY})

    def settle(self) -> None:
        """Wait for what runs, and raise what the listing, fetching or drawing of images failed with."""
        self.desk.tasks.settle("search", "source", "image list", "images", "image colours")

    # What there is

    def find(self, then: Callable[[], object] = lambda: None) -> None:
        """Ask the archive which images of the kind there are, in the background, and do something then."""
        kind, bands = self.kind, self.bands
        region, detections = self.explorer.region, self.source.detections
        if (not len(detections)) if kind in _DETECTION else (region is None):
            self.found = None
            return

        def done(found: ImageList) -> None:
            with self.hold_trait_notifications():
                self.found = found
                kept = tuple(name for name in self.chosen if name in found.names)
                self.chosen = kept or tuple(found.names[:1])
            then()

        self.desk.tasks.run(
            f"Listing {IMAGES[kind]}",
            lambda task: list_images(self.desk.archive, kind, bands, task, region=region, detections=detections),
            done,
            key="image list",
            # Tables are compared by identity: another source's would be compared cell by cell.
            stands=lambda: (
                (kind, bands) == (self.kind, self.bands)
                and (detections is self.source.detections if kind in _DETECTION else region is self.explorer.region)
            ),
        )

    def _look(self) -> None:
        if self.active:
            self.find()

    def _look_at_fields(self) -> None:
        if self.kind not in _DETECTION:
            self._look()

    def _look_at_detections(self) -> None:
        if self.kind in _DETECTION:
            self._look()

    # What is shown

    def show(self) -> None:
        """Fetch the chosen images and show them on the sky, in the background.

        Raises
        ------
        CscError
            If none is chosen.
        """
        found, chosen = self.found, self.chosen
        files = None if found is None else found.files(chosen)
        if found is None or files is None or not len(files):
            raise CscError("No image was shown", "none is chosen", "Choose one in the list.")
        kind, archive, words = found.kind.name, self.desk.archive, _words(found, chosen)
        bands = found.bands if found.kind.per_band else self.bands
        self.desk.calls.did("images.show", kind, bands, list(chosen))
        self._begin_look(kind)
        display, photons = self.display, Photons((), self.energies, self.times, self.pixel)

        def work(task: Task) -> ShownImages:
            paths, absent = _fetched(archive, files, task)
            if kind in EVENTS:
                lists, unread = read_photons(files, paths, task)
                counted = Photons(lists, photons.energies, photons.times, photons.size)
                task.report("counting photons")
                images = count_events(counted, bands)
            else:
                counted = None
                images, unread = combine_images(files, paths, bands, task)
            task.report("colouring")
            origin = ArchiveFiles(found.kind, found.bands, chosen)
            told = {**absent, **unread}
            return ShownImages.of(images, display, words, bands=bands, photons=counted, absent=told, files=origin)

        self._run(f"Showing {words}", work)

    def add(self, image: FitsImage, extension: str | int | None = None) -> None:
        """Show any FITS image on the sky, in the background.

        Parameters
        ----------
        image : path or HDU
        extension : str or int, optional
            Which of a file's images; needed where there are several.
        """
        name = Path(image).name if isinstance(image, str | os.PathLike) else "image"
        self.add_from(name, lambda _: nullcontext(image), extension)

    def add_from(
        self,
        name: str,
        had: Callable[[Task], AbstractContextManager[FitsImage]],
        extension: str | int | None = None,
    ) -> None:
        """The same of an image that has to be had first.

        Parameters
        ----------
        name : str
            What it is called.
        had : callable
            Called in the task; what it gives is left when the image was read, or was not.
        extension : str or int, optional
        """
        display = self.display

        def work(task: Task) -> ShownImages:
            with had(task) as image:
                task.report("reading")
                read = read_image(image, extension, side=SIDE)
            task.check()
            images = on_one_grid([read], side=SIDE, progress=lambda fraction: _tell(task, fraction))
            return ShownImages.of(images, display, name)

        self._run(f"Showing {name}", work, own=True)

    def clear(self) -> None:
        """Take the image off the sky."""
        for task in self.desk.tasks.running:
            if task.key in {"images", "image colours"}:
                task.cancel()
        self.shown = None

    def _run(self, label: str, work: Callable[[Task], ShownImages], *, own: bool = False) -> None:
        def done(shown: ShownImages) -> None:
            self._own, self.shown = own, shown
            if shown.absent:
                name, why = next(iter(shown.absent.items()))
                more = f", and {len(shown.absent) - 1} others" if len(shown.absent) > 1 else ""
                self.desk.messages.warn(f"{len(shown.absent)} files are not in the picture", f"{name}: {why}{more}")

        self.desk.tasks.run(label, work, done, key="images")

    def _redraw(self) -> None:
        """Count the photons that are shown anew where others are wanted, and colour again."""
        before, display, bands = self.shown, self.display, self.bands
        if before is None or self._held:
            return
        photons = before.photons
        if photons is None:
            bands = before.bands
        else:
            photons = replace(photons, energies=self.energies, times=self.times, size=self.pixel)

        def work(_task: Task) -> ShownImages:
            images = before.images
            if photons is not None and (photons, bands) != (before.photons, before.bands):
                images = tuple(count_events(photons, bands))
            kept = {"absent": before.absent, "files": before.files}
            return ShownImages.of(images, display, before.words, bands=bands, photons=photons, **kept)

        self.desk.tasks.run(
            "Drawing the image",
            work,
            lambda shown: self.set_trait("shown", shown),
            key="image colours",
            stands=lambda: self.shown is before,
        )

    def _begin_look(self, kind: str) -> None:
        """An image that looks otherwise than the one before begins as such usually look."""
        look = _look_of(kind)
        if look != self._last_look:
            self._held = True  # what is still shown keeps its colours
            try:
                for name in ("stretch", "low", "high", "smoothing"):
                    setattr(self, name, getattr(_LOOKS[look], name))
            finally:
                self._held = False
            self._last_look = look

    def _choose_band(self) -> None:
        if self.bands in BANDS_KEV:
            self.energies = BANDS_KEV[self.bands]
        self._redraw()

    def _follow_times(self, lightcurve: LightCurveState) -> None:
        """Show the photons of a time that was brushed: of what is shown, or of the observations of the curve."""
        self.times = lightcurve.times
        if self.times and (self.shown is None or self.shown.photons is None):
            with self.hold_trait_notifications():
                self.kind, self.chosen = "regevt", tuple(map(str, lightcurve.chosen))
            self.find(then=self.show)


def _look_of(kind: str) -> str:
    return "source" if kind in _DETECTION else "map" if kind in _MAPS else "field"


def _words(found: ImageList, chosen: tuple[str, ...]) -> str:
    """What is shown, for people."""
    names = [stack_label(name) if found.kind.level is Level.STACK else name for name in chosen]
    if found.kind.level in {Level.OBSERVATION, Level.OBSERVATION_REGION}:
        names = [f"ObsID {name}" for name in names]
    bands = f", {' + '.join(BANDS[band].name for band in found.bands)}" if found.kind.per_band else ""
    return f"{IMAGES[found.kind.name]} {', '.join(names[:3])}{' …' if len(names) > 3 else ''}{bands}"


def _tell(task: Task, fraction: float) -> None:
    task.report("bringing the image to the sky's grid", fraction)
    task.check()


def _fetched(archive: Archive, files: Table, task: Task) -> tuple[dict[str, Path], dict[str, str]]:
    names = [str(name) for name in files["filename"]]
    try:
        return dict(zip(names, archive.fetch(files, monitor=task), strict=True)), {}
    except IncompleteFetch as incomplete:
        if not incomplete.fetched:
            raise
        return dict(incomplete.fetched), {name: error.why or error.what for name, error in incomplete.failed.items()}
