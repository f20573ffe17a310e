"""The sky: Aladin Lite with the sources, the selection and the region, and tools to draw regions.

`Sky` keeps the Python interface of `ipyaladin.Aladin` and replaces its front end, which loads Aladin Lite from a
content-delivery network, loses moves and returns no region. What is shown is state: a view displayed late, twice
or after a page reload shows the same.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import astropy.units as u
from astropy.coordinates import SkyCoord
from ipyaladin import Aladin
from ipywidgets import Layout
from regions import SkyRegion
from traitlets import Bool, Enum, Int

from cscwidgets.sky.names import resolve
from cscwidgets.sky.positions import position_of
from cscwidgets.sky.shapes import contains

from ...errors import CscError
from ...state.selection import Mode
from ...state.surveys import SurveyState
from .. import assets
from ..callbacks import Callbacks, Guard, WaitingCalls, unguarded
from .dropped import DroppedFiles, refusal
from .images import Pictures
from .layers import drawn_region
from .marks import SkyMarks
from .overlays import KeptOverlays
from .pictures import PictureLayers
from .surveys import SurveyedSky

if TYPE_CHECKING:  # import matplotlib
    from ...export.figure import PaperFigure

__all__ = ["Sky"]


Shape = Literal["circle", "box", "polygon"]
Purpose = Literal["region", "select"]


class Sky(PictureLayers, SkyMarks, SurveyedSky, KeptOverlays):
    """The sky with sources, selection, region and drawing tools.

    Parameters
    ----------
    target : SkyCoord or str
        Centre of the view: a position, written coordinates, or a name `cscwidgets.sky.names` knows.
    fov : Angle, Quantity or float
        Width of the view; degrees where it has no unit.
    height : int
        Height in pixels.
    survey : str
        Background image: a HiPS identifier ("CDS/P/DSS2/color"), an address ("https://..."), or a HiPS folder below
        Jupyter's root folder ("images/m33"). Empty (the default) for none: then the view asks the network for nothing.
    surveys : SurveyState, optional
        The state to show and change in place of one of its own.
    guard : callable, optional
        Wraps every callback, as `cscwidgets.state.messages.Messages.guard` does.
    **options
        Options of `ipyaladin.Aladin`.

    Notes
    -----
    A pick carries its mode: "add" with Shift, "remove" with Alt, "intersect" with both, None without
    a key, which leaves it to the receiver's current mode.
    """

    _esm = assets.module("sky")
    _css = assets.style("sky")

    theme = Enum(("auto", "light", "dark"), "auto").tag(sync=True)
    simulated = Bool(False, help="Whether no telescope saw the sources.")
    show_ellipses = Bool(False, help="Draw error ellipses.").tag(sync=True)
    show_grid = Bool(True, help="Draw the coordinate grid.").tag(sync=True)
    fields = Enum(("", "stacks", "observations"), "", help="Whose fields of view are asked for.").tag(sync=True)
    covered = Bool(False, help="Whether the coverage map of these fields is asked for.").tag(sync=True)
    purpose = Enum(("region", "select"), "region", help="What a drawn shape does.").tag(sync=True)

    _tool = Enum(("", "circle", "box", "polygon"), "").tag(sync=True)
    _moves = Int(0, help="How often Python moved the view.").tag(sync=True)
    _seen = Int(0, help="The moves a view knew of when it last said where it is.").tag(sync=True)

    def __init__(
        self,
        target: SkyCoord | str | None = None,
        *,
        fov: u.Quantity | float = 1.0,
        height: int = 420,
        guard: Guard | None = None,
        surveys: SurveyState | None = None,
        **options: Any,
    ) -> None:
        # ipyaladin keeps these on its class, where all viewers would share them.
        self.listener_callback: dict[str, Callable[..., Any]] = {}
        self._call_store = WaitingCalls()
        self._pictures = Pictures()
        self._reporting = False
        self._guard = guard or unguarded
        self._settled: Callable[[], str] = str
        self._drawn, self._picked, self._clicked, self._hovered, self._pressed, self._beside = (
            Callbacks(self._guard) for _ in range(6)
        )
        self._field, self._pointed, self._unwanted, self._row, self._encircled, self._file = (
            Callbacks(self._guard) for _ in range(6)
        )
        self._layer_pressed, self._files = Callbacks(self._guard), DroppedFiles()
        options["layout"] = options.get("layout") or Layout(flex="1 1 0", min_width="0")
        super().__init__(
            surveys,
            self._guard,
            target=_position(target) if target is not None else SkyCoord(0, 0, unit="deg"),
            fov=fov,
            height=height,
            **{**_QUIET, **options},
        )
        assets.serve_libraries(self)
        self.observe(self._on_move, _PLACE)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take over what a view reports; not its place if Python has moved it meanwhile."""
        if sync_data.get("_seen", self._seen) != self._moves and not _PLACE.isdisjoint(sync_data):
            sync_data = {name: value for name, value in sync_data.items() if name not in _PLACE | {"_wcs", "_fov_xy"}}
            self.send_state(_PLACE)
        self._reporting = True
        try:
            super().set_state(sync_data)
        finally:
            self._reporting = False

    def _on_move(self, _change: Any) -> None:
        if not self._reporting:
            self._moves += 1
        if self._layer.density is not None:
            with self.hold_sync():
                self._show_sources()

    @property
    def target(self) -> SkyCoord:
        """Centre of the view; set it with a SkyCoord, coordinates or a name."""
        return Aladin.target.fget(self)

    @target.setter
    def target(self, target: SkyCoord | str) -> None:
        with self.hold_sync():
            Aladin.target.fset(self, _position(target))

    def draw(self, shape: Shape, purpose: Purpose = "region") -> None:
        """Let the user draw a shape now.

        Parameters
        ----------
        shape : str
            "circle" (drag from its centre), "box" (drag across) or "polygon" (click its corners).
        purpose : str
            "region" to hand it to `on_drawn`, "select" to also pick the sources inside for `on_select`.
        """
        if shape not in ("circle", "box", "polygon"):
            raise CscError(f"A {shape!r} cannot be drawn", "", 'The shapes are "circle", "box" and "polygon".')
        with self.hold_sync():
            self.purpose = purpose
            self._tool = shape

    def on_drawn(self, callback: Callable[[SkyRegion, str], Any], *, remove: bool = False) -> None:
        """Call ``callback(region, purpose)`` with every drawn region, a circle or a polygon in ICRS."""
        self._drawn.add(callback, remove=remove)

    def on_select(self, callback: Callable[[list[str], Mode | None], Any], *, remove: bool = False) -> None:
        """Call ``callback(names, mode)`` with the sources inside a shape drawn to select, drawn or not."""
        self._picked.add(callback, remove=remove)

    def on_click(self, callback: Callable[[str, Mode | None], Any], *, remove: bool = False) -> None:
        """Call ``callback(name, mode)`` when a source is clicked."""
        self._clicked.add(callback, remove=remove)

    def on_place(self, callback: Callable[[SkyCoord], Any], *, beside: bool = False, remove: bool = False) -> None:
        """Call ``callback(position)`` when the sky is clicked, on a source or beside it, or only beside all."""
        (self._beside if beside else self._pressed).add(callback, remove=remove)

    def on_field(self, callback: Callable[[str, Mode | None], Any], *, remove: bool = False) -> None:
        """Call ``callback(name, mode)`` when a card is asked for the sources in a field of view.

        Without a name the card was closed.
        """
        self._field.add(callback, remove=remove)

    def on_own_row(self, callback: Callable[[str, int, Mode | None], Any], *, remove: bool = False) -> None:
        """Call ``callback(layer, row, mode)`` when a row of an own layer is clicked; no layer: its card was closed."""
        self._row.add(callback, remove=remove)

    def on_own_layer(self, callback: Callable[[str, str, Mode | None], Any], *, remove: bool = False) -> None:
        """Call ``callback(layer, act, mode)`` when the legend is to "select" the sources at a layer or "remove" it."""
        self._layer_pressed.add(callback, remove=remove)

    def on_encircled(self, callback: Callable[[SkyRegion, Mode | None], Any], *, remove: bool = False) -> None:
        """Call ``callback(region, mode)`` with every region that was drawn to select."""
        self._encircled.add(callback, remove=remove)

    def on_file(self, callback: Callable[[str, bytes], Any], *, remove: bool = False) -> None:
        """Call ``callback(name, content)`` with every file that is let fall on the sky."""
        self._file.add(callback, remove=remove)

    def on_point(self, callback: Callable[[SkyCoord | None], Any], *, remove: bool = False) -> None:
        """Call ``callback(position)`` where the pointer rests on the sky, with None when it leaves, for its value."""
        self._pointed.add(callback, remove=remove)

    def on_unwanted_picture(self, callback: Callable[[], Any], *, remove: bool = False) -> None:
        """Call ``callback()`` when a reader takes the image off the sky."""
        self._unwanted.add(callback, remove=remove)

    def on_hover(self, callback: Callable[[str | None], Any], *, remove: bool = False) -> None:
        """Call ``callback(name)`` when the pointer rests on a source, with None when it leaves."""
        self._hovered.add(callback, remove=remove)

    def before_figure(self, settled: Callable[[], str]) -> None:
        """Call ``settled()`` before a figure is drawn: it waits for what is to be shown, and returns the title."""
        self._settled = settled

    def figure(self, **options: Any) -> PaperFigure:
        """The sky as it is shown, drawn anew by matplotlib in the tangential projection, for the paper.

        Parameters
        ----------
        **options
            Of the figure: ``figsize``, ``dpi``.

        Returns
        -------
        PaperFigure
            With astropy's WCSAxes; what was drawn too much for a page is in it too.

        Raises
        ------
        CscError
            In an explorer, what the search or the fetching of outlines failed with; what runs is waited for.
        """
        from .figure import SkyMap, draw_sky_map  # noqa: PLC0415 (imports matplotlib)

        title = self._settled()
        centre, width = self.target.icrs, min(self.fov.deg, _WIDEST)
        extent = self._fov_xy
        ratio = extent["y"] / extent["x"] if extent else _RATIO
        shown = SkyMap(
            centre=(centre.ra.deg, centre.dec.deg),
            size=(width, ratio * width),
            rotation=self.rotation.deg,
            title=title,
            simulated=self.simulated,
            grid=self.show_grid,
            pictures=self._pictures_shown(),
            **self._shown(),
        )
        return draw_sky_map(shown, **options)

    def save_view_as_image(
        self,
        path: str | Path,
        image_format: Literal["png", "jpeg", "webp"] = "png",
        with_logo: bool = True,
        *,
        overwrite: bool = False,
    ) -> None:
        """Save what the sky shows to a file, as soon as the page has sent it.

        Parameters
        ----------
        path : path
            The file; the page never says where to write.
        image_format : str
            "png", "jpeg" or "webp".
        with_logo : bool
            With the logo of Aladin Lite.
        overwrite : bool
            Replace an existing file.

        Raises
        ------
        CscError
            If the format is another, or the file exists.
        """
        ticket = self._pictures.ask(path, image_format, overwrite=overwrite)
        message = {"event_name": "save_view_as_image", "format": image_format, "with_logo": with_logo, "ticket": ticket}
        self.send(message)

    def close(self) -> None:
        """Remove the views and free everything behind them."""
        for callbacks in vars(self).values():
            if isinstance(callbacks, Callbacks):
                callbacks.clear()
        super().close()

    def _handle_custom_message(self, widget: Any, message: dict[str, Any], buffers: list[memoryview]) -> None:
        handlers = {
            "view_ready": lambda content: self._send_overlays(content["view"]),
            "drawn": self._on_shape,
            "source_clicked": lambda content: self._clicked(content["name"], content["mode"]),
            "place_clicked": self._on_press,
            "field_chosen": lambda content: self._field(content["name"], content["mode"]),
            "own_row_clicked": lambda content: self._row(content["layer"], content["row"], content["mode"]),
            "own_layer_pressed": lambda content: self._layer_pressed(content["layer"], content["act"], content["mode"]),
            "file_dropped": lambda content: self._on_file(content, buffers),
            "file_refused": self._refuse_file,
            "own_row_left": lambda _: self._row("", -1, None),
            "place_hovered": self._on_point,
            "picture_unwanted": lambda _: self._unwanted(),
            "source_hovered": lambda content: self._hovered(content["name"]),
            "save_view_as_image": lambda content: self._pictures.take(content["ticket"], buffers[0]),
        }
        handler = handlers.get(message.get("event_type", ""))
        if handler is not None:
            self._guard(handler)(message)
        elif not self._guard(self._handle_survey_message)(message):
            super()._handle_custom_message(widget, message, buffers)

    def _on_press(self, message: dict[str, Any]) -> None:
        place = SkyCoord(*message["place"], unit="deg")
        self._pressed(place)
        if message["beside"]:
            self._beside(place)

    def _on_point(self, message: dict[str, Any]) -> None:
        place = message["place"]
        self._pointed(None if place is None else SkyCoord(*place, unit="deg"))

    def _on_file(self, message: dict[str, Any], buffers: list[memoryview]) -> None:
        if whole := self._files.take(message, buffers):
            self._file(*whole)

    def _refuse_file(self, message: dict[str, Any]) -> None:
        raise refusal(str(message["name"])[:200], str(message["why"])[:300])

    def _on_shape(self, message: dict[str, Any]) -> None:
        region = drawn_region(message)
        if message["purpose"] == "select":
            inside = contains(region, self._layer.ra, self._layer.dec)
            self._picked(self._layer.names[inside].tolist(), message["mode"])
            self._encircled(region, message["mode"])
        self._drawn(region, message["purpose"])


_WIDEST = 120.0  # degrees of a figure: the tangential projection has no more than half the sky
_RATIO = 0.75  # of a view that no page has shown yet

_PLACE = {"_target", "_fov", "_rotation", "_projection"}

_QUIET = {
    "log": False,  # or Aladin Lite tells CDS the page's address
    "show_simbad_pointer_control": False,
    "show_context_menu": False,
    "show_settings_control": False,
    "show_coo_grid_control": False,
}


def _position(target: SkyCoord | str | tuple[Any, Any]) -> SkyCoord:
    return resolve(target) if isinstance(target, str) else position_of(target)
