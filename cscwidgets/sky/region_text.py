"""Regions as people write them down: DS9's text, CASA's, STC-S and ADQL, and files of them, FITS included.

The ``regions`` package reads each shape, but leaves out with a warning what it does not know, and searches an exclusion
as if it were its opposite; so every statement is looked at here first, and one that cannot be used is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import astropy.units as u
import numpy as np
from astropy.io import fits
from astropy.wcs import WCS
from regions import (
    CirclePixelRegion,
    EllipsePixelRegion,
    PixCoord,
    PixelRegion,
    PolygonPixelRegion,
    RectanglePixelRegion,
    Region,
    Regions,
)

from cscwidgets.errors import RegionError
from cscwidgets.io.files import read_file
from cscwidgets.io.fits import open_fits
from cscwidgets.io.fits_headers import FITS
from cscwidgets.io.quiet import quiet
from cscwidgets.io.reading import Unreadable, reading
from cscwidgets.io.typed import plain_text

from .column_wcs import sky_of_columns

__all__ = ["looks_like_file", "looks_like_region", "read_region_file", "read_region_list", "read_region_text"]

_USED = ("circle", "ellipse", "box", "rotbox", "polygon")
_OTHERS = (
    "annulus", "point", "line", "vector", "text", "ruler", "compass", "projection", "segment", "panda", "cpanda",
    "epanda", "bpanda", "pie", "sector", "composite", "field", "rectangle", "centerbox", "symbol", "range", "position",
    "union", "intersection", "not", "convex",
)  # fmt: skip
_FRAMES = ("icrs", "fk5", "fk4", "j2000", "b1950", "galactic", "ecliptic")
_PIXELS = ("image", "physical", "amplifier", "detector", "linear")
_SHAPE = "|".join((*_USED, *_OTHERS))
_STATEMENT = re.compile(
    rf"(?P<sign>[-+!]?)\s*(?P<shape>{_SHAPE})(?:\s*\((?P<inner>.*)\)|\[(?P<casa>.*)\]|\s+(?P<bare>[^()\[\]]*))?\s*",
    re.IGNORECASE | re.DOTALL,
)
_CASA = re.compile(rf"^\s*[-+]?\s*(?:ann\s+)?(?:{_SHAPE})\s*\[", re.IGNORECASE | re.MULTILINE)
_OWN_FRAME = re.compile(rf"\s*['\"]?(?P<frame>{'|'.join(_FRAMES)})\b(?:\s+geocenter)?['\"]?[\s,]*", re.IGNORECASE)
_BEGINS = re.compile(
    rf"\s*(?:(?:{'|'.join((*_FRAMES, *_PIXELS))}|wcs\w?|global[^;\n]*)\s*[;\n]\s*)*"
    rf"[-+!]?\s*(?:(?:{_SHAPE})\s*[(\[]|(?:{_SHAPE})\s+(?:{_OWN_FRAME.pattern})?[-+.\d])",
    re.IGNORECASE,
)
_ENDINGS = (".reg", ".crtf", ".rgn", ".ds9", ".txt", ".fits", ".fit", ".fts", ".mrf")
_LARGEST = 10_000_000  # bytes of a file that holds one region
_LONGEST_TEXT = 100_000  # characters: a polygon of 1,000 corners has 25,000
_MOST = 2000  # shapes of a list
_SHAPES_WORDS = "the catalogue can be asked for circles, ellipses, boxes and polygons on the sky"
_EXAMPLE = 'Write e.g. "icrs; circle(10.5, 41.2, 60\\")".'


def looks_like_region(text: str) -> bool:
    """Whether a text, in plain characters, is meant as a region, and no name or position."""
    return text.startswith("#") or bool(_BEGINS.match(_without_comments(text)))


def looks_like_file(text: str) -> bool:
    """Whether a text is meant as the path of a file."""
    path = text.strip().lower()
    one_line = "\n" not in path and "(" not in path
    return one_line and (
        path.removesuffix(".gz").endswith(_ENDINGS)
        or bool(re.match(r"~|\.{1,2}[/\\]|/|[a-z]:[/\\]|\\\\|file:", path))
        or ("/" in path and bool(re.search(r"/[^/]*\.\w+$", path)))
    )


def read_region_text(text: str) -> Region:
    """The one region that a text holds, as the ``regions`` package has it.

    Parameters
    ----------
    text : str
        DS9's text, with brackets or without, on one line or several, with or without comments; ICRS degrees where no
        frame is named. CASA's text, STC-S ("CIRCLE ICRS 10 20 0.1") and ADQL's functions are read as well.

    Raises
    ------
    RegionError
        If there is not just one, or it is an exclusion, of another shape, in pixels, or not understood.
    """
    if len(text) > _LONGEST_TEXT:  # the parser's time grows with the square of it
        raise RegionError("The region was not understood", f"its text has more than {_LONGEST_TEXT:,} characters")
    text = plain_text(text)
    if _CASA.search(text) or text.upper().startswith("#CRTF"):
        return _single(_parsed(text if text.startswith("#") else f"#CRTF\n{text}", "crtf"))
    shapes = [_statement(statement, frame) for statement, frame in _statements(text)]
    if len(shapes) != 1:
        raise RegionError(
            "The text of a region was not used",
            f"it holds {len(shapes)} regions, one is needed",
            "Keep one of them.",
        )
    return _single(_parsed(shapes[0], "ds9"))


def read_region_list(content: bytes) -> tuple[list[Region], list[str]]:
    """All regions of a file of DS9's or CASA's text, and why others were left out.

    Raises
    ------
    RegionError
        If none of them can be used, or they are too many.

    Examples
    --------
    >>> regions, left_out = read_region_list(b"fk5; circle(10, 41, 1'); point(10, 41)")
    >>> len(regions), left_out[0][:42]
    (1, 'it is of the shape point: the catalogue ca')
    """
    if b"\x00" in content:
        raise RegionError("The regions were not read", "it is no text")
    text = plain_text(content.decode("utf-8", "replace"))
    found, left_out = [], []
    if _CASA.search(text) or text.upper().startswith("#CRTF"):
        if len(text) > _LONGEST_TEXT:
            raise RegionError("The regions were not read", f"they have more than {_LONGEST_TEXT:,} characters")
        found = _parsed(text if text.startswith("#") else f"#CRTF\n{text}", "crtf")
    else:
        statements = list(_statements(text))
        if len(statements) > _MOST:
            raise RegionError("The regions were not read", f"they are more than {_MOST:,}", "Use them in parts.")
        for statement, frame in statements:
            try:
                if len(statement) > _LONGEST_TEXT:
                    raise _refused(f"it has more than {_LONGEST_TEXT:,} characters", "")
                found.append(_single(_parsed(_statement(statement, frame), "ds9")))
            except RegionError as error:
                left_out.append(error.why or error.what)
    if not found:
        raise RegionError("The regions were not read", next(iter(left_out), "there is none"), _EXAMPLE)
    return found, left_out


def _statements(text: str) -> Iterator[tuple[str, str]]:
    """The statements of DS9's text that are shapes, each with the frame that holds for it."""
    frame = "icrs"
    for statement in filter(None, map(str.strip, re.split(r"[;\n]", _without_comments(text)))):
        first = statement.lower().split()[0]
        if first in _FRAMES and statement.lower() == first:
            frame = first
        elif first in _PIXELS or re.fullmatch(r"wcs\w?", first):
            raise _refused(f"it is in {first} coordinates, which are not on the sky", "Save it in WCS degrees.")
        elif first != "global":
            yield statement, frame


