"""FITS images and ipyaladin's overlays on the sky: messages, kept here and sent again to every view that opens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from astropy.io import fits as astropy_fits
from ipyaladin import Aladin

from .images import fits_bytes

__all__ = ["KeptOverlays"]


class KeptOverlays(Aladin):  # type: ignore[misc]
    """The part of a sky that shows FITS images and what ipyaladin's own methods lay over it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._overlay_messages: dict[str, tuple[dict[str, Any], list[bytes] | None]] = {}
        super().__init__(*arguments, **options)

    def add_fits(self, fits: str | Path | astropy_fits.HDUList, *, visit: bool = True, **image_options: Any) -> None:
        """Show a FITS image; one of the same name takes the place of the one before.

        The view goes there unless `visit` is false.

        Raises
        ------
        CscError
            If a file is not there, damaged, or larger than a page can take.
        """
        content = fits_bytes(fits)
        options = {"name": "image", **image_options}
        message = {"event_name": "add_fits", "options": options} | ({} if visit else {"visit": False})
        self._send_or_queue(message, [content])

    def image_opacity(self, name: str, opacity: float) -> None:
        """Let a FITS image show what is below it: 0 is invisible, 1 opaque."""
        if name in self._overlay_messages:
            self._overlay_messages[name][0]["options"]["opacity"] = opacity
            self.send({"event_name": "image_opacity", "overlay_names": [name], "opacity": opacity})

    def remove_image(self, name: str = "image") -> None:
        """Remove a FITS image."""
        self._send_or_queue({"event_name": "remove_image", "overlay_names": [name]})

    def close(self) -> None:
        """Remove the views and free everything behind them."""
        self._overlay_messages.clear()
        super().close()

    def _send_or_queue(self, message: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        if "overlay_names" in message:
            for name in message["overlay_names"]:
                self._overlay_messages.pop(name, None)
        else:
            options = message.get("options") or message["graphic_options"]
            self._overlay_messages[options["name"]] = (message, buffers)
        self.send(message, buffers)

    def _send_overlays(self, view: str) -> None:
        """Send a view what is there."""
        for overlay, buffers in tuple(self._overlay_messages.values()):
            self.send({**overlay, "view": view}, buffers)
        self.send({"event_name": "overlays_sent", "view": view})
