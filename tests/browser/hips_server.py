"""A HiPS on a port of this machine, as servers of surveys have them, and servers that do not do what they should."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS
from PIL import Image
from reproject import reproject_interp
from reproject.hips import reproject_to_hips

STAR = (83.82, -5.39)
"""Where the HiPS of a test have a star, ICRS degrees; half a degree around it they are faint, elsewhere empty."""

Behaviour = Literal["good", "absent", "silent", "no tiles", "silent tiles", "broken"]


def write_fits_hips(folder: Path) -> Path:
    """A HiPS of FITS tiles: 1000 at the star, 100 around it. By reproject."""
    size = 240
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crval = ["RA---TAN", "DEC--TAN"], STAR
    wcs.wcs.crpix, wcs.wcs.cdelt = [(size + 1) / 2] * 2, [-1 / size, 1 / size]
    y, x = np.indices((size, size)) - (size - 1) / 2
    image = np.where(np.hypot(x, y) < 12, 1000.0, 100.0).astype(np.float32)
    reproject_to_hips(
        (image, wcs), coord_system_out="equatorial", reproject_function=reproject_interp, output_directory=str(folder)
    )
    return folder


def write_png_hips(made: Path, folder: Path, colour: tuple[int, int, int]) -> Path:
    """The same sky as PNG tiles: the star in a colour, the sky around it a tenth as bright, transparent elsewhere."""
    for tile in made.rglob("Npix*.fits"):
        with fits.open(tile) as hdus:
            data = hdus[0].data[::-1]  # FITS counts from below
        bright = np.nan_to_num(np.clip(data / 1000, 0, 1))
        pixels = np.dstack([*(bright * one for one in colour), np.where(np.isfinite(data), 255, 0)]).astype(np.uint8)
        place = folder / tile.relative_to(made).with_suffix(".png")
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(place)
    lines = [line for line in (made / "properties").read_text().splitlines() if "hips_tile_format" not in line]
    named = ["hips_tile_format = png", "obs_title = A test's sky", "obs_copyright = Nobody"]
    (folder / "properties").write_text("\n".join([*lines, *named]))
    return folder


class HipsServer:
    """What was asked of it, in order, and how it answers."""

    def __init__(self, folder: Path | None, behaviour: Behaviour) -> None:
        self.folder, self.behaviour = folder, behaviour
        self.asked: list[tuple[float, str]] = []
        self.over = threading.Event()
        self.url = ""

    @property
    def paths(self) -> list[str]:
        return [path for _, path in self.asked]

    def answer(self, path: str) -> tuple[int, bytes] | None:
        """Status and body; None for none at all."""
        self.asked.append((time.monotonic(), path))
        is_tile = path != "/properties"
        if self.behaviour == "silent" or (self.behaviour == "silent tiles" and is_tile):
            self.over.wait(60)
            return None
        if self.behaviour == "broken" and is_tile:
            return 503, b""
        file = None if self.folder is None else self.folder / unquote(path).lstrip("/")
        if (
            self.behaviour == "absent"
            or (self.behaviour == "no tiles" and is_tile)
            or file is None
            or not file.is_file()
        ):
            return 404, b""
        return 200, file.read_bytes()


@contextmanager
def serving(folder: Path | None = None, behaviour: Behaviour = "good") -> Iterator[HipsServer]:
    """Serve a HiPS, with the header that lets any page read it."""
    made = HipsServer(folder, behaviour)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            answer = made.answer(self.path)
            if answer is None:
                self.close_connection = True
                return
            status, body = answer
            self.send_response(status)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        made.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def dead_address() -> str:
    """The address of a port where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
