"""Models of spectra, written as in XSPEC: ``tbabs*ztbabs*(powerlaw+bbody)``.

Names are those of XSPEC's models. A few work with any Sherpa; all others (apec, diskbb, ...) need one built with
XSPEC, whose own absorption is chosen by the prefix of its Sherpa class, as in ``xstbabs*xsapec``.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import astropy.units as u

from cscwidgets.errors import CscError

from ..absorption import ABSORBERS, ABUNDANCES
from .components import Absorption, BlackBody, Bremsstrahlung
from .sherpa_gate import has_xspec, sherpa

__all__ = ["EMITTERS", "SourceModel", "absorbed", "source_model", "unit_of"]


def _power_law(name: str) -> Any:
    model = sherpa.models.basic.PowLaw1D(name)
    model.gamma.set(1.7, min=-3, max=10)
    model.ampl.units = "photon keV-1 s-1 cm-2"
    return model


EMITTERS: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {"powerlaw": _power_law, "bbody": BlackBody, "bremss": Bremsstrahlung}
)
"""What shines: the components that need no XSPEC."""

_NEEDS_XSPEC = "Sherpa of CIAO or conda (-c https://cxc.cfa.harvard.edu/conda/sherpa) has XSPEC; that of pip does not."


@dataclass(frozen=True, slots=True)
class SourceModel:
    """A Sherpa model with and without its absorption.

    Attributes
    ----------
    expression : str
        How it was written.
    abundances : str
        Of its absorbers; empty without.
    absorbed : Sherpa model
        As observed.
    unabsorbed : Sherpa model or None
        None where that is not known.
    """

    expression: str
    abundances: str
    absorbed: Any
    unabsorbed: Any | None

    @property
    def label(self) -> str:
        """What is fitted, with the abundances of what absorbs, as tbabs*powerlaw (wilm abundances)."""
        return f"{self.expression} ({self.abundances} abundances)" if self.abundances else self.expression

    @property
    def parameters(self) -> dict[str, Any]:
        """Sherpa's parameters by full name, as ``powerlaw.gamma``."""
        return {par.fullname: par for par in self.absorbed.pars}

    def source(self, *, absorbed: bool) -> Any:
        """The Sherpa model with or without its absorption.

        Raises
        ------
        CscError
            If what absorbs is not known.
        """
        if absorbed:
            return self.absorbed
        if self.unabsorbed is None:
            raise CscError(
                "No flux without absorption",
                "what absorbs in a model object of your own is not known",
                "Give source_model its unabsorbed= part.",
            )
        return self.unabsorbed

    def parameter(self, name: str) -> Any:
        """One of Sherpa's parameters by its full name, or its own name where only one is called so.

        Raises
        ------
        CscError
            If there is no such, or there are several.
        """
        matching = [par for full, par in self.parameters.items() if name.lower() in (full.lower(), par.name.lower())]
        if len(matching) != 1:
            raise CscError(f"No parameter {name}", f"{self.expression} has {', '.join(self.parameters)}")
        return matching[0]

    @property
    def norms(self) -> list[Any]:
        """The amplitudes that are free: the model is proportional to them together."""
        return [par for par in self.absorbed.pars if par.name in ("ampl", "norm") and not (par.frozen or par.link)]


def source_model(expression: str | Any, *, abundances: str = "wilm", unabsorbed: Any | None = None) -> SourceModel:
    """A model from its expression, or from a Sherpa model object of your own.

    Parameters
    ----------
    expression : str or Sherpa model
        Names with ``*``, ``+`` and brackets. A repeated name gets a number: tbabs, tbabs2.
    abundances : {"wilm", "angr"}
        Of the absorbers that are not XSPEC's.
    unabsorbed : Sherpa model, optional
        With a model object: its part without absorption.

    Returns
    -------
    SourceModel
        The model with and without absorption, and its parameters.

    Raises
    ------
    CscError
        If a name is not known or needs XSPEC, or the expression means nothing.

    Examples
    --------
    >>> from cscwidgets.science import spectra
    >>> model = spectra.source_model("tbabs*powerlaw")
    >>> list(model.parameters)
    ['tbabs.nH', 'tbabs.redshift', 'powerlaw.gamma', 'powerlaw.ref', 'powerlaw.ampl']
    """
    if not isinstance(expression, str):
        return SourceModel(str(expression.name), "", expression, unabsorbed)
    if abundances not in ABUNDANCES:
        raise CscError(f"No abundances {abundances}", f"there are {', '.join(ABUNDANCES)}")
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except SyntaxError as error:
        raise CscError(
            f"The model {expression} cannot be read", error.msg, "Write it as tbabs*(powerlaw+bbody)."
        ) from error
    reader = _Reader(expression, abundances)
    absorbed_model, clear = reader.read(tree)
    if clear is None:
        raise CscError(f"The model {expression} emits nothing", "it only absorbs", "Multiply it by powerlaw, say.")
    return SourceModel(expression.strip(), abundances if reader.absorbs else "", absorbed_model, clear)


