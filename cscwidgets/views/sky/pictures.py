"""Pictures on the sky: colours made in the kernel, drawn by Aladin Lite at the places their coordinates say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ipywidgets import Widget
from traitlets import Bool, Dict, Float, List, Unicode

from cscwidgets.science.images import SkyPicture

from ..plots.png import png

if TYPE_CHECKING:  # imports matplotlib
    from .figure import ShownPicture

__all__ = ["PictureLayers"]


class PictureLayers(Widget):  # type: ignore[misc]
    """The part of a sky that has pictures: those of the archive below, an image above.

    All of it is state: a view that opens later shows the same. `picture_opacity` is a state of its own, so that no
    picture travels again when it changes.
    """

    show_archive_pictures = Bool(True, help="Draw the archive's own pictures.").tag(sync=True)
    picture_opacity = Float(1.0, min=0, max=1, help="Of the image: 0 is invisible, 1 opaque.").tag(sync=True)
    _archive_pictures = List(Dict()).tag(sync=True)
    _picture = Dict().tag(sync=True)
    _asks_values = Bool(False, help="Whether the kernel is told where the pointer is.").tag(sync=True)
    _value = Unicode("", help="What is said of the place below the pointer.").tag(sync=True)

    archive_pictures: tuple[SkyPicture, ...] = ()
    picture: SkyPicture | None = None

    def set_archive_pictures(self, pictures: Iterable[SkyPicture]) -> None:
        """Show the archive's own pictures in place of those before, below everything but a survey."""
        self.archive_pictures = tuple(pictures)
        self._archive_pictures = [_sent(picture) for picture in self.archive_pictures]

    def show_picture(self, picture: SkyPicture | None) -> None:
        """Show an image in place of the one before; none with None."""
        self.picture = picture
        with self.hold_sync():
            self._asks_values, self._value = picture is not None, ""
            self._picture = {} if picture is None else _sent(picture)

    def _pictures_shown(self) -> list[ShownPicture]:
        """The pictures, the lowest first; those that a survey's tiles make are not known here."""
        from .figure import ShownPicture  # noqa: PLC0415 (imports matplotlib)

        archive = self.archive_pictures if self.show_archive_pictures else ()
        shown = [ShownPicture(picture.rgba, picture.wcs.to_header()) for picture in archive]
        if self.picture is not None:
            shown.append(ShownPicture(self.picture.rgba, self.picture.wcs.to_header(), self.picture_opacity))
        return shown

    def say_value(self, words: str) -> None:
        """Say in the status line what is below the pointer."""
        self._value = words


def _sent(picture: SkyPicture) -> dict[str, Any]:
    """A picture as sent to the browser: the first row of a PNG is the upper one, of coordinates the lower one."""
    rows, columns = picture.rgba.shape[:2]
    header = picture.wcs.to_header()
    wcs = {key: value for key, value in header.items() if isinstance(value, int | float | str)}
    return {
        "png": png(picture.rgba),
        "wcs": {**wcs, "NAXIS": 2, "NAXIS1": columns, "NAXIS2": rows},
        "title": picture.title,
        "credit": picture.credit,
        "simulated": picture.simulated,
    }
