"""Which diagrams are shown, and what of the table: plain numbers and words, which a session can keep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal, get_args

from traitlets import Bool, Enum, Int, Unicode

from cscwidgets.io.json_schema import listed

from .keeping import Field, Keeps, Kept

__all__ = ["KINDS", "MOST", "PRESETS", "SCALES", "DiagramChoice", "DiagramsState", "Preset", "Scale", "presets_for"]

Kind = Literal["scatter", "histogram", "cumulative"]
KINDS: tuple[Kind, ...] = get_args(Kind)

Scale = Literal["usual", "linear", "log", "inverted"]
SCALES: tuple[Scale, ...] = get_args(Scale)

MOST = 4
"""Diagrams side by side."""


class DiagramChoice(Keeps):
    """One diagram.

    Attributes
    ----------
    kind : {"scatter", "histogram", "cumulative"}
    x, y, colour, size : str
        Columns or formulas, see `cscwidgets.science.column_expression.evaluate`; empty for none. A histogram and a
        cumulative curve have x alone.
    x_scale, y_scale : {"usual", "linear", "log", "inverted"}
        A usual scale is logarithmic over more than two decades, and has bright magnitudes above.
    errors : bool
        Whether error bars are drawn.
    """

    plain: ClassVar = ("kind", "x", "y", "colour", "size", "x_scale", "y_scale", "errors")

    kind = Enum(KINDS, default_value="scatter")
    x = Unicode("")
    y = Unicode("")
    colour = Unicode("")
    size = Unicode("")
    x_scale = Enum(SCALES, default_value="usual")
    y_scale = Enum(SCALES, default_value="usual")
    errors = Bool(True)

    def take(self, preset: Preset) -> None:
        """Become what a preset says; the rest as at first."""
        with self.hold_trait_notifications():
            for name in self.trait_names():
                setattr(self, name, preset.choices.get(name, self.traits()[name].default_value))


class DiagramsState(Keeps):
    """The diagrams of an explorer.

    Attributes
    ----------
    count : int
        How many are shown side by side, 1 to 4.
    diagrams : tuple of DiagramChoice
        All four; those beyond `count` wait.
    """

    plain: ClassVar = ("count",)
    fields: ClassVar = {
        "diagrams": Field(
            listed(DiagramChoice.json_schema(), MOST, fewest=MOST),
            lambda diagrams: [choice.keep() for choice in diagrams],
        )
    }

    count = Int(1, min=1, max=MOST)

    def __init__(self) -> None:
        super().__init__()
        self.diagrams = tuple(DiagramChoice() for _ in range(MOST))
        for choice, preset in zip(self.diagrams, PRESETS, strict=False):
            choice.take(preset)

    def restore(self, kept: Kept) -> Iterator[None]:
        """Draw what was drawn."""
        self.count = kept["count"]
        for choice, values in zip(self.diagrams, kept["diagrams"], strict=True):
            with choice.hold_trait_notifications():
                choice.assign(values)
        yield from ()


@dataclass(frozen=True)
class Preset:
    """A diagram that people publish."""

    title: str
    choices: dict[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()

    def is_of(self, choice: DiagramChoice) -> bool:
        """Whether a diagram is this one, whatever its scales."""
        what = ("kind", "x", "y") if choice.kind == "scatter" else ("kind", "x")
        return all(getattr(choice, name) == self.choices.get(name, "") for name in what)


def _scatter(title: str, x: str, y: str, colour: str = "", *columns: str, **more: str) -> Preset:
    needed = columns or (x, y)
    return Preset(title, {"kind": "scatter", "x": x, "y": y, "colour": colour, **more}, needed)


PRESETS = (
    _scatter("Flux and hardness", "hard_hs", "flux_aper_b", "var_inter_prob_b"),
    _scatter("Flux and variability", "flux_aper_b", "var_inter_prob_b", "var_intra_prob_b"),
    Preset(
        "Number and flux (log N – log S)",
        {"kind": "cumulative", "x": "flux_aper_b", "y_scale": "log"},
        ("flux_aper_b",),
    ),
    Preset("Hardness, counted", {"kind": "histogram", "x": "hard_hs"}, ("hard_hs",)),
    _scatter("Hardness and hardness", "hard_ms", "hard_hm", "significance"),
    _scatter("Variability within and between", "var_intra_prob_b", "var_inter_prob_b", "flux_aper_b"),
    _scatter("Photon index and flux", "flux_aper_b", "powlaw_gamma", "powlaw_nh"),
    _scatter("Photon index and absorption", "powlaw_nh", "powlaw_gamma", "", x_scale="log"),
    _scatter("Flux and off-axis angle", "theta", "flux_aper_b"),
    _scatter("Quantiles", "log10(q50 / (1 - q50))", "3 * q25 / q75", "", "q25", "q50", "q75"),
)
"""Quantiles are those of Hong, Schlegel & Grindlay 2004, ApJ 614, 508, section 3: the CSC has none, tables may."""


def presets_for(columns: Sequence[str]) -> list[Preset]:
    """The presets that a table has the columns for."""
    return [preset for preset in PRESETS if set(preset.columns) <= set(columns)]
