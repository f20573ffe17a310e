"""The sky coverage as code: maps, mosaic, the area against flux, number counts."""

from __future__ import annotations

import numpy as np

from cscwidgets.export.script import Code, literal, named
from cscwidgets.science.counted_sources import flux_columns

from ..coverage import CoverageState
from .sources import archive_code, region_code

__all__ = ["coverage_code"]

_MAPS = "from cscwidgets.science.maps import {}"


def coverage_code(state: CoverageState) -> Code:
    """The last coverage.

    Raises
    ------
    CscError
        If there is none yet.
    """
    coverage = state.current
    band, threshold = coverage.mosaic.band, coverage.mosaic.threshold
    code = archive_code(state.desk.archive) + region_code(state.explorer, coverage.region)
    lines = [
        f'products = archive.products(archive.stacks(region), "sensity", bands={literal(band)})',
        "files = {}",
        "for row, path in zip(products, archive.fetch(products), strict=True):",
        '    files.setdefault(str(row["detect_stack_id"]), path)',
        f"mosaic = coverage.mosaic(list(files.values()), threshold={literal(threshold)}, band={literal(band)})",
        "inside = Region.of(region).contains",
        "curve = mosaic.curve(inside)",
    ]
    imports = ["from cscwidgets.science import coverage", "from cscwidgets.sky import Region"]
    calibration, calibrating, works = _calibration(state)
    if calibration:
        lines.append(f"curve = replace(curve, calibration={calibration})")
        imports += ["from dataclasses import replace", calibrating]
    lines += [
        "table = curve.table()",
        'print(f"{curve.total} observed in the region, {len(files)} maps")',
        "print(table)",
    ]
    return code + Code.of("\n".join(lines), *imports, works=works) + _counts(state)


def _calibration(state: CoverageState) -> tuple[str, str, tuple[str, ...]]:
    """From photon to energy flux: how it is written, its import, its works; empty for photon fluxes."""
    if state.calibration is None:
        return "", "", ()
    if state.unit == "CSC":
        return "SOFT_BAND", _MAPS.format("SOFT_BAND"), ()
    band = literal(state.current.mosaic.band)
    call = f"power_law_calibration({state.photon_index!r}, {band}, nh={state.nh!r})"
    return call, _MAPS.format("power_law_calibration"), ("tbabs",)


def _counts(state: CoverageState) -> Code:
    """Number counts of the catalogue's sources in the region, or of the selected ones."""
    here = state.desk.archive.columns()
    band = state.current.mosaic.band
    columns = ["likelihood_class", *(name for energy in (True, False) for name in flux_columns(band, energy=energy))]
    lines = [
        named("columns", [name for name in columns if name in here]),
        "counted = archive.search(region, columns, complete=True)",
    ]
    imports = ["from cscwidgets.science.counted_sources import count_sources"]
    if state.only_selected:
        lines.append(named("chosen", sorted(state.desk.selection.names)))
        lines.append('counted = counted[np.isin(np.asarray(counted["name"], str), chosen)]')
        imports.append("import numpy as np")
    detection = ""
    if np.isfinite(state.background):
        given = ", calibration=curve.calibration" if state.calibration is not None else ""
        lines += [
            "detection = detection_curve(",
            f"    mosaic, DetectionThreshold(), inside, background={state.background!r}{given}",
            ")",
        ]
        imports += [_MAPS.format("DetectionThreshold"), _MAPS.format("detection_curve")]
        detection = ", detection"
    lines += [
        f"counts = count_sources(counted, mosaic, curve{detection})",
        "print(counts.left_out)",
        "print(counts.cumulative())",
    ]
    return Code.of("\n".join(lines), *imports)
