"""The four fields of the simulated sky."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FIELDS", "SEED", "SkyField"]

SEED = 20_260
"""Everything in the simulated sky follows from this number and the code."""


@dataclass(frozen=True, slots=True)
class SkyField:
    """A target: its name, centre (ICRS, deg) and Galactic column in 1e22 cm**-2."""

    name: str
    ra: float
    dec: float
    nh: float


FIELDS = (
    SkyField("M33", 23.462, 30.660, 0.05),
    SkyField("47 Tuc", 6.0236, -72.0813, 0.035),
    SkyField("M42", 83.822, -5.391, 0.19),
    SkyField("Lockman Hole", 164.05, 57.2, 0.006),
)
