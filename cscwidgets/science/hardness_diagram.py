"""The numbers of a hardness diagram: where each source stands, with errors, limits and variability."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from astropy.table import QTable, Table
from numpy.typing import NDArray

from cscwidgets.arrays import Flags, Floats

from .hardness import Kind, classify
from .masked import plain

__all__ = ["PAIRS", "HardnessDiagram", "Ratio", "hardness_diagram"]

PAIRS = ("hm", "hs", "ms")
"""Hardness ratios of the catalogue, harder band first."""


@dataclass(frozen=True)
class Ratio:
    """One hardness ratio of every source, arrays of shape (n,).

    Attributes
    ----------
    pair : str
        Bands, harder first: "hm", "hs" or "ms".
    value, low, high : ndarray
        Mode and 68 % interval; NaN where missing.
    kind : ndarray of str
        `Kind` of each.
    """

    pair: str
    value: Floats
    low: Floats
    high: Floats
    kind: NDArray[np.str_]

    @cached_property
    def position(self) -> Floats:
        """Where a source is drawn: at its value, a limit at the limit."""
        return np.select(
            [self.kind == Kind.LOWER_LIMIT, self.kind == Kind.UPPER_LIMIT], [self.low, self.high], self.value
        )

    @cached_property
    def determined(self) -> Flags:
        """Whether the ratio says anything."""
        determined: Flags = self.kind != np.str_(Kind.UNDETERMINED)
        return determined


@dataclass(frozen=True)
class HardnessDiagram:
    """Two hardness ratios and two probabilities of variability for the same n sources.

    Attributes
    ----------
    names : ndarray of str
    x, y : Ratio
    within, between : ndarray
        Probability of variability within an observation (Gregory-Loredo, broad band) and between
        observations; NaN where the catalogue has none.
    absent : tuple of str
        Columns the table does not have.
    """

    names: NDArray[np.str_]
    x: Ratio
    y: Ratio
    within: Floats
    between: Floats
    absent: tuple[str, ...] = ()

    @property
    def determined(self) -> Flags:
        """Which sources have both ratios."""
        return self.x.determined & self.y.determined

    def table(self) -> QTable:
        """Every source with its ratios, their 68 % intervals and kinds, and its probabilities of variability."""
        table = QTable({"name": self.names})
        for ratio in (self.x, self.y):
            column = f"hard_{ratio.pair}"
            if column not in table.colnames:
                table[column], table[f"{column}_lolim"], table[f"{column}_hilim"] = ratio.value, ratio.low, ratio.high
                table[f"{column}_kind"] = ratio.kind
        table["var_intra_prob_b"], table["var_inter_prob_b"] = self.within, self.between
        return table

    def summary(self) -> str:
        """How many sources stand in the diagram, and what the others lack."""
        n, shown = len(self.names), int(self.determined.sum())
        limits = int((self.determined & ((self.x.kind != Kind.MEASURED) | (self.y.kind != Kind.MEASURED))).sum())
        return f"{shown:,} of {n:,} sources, {limits:,} of them with a limit; {n - shown:,} have an undetermined ratio"


def hardness_diagram(table: Table, x: str = "hm", y: str = "ms") -> HardnessDiagram:
    """Read a hardness diagram off catalogue columns.

    Parameters
    ----------
    table : Table
        With ``name`` and, as far as the archive has them, ``hard_{x}``, ``hard_{y}`` with their
        limits, ``var_intra_prob_b`` and ``var_inter_prob_b``. A missing column is all NaN.
    x, y : {"hm", "hs", "ms"}
        Bands of the ratio along each axis.

    Returns
    -------
    HardnessDiagram
        Both ratios of each source with their limits, and its probabilities of variability.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from cscwidgets.science import hardness_diagram
    >>> table = Table({"name": ["A"], "hard_hm": [0.1], "hard_hm_lolim": [0.0], "hard_hm_hilim": [0.2]})
    >>> diagram = hardness_diagram.hardness_diagram(table, x="hm", y="ms")
    >>> diagram.x.value, diagram.x.kind.tolist()
    (array([0.1]), ['measured'])
    >>> diagram.absent[0]
    'hard_ms'
    """
    absent: list[str] = []

    def column(name: str) -> Floats:
        if name in table.colnames:
            return plain(table[name])
        absent.append(name)
        return np.full(len(table), np.nan)

    def ratio(pair: str) -> Ratio:
        value, low, high = (column(f"hard_{pair}{suffix}") for suffix in ("", "_lolim", "_hilim"))
        return Ratio(pair, value, low, high, classify(value, low, high))

    names = np.asarray(table["name"], str) if "name" in table.colnames else np.zeros(0, str)
    ratios = ratio(x), ratio(y)
    within, between = column("var_intra_prob_b"), column("var_inter_prob_b")
    return HardnessDiagram(names, *ratios, within, between, tuple(dict.fromkeys(absent)))
