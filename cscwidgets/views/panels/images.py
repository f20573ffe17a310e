"""The image panel: which of Chandra's images there are, and how one is shown on the sky."""

from __future__ import annotations

import os
from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

import ipywidgets
from astropy.io import fits
from astropy.table import QTable

from cscwidgets.csc.bands import BANDS
from cscwidgets.errors import CscError
from cscwidgets.science.images import SkyImage

from ...export.script import Code
from ...state.image_list import IMAGES, SPEED, Effort
from ...state.images import COLOUR
from ...state.scripts.images import images_code
from ...state.shown_images import ShownImages
from ...state.workspace import Workspace
from ..controls import dropdown, note, spoken
from ..images.colour_scale import colour_scale
from ..images.image_controls import ImageControls
from ..panel import Panel, panel
from ..panel_body import PanelBody
from ..sky import Sky
from ..table import SourceTable
from ..theme import SIMULATED_BADGE

if TYPE_CHECKING:  # imports matplotlib
    from ...export.figure import PaperFigure

__all__ = ["ImagePanel"]

_INVITATION = "Draw a region on the sky, or search for a name, to see which of Chandra's images reach it."
_NO_SOURCE = "Click a source to see which images there are of it."
_LARGE = 20_000_000  # bytes that one should know of before they are fetched


@panel("Images", name="images", after="Sky coverage")
class ImagePanel(Panel):
    """Images, exposure maps and photons of stacks, observations and sources, on the sky."""

    def __init__(self, workspace: Workspace, sky: Sky) -> None:
        super().__init__(workspace, sky)
        self.state = state = workspace.images
        kinds = [(words, kind) for kind, words in IMAGES.items()]
        bands = [("soft, medium, hard", COLOUR), *((f"{band.name} band", letter) for letter, band in BANDS.items())]
        self._kind = spoken(dropdown("", kinds, "190px"), "Kind of image")
        self._bands = spoken(dropdown("", bands, "172px"), "Bands")
        self._show = ipywidgets.Button(description="Show", button_style="primary")
        self._clear = ipywidgets.Button(description="Take off", tooltip="Take the image off the sky")
        self._effort, self._scale, self._note = ipywidgets.HTML(), ipywidgets.HTML(), ipywidgets.HTML()
        self._scale.add_class("csc-image-scale")
        self._controls = ImageControls(state, sky, self.bind)
        self.options = {"opacity": self._controls.opacity, "archive_picture": self._controls.archive}
        self.list = SourceTable(
            key="image",
            height=0,
            noun="images",
            guard=self.desk.messages.guard,
            layout={"flex": "1 1 0", "min_height": "120px"},
        )
        self.widget = PanelBody(
            [self._kind, self._bands, self._show, self._clear, self._effort],
            [self._scale, self.list],
            settings=self._controls.widget,
            foot=self._note,
        )
        self.widget.add_class("csc-images")
        self._wire()
        self._list()
        self._say()

    def _wire(self) -> None:
        state, bind = self.state, self.bind
        bind.tie(state, "kind", self._kind)
        bind.tie(state, "bands", self._bands)
        bind.when_pressed(self._show, state.show)
        bind.when_pressed(self._clear, state.clear)
        bind.when(state, ("found", "kind"), self._list)
        bind.when(self.workspace.explorer, "region", self._list)
        bind.when(state, ("found", "chosen"), self._mark)
        bind.when(state, ("shown", "found"), self._say)
        self.list.on_select(self._picked)

    def _picked(self, names: list[str], mode: str | None) -> None:
        before = self.state.chosen
        kept = before if mode in {"add", "remove"} else ()
        removed = names if mode == "remove" else ()
        added = () if mode == "remove" else names
        self.state.chosen = tuple(name for name in dict.fromkeys((*kept, *added)) if name not in removed)

    def _list(self) -> None:
        found, state = self.state.found, self.state
        if found is None:
            words = _NO_SOURCE if state.kind.endswith(("regimg", "regevt", "psf")) else _INVITATION
            self.widget.invite(words, controls=True)
            return
        self.widget.fill()
        self.list.show(found.table, ["image", "instrument", "date", "exposure", "bands", "size"])
        self._mark()

    def _mark(self) -> None:
        found, chosen = self.state.found, self.state.chosen
        self.list.highlight(chosen)
        self._show.disabled = found is None or not len(found.files(chosen))
        self._effort.value = (
            ""
            if found is None or self._show.disabled
            else _effort(Effort.of(self.desk.archive, found.files(chosen), found.kind))
        )

    def _say(self) -> None:
        shown, found = self.state.shown, self.state.found
        self._clear.layout.display = "none" if shown is None else ""
        self._scale.value = "" if shown is None else colour_scale(shown)
        self._scale.layout.display = "none" if shown is None else ""
        words = [] if shown is None else [_shown_words(shown)]
        if found is not None and found.without:
            words.append(f"{found.without:,} near the region without such a file.")
        self._note.value = note(" ".join(words))

    def show(self, kind: str | None = None, bands: str | None = None, images: Iterable[str] | None = None) -> None:
        """List images, and show some on the sky; waits for them.

        Parameters
        ----------
        kind : str, optional
            "stkecorrimg", "stkevt", "img", "evt", "regevt" and others; see `cscwidgets.state.image_list.IMAGES`.
        bands : str, optional
            A band's letter, or "smh" for three as red, green and blue.
        images : iterable of str, optional
            Keys of ``table``; the first one unless told.

        Raises
        ------
        CscError
            If there is none, or what listing or fetching failed with.
        """
        state = self.state
        state.explorer.settle()  # the images are those of its region
        with state.hold_trait_notifications():
            state.kind, state.bands = kind or state.kind, bands or state.bands
        state.find()
        state.settle()
        if state.found is not None and images is not None:
            absent = [name for name in images if name not in state.found.names]
            if absent:
                raise CscError(
                    f"There is no image {absent[0]!r}", "", "The column image of `table` has those there are."
                )
            state.chosen = tuple(images)
        state.show()
        state.settle()

    def add(self, image: str | os.PathLike[str] | fits.PrimaryHDU, extension: str | int | None = None) -> None:
        """Show any FITS image on the sky; waits for it. See `ImagesState.add`."""
        self.state.add(image, extension)
        self.state.settle()

    def settle(self) -> None:
        """Wait for what runs, and raise what it failed with."""
        self.state.settle()

    @property
    def table(self) -> QTable:
        """The images of the kind that reach the region, or of the source; raises as `settle` does."""
        self.settle()
        if self.state.found is None:
            raise CscError(
                "There is no list of images", "nothing was asked for yet", "Call show(), or find() of the state."
            )
        return self.state.found.table

    @property
    def images(self) -> tuple[SkyImage, ...]:
        """What is on the sky: one image, or three for red, green and blue; raises as `settle` does."""
        self.settle()
        return () if self.state.shown is None else self.state.shown.images

    @property
    def code(self) -> Code:
        """What is shown as parts of a script; see `script`."""
        return images_code(self.state)

    def figure(self) -> PaperFigure:
        """The image as a matplotlib figure, with its coordinates; raises as `settle` does."""
        self.settle()
        shown = self.state.shown
        if shown is None:
            raise CscError("There is no figure", "no image is shown", "Call show() first.")
        figure = self.paper_figure(simulated=shown.picture.simulated, figsize=(6, 6))
        release = self.workspace.explorer.archive_title
        figure.suptitle(f"{release}: {shown.words}\n{_scale_words(shown)}", fontsize=9)
        axes = figure.add_subplot(projection=shown.picture.wcs)
        axes.imshow(shown.picture.rgba, origin="lower")
        axes.coords[0].set_axislabel("Right ascension (ICRS)")
        axes.coords[1].set_axislabel("Declination (ICRS)")
        return figure