def read_region_file(path: Path) -> Region:
    """The one region that a file holds: DS9's or CASA's text, or FITS as CIAO writes it.

    Raises
    ------
    RegionError
        If the file cannot be read, or as for `read_region_text`.
    """
    what = f"The region file {path} cannot be read"
    with reading(what, "Check its path.", error=RegionError):
        content = read_file(path.expanduser(), _LARGEST)
    if content.startswith(FITS):
        with reading(what, "Give a region file in FITS, or DS9's text.", error=RegionError), open_fits(content) as hdus:
            return _single(_of_fits(hdus))
    with reading(what, "Save it as DS9's text.", error=RegionError):
        if b"\x00" in content:
            raise Unreadable("it is no text")
        text = content.decode("utf-8")
    return read_region_text(text)


def _without_comments(text: str) -> str:
    return re.sub(r"#[^\n]*", "", text)


def _statement(statement: str, frame: str) -> str:
    """One statement as the DS9 text that the ``regions`` package reads."""
    match = _STATEMENT.fullmatch(statement)
    if match is None:
        raise RegionError("The region was not understood", f"{statement!r:.80} is no single shape", _EXAMPLE)
    shape = match["shape"].lower()
    inner = match["inner"] if match["inner"] is not None else match["bare"] or ""
    if any(bracket in inner for bracket in "()"):
        raise _refused("it combines several shapes", "Keep one of them.")
    if match["sign"] in {"-", "!"}:
        raise _excluded()
    if shape not in _USED:
        raise _refused(f"it is of the shape {shape}: {_SHAPES_WORDS}", _INSTEAD.get(shape, ""))
    own = _OWN_FRAME.match(inner)
    if own:
        frame, inner = own["frame"].lower(), inner[own.end() :]
    arguments = [part for part in re.split(r"[\s,]+", inner.strip()) if part]
    ellipses = shape in {"ellipse", "box", "rotbox"} and len(arguments) > 5
    if ellipses:
        raise _refused(f"it is an annulus of the shape {shape}: {_SHAPES_WORDS}", _INSTEAD["annulus"])
    return f"{frame}; {'box' if shape == 'rotbox' else shape}({', '.join(arguments)})"


