"""Photoelectric absorption by cold gas between the stars.

Cross-sections of the elements are those of Elam, Ravel & Sieber (2002, Radiat. Phys. Chem. 63, 121), tabulated with
``tools/make_photoelectric.py``. Neither dust grains nor the structure of the edges are modelled: over 0.3-7.5 keV the
sums stay within 4 % of XSPEC's models of the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from cscwidgets.arrays import Floats
from cscwidgets.errors import CscError

__all__ = ["ABSORBERS", "ABUNDANCES", "cross_section", "cross_section_table", "nh_from_catalogue"]


ABSORBERS: Mapping[str, str] = MappingProxyType(
    {
        "tbabs": "interstellar gas with a fifth of its hydrogen in molecules, no grains",
        "phabs": "atomic gas",
    }
)
"""The absorption models and what they are, by XSPEC's names for the models they stand for."""

ABUNDANCES: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        # Wilms, Allen & McCray (2000), ApJ 542, 914, table 2
        "wilm": {
            "H": 1.0, "He": 9.77e-2, "C": 2.40e-4, "N": 7.59e-5, "O": 4.90e-4, "Ne": 8.71e-5, "Na": 1.45e-6,
            "Mg": 2.51e-5, "Al": 2.14e-6, "Si": 1.86e-5, "P": 2.63e-7, "S": 1.23e-5, "Cl": 1.32e-7, "Ar": 2.57e-6,
            "Ca": 1.58e-6, "Ti": 6.46e-8, "Cr": 3.24e-7, "Mn": 2.19e-7, "Fe": 2.69e-5, "Co": 8.32e-8, "Ni": 1.12e-6,
        },
        # Anders & Grevesse (1989), Geochim. Cosmochim. Acta 53, 197, solar photosphere
        "angr": {
            "H": 1.0, "He": 9.77e-2, "C": 3.63e-4, "N": 1.12e-4, "O": 8.51e-4, "Ne": 1.23e-4, "Na": 2.14e-6,
            "Mg": 3.80e-5, "Al": 2.95e-6, "Si": 3.55e-5, "P": 2.82e-7, "S": 1.62e-5, "Cl": 3.16e-7, "Ar": 3.63e-6,
            "Ca": 2.29e-6, "Ti": 9.77e-8, "Cr": 4.68e-7, "Mn": 2.45e-7, "Fe": 4.68e-5, "Co": 8.32e-8, "Ni": 1.78e-6,
        },
    }
)  # fmt: skip
"""Number of atoms per hydrogen atom."""

_BARN = 1e-24 * 1e22  # optical depth per 1e22 atoms cm**-2
_MOLECULAR = 0.2  # fraction of hydrogen in molecules (Wilms et al. 2000, section 2)
_MOLECULE = 2.85  # cross-section of H2 in that of H (Yan, Sadeghpour & Dalgarno 1998, ApJ 496, 1044)


@cache
def cross_section_table(absorber: str = "tbabs", abundances: str = "wilm") -> tuple[Floats, Floats]:
    """Energies in keV and the cross-section there; to be interpolated in the logarithms of both.

    Returns
    -------
    energy, cross_section : ndarray, shape (points,)
        The cross-section is per hydrogen atom in 1e-22 cm**2: times nH in 1e22 cm**-2 the optical depth.

    Raises
    ------
    CscError
        For an absorber or a set of abundances that is not known.
    """
    if absorber not in ABSORBERS:
        raise CscError(f"No absorption model {absorber}", f"there are {', '.join(ABSORBERS)}")
    if abundances not in ABUNDANCES:
        raise CscError(f"No abundances {abundances}", f"there are {', '.join(ABUNDANCES)}")
    with files("cscwidgets.science").joinpath("photoelectric.npz").open("rb") as stream, np.load(stream) as table:
        energy = np.asarray(table["energy"], dtype=float)
        weight = np.array([ABUNDANCES[abundances][str(element)] for element in table["elements"]])
        if absorber == "tbabs":
            weight[0] *= 1 - _MOLECULAR + _MOLECULAR * _MOLECULE / 2
        total = weight @ table["cross_section"].astype(float) * _BARN
    for column in (energy, total):
        column.flags.writeable = False
    return energy, total


def cross_section(energy: ArrayLike, absorber: str = "tbabs", abundances: str = "wilm") -> Floats:
    """Photoelectric cross-section per hydrogen atom, 1e-22 cm**2.

    Beyond the table, 0.1-20 keV, it falls with the cube of the energy.

    Parameters
    ----------
    energy : array_like
        Photon energy, keV.
    absorber : {"tbabs", "phabs"}
        See `ABSORBERS`.
    abundances : {"wilm", "angr"}
        See `ABUNDANCES`; they matter by 45 %.

    Returns
    -------
    ndarray, of the shape of `energy`
        Cross-section, 1e-22 cm**2.

    Examples
    --------
    >>> bool(abs(cross_section(1.0) / 1.7375 - 1) < 0.04)  # XSPEC's tbabs
    True
    """
    x, sigma = cross_section_table(absorber, abundances)
    e = np.maximum(np.asarray(energy, dtype=float), 1e-6)
    inside = np.clip(e, x[0], x[-1])
    depth = np.exp(np.interp(np.log(inside), np.log(x), np.log(sigma)))
    return np.asarray(depth * (e / inside) ** -3)


def nh_from_catalogue(nh: float) -> float:
    """Column in 1e22 cm**-2, as models have it, from the catalogue's 1e20 cm**-2 (its ``nh_gal``).

    Parameters
    ----------
    nh : float
        Column of the catalogue (``nh_gal``), 1e20 cm**-2.

    Returns
    -------
    float
        The same in 1e22 cm**-2.

    Examples
    --------
    >>> from cscwidgets.science import absorption
    >>> absorption.nh_from_catalogue(25.0)
    0.25
    """
    return nh / 100
