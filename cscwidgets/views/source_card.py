"""The card of one source: what the catalogue says of it, in the reader's words."""

from __future__ import annotations

from html import escape

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.table import Row

from cscwidgets.csc.bands import BANDS
from cscwidgets.csc.flags import flags_set
from cscwidgets.csc.links import links
from cscwidgets.csc.releases import Release

from ..science.hardness import Kind, classify
from ..science.hardness_diagram import PAIRS
from ..science.photometry import is_upper_limit
from .numbers import MISSING, interval, power_of_ten
from .theme import SIMULATED_BADGE

__all__ = ["source_card", "source_line"]

_VARIABLE = 0.9  # probability from which the line of a source calls it variable
_ENERGY_FLUX = "erg s<sup>−1</sup> cm<sup>−2</sup>"
_PHOTON_FLUX = "photon s<sup>−1</sup> cm<sup>−2</sup>"


def source_card(row: Row, release: Release, *, simulated: bool) -> str:
    """HTML of a source's card.

    Parameters
    ----------
    row : Row
        Of ``master_source``, with as many of its columns as there are.
    release : Release
        Whose numbers these are.
    simulated : bool
        Whether no telescope saw the source.
    """
    name = str(row["name"])
    badge = f" {SIMULATED_BADGE}" if simulated else ""
    chips = "".join(
        f'<span class="csc-chip" title="{column}">{escape(words)}</span>' for column, words in flags_set(row).items()
    )
    elsewhere = " · ".join(
        f'<a href="{escape(address)}" target="_blank" rel="noopener">{service}</a>'
        for service, address in links(_number(row, "ra"), _number(row, "dec"), release.name).items()
    )
    return (
        f'<div class="csc-card"><div class="csc-card-head"><b>{escape(name)}</b>{badge}{chips}'
        f'<span class="csc-card-links">{elsewhere}</span></div>'
        f'<div class="csc-card-body"><dl>{_facts(row)}</dl>{_fluxes(row)}</div>'
        f'<div class="csc-panel-note">{escape(release.title)}. Position ICRS, error ellipse 95%; fluxes'
        " corrected for the aperture, with 68% intervals; limits are 68% upper limits.</div></div>"
    )


def source_line(row: Row) -> str:
    """A source in one line of text: its name, its flux in the first band that has one, whether it varies.

    Parameters
    ----------
    row : Row
        Of ``master_source``, with as many of its columns as there are.
    """
    words = [str(row["name"])]
    band = next((band for band in BANDS if np.isfinite(_number(row, f"flux_aper_{band}"))), "")
    if band:
        value, low, high = (_number(row, f"flux_aper{end}_{band}") for end in ("", "_lolim", "_hilim"))
        limit = bool(is_upper_limit(np.array([value]), np.array([low]))[0])
        words.append(f"{f'< {high:.1e}' if limit else f'{value:.1e}'} erg/s/cm² in {_energies(band)}")
    for which, where in (("intra", "within an observation"), ("inter", "between observations")):
        if any(_number(row, f"var_{which}_prob_{band}") > _VARIABLE for band in "bw"):
            words.append(f"variable {where}")
    return " · ".join(words)


def _number(row: Row, name: str) -> float:
    """A column's number, NaN where it is null or missing."""
    if name not in row.colnames or np.ma.is_masked(row[name]):
        return float("nan")
    value = row[name]
    return float(value.value if isinstance(value, u.Quantity) else value)


def _facts(row: Row) -> str:
    facts = {
        "Position": _position(row),
        "Error ellipse": _ellipse(row),
        "Significance": f"{power_of_ten(_number(row, 'significance'))}{_likelihood(row)}",
        "Hardness": " &nbsp; ".join(f"{pair} {_hardness(row, pair)}" for pair in PAIRS),
        "Variable": f"within an observation {_variability(row, 'intra')}<br>between them {_variability(row, 'inter')}",
        "Exposure": _exposure(row),
        "Galactic N<sub>H</sub>": f"{power_of_ten(_number(row, 'nh_gal') * 1e20)} cm<sup>−2</sup>",
    }
    return "".join(f"<dt>{label}</dt><dd>{words}</dd>" for label, words in facts.items())