def _effort(effort: Effort) -> str:
    """What fetching takes, in words; nothing where nothing comes over a network."""
    if not effort.files:
        return ""
    about = "" if effort.told else "about "
    words = f"{effort.files} file{'s' if effort.files != 1 else ''} to fetch, {about}{effort.size / 1e6:,.1f} MB"
    if effort.size > _LARGE:
        words = f"<b>{words}, {effort.seconds:,.0f} s at {SPEED / 1e6:g} MB/s</b>"
    return f'<span class="csc-panel-note">{words}</span>'


def _shown_words(shown: ShownImages) -> str:
    badge = f"{SIMULATED_BADGE} " if shown.picture.simulated else ""
    return f"{badge}On the sky: {escape(shown.words)}. {escape(_photon_words(shown))}"


def _photon_words(shown: ShownImages) -> str:
    photons = shown.photons
    if photons is None:
        return ""
    number = sum(float(image.values.sum()) for image in shown.images)
    energies = "" if len(shown.images) > 1 else " of {:g}–{:g} keV".format(*photons.energies)
    hrc = (
        " (the HRC measures no energies: all of its photons)" if not all(o.has_energies for o in photons.lists) else ""
    )
    pixel = shown.images[0].pixel * 3600
    when = ""
    if photons.times:
        system = photons.lists[0].header.system
        start, stop = (moment.isot[:19] for moment in system.moments(photons.times))
        when = f" between {start} and {stop} ({system})"
    return f"{number:,.0f} photons{energies}{hrc}{when} in pixels of {pixel:.3g}″."


def _scale_words(shown: ShownImages) -> str:
    ends = ", ".join(f"{low:.3g} to {high:.3g}" for low, high in shown.picture.cuts)
    return f"{ends} {shown.images[0].unit}, {shown.display.stretch}"
