"""What a fit found, in words and tables of HTML."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from ...science.spectra.grouping import SpectralBins
from ...science.spectrum import Spectrum
from ...state.flux_limit import FluxLimit
from ..numbers import MISSING, interval, power_of_ten, probability
from ..units import unit_html

if TYPE_CHECKING:  # imports Sherpa
    from ...science.spectra.fit_result import FitResult
    from ...science.spectra.fluxes import Estimate
    from ...science.spectra.goodness import Goodness
    from ...science.spectra.posterior import Posterior

__all__ = ["counts_table", "estimates_table", "fit_line", "fit_words", "limit_words", "posterior_table"]

_KILO = 1000.0


def counts_table(spectra: Sequence[tuple[str, str, Spectrum, SpectralBins | None]], band: tuple[float, float]) -> str:
    """HTML of the counts of observations, given as name, colour, spectrum and its bins; none where a sum is drawn."""
    low, high = band
    heads = ("Observation", "Exposure / ks", f"Counts {low:g}–{high:g} keV", "of which background", "Net", "Bins drawn")
    lines = []
    for name, colour, spectrum, bins in spectra:
        cells = [escape(name), f"{spectrum.source.exposure / _KILO:.2f}"]
        if spectrum.refusal:
            total = f"{spectrum.source.counts.sum():,.0f} in all channels"
            cells += [total, MISSING, MISSING, escape(f"not drawn: {spectrum.refusal}")]
        else:
            counts, net = spectrum.source.counts[spectrum.within(low, high)].sum(), spectrum.net_counts(low, high)
            cells += [f"{counts:,.0f}", f"{counts - net:,.1f}", f"{net:,.1f}", _drawn(bins)]
        swatch = f'<span class="csc-swatch" style="background:{colour}"></span>'
        lines.append(f"<tr><td>{swatch}{cells[0]}</td>" + "".join(f"<td>{cell}</td>" for cell in cells[1:]) + "</tr>")
    return _table(heads, lines)


def _drawn(bins: SpectralBins | None) -> str:
    if bins is None:
        return "in the sum"
    low = int((bins.net <= 0).sum())
    return f"{len(bins)}" + (f", {low} of them not above the background" if low else "")


def fit_words(result: FitResult, goodness: Goodness | None) -> str:
    """HTML of how good a fit is, and of what."""
    used = result.statistic_used
    reduced = f", {result.statistic / result.dof:.2f} each" if result.dof > 0 else ""
    words = (
        f"<b>{escape(result.model.label)}</b>, {result.band[0]:g}–{result.band[1]:g} keV,"
        f" {len(result.spectra)} observation{'s' if len(result.spectra) > 1 else ''}:"
        f" <b>{used.name} = {result.statistic:.2f}</b> for {result.dof} degrees of freedom{reduced}."
        f" {escape(used.reason)}"
    )
    if goodness is not None:
        words += (
            f" Goodness: {probability(goodness.probability)} of data drawn from the model fit worse"
            f" ({escape(goodness.method)})."
        )
    factors = ", ".join(f"{factor.c0.val:.3f}" for factor in result.factors)
    return f"<div>{words}{f' Factors of the observations: {factors}.' if factors else ''}</div>"


def fit_line(result: FitResult) -> str:
    """HTML of how good a fit is, in brief; why this statistic where it is pointed at."""
    each = f" ({result.statistic / result.dof:.2f} each)" if result.dof > 0 else ""
    several = f", {len(result.spectra)} observations" if len(result.spectra) > 1 else ""
    return (
        f'<div title="{escape(result.statistic_used.reason)}"><b>{result.statistic_used.name} ='
        f" {result.statistic:.2f}</b> for {result.dof} d.o.f.{each}; {result.band[0]:g}–{result.band[1]:g}"
        f" keV{several}</div>"
    )


def limit_words(limit: FluxLimit) -> str:
    """HTML of the flux limit that stands in for a fit."""
    low, high = limit.band
    flux = f"{power_of_ten(limit.flux.value)} {unit_html('erg s^-1 cm^-2')}"
    counted = f"{limit.counts} count{'' if limit.counts == 1 else 's'}"
    return (
        f"<div><b>{counted} in {low:g}–{high:g} keV: too few to fit.</b> Flux as observed &lt; {flux}"
        f" ({limit.level:.0%} upper limit, {low:g}–{high:g} keV), for {escape(limit.model)} with the parameters"
        " shown, its amplitude free; background and its uncertainty included.</div>"
    )


def estimates_table(estimates: Mapping[str, Estimate], catalogue: Mapping[str, str]) -> str:
    """HTML of derived quantities, with the catalogue's own beside where it has them."""
    lines = []
    for words, one in estimates.items():
        unit = unit_html(one.value.unit.to_string("console")) if one.value.unit.to_string() else ""
        value = interval(float(one.value.value), float(one.lower.value), float(one.upper.value))
        lines.append(
            f"<tr><td>{escape(words)}</td><td>{value} {unit}</td><td>{one.level:.0%}</td>"
            f"<td>{catalogue.get(words, '')}</td></tr>"
        )
    return _table(("Quantity", "Value and interval", "Level", "Catalogue (master source)"), lines)


def posterior_table(posterior: Posterior, level: float) -> str:
    """HTML of medians and central intervals of the posterior."""
    lines = []
    for name in posterior.names:
        middle, low, high = posterior.interval(name, level)
        lines.append(f"<tr><td>{escape(name)}</td><td>{interval(middle, low, high)}</td><td>{level:.0%}</td></tr>")
    if math.isfinite(posterior.log_evidence):
        words = (
            f"Posterior by nested sampling (UltraNest): ln evidence {posterior.log_evidence:.2f}"
            f" ± {posterior.log_evidence_error:.2f}; priors flat within the bounds, of amplitudes in the logarithm."
        )
    else:
        words = (
            f"Posterior with flat priors (Sherpa's MCMC): {len(posterior.draws):,} draws kept,"
            f" {posterior.accepted:.0%} of the proposals accepted."
        )
    return f"<div>{words}</div>" + _table(("Parameter", "Median and central interval", "Level"), lines)


def _table(heads: Sequence[str], lines: Sequence[str]) -> str:
    head = "".join(f"<th>{words}</th>" for words in heads)
    return f'<table class="csc-tests"><tr>{head}</tr>{"".join(lines)}</table>'