def _position(row: Row) -> str:
    at = SkyCoord(_number(row, "ra"), _number(row, "dec"), unit="deg")
    sexagesimal = at.to_string("hmsdms", sep=":", precision=2).split()
    return f"{sexagesimal[0]} {sexagesimal[1]} <small>({at.ra.deg:.6f}°, {at.dec.deg:+.6f}°)</small>"


def _ellipse(row: Row) -> str:
    major, minor, angle = (_number(row, f"err_ellipse_{part}") for part in ("r0", "r1", "ang"))
    if not np.isfinite(major):
        return MISSING
    return f"{major:.2f}″ × {minor:.2f}″" + (f" at {angle:.0f}°" if np.isfinite(angle) else "")


def _likelihood(row: Row) -> str:
    words = str(row["likelihood_class"]).strip() if "likelihood_class" in row.colnames else ""
    return f" ({escape(words)})" if words and words != "--" else ""


def _hardness(row: Row, pair: str) -> str:
    value, low, high = (_number(row, f"hard_{pair}{end}") for end in ("", "_lolim", "_hilim"))
    kind = classify(np.array([value]), np.array([low]), np.array([high]))[0]
    if kind == Kind.UNDETERMINED:
        return MISSING
    if kind == Kind.LOWER_LIMIT:
        return f"&gt; {power_of_ten(low, 2)}"
    return interval(value, low, high, upper_limit=kind == Kind.UPPER_LIMIT)


def _variability(row: Row, which: str) -> str:
    band = next((band for band in "bw" if np.isfinite(_number(row, f"var_{which}_prob_{band}"))), "")
    if not band:
        return MISSING
    index = _number(row, f"var_{which}_index_{band}")
    words = f", index {index:.0f}" if np.isfinite(index) else ""
    probability = _number(row, f"var_{which}_prob_{band}")
    return f"{probability:.3f}{words} <small>(probability, {_energies(band)})</small>"


def _exposure(row: Row) -> str:
    parts = []
    for instrument in ("acis", "hrc"):
        number, seconds = _number(row, f"{instrument}_num"), _number(row, f"{instrument}_time")
        if number > 0:
            times = f"{number:.0f} observation{'s' if number > 1 else ''}"
            parts.append(f"{instrument.upper()} {seconds / 1000:.1f} ks in {times}")
    return ", ".join(parts) or MISSING


def _energies(band: str) -> str:
    low, high = BANDS[band].low_kev, BANDS[band].high_kev
    return f"{low:g}–{high:g} keV"


def _fluxes(row: Row) -> str:
    lines = "".join(
        f"<tr><th>{band}</th><td>{_energies(band)}</td><td>{_flux(row, 'flux_aper', band)}</td>"
        f"<td>{_flux(row, 'photflux_aper', band)}</td></tr>"
        for band in BANDS
        if np.isfinite([_number(row, f"{family}_{band}") for family in ("flux_aper", "photflux_aper")]).any()
    )
    if not lines:
        return "<p>No aperture flux in any band.</p>"
    return (
        f"<table><tr><th>Band</th><th>Energies</th><th>Energy flux<br><small>{_ENERGY_FLUX}</small></th>"
        f"<th>Photon flux<br><small>{_PHOTON_FLUX}</small></th></tr>{lines}</table>"
    )


def _flux(row: Row, family: str, band: str) -> str:
    value, low, high = (_number(row, f"{family}{end}_{band}") for end in ("", "_lolim", "_hilim"))
    limit = bool(is_upper_limit(np.array([value]), np.array([low]))[0])
    return interval(value, low, high, upper_limit=limit)
