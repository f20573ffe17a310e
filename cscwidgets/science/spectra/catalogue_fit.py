"""The fits that the catalogue itself made of a source, in the words of ours, so that both can stand side by side."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import astropy.units as u
import numpy as np
from astropy.table import QTable

from cscwidgets.errors import CscError

from ..absorption import nh_from_catalogue
from ..masked import plain

__all__ = ["CATALOGUE", "catalogue_fits"]

CATALOGUE: Mapping[str, str] = MappingProxyType(
    {"powlaw": "phabs*powerlaw", "bb": "phabs*bbody", "brems": "phabs*bremss", "apec": "phabs*apec"}
)
"""The catalogue's models, fitted at 0.5-7 keV with nH free, by the start of their columns' names."""

# The columns' endings, our parameters, and their units.
_PARAMETERS = {
    "powlaw": (
        ("nh", "phabs.nH", "1e22 cm-2"),
        ("gamma", "powerlaw.gamma", ""),
        ("ampl", "powerlaw.ampl", "photon keV-1 s-1 cm-2"),
    ),
    "bb": (("nh", "phabs.nH", "1e22 cm-2"), ("kt", "bbody.kT", "keV"), ("ampl", "bbody.ampl", "")),
    "brems": (("nh", "phabs.nH", "1e22 cm-2"), ("kt", "bremss.kT", "keV"), ("norm", "bremss.norm", "")),
    "apec": (
        ("nh", "phabs.nH", "1e22 cm-2"),
        ("kt", "apec.kT", "keV"),
        ("abund", "apec.Abundanc", ""),
        ("z", "apec.redshift", ""),
        ("norm", "apec.norm", ""),
    ),
}


def catalogue_fits(row: Any) -> QTable:
    """What the catalogue fitted to a source, or to one detection of it.

    Parameters
    ----------
    row : Row of a Table, or mapping
        Of the master sources or of the detections, with the columns of the fits, such as ``powlaw_gamma``.

    Returns
    -------
    QTable
        One row for each parameter of each model: model, expression, name, value, unit, lower and upper end of the 68 %
        interval, and the model's reduced chi-squared; a last row of each model is its flux, 0.5-7 keV, absorbed.
        ``name``, ``value``, ``unit``, ``lower`` and ``upper`` are as in `FitResult.parameters`; only the black body's
        ``ampl`` is not our ``norm``. Empty for a source too faint to be fitted.

    Raises
    ------
    CscError
        If the row has none of the columns.

    Examples
    --------
    >>> from cscwidgets.science import spectra
    >>> row = {"powlaw_gamma": 1.7, "powlaw_gamma_lolim": 1.5, "powlaw_gamma_hilim": 1.9, "powlaw_stat": 0.9}
    >>> spectra.catalogue_fits(row)["name", "value", "lower", "upper"].pprint()
         name      value lower upper
    -------------- ----- ----- -----
    powerlaw.gamma   1.7   1.5   1.9
    """
    names = list(getattr(row, "colnames", None) or row)
    rows = []
    if not any(f"{model}_stat" in names or f"flux_{model}" in names for model in CATALOGUE):
        raise CscError(
            "No fits of the catalogue", "the table has none of their columns", "Ask for powlaw_gamma and its like."
        )
    for model, expression in CATALOGUE.items():
        statistic = _number(row, names, f"{model}_stat")
        emission = expression.rsplit("*", 1)[-1]
        columns = [(f"{model}_{ending}", name, unit) for ending, name, unit in _PARAMETERS[model]]
        columns.append((f"flux_{model}", f"{emission} flux", "erg s-1 cm-2"))
        for column, name, unit in columns:
            value, low, high = (_number(row, names, column + end) for end in ("", "_lolim", "_hilim"))
            if name.endswith(".nH"):
                value, low, high = (nh_from_catalogue(number) for number in (value, low, high))
            if np.isfinite(value):
                rows.append((model, expression, name, value, u.Unit(unit).to_string(), low, high, statistic))
    titles = ("model", "expression", "name", "value", "unit", "lower", "upper", "statistic")
    kinds = (str, str, str, float, str, float, float, float)
    return QTable(rows=rows or None, names=titles, dtype=kinds)


def _number(row: Any, names: list[str], name: str) -> float:
    """A cell as the catalogue has it, NaN where it is masked or absent."""
    if name not in names:
        return float("nan")
    cell = row[name]
    return float(plain(getattr(cell, "value", cell)))
