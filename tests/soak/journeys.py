"""The four journeys as code takes them, each ending in numbers that can be compared; imported in a kernel."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable

import astropy.units as u
import numpy as np
from astropy.table import Table

from cscwidgets import Explorer
from cscwidgets.errors import CscError, CscWarning

from ..archive_at import archive_at

__all__ = ["JOURNEYS", "LIMIT", "Traveller"]

PATIENCE = 120.0  # seconds that a step may take at most, with all that is tried again
LIMIT = 3_000_000  # bytes of the cache: less than all journeys need, so that files come and go


def hardness_and_variability(app: Explorer, radius: float) -> list[object]:
    """Sources of a region, some of them selected, drawn and exported."""
    app.search("23.4621 30.6602", radius * u.deg)
    table = app.table
    app.wait(PATIENCE)
    names = sorted(map(str, table["name"]))
    app.select(names[:: max(1, len(table) // 7)])
    app.undo()
    app.select(names[:5])
    app.show("hardness")
    app.wait(PATIENCE)
    app.hardness.figure()
    exported = app.export("rows", overwrite=True)
    return [*_rows(table, "name", "flux_aper_b", "hard_hm"), *_rows(exported, "name")]


def one_source(app: Explorer, radius: float) -> list[object]:
    """A source's detections, and a fit to one of its spectra."""
    app.search("6.0223 -72.0814", radius * u.deg)
    table = app.table
    app.focus = table["name"][int(np.nanargmax(table["flux_aper_b"].value))]
    app.show("light curves")
    app.wait(PATIENCE)
    curve = app.lightcurve.table
    app.lightcurve.figure()
    app.show("spectrum")
    app.wait(PATIENCE)
    app.spectrum.state.chosen = app.spectrum.state.chosen[:1]
    fitted = app.spectrum.fit("powerlaw")
    return [app.focus, *_rows(curve, "obsid", "flux"), f"{fitted.statistic:.4g}", fitted.dof]


def counterparts(app: Explorer, radius: float) -> list[object]:
    """Sources matched with an infrared catalogue, with probabilities."""
    app.search("83.8221 -5.3911", radius * u.deg)
    app.show("counterparts")
    app.wait(PATIENCE)
    app.crossmatch.match("sim_infrared", radius=2 * u.arcsec)
    app.wait(PATIENCE)
    app.crossmatch.quality_figure()
    return _rows(app.crossmatch.table, "name", "p_any", "designation")


def sky_coverage(app: Explorer, radius: float) -> list[object]:
    """The sensitivity maps of a region, their area and its curve."""
    app.search("164.0 57.2", radius * u.deg)
    app.show("sky coverage")
    app.coverage.run()
    app.wait(PATIENCE)
    app.coverage.figure()
    return [f"{app.coverage.curve.total.to_value('deg2'):.6g}", *_rows(app.coverage.stacks, "stack")]


JOURNEYS: dict[str, tuple[Callable[[Explorer, float], list[object]], tuple[float, ...]]] = {
    "hardness and variability": (hardness_and_variability, (0.05, 0.1, 0.2)),
    "one source": (one_source, (0.01, 0.015, 0.02)),
    "counterparts": (counterparts, (0.02, 0.03, 0.04)),
    "sky coverage": (sky_coverage, (0.05, 0.08, 0.1)),
}
"""Each with the radii, deg, of the regions it goes to."""


def _rows(table: Table, *names: str) -> list[object]:
    """Its rows as texts, whatever order they came in."""
    rows = zip(*(table[name] for name in names), strict=True)
    return sorted(" ".join(f"{value:.6g}" if isinstance(value, float) else str(value) for value in row) for row in rows)


class Traveller:
    """Somebody in a kernel, whose explorer stays open through many journeys over the services at an address.

    Parameters
    ----------
    address : str
        Of the service.
    cache : path
        Folder of the product files, which others use too.
    read_timeout : float
        Seconds of silence.
    """

    def __init__(self, address: str, cache: str, read_timeout: float) -> None:
        self._address, self._cache, self._read_timeout = address, cache, read_timeout
        self._app: Explorer | None = None

    def _explorer(self) -> Explorer:
        if self._app is None:
            archive = archive_at(self._address, self._cache, read_timeout=self._read_timeout, limit=LIMIT)
            self._app = Explorer(archive=archive, survey="")
        return self._app

    def close(self) -> None:
        """Close the explorer; the next journey opens another."""
        if self._app is not None:
            self._app.close()
            self._app._state.desk.archive.session.close()
            self._app = None

    def go(self, journey: str, radius: float) -> dict[str, str]:
        """Take a journey: what it came to, in short, or the error that ended it."""
        walk, _ = JOURNEYS[journey]
        app = self._explorer()
        app.focus = None
        messages = app._state.desk.messages
        before = messages.entries
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            try:
                found = walk(app, radius)
            except CscError as error:
                return {"error": str(error)}
        missing = [str(one.message) for one in said if issubclass(one.category, CscWarning)]
        missing += [one.what for one in messages.entries if one not in before]
        return {
            "found": hashlib.sha256("|".join(map(str, found)).encode()).hexdigest()[:16],
            "said": "; ".join(missing),
        }
