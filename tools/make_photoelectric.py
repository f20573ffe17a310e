"""Make cscwidgets/science/photoelectric.npz: photoelectric cross-sections of the elements, from xraydb.

Elam, Ravel & Sieber (2002), Radiation Physics and Chemistry 63, 121, in the public domain. Needs `pip install xraydb`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xraydb
from scipy.constants import N_A

ELEMENTS = [
    "H",
    "He",
    "C",
    "N",
    "O",
    "Ne",
    "Na",
    "Mg",
    "Al",
    "Si",
    "P",
    "S",
    "Cl",
    "Ar",
    "Ca",
    "Ti",
    "Cr",
    "Mn",
    "Fe",
    "Co",
    "Ni",
]
LOW, HIGH, POINTS = 100.0, 20_000.0, 320  # eV
BESIDE_EDGE = 2e-5  # the steps are that near the nominal energies
BARN = 1e-24

OUTPUT = Path(__file__).resolve().parents[1] / "cscwidgets" / "science" / "photoelectric.npz"


def main() -> None:
    """Tabulate on a logarithmic grid with a point on either side of every absorption edge."""
    edges = np.array([edge.energy for name in ELEMENTS for edge in xraydb.xray_edges(name).values()])
    edges = edges[(edges > LOW) & (edges < HIGH)]
    grid = np.geomspace(LOW, HIGH, POINTS)
    energy = np.unique(np.concatenate([grid, edges * (1 - BESIDE_EDGE), edges * (1 + BESIDE_EDGE)]))
    barn = [xraydb.mu_elam(name, energy, kind="photo") * xraydb.atomic_mass(name) / N_A / BARN for name in ELEMENTS]
    np.savez_compressed(
        OUTPUT, elements=np.array(ELEMENTS), energy=energy / 1e3, cross_section=np.array(barn, dtype=np.float32)
    )


if __name__ == "__main__":
    main()
