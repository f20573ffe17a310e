"""What the coverage panel says of its numbers: where they come from, what they mean, what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from astropy.coordinates import SkyCoord

from cscwidgets.csc.bands import BANDS

from ...science.number_counts import NumberCounts
from ...state.coverage import Coverage
from ..theme import SIMULATED_BADGE
from .flux_axis import FluxAxis

__all__ = ["MEANING", "counts_words", "coverage_words", "limit_text", "unknown_words"]

MEANING = {
    "TRUE": "a source as bright as the limit would be classed TRUE, a reliable detection",
    "MARGINAL": "a source as bright as the limit would be classed MARGINAL, less reliable: these limits are lower",
}
"""What each threshold says."""

_LISTED = 4  # stacks by name; the table has all


def coverage_words(coverage: Coverage, axis: FluxAxis) -> str:
    """HTML: archive, region, band, threshold, area, calibration."""
    mosaic = coverage.mosaic
    parts = [
        coverage.title,
        str(coverage.region),
        str(BANDS[mosaic.band]),
        f"{mosaic.threshold} threshold: {MEANING[mosaic.threshold]}",
        f"{coverage.curve.total.value:.4g} deg² of the region observed by {_number(len(coverage.used), 'stack')}",
        "where stacks overlap the lowest limit counts",
    ]
    calibration = axis.calibration
    parts.append("photon flux as in the maps" if calibration is None else f"energy flux by {calibration.words}")
    badge = f"{SIMULATED_BADGE} " if mosaic.simulated else ""
    return f"{badge}{escape('. '.join(_capital(part) for part in parts), quote=False)}."


def unknown_words(coverage: Coverage) -> str:
    """HTML: the stacks whose area is unknown, and why; empty if there are none."""
    if not coverage.unknown:
        return ""
    stacks = list(coverage.unknown.items())
    listed = "; ".join(f"{name}: {why}" for name, why in stacks[:_LISTED])
    more = f"; and {len(stacks) - _LISTED} more" if len(stacks) > _LISTED else ""
    return (
        f"<b>{escape(_capital(_number(len(stacks), 'stack')))} that may reach into the region with unknown area</b>,"
        f" not counted above: {escape(listed + more)}."
    )


def limit_text(coverage: Coverage, axis: FluxAxis, place: SkyCoord) -> str:
    """The limit at a position in one line."""
    (row,) = coverage.mosaic.limit_at(place)
    if not row["stack"]:
        return "not observed"
    outside = not coverage.region.contains([place.ra.deg], [place.dec.deg])[0]
    beyond = "; outside the region, where other stacks may reach deeper" if outside else ""
    band, threshold = BANDS[coverage.mosaic.band].name, coverage.mosaic.threshold
    return f"limit {axis.text(float(row['limit'].value))} ({band}, {threshold}), {row['stack']}{beyond}"


def counts_words(
    counts: NumberCounts, axis: FluxAxis, photon_index: float, background: float, compared: Sequence[str]
) -> str:
    """HTML: which sources were counted, which were not, what the errors and the bias are."""
    left_out = ", ".join(f"{number:,} {why}" for why, number in counts.left_out.items() if number)
    parts = [f"{_number(len(set(counts.source.tolist())), 'source')} counted, each by the area where it could be seen"]
    if left_out:
        parts.append(f"left out: {left_out}")
    parts.append("errors: Gehrels (1986), 68%; those of neighbouring fluxes are not independent")
    assumed = f" (taken: {background:g} background counts in a detection cell)" if counts.population else ""
    parts.append(counts.eddington_bias + assumed)
    if compared:
        published = "; ".join(compared)
        parts.append(
            f"published counts are taken to the band with power laws of photon index {photon_index:g}: {published}"
        )
    elif axis.calibration is None:
        parts.append("published counts are energy fluxes: choose one to compare")
    return f"{escape('. '.join(_capital(part) for part in parts), quote=False)}."


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
