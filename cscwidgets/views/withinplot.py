"""In an observation: the catalogue's smoothed curve, or the events binned here, against time since its start."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from ..archive.bands import BANDS
from ..science.lightcurve import LightCurve
from ..science.timing import Timing
from .lineplot import Band, Layer, Line, padded, steps
from .marks import error_bars
from .theme import ACCENT, FAINT

__all__ = ["KILO", "Drawn", "catalogue_curve", "catalogue_row", "events_curve", "events_row", "tests_table"]

KILO = 1000.0
_SLIVER = 0.2

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Drawn:
    """Layers of one curve with the range they need, in ks and count/s.

    `start` is in s of mission time, `energies` says in words which events it is of.
    """

    layers: list[Layer]
    start: float
    energies: str
    x: tuple[float, float]
    y: tuple[float, float]


def catalogue_curve(curve: LightCurve, colour: str) -> Drawn:
    """The curve with its 3-sigma band, the background below."""
    start = curve.header.start
    half = curve.width / 2
    edges = np.append(curve.time - half, curve.time[-1] + half)
    broken = np.concatenate([[False], np.diff(curve.time) > 1.5 * curve.width])
    x = (edges - start) / KILO

    def line(values: Floats, tint: str, width: float, style: str = "solid") -> Line:
        across, up = steps(x, values)
        gaps = 2 * np.flatnonzero(broken)
        return Line(np.insert(across, gaps, np.nan), np.insert(up, gaps, np.nan), tint, width, style)

    across, low = steps(x, curve.source.low)
    layers: list[Layer] = [
        Band(across, low, steps(x, curve.source.high)[1], colour),
        line(curve.background.rate, FAINT, 1.2, "dashed"),
        line(curve.source.rate, colour, 1.8),
    ]
    y = padded([curve.source.low, curve.source.high, curve.background.rate], least=0.0)
    return Drawn(layers, start, str(BANDS[curve.band[0]]), padded([x], 0.01), y)


def events_curve(timing: Timing, colour: str, energies: str, *, blocks: bool) -> Drawn:
    """Bins with their errors, partly exposed ones pale, gaps shaded; Bayesian blocks above if wished."""
    binned = timing.binned
    start = float(binned.edges[0])
    x = (binned.edges - start) / KILO
    centre = (x[1:] + x[:-1]) / 2
    layers: list[Layer] = []
    # A sliver of a bin at the end has a rate of any size: it is drawn, but does not set the scale.
    usual = binned.exposure > _SLIVER * binned.exposure.max()
    y = padded([binned.lower[usual], binned.upper[usual], binned.rate[usual]], least=0.0)
    for left, right in zip(x[:-1][binned.unexposed], x[1:][binned.unexposed], strict=True):
        layers.append(Band(np.array([left, right]), np.full(2, y[0]), np.full(2, y[1]), FAINT, 0.15))
    background = np.where(binned.unexposed, np.nan, binned.background / np.where(binned.unexposed, 1, binned.exposure))
    if binned.background.any():
        layers.append(Line(*steps(x, background), FAINT, 1.2, "dashed"))
    layers.append(Line(*steps(x, binned.rate), colour, 1.6))
    for rows, opacity in ((~binned.partial, 0.9), (binned.partial, 0.35)):
        bars = error_bars(centre[rows], binned.lower[rows], binned.upper[rows])
        layers.append(Line(*bars, colour, 1.0, opacity=opacity))
    if blocks and timing.blocks is not None:
        edges = (timing.blocks.edges - start) / KILO
        layers.append(Line(*steps(edges, timing.blocks.value), ACCENT, 2.2))
    return Drawn(layers, start, energies, padded([x], 0.01), y)


def catalogue_row(curve: LightCurve) -> list[str]:
    """Cells of `tests_table`: the numbers of the file's header, in the catalogue's sense."""
    tests = curve.variability
    return [
        f"{curve.counts:,}",
        f"{curve.livetime / KILO:.2f}",
        f"{curve.source.rate.mean():.4g}",
        *_tests(tests.probability, tests.log_odds, tests.index, tests.ks_probability, tests.kuiper_probability),
        "–",
    ]


def events_row(timing: Timing) -> list[str]:
    """Cells of `tests_table`: what the events say."""
    tests = timing.tests
    found = (
        _tests(
            tests.gregory_loredo.probability,
            tests.gregory_loredo.log_odds,
            tests.gregory_loredo.index,
            tests.ks_probability,
            tests.kuiper_probability,
        )
        if tests
        else ["–"] * 5
    )
    return [
        f"{timing.events:,}",
        f"{timing.exposure / KILO:.2f}",
        f"{timing.events / timing.exposure:.4g}",
        *found,
        f"{len(timing.blocks)}" if timing.blocks is not None else "–",
    ]


def _tests(probability: float, odds: float, index: int, ks: float | None, kuiper: float | None) -> list[str]:
    return [
        f"{probability:.4f}",
        f"{odds:.2f}",
        f"{index}",
        *("–" if value is None else f"{value:.4f}" for value in (ks, kuiper)),
    ]


_HEADS = (
    ("Observation", ""),
    ("Counts", "in the source region, background included"),
    ("Exposure / ks", ""),
    ("Mean / s⁻¹", "count rate, background included"),
    ("G–L P", "Gregory–Loredo probability of variability"),
    ("log₁₀ odds", "of variability, Gregory–Loredo"),
    ("index", "0–2 constant, 3–5 perhaps variable, 6–10 variable"),
    ("K–S P", "Kolmogorov–Smirnov probability of variability, as the catalogue's ks_prob"),
    ("Kuiper P", "Kuiper probability of variability, as the catalogue's kp_prob"),
    ("blocks", "Bayesian blocks"),
)


def tests_table(rows: list[tuple[str, str, list[str]]]) -> str:
    """HTML of the tests of constancy, from names, colours and cells."""
    heads = "".join(f'<th title="{escape(words)}">{name}</th>' for name, words in _HEADS)
    lines = "".join(
        f'<tr><td><span class="csc-swatch" style="background:{colour}"></span>{escape(name)}</td>'
        + "".join(f"<td>{cell}</td>" for cell in cells)
        + "</tr>"
        for name, colour, cells in rows
    )
    return f'<table class="csc-tests"><tr>{heads}</tr>{lines}</table>'
