"""Spectra: counts in channels, their background and their responses.

Reads the catalogue's pha3 with its arf3 and rmf3, where the background is a second table of the same file, and any
other set in the OGIP format (memo OGIP/92-007,
https://heasarc.gsfc.nasa.gov/docs/heasarc/ofwg/docs/spectra/ogip_92_007/ogip_92_007.html).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
from astropy.io import fits

from cscwidgets.arrays import Flags, Floats, Integers
from cscwidgets.errors import CscError
from cscwidgets.io.files import file_name
from cscwidgets.io.reading import Unreadable, reading

from .energies import kev
from .header import open_product
from .named_files import named_file
from .pha_table import NO_NAME, Counts, PhaTable, bad_channels, pha_table, read_pha
from .response import Response, read_response

__all__ = ["NAMED", "Counts", "Named", "Spectrum", "read"]

StrPath = str | os.PathLike[str]


class Named(Enum):
    """Which file is meant where none is given."""

    FILE = "the one that the spectrum names"


NAMED = Named.FILE
"""The background that the spectrum itself holds or names."""


@dataclass(frozen=True, slots=True)
class Spectrum:
    """The spectrum of one source in one observation.

    Attributes
    ----------
    path : str
        The file it was read from.
    obsid, obi, region : int or None
        None where the file does not tell.
    instrument : str
        ACIS or HRC.
    simulated : bool
        Whether no telescope saw it.
    channel : ndarray of int, shape (channels,)
        Numbers of the channels.
    source, background : Counts
        The background is None where there is none.
    background_path : str or None
        Its file.
    grouping, quality : ndarray of int or None
        The file's own, None where it has none. Channels that are bad (any flag but 0 and 2) in it or in its
        background are left out of everything.
    response : Response or None
        None for the HRC.
    net : bool
        Whether the background was subtracted before.
    notes : tuple of str
        What the files say that is not usual, and how it was taken.
    """

    path: str
    obsid: int | None
    obi: int | None
    region: int | None
    instrument: str
    simulated: bool
    channel: Integers
    source: Counts
    background: Counts | None
    background_path: str | None
    grouping: Integers | None
    quality: Integers | None
    response: Response | None
    net: bool = False
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.channel)

    @property
    def label(self) -> str:
        """Short name of the observation, as ObsID 1575 (1), or the file's name."""
        if self.obsid is None:
            return Path(self.path).name
        return f"ObsID {self.obsid}" + (f" ({self.obi})" if self.obi else "")

    @property
    def refusal(self) -> str:
        """Why the spectrum cannot be fitted, empty if it can."""
        if self.instrument == "HRC":
            return "the HRC measures no energies: its channels tell nothing about the spectrum"
        regions = [self.source] if self.background is None else [self.source, self.background]
        if self.net or any((one.counts < 0).any() for one in regions):
            how = "it is net (HDUCLAS2)" if self.net else "it has counts below 0"
            return f"{how}: its background was subtracted, and it is no longer Poisson distributed"
        return ""

    @property
    def scale(self) -> float | Floats:
        """What background counts are multiplied by to stand for the source region; 0 without background."""
        if self.background is None:
            return 0.0
        source, other = self.source, self.background
        extent = source.exposure * np.asarray(source.backscal) * source.areascal
        scale = extent / (other.exposure * np.asarray(other.backscal) * other.areascal)
        return float(scale) if scale.ndim == 0 else scale

    @property
    def good(self) -> Flags:
        """Channels that are not flagged bad, shape (channels,)."""
        return np.ones(len(self), dtype=bool) if self.quality is None else ~bad_channels(self.quality)

    def within(self, low: float, high: float) -> Flags:
        """Good channels that lie in an energy band, keV, at least in part; shape (channels,)."""
        if self.response is None:
            raise CscError(f"{self.path} has no energies", self.refusal)
        low, high = kev(low), kev(high)
        return np.asarray((self.response.channel_high > low) & (self.response.channel_low < high) & self.good)

    def net_counts(self, low: float, high: float) -> float:
        """Background-subtracted counts in an energy band, keV."""
        chosen = self.within(low, high)
        background = 0.0 if self.background is None else (self.background.counts * self.scale)[chosen].sum()
        return float(self.source.counts[chosen].sum() - background)


