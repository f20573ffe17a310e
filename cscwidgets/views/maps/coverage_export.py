"""Where a coverage goes: its numbers into a variable or a table file, the mosaic into an image, a HiPS or a MOC."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from html import escape
from pathlib import Path
from typing import Any

import astropy.units as u
import ipywidgets
import numpy as np
from astropy.table import QTable

from ...errors import CscError
from ...export.files import write_table
from ...export.hips import write_hips
from ...export.sky_files import write_image, write_moc
from ...export.variable import to_variable
from ...science.maps.mosaic_image import ImageMosaic
from ...science.maps.sensitivity_map import PHOTON_FLUX
from ...state.coverage import CoverageState
from ...state.tasks import Task
from ..bind import Bindings
from ..controls import dropdown, row, text
from ..export import ExportBar

__all__ = ["CoverageExport"]

_NAMES = {
    "image": "coverage_mosaic.fits",
    "hips": "coverage_hips",
    "moc": "coverage_moc.fits",
    "flux": "coverage_moc.fits",
}
_RESOLUTION = 4.0  # arcsec: the maps' own of ACIS

_PROJECTED = 0.3  # of the work for a HiPS

Maker = Callable[[], QTable]


class CoverageExport:
    """Exports of tables and of the mosaic.

    Parameters
    ----------
    state : CoverageState
    namespace : mutable mapping
        The notebook's variables.
    """

    def __init__(self, state: CoverageState, namespace: MutableMapping[str, Any]) -> None:
        self._state, self._namespace = state, namespace
        messages = state.desk.messages
        tables: dict[str, Maker] = {
            "coverage curve": self._curve,
            "histogram of limits": state.histogram,
            "number counts": self._counts,
            "stacks": self._stacks,
        }
        self._what = dropdown("Table", list(tables.items()), "auto")
        self._bar = ExportBar(self._to_variable, self._to_file, messages, name="coverage")
        layout = ipywidgets.Layout
        self._kind = dropdown(
            "Mosaic",
            [
                ("FITS image with WCS", "image"),
                ("HiPS (a folder of tiles)", "hips"),
                ("MOC of what was observed", "moc"),
                ("MOC of the flux", "flux"),
            ],
            "auto",
        )
        self._kind.style.description_width = "48px"
        self._name = text(
            _NAMES["image"],
            description="File",
            layout=layout(width="auto"),
            style={"description_width": "initial"},
        )
        self._resolution = ipywidgets.BoundedFloatText(
            _RESOLUTION, min=0.5, max=600, step=0.5, description="pixel / arcsec", layout=layout(width="150px")
        )
        self._resolution.style.description_width = "88px"
        self._overwrite = ipywidgets.Checkbox(
            value=False, description="overwrite", indent=False, layout={"width": "96px"}
        )
        self._write = ipywidgets.Button(description="Write", icon="download", tooltip="Write the mosaic to a file")
        self._done = ipywidgets.HTML()
        self.widget = ipywidgets.VBox(
            [
                *(self._what, self._bar.widget, self._kind, self._name),
                *(row(self._resolution, self._overwrite, self._write), self._done),
            ]
        )
        bind = Bindings(messages.guard)
        bind.when_pressed(self._write, self._write_mosaic)
        bind.when(self._kind, "value", self._show_kind)

    def _show_kind(self) -> None:
        kind = self._kind.value
        self._resolution.layout.display = None if kind in {"image", "hips"} else "none"
        if self._name.value in _NAMES.values():  # a name of the reader's own stays
            self._name.value = _NAMES[kind]

    def _table(self) -> QTable:
        self._state.settle()
        table: QTable = self._what.value()
        return table

    def _curve(self) -> QTable:
        return self._state.curve.table()

    def _counts(self) -> QTable:
        return self._state.counts().cumulative()

    def _stacks(self) -> QTable:
        return self._state.current.stacks

    def _to_variable(self, name: str, overwrite: bool) -> QTable:
        table = self._table()
        to_variable(table, name, self._namespace, overwrite=overwrite)
        return table

    def _to_file(self, path: str, overwrite: bool) -> Path:
        return write_table(self._table(), path, overwrite=overwrite)

    def _write_mosaic(self) -> None:
        self._done.value = ""
        self._state.settle()
        path, overwrite, kind = self._name.value.strip(), self._overwrite.value, self._kind.value
        if kind == "image":
            self._write_image(path, self._resolution.value * u.arcsec, overwrite)
        elif kind == "hips":
            self._write_hips(path, self._resolution.value * u.arcsec, overwrite)
        else:
            flux = self._state.flux
            if kind == "flux" and not np.isfinite(flux):
                raise CscError("No MOC was written", "no flux is chosen", "Click one on the coverage curve.")
            moc = self._state.current.mosaic.moc(flux * PHOTON_FLUX if kind == "flux" else None)
            self._say(write_moc(moc, path, overwrite=overwrite))

    def _write_image(self, path: str, resolution: u.Quantity, overwrite: bool) -> None:
        state = self._state
        state.current  # noqa: B018 - told at once if there is none

        def work(task: Task) -> ImageMosaic:
            def progress(fraction: float) -> None:
                task.report("projecting the maps", fraction)
                task.check()

            return state.image(resolution, progress)

        def done(image: ImageMosaic) -> None:
            self._say(write_image(image.hdus(), path, overwrite=overwrite))

        state.in_background("Writing the mosaic", work, done)

    def _write_hips(self, path: str, resolution: u.Quantity, overwrite: bool) -> None:
        state = self._state
        found = state.current

        def work(task: Task) -> Path:
            def progress(fraction: float) -> None:
                task.report("projecting the maps" if fraction < _PROJECTED else "writing tiles", fraction)
                task.check()

            image = state.image(resolution, lambda fraction: progress(_PROJECTED * fraction))
            simulated = "SIMULATED. " if image.simulated else ""
            return write_hips(
                image.hdus()[0],
                path,
                properties={
                    "obs_title": f"{simulated}{found.title}: {image.threshold} sensitivity limits, band {image.band}",
                    "creator_did": f"ivo://cscwidgets/coverage/{image.band}/{image.threshold}",
                    "prov_progenitor": " ".join(image.stacks),
                },
                overwrite=overwrite,
                progress=lambda fraction: progress(_PROJECTED + (1 - _PROJECTED) * fraction),
            )

        state.in_background("Writing the HiPS", work, self._say)

    def _say(self, path: Path) -> None:
        self._done.value = f"written to {escape(str(path))}"
        self._overwrite.value = False
