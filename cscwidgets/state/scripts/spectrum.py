"""The spectra, their model and its fit as code."""

from __future__ import annotations

from cscwidgets.errors import CscError
from cscwidgets.export.script import Code, literal, named

from ..flux_limit import FluxLimit
from ..spectral_fit import SpectralFitState
from .observations import detections_code, files_code

__all__ = ["spectrum_code"]

_READ = 'spectra = [spectrum.read(files[key]["pha"]) for key in observations]'
_READER = "from cscwidgets.science import spectrum"
_MODEL = "from cscwidgets.science.spectra import source_model"


def spectrum_code(fitting: SpectralFitState) -> Code:
    """The chosen spectra and, once there is one, the fit with all that it was asked.

    Raises
    ------
    CscError
        If no spectrum is shown, or the model is an object of the reader's own.
    """
    shown = {key: one for key, one in fitting.spectra.shown.items() if not one.refusal}
    code = detections_code(fitting.spectra.source)
    if not shown:
        raise CscError("There is no script", "no spectrum is shown", "Bring a source with a spectrum into focus.")
    low, high = fitting.model.band
    counted = [
        _READ,
        "for one in spectra:",
        f"    print(one.label, one.net_counts({low!r}, {high!r}), {literal(f'net counts, {low:g}-{high:g} keV')})",
    ]
    code += files_code(shown, ("pha", "arf", "rmf"), "files") + Code.of("\n".join(counted), _READER)
    if fitting.result is not None:
        return code + _fit(fitting)
    return code if fitting.limit is None else code + _limit(fitting, fitting.limit)


def _model(fitting: SpectralFitState) -> str:
    if fitting.model.own is not None:
        raise CscError("No script of this fit", "the model is an object of your own", "Fit it where it is defined.")
    choice = fitting.model.choice
    return f"source_model({literal(choice.expression)}, abundances={literal(choice.abundances)})"


def _fit(fitting: SpectralFitState) -> Code:
    options = {name: value for name, value in fitting.options.items() if value not in ({}, False)}
    lines = [
        named("options", options),
        f"result = fit(spectra, {_model(fitting)}, **options)",
        "print(result.statistic_used.name, result.statistic, result.dof)",
        *fitting.calls,
        "table = result.parameters",
        "print(table)",
    ]
    lines += ["print(fluxes)"] if fitting.fluxes else []
    return Code.of("\n".join(lines), _MODEL, "from cscwidgets.science.fit import fit", works=_works(fitting)) + _units(
        lines
    )


def _limit(fitting: SpectralFitState, limit: FluxLimit) -> Code:
    """The upper limit in place of a fit."""
    values = {one.name: one.value for one in fitting.model.parameters}
    lines = [
        f"model = {_model(fitting)}",
        f"for name, value in {literal(values)}.items():",
        "    model.parameter(name).val = value",
        f"limit = flux_limit(spectra, model, band={literal(limit.band)}, level={limit.level!r})",
        "print(limit)",
    ]
    return Code.of("\n".join(lines), _MODEL, "from cscwidgets.science.spectra import flux_limit", works=("sherpa",))


def _works(fitting: SpectralFitState) -> tuple[str, ...]:
    """Whose methods a fit rests on."""
    works = ["sherpa"]
    if "tbabs" in fitting.model.choice.expression:
        works.append("tbabs")
    if any(".nested(" in call for call in fitting.calls):
        works.append("ultranest")
    return tuple(works)


def _units(lines: list[str]) -> Code:
    return Code.of("", "import astropy.units as u") if any(" * u." in line for line in lines) else Code()