def read(
    pha: StrPath,
    *,
    arf: StrPath | None = None,
    rmf: StrPath | None = None,
    background: StrPath | Named | None = NAMED,
) -> Spectrum:
    """Read a spectrum with its background and responses, compressed or not.

    How each keyword is used is told in ``docs/files.md``.

    Parameters
    ----------
    pha : path
        The spectrum.
    arf, rmf : path, optional
        The responses; by default those the spectrum names, there or beside it, with or without ``.gz``.
    background : path or None
        The background's file; by default the one that the spectrum holds or names. None to read without.

    Returns
    -------
    Spectrum
        Counts in channels, with background and responses as far as there are any.

    Raises
    ------
    CscError
        If a file is absent, damaged, something else, or does not belong to the others; its name is told. A number
        in it that is none is told with its column and row.

    Examples
    --------
    >>> from cscwidgets.science import spectrum
    >>> source = spectrum.read("pha3.fits")
    >>> source.label, source.source.exposure
    ('ObsID 78', 50000.0)
    >>> f"{source.net_counts(0.5, 7.0):.0f} net counts"
    '4606 net counts'
    >>> spectrum.read("pha3.fits", background=None).notes
    ('it is read without its background (BACKFILE)',)
    """
    path = file_name(pha)
    hdus = open_product(path, "spectrum (PHA)", ("SPECTRUM",))
    with reading(f"{path} is no usable spectrum", "Fetch it again."):
        own = pha_table(hdus)
        notes = [] if own is not None else ["it is the spectrum of a background (HDUCLAS2)"]
        table = read_pha(own if own is not None else pha_table(hdus, background=True))
        head = table.header
        instrument, origin = (str(head.get(key, "")).strip() for key in ("INSTRUME", "ORIGIN"))
        obsid, obi, region = (_integer(head, key) for key in ("OBS_ID", "OBI_NUM", "REGIONID"))
    instrument = instrument.upper()
    other, background_path, said = _background(path, hdus if own is not None else None, table, background)
    quality = _shared_quality(table, other)
    response = None
    if instrument != "HRC":
        response, told = _response(path, table, arf, rmf)
        said = [*said, *told]
    return Spectrum(
        path=path,
        obsid=obsid,
        obi=obi,
        region=region,
        instrument=instrument,
        simulated=origin == "cscwidgets-sim",
        channel=table.channel,
        source=table.counts,
        background=None if other is None else other.counts,
        background_path=background_path,
        grouping=table.grouping,
        quality=quality,
        response=response,
        net=table.net,
        notes=(*notes, *table.notes, *said),
    )


def _background(
    path: str, hdus: fits.HDUList | None, table: PhaTable, given: StrPath | Named | None
) -> tuple[PhaTable | None, str | None, list[str]]:
    """The background, its file, and what is to be said of it."""
    name = _named(path, table, "BACKFILE")
    inside = None
    with reading(f"{path} has no usable background", "Give a file as background=, or None to read without."):
        if hdus is not None:
            inside = pha_table(hdus, background=True)
        if given is None:
            has = inside is not None or name.lower() not in NO_NAME
            return None, None, ["it is read without its background (BACKFILE)"] if has else []
        if given is NAMED and inside is not None:
            return _checked(path, table, path, read_pha(inside), [])
    if given is NAMED and name.lower() in NO_NAME:
        return None, None, []
    said: list[str] = []
    if isinstance(given, Named):
        hint = "Fetch it, give another file as background=, or read without it: background=None."
        file, said = named_file(path, name, "background", hint)
    else:
        file = file_name(given)
    tables = open_product(file, "spectrum (PHA)", ("SPECTRUM",))
    with reading(f"{file} is no usable background", "Give another file as background=, or None to read without."):
        chosen = pha_table(tables, background=True)
        if chosen is None and Path(file).resolve() == Path(path).resolve():
            raise Unreadable("it is the spectrum itself, and holds no other")
        other = read_pha(pha_table(tables) if chosen is None else chosen)
    return _checked(path, table, file, other, said)


def _named(path: str, table: PhaTable, key: str) -> str:
    """The file that a keyword names, empty for none."""
    with reading(f"{path} is no usable spectrum", f"Its {key} is damaged: fetch it again."):
        return str(table.header.get(key, "")).strip()


def _checked(
    path: str, table: PhaTable, file: str, other: PhaTable, said: list[str]
) -> tuple[PhaTable, str, list[str]]:
    """A background with as many channels as its spectrum, and what is to be said of it."""
    if len(other.channel) != len(table.channel):
        raise CscError(
            f"{file} is no background of {path}",
            f"it has {len(other.channel)} channels where the spectrum has {len(table.channel)}",
            "Give another file as background=, or None to read without.",
        )
    if other.channel[0] != table.channel[0]:
        said = [
            *said,
            f"its background counts channels from {other.channel[0]}, not {table.channel[0]}: taken in order",
        ]
    return other, file, [*said, *(f"of its background: {note}" for note in other.notes)]


def _shared_quality(table: PhaTable, other: PhaTable | None) -> Integers | None:
    """The flags of the spectrum, with the background's where that is bad: neither can be compared there."""
    if other is None or other.quality is None:
        return table.quality
    quality = np.zeros(len(table.channel), dtype=np.int64) if table.quality is None else table.quality
    return np.where(bad_channels(other.quality), other.quality, quality)


def _response(path: str, table: PhaTable, arf: StrPath | None, rmf: StrPath | None) -> tuple[Response, list[str]]:
    """The responses that are given or named, and what is to be said of them."""
    files, notes = [], []
    for given, key, what, argument in (
        (arf, "ANCRFILE", "effective area", "arf"),
        (rmf, "RESPFILE", "redistribution matrix", "rmf"),
    ):
        name = _named(path, table, key)
        if given is None and name.lower() not in NO_NAME:
            found, said = named_file(path, name, what, f"Fetch it, or give another file as {argument}=.")
            files.append(found)
            notes += said
        else:
            files.append("" if given is None else file_name(given))
    area, matrix = files
    if not matrix:
        raise CscError(f"{path} has no redistribution matrix", "its header names none", "Give the file as rmf=.")
    response = read_response(area or None, matrix, of=table)
    channel = table.channel
    if len(response.channel_low) != len(channel) or response.first_channel != channel[0]:
        raise CscError(
            f"{response.rmf} does not belong to {path}",
            f"it has {len(response.channel_low)} channels from {response.first_channel},"
            f" the spectrum {len(channel)} from {channel[0]}",
            "Use the RMF made for this spectrum.",
        )
    return response, [*notes, *response.notes]


def _integer(head: fits.Header, key: str) -> int | None:
    text = str(head.get(key, "")).strip()
    return int(text) if text.isdigit() else None