_INSTEAD = {
    "annulus": "Search its outer edge, and cut the table afterwards.",
    "point": 'Give the position alone, "RA Dec", and a radius.',
    "position": 'Give the position alone, "RA Dec", and a radius.',
    "rectangle": "Write it as box(ra, dec, width, height).",
}


def _parsed(text: str, language: str) -> list[Region]:
    with (
        quiet() as left_out,
        reading("The region was not understood", _EXAMPLE, error=RegionError),
    ):
        regions = list(Regions.parse(text, format=language))
        if not regions and left_out:
            raise Unreadable(left_out[0])
    if left_out:
        raise RegionError("The region was not used", f"part of it was not understood: {left_out[0]}", _EXAMPLE)
    return regions


def _of_fits(hdus: fits.HDUList) -> list[Region]:
    """The shapes of the first table of regions, put on the sky by the coordinates of its columns X and Y."""
    for hdu in hdus[1:]:
        names = [str(name).upper() for name in getattr(getattr(hdu, "columns", None), "names", None) or ()]
        if {"SHAPE", "X", "Y", "R"} <= set(names):
            if len(hdu.data) != 1:
                raise Unreadable(f"it holds {len(hdu.data)} shapes, one is needed")
            return [_in_pixels(hdu.data[0], names).to_sky(_celestial(hdu.header, names))]
    raise Unreadable("it has no table with the columns SHAPE, X, Y and R")


def _celestial(header: fits.Header, names: list[str]) -> WCS:
    columns = [names.index(axis) + 1 for axis in ("X", "Y")]
    if any(f"TCTYP{column}" not in header for column in columns):
        raise Unreadable("it is in pixels, and its columns X and Y have no coordinates on the sky")
    return sky_of_columns(header, (columns[0], columns[1]))


def _in_pixels(row: fits.FITS_record, names: list[str]) -> PixelRegion:
    shape = str(row["SHAPE"]).strip().lower()
    if shape.startswith("!"):
        raise _excluded()
    if shape not in _USED:
        raise _refused(f"it is of the shape {shape}: {_SHAPES_WORDS}", _INSTEAD.get(shape, ""))
    x, y, size = (np.atleast_1d(np.asarray(row[name], float)) for name in ("X", "Y", "R"))
    if shape != "polygon":
        x, y = x[:1], y[:1]  # the arrays are as long as the longest polygon's
    finite = np.isfinite(x) & np.isfinite(y)
    if not finite.any():
        raise Unreadable("its coordinates are no numbers")
    # FITS counts pixels from 1, PixCoord from 0.
    pixels = PixCoord(x[finite] - 1, y[finite] - 1)
    if shape == "polygon":
        return PolygonPixelRegion(pixels)
    if shape == "circle":
        return CirclePixelRegion(pixels[0], size[0])
    angle = float(np.atleast_1d(row["ROTANG"])[0]) * u.deg if "ROTANG" in names else 0 * u.deg
    if shape == "ellipse":  # which has its half axes there, and a box its sides
        return EllipsePixelRegion(pixels[0], 2 * size[0], 2 * size[1], angle)
    return RectanglePixelRegion(pixels[0], size[0], size[1], angle)


def _single(regions: list[Region]) -> Region:
    if len(regions) != 1:
        raise RegionError("The region was not used", f"there are {len(regions)}, one is needed", "Keep one of them.")
    return regions[0]


def _refused(why: str, hint: str) -> RegionError:
    return RegionError("The region cannot be searched", why, hint or "Use one of these shapes.")


def _excluded() -> RegionError:
    return _refused("it is an exclusion: what lies outside of a shape", "Leave out the minus sign, and cut afterwards.")
