"""The simulated observing log: four fields, their pointings, and the stacks they form.

Nothing here was ever observed: obsids start at 90001, far above any real one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from astropy.coordinates import SkyCoord
from astropy.time import Time

from cscwidgets.arrays import Flags, Floats, Integers

from ..sky.fields import FIELDS
from ..sky.tangent_plane import offsets
from .instrument import acis_area, hrc_area, in_field_of_view

__all__ = ["SimulatedObservation", "SimulatedStack", "stacks"]


# Unresolved light of a target's centre: background raised by this factor within this radius, arcmin.
_GLOW = {1: (6.0, 0.5), 2: (3.0, 1.8)}


@dataclass(frozen=True, slots=True)
class SimulatedObservation:
    """One observation interval; `start` is mission time in s, `exposure` its live time in s."""

    obsid: int
    obi: int
    ra: float
    dec: float
    roll: float
    start: float
    exposure: float
    detector: str
    grating: str

    @property
    def instrument(self) -> str:
        return self.detector[:3] if self.detector.startswith("HRC") else "ACIS"

    @property
    def stop(self) -> float:
        """End of good time: 1.3% of it is lost to frame transfer (ACIS) or dead time (HRC)."""
        return self.start + self.exposure / 0.987

    @property
    def area(self) -> Floats:
        """On-axis effective area on the energy grid, cm**2."""
        if self.instrument == "HRC":
            return hrc_area()
        return acis_area(1998 + self.start / 31_557_600, grating=self.grating != "NONE")

    def detector_position(self, ra: Floats, dec: Floats) -> tuple[Floats, Floats]:
        """Detector x and y of sky positions, arcmin from the aim point."""
        return self.on_detector(*offsets(self.ra, self.dec, ra, dec))

    def on_detector(self, east: Floats, north: Floats) -> tuple[Floats, Floats]:
        """Detector x and y of offsets on the tangent plane, all in arcmin from the aim point."""
        roll = np.radians(self.roll)
        return east * np.cos(roll) - north * np.sin(roll), east * np.sin(roll) + north * np.cos(roll)

    @property
    def pixel_size(self) -> float:
        """Side of a sky pixel, arcsec."""
        return 0.492 if self.instrument == "ACIS" else 0.13175

    @property
    def middle_pixel(self) -> float:
        """Sky pixel, in x and y, of the pointing."""
        return 4096.5 if self.instrument == "ACIS" else 16384.5

    def sky_pixels(self, ra: Floats, dec: Floats) -> tuple[Floats, Floats]:
        """Sky pixels of positions: tangent plane about the pointing, x to the west, y to the north."""
        east, north = offsets(self.ra, self.dec, ra, dec)
        scale = 60 / self.pixel_size
        return self.middle_pixel - east * scale, self.middle_pixel + north * scale

    def detector_of_pixels(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Detector x and y, arcmin from the aim point, of sky pixels."""
        scale = self.pixel_size / 60
        return self.on_detector((self.middle_pixel - x) * scale, (y - self.middle_pixel) * scale)

    def pixels_of_detector(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Sky pixels of detector positions, the way back from `detector_of_pixels`."""
        roll, scale = np.radians(self.roll), 60 / self.pixel_size
        east, north = x * np.cos(roll) + y * np.sin(roll), y * np.cos(roll) - x * np.sin(roll)
        return self.middle_pixel - east * scale, self.middle_pixel + north * scale

    def chips(self, x: Floats, y: Floats) -> Integers:
        """Chip at sky pixels: ACIS-I 0 to 3 in quarters, ACIS-S 6 and 7 side by side, HRC 0."""
        across, along = self.detector_of_pixels(x, y)
        if self.instrument == "HRC":
            return np.zeros(len(across), dtype=np.int64)
        if self.detector == "ACIS-235678":
            return np.where(across > -2.1, 7, 6)
        return np.where(along < 0, 2, 0) + np.where(across >= 0, 1, 0)

    def sees(self, ra: Floats, dec: Floats) -> Flags:
        """Whether sky positions are in the field of view."""
        return in_field_of_view(self.detector, *self.detector_position(ra, dec))


@dataclass(frozen=True, slots=True)
class SimulatedStack:
    """Observations by one instrument with one aim point, in which sources are detected together.

    As in the catalogue not every stack is `mapped`: of some the archive has no maps of limiting sensitivity.
    """

    stack_id: str
    field: int
    observations: tuple[SimulatedObservation, ...]
    mapped: bool = True

    @property
    def ra(self) -> float:
        return self.observations[0].ra

    @property
    def dec(self) -> float:
        return self.observations[0].dec

    @property
    def instrument(self) -> str:
        return self.observations[0].instrument

    @property
    def glow_profile(self) -> tuple[float, float]:
        """Background at the aim point above the instrument's, relative to it, and its scale length in arcmin."""
        return _GLOW.get(self.field, (0.0, 1.0))

    def glow(self, distance: Floats) -> Floats:
        """Background relative to the instrument's, at distances from the aim point, arcmin."""
        factor, radius = self.glow_profile
        return np.asarray(1 + factor * np.exp(-distance / radius))


@dataclass(frozen=True, slots=True)
class _Pointing:
    """One stack's aim point, arcmin east and north of the field centre, and its exposures.

    `exposures` holds (date of the start in TT, live time in ks, roll in deg).
    """

    east: float
    north: float
    exposures: list[tuple[str, float, float]]
    detector: str = "ACIS-0123"
    grating: str = "NONE"
    mapped: bool = True


def _m33() -> Iterator[_Pointing]:
    yield _Pointing(0.0, 0.0, [("2005-09-26T07:41:15", 62, 140), ("2006-06-26T11:02:40", 58, 262)])
    yield _Pointing(0.4, -1.2, [("2000-08-30T02:18:09", 43, 108), ("2000-08-31T20:05:51", 9, 109)], "ACIS-235678")
    for n in range(6):
        angle = np.radians(60 * n)
        exposures = [(f"2005-{6 + n:02d}-{3 + 4 * n:02d}T1{n}:12:0{n}", 56 + 5 * n, 95 + 35 * n)]
        if n % 2:
            exposures.append((f"2006-{7 + n // 2:02d}-{5 + 3 * n:02d}T0{n}:44:3{n}", 48, 150 + 20 * n))
        yield _Pointing(11.5 * float(np.sin(angle)), 11.5 * float(np.cos(angle)), [*exposures])
    yield _Pointing(-3.0, 4.0, [("2007-10-11T05:30:00", 18, 160)], "HRC-I")
    yield _Pointing(41.0, -33.0, [("2011-11-02T16:21:30", 1.1, 200)])


def _47_tuc() -> Iterator[_Pointing]:
    yield _Pointing(
        0.1,
        0.05,
        [
            ("2000-03-16T07:18:30", 3.9, 304),
            ("2000-03-16T08:39:44", 31.4, 304),
            ("2002-09-29T16:59:00", 45.2, 0),
            ("2002-09-30T13:25:32", 55.3, 0),
            ("2002-10-02T18:51:10", 55.2, 1),
            ("2002-10-11T01:42:59", 35.2, 11),
            ("2014-09-05T04:38:37", 25.3, 337),
            ("2015-02-02T14:23:34", 11.9, 127),
        ],
    )
    yield _Pointing(0.6, -0.9, [("2014-12-27T02:26:33", 24.8, 91), ("2016-01-02T23:52:08", 9.6, 95)], "ACIS-235678")
    yield _Pointing(
        -0.3,
        0.4,
        [("2005-12-19T06:42:56", 48, 85), ("2005-12-20T14:13:29", 21, 85), ("2006-01-08T01:20:10", 39, 101)],
        "HRC-I",
    )


def _m42() -> Iterator[_Pointing]:
    yield _Pointing(0.0, 0.0, [("2003-01-08T20:58:19", 78, 310), ("2003-01-13T07:34:44", 66, 311)])
    yield _Pointing(1.8, -2.6, [("2001-12-28T12:25:56", 21, 77)], "ACIS-235678")
    yield _Pointing(-6.0, 9.0, [("2004-11-30T09:14:22", 24, 60)])
    yield _Pointing(0.7, 0.4, [("2004-12-30T21:06:07", 29, 86)], "ACIS-235678", "HETG", mapped=False)
    yield _Pointing(0.2, -0.6, [("2000-02-04T12:47:40", 52, 311)], "HRC-I")


def _lockman() -> Iterator[_Pointing]:
    for n in range(9):
        exposures = [(f"200{4 + n // 5}-0{1 + n}-{12 + n}T{8 + n:02d}:17:{20 + n}", 2.9 + 0.7 * (n % 4), 40 * n)]
        if n == 4:
            exposures.append(("2009-06-17T11:20:42", 3.1, 215))
        yield _Pointing(14.5 * (n % 3 - 1), 14.5 * (n // 3 - 1), [*exposures], mapped=n != 3)
    yield _Pointing(3.5, 2.0, [("2012-04-02T19:40:18", 3.6, 18)])
    yield _Pointing(-44.0, 9.0, [("2013-08-21T22:03:37", 0.6, 301)])
    yield _Pointing(46.0, 21.0, [("2015-02-11T03:55:01", 1.3, 66), ("2015-02-12T07:35:40", 1.2, 66)])


@cache
def stacks() -> tuple[SimulatedStack, ...]:
    """All stacks, in the order of fields and pointings."""
    stacked = []
    for field, pointings in enumerate((_m33(), _47_tuc(), _m42(), _lockman())):
        target = FIELDS[field]
        obsid = 90_000 + 500 * field
        for pointing in pointings:
            dec = target.dec + pointing.north / 60
            ra = target.ra + pointing.east / 60 / float(np.cos(np.radians(dec)))
            observations = []
            for number, (date, kiloseconds, roll) in enumerate(pointing.exposures):
                # The HRC pointings are one observation cut into intervals, as a few real ones are.
                obi = number if pointing.detector == "HRC-I" else 0
                obsid += obi == 0
                start = float(Time(date, scale="tt").cxcsec)
                observations.append(
                    SimulatedObservation(
                        obsid,
                        obi,
                        ra,
                        dec,
                        float(roll),
                        start,
                        1000.0 * kiloseconds,
                        pointing.detector,
                        pointing.grating,
                    )
                )
            stack_id = _stack_id(ra, dec, observations[0].instrument)
            stacked.append(SimulatedStack(stack_id, field, tuple(observations), pointing.mapped))
    return tuple(stacked)


def _stack_id(ra: float, dec: float, instrument: str) -> str:
    """The catalogue's grammar, ``acisfJhhmmsss{p|m}ddmmss_001``: tenths of seconds, truncated."""
    position = SkyCoord(ra, dec, unit="deg")
    hours = position.ra.to_string("hour", sep="", precision=2, pad=True)[:-1].replace(".", "")
    degrees = position.dec.to_string("deg", sep="", precision=1, pad=True, alwayssign=True)[:-2]
    return f"{instrument.lower()}fJ{hours}{degrees.replace('+', 'p').replace('-', 'm')}_001"
