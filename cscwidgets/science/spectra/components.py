"""Components of spectral models that Sherpa has only with XSPEC: absorption, black body, bremsstrahlung."""

from __future__ import annotations

from typing import Any

import numpy as np

from cscwidgets.arrays import Floats

from ..absorption import cross_section_table
from .gaunt import bremsstrahlung
from .sherpa_gate import sherpa

__all__ = ["Absorption", "Additive", "BlackBody", "Bremsstrahlung"]


class Absorption(sherpa.models.ArithmeticModel):  # type: ignore[misc]
    """exp(-nH sigma(E)) of cold gas, at the middle of each energy bin.

    Parameters of the model: ``nH`` in 1e22 cm**-2, and ``redshift`` of the gas, hidden at 0 unless `redshifted`.
    """

    def __init__(
        self, name: str = "tbabs", absorber: str = "tbabs", abundances: str = "wilm", *, redshifted: bool = False
    ) -> None:
        self.absorber = absorber
        self.abundances = abundances
        energy, sigma = cross_section_table(absorber, abundances)
        self._log_energy, self._log_sigma = np.log(energy), np.log(sigma)
        self._known: tuple[Any, float, Floats] | None = None
        parameter = sherpa.models.Parameter
        self.nH = parameter(name, "nH", 0.1, 0, 1000, 0, 1e6, units="1e22 cm-2")
        self.redshift = parameter(name, "redshift", 0, 0, 20, -0.999, 20, frozen=True, hidden=not redshifted)
        super().__init__(name, (self.nH, self.redshift))

    def calc(self, p: Any, xlo: Floats, xhi: Floats | None = None, **_: Any) -> Floats:
        nh, redshift = p
        # A fit evaluates one grid thousands of times, mostly at one redshift.
        if self._known is None or self._known[0] is not xlo or self._known[1] != redshift:
            low = np.asarray(xlo, dtype=float)
            energy = (low if xhi is None else (low + xhi) / 2) * (1 + redshift)
            self._known = (xlo, redshift, self._sigma(energy))
        return np.asarray(np.exp(-nh * self._known[2]))

    def _sigma(self, energy: Floats) -> Floats:
        log_energy = np.log(np.maximum(energy, 1e-6))
        inside = np.clip(log_energy, self._log_energy[0], self._log_energy[-1])
        depth = np.interp(inside, self._log_energy, self._log_sigma) - 3 * (log_energy - inside)
        return np.asarray(np.exp(np.minimum(depth, 100)))


class Additive(sherpa.models.ArithmeticModel):  # type: ignore[misc]
    """Photons cm**-2 s**-1 in each bin, by Simpson's rule, of a density in photons cm**-2 s**-1 keV**-1."""

    def __init__(self, name: str, kt: float, unit: str) -> None:
        parameter = sherpa.models.Parameter
        self.kT = parameter(name, "kT", kt, 0.01, 100, 1e-3, 200, units="keV")
        self.norm = parameter(name, "norm", 1, 0, 1e10, 0, 1e24, units=unit)
        super().__init__(name, (self.kT, self.norm))

    def calc(self, p: Any, xlo: Floats, xhi: Floats | None = None, **_: Any) -> Floats:
        kt, norm = p
        low = np.asarray(xlo, dtype=float)
        if xhi is None:
            return np.asarray(norm * self.density(low, kt))
        high = np.asarray(xhi, dtype=float)
        ends = self.density(low, kt) + self.density(high, kt)
        return np.asarray(norm * (ends + 4 * self.density((low + high) / 2, kt)) * (high - low) / 6)

    def density(self, energy: Floats, kt: float) -> Floats:
        """Of unit norm, at energies in keV."""
        raise NotImplementedError


class BlackBody(Additive):
    """A black body as XSPEC's bbody: ``norm`` is the luminosity in 1e39 erg/s over (distance / 10 kpc)**2."""

    def __init__(self, name: str = "bbody") -> None:
        super().__init__(name, 0.5, "1e37 erg s-1 kpc-2")

    def density(self, energy: Floats, kt: float) -> Floats:
        x = np.clip(energy / kt, 1e-12, 600)
        return np.asarray(8.0525 * energy**2 / kt**4 / np.expm1(x))


class Bremsstrahlung(Additive):
    """Thermal bremsstrahlung of hydrogen and 8.5 % helium, as XSPEC's bremss.

    ``norm`` is 3.02e-15 / (4 pi distance**2) times the integral of the product of electron and ion density over the
    volume, in cgs units.
    """

    def __init__(self, name: str = "bremss") -> None:
        super().__init__(name, 5.0, "3.31126e14 cm-5")

    def density(self, energy: Floats, kt: float) -> Floats:
        return bremsstrahlung(energy, kt)