def unit_of(parameter: Any) -> u.UnitBase:
    """The unit of a Sherpa parameter; dimensionless where it has none that astropy knows."""
    try:
        return u.Unit(str(parameter.units))
    except ValueError:
        return u.dimensionless_unscaled


def absorbed(
    emission: str = "powerlaw",
    *,
    galactic: float | None = None,
    intrinsic: bool = True,
    redshift: float = 0.0,
    absorber: str = "tbabs",
    abundances: str = "wilm",
) -> SourceModel:
    """An emission behind gas of our Galaxy, of the source, or both.

    Parameters
    ----------
    emission : str
        One component or a sum, as ``powerlaw+bbody``.
    galactic : float, optional
        Column of our Galaxy, 1e22 cm**-2, held fixed; `nh_from_catalogue` converts the catalogue's.
    intrinsic : bool
        Whether the source adds a column of its own, which is free.
    redshift : float
        Of the intrinsic absorber.
    absorber, abundances : str
        See `absorption`.
    """
    factors = [absorber] * (galactic is not None) + [f"z{absorber}"] * intrinsic
    model = source_model("*".join([*factors, f"({emission})" if "+" in emission else emission]), abundances=abundances)
    if galactic is not None:
        model.parameter(f"{absorber}.nH").set(galactic, frozen=True)
    if intrinsic:
        model.parameter(f"z{absorber}.redshift").set(redshift)
    return model


class _Reader:
    """Builds (model, model without absorption) of a parsed expression; the second is None for what only absorbs."""

    def __init__(self, expression: str, abundances: str) -> None:
        self.expression = expression
        self.abundances = abundances
        self.absorbs = False
        self._used: dict[str, int] = {}

    def read(self, node: ast.expr) -> tuple[Any, Any | None]:
        match node:
            case ast.Name(id=name):
                return self._component(name.lower())
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                (first, clear_first), (second, clear_second) = self.read(left), self.read(right)
                if clear_first is not None and clear_second is not None:
                    raise self._senseless("two components that emit are multiplied")
                return first * second, clear_first if clear_second is None else clear_second
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                (first, clear_first), (second, clear_second) = self.read(left), self.read(right)
                if clear_first is None or clear_second is None:
                    raise self._senseless("absorption is added, not multiplied")
                return first + second, clear_first + clear_second
        raise self._senseless("only names, * and + and brackets can be used")

    def _senseless(self, why: str) -> CscError:
        return CscError(f"The model {self.expression} cannot be used", why, "Write it as tbabs*(powerlaw+bbody).")

    def _component(self, name: str) -> tuple[Any, Any | None]:
        self._used[name] = self._used.get(name, 0) + 1
        unique = name if self._used[name] == 1 else f"{name}{self._used[name]}"
        if name in EMITTERS:
            emitter = EMITTERS[name](unique)
            return emitter, emitter
        if name.removeprefix("z") in ABSORBERS:
            self.absorbs = True
            return Absorption(unique, name.removeprefix("z"), self.abundances, redshifted=name.startswith("z")), None
        return _from_xspec(name, unique)


def _from_xspec(name: str, unique: str) -> tuple[Any, Any | None]:
    available = ", ".join([*EMITTERS, *ABSORBERS, *(f"z{absorber}" for absorber in ABSORBERS)])
    if not has_xspec():
        raise CscError(f"The model {name} is not available", f"without XSPEC there are {available}", _NEEDS_XSPEC)
    xspec = sherpa.astro.xspec
    model = getattr(xspec, f"XS{name.removeprefix('xs')}", None)
    if model is None:
        raise CscError(f"No model {name}", f"neither XSPEC nor we have it: besides XSPEC's there are {available}")
    component = model(unique)
    return component, None if isinstance(component, xspec.XSMultiplicativeModel) else component
