"""Spectra: counts in channels, their background and their responses.

Reads the catalogue's pha3 with its arf3 and rmf3, where the background is a second table of the same file, and any
other set in the OGIP format (memo OGIP/92-007,
https://heasarc.gsfc.nasa.gov/docs/heasarc/ofwg/docs/spectra/ogip_92_007/ogip_92_007.html).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from cscwidgets.arrays import Flags, Floats, Integers
from cscwidgets.errors import CscError
from cscwidgets.io.fits_values import integers, number, numbers, require
from cscwidgets.io.reading import Unreadable, reading

from .header import open_product
from .response import Response, read_response

__all__ = ["Counts", "Spectrum", "read"]


_NO_NAME = {"", "none"}


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of one region.

    Attributes
    ----------
    counts : ndarray, shape (channels,)
        In each channel.
    exposure : float
        In s.
    backscal : float or ndarray
        The region's area as a fraction of the detector; an array where it differs between channels.
    areascal : float or ndarray
        A factor on its effective area.
    """

    counts: Floats
    exposure: float
    backscal: float | Floats
    areascal: float | Floats


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
        The file's own, None where it has none.
    response : Response or None
        None for the HRC.
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
        if any((one.counts < 0).any() for one in regions):
            return "it has counts below 0: its background was subtracted, and it is no longer Poisson distributed"
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

    def within(self, low: float, high: float) -> Flags:
        """Channels that lie in an energy band, keV, at least in part; shape (channels,)."""
        if self.response is None:
            raise CscError(f"{self.path} has no energies", self.refusal)
        return np.asarray((self.response.channel_high > low) & (self.response.channel_low < high))

    def net_counts(self, low: float, high: float) -> float:
        """Background-subtracted counts in an energy band, keV."""
        chosen = self.within(low, high)
        background = 0.0 if self.background is None else (self.background.counts * self.scale)[chosen].sum()
        return float(self.source.counts[chosen].sum() - background)


def read(
    pha: str | os.PathLike[str],
    *,
    arf: str | os.PathLike[str] | None = None,
    rmf: str | os.PathLike[str] | None = None,
    background: str | os.PathLike[str] | None = None,
) -> Spectrum:
    """Read a spectrum with its background and responses, compressed or not.

    Parameters
    ----------
    pha : path
        The spectrum.
    arf, rmf, background : path, optional
        The other files; by default those the spectrum names, beside it, with or without ``.gz``.

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
    """
    path = os.fspath(pha)
    hdus = open_product(path, "spectrum (PHA)", ("SPECTRUM",))
    with reading(f"{path} is no usable spectrum", "Fetch it again."):
        table = hdus["SPECTRUM"]
        head = table.header
        counts, channel = _counts(table), _channels(table)
        names = table.columns.names
        grouping, quality = (integers(table, key) if key in names else None for key in ("GROUPING", "QUALITY"))
        instrument, origin = (str(head.get(key, "")).strip() for key in ("INSTRUME", "ORIGIN"))
        files = {key: str(head.get(key, "")).strip() for key in ("ANCRFILE", "RESPFILE")}
        obsid, obi, region = (_integer(head, key) for key in ("OBS_ID", "OBI_NUM", "REGIONID"))
    instrument = instrument.upper()
    background_counts, background_path = _background(path, hdus, background)
    if background_counts is not None and len(background_counts.counts) != len(counts.counts):
        raise CscError(
            f"{background_path} is no background of {path}",
            f"it has {len(background_counts.counts)} channels where the spectrum has {len(counts.counts)}",
        )
    response = None
    if instrument != "HRC":
        named = files["ANCRFILE"].lower() not in _NO_NAME
        response = read_response(
            arf or (_beside(path, files["ANCRFILE"], "effective area", "arf") if named else None),
            rmf or _beside(path, files["RESPFILE"], "redistribution matrix", "rmf"),
        )
        if len(response.channel_low) != len(channel) or response.first_channel != channel[0]:
            raise CscError(
                f"{response.rmf} does not belong to {path}",
                f"it has {len(response.channel_low)} channels from {response.first_channel},"
                f" the spectrum {len(channel)} from {channel[0]}",
                "Use the RMF made for this spectrum.",
            )
    return Spectrum(
        path=path,
        obsid=obsid,
        obi=obi,
        region=region,
        instrument=instrument,
        simulated=origin == "cscwidgets-sim",
        channel=channel,
        source=counts,
        background=background_counts,
        background_path=background_path,
        grouping=grouping,
        quality=quality,
        response=response,
    )


def _counts(table: Any) -> Counts:
    head, names = table.header, table.columns.names

    def factor(key: str) -> float | Floats:
        return numbers(table, key, above=0) if key in names else number(head, key, 1.0, above=0)

    if "CHANNEL" in names and np.ndim(table.data["CHANNEL"]) != 1:
        raise Unreadable("it holds several spectra (type II), of which none can be chosen here")
    exposure = number(head, "EXPOSURE", above=0)
    values = numbers(table, "COUNTS") if "COUNTS" in names else numbers(table, "RATE") * exposure
    return Counts(values, exposure, factor("BACKSCAL"), factor("AREASCAL"))


def _channels(table: Any) -> Integers:
    """The channels, which follow one another."""
    channel = integers(table, "CHANNEL")
    if not len(channel):
        raise Unreadable("it has no channels")
    require(np.diff(channel, prepend=channel[0] - 1) == 1, "CHANNEL", channel, "not the next one")
    return channel


def _background(
    path: str, hdus: fits.HDUList, given: str | os.PathLike[str] | None
) -> tuple[Counts | None, str | None]:
    """The background and its file: one that is given, a table of the same file, or the file that it names."""
    with reading(f"{path} has no usable background", "Fetch it again."):
        inside = [hdu for hdu in hdus[1:] if hdu.name == "SPECTRUM" and hdu.header.get("HDUCLAS2") == "BKG"]
        name = str(hdus["SPECTRUM"].header.get("BACKFILE", "")).strip()
        if given is None and inside:
            return _counts(inside[0]), path
    if given is None and name.lower() in _NO_NAME:
        return None, None
    file = os.fspath(given) if given is not None else _beside(path, name, "background", "background")
    other = open_product(file, "spectrum (PHA)", ("SPECTRUM",))
    with reading(f"{file} is no usable background", "Fetch it again."):
        return _counts(other["SPECTRUM"]), file


def _beside(path: str, name: str, what: str, argument: str) -> str:
    """The file of that name next to a spectrum, compressed or not."""
    name = name.strip()
    if name.lower() in _NO_NAME:
        raise CscError(f"{path} has no {what}", "its header names none", f"Give the file as {argument}=.")
    stem = Path(path).parent / name.removesuffix(".gz")
    for candidate in (stem, stem.with_name(stem.name + ".gz")):
        if candidate.is_file():
            return str(candidate)
    raise CscError(
        f"The {what} of {path} is not there",
        f"neither {stem} nor {stem.name}.gz exists",
        f"Fetch it, or give another file as {argument}=.",
    )


def _integer(head: fits.Header, key: str) -> int | None:
    text = str(head.get(key, "")).strip()
    return int(text) if text.isdigit() else None
