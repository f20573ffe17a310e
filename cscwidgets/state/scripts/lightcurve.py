"""The light curves as code: between observations, within them from the catalogue's files or the events, folded."""

from __future__ import annotations

from cscwidgets.csc.observation import ObservationKey
from cscwidgets.export.script import Code, literal
from cscwidgets.science.times.long_term_curve import LongTermCurve

from ..lightcurve import LightCurveState
from ..observed import Missing
from ..periods import BETWEEN, BINS_A_PERIOD, PeriodState
from .observations import detections_code, files_code, row_query

__all__ = ["lightcurve_code"]

_TIMES = "from cscwidgets.science import times"
_NUMPY = "import numpy as np"


def lightcurve_code(curves: LightCurveState, periods: PeriodState) -> Code:
    """What the panel of light curves shows.

    Raises
    ------
    CscError
        If no source is in focus, or it has no detections.
    """
    code = detections_code(curves.source)
    if curves.longterm is not None:
        code += _between(curves, curves.longterm)
    shown = curves.timings if curves.of_events else curves.curves
    keys = [key for key in curves.chosen if key in shown and not isinstance(shown[key], Missing)]
    if keys:
        code += _of_events(curves, keys) if curves.of_events else _of_files(curves, keys)
    return code + _periods(curves, periods)


def _between(curves: LightCurveState, curve: LongTermCurve) -> Code:
    """The fluxes of all observations, the test of their constancy, and blocks."""
    band, row = curves.band, curves.source.row
    columns = [f"var_inter_{what}_{band}" for what in ("prob", "index", "sigma")]
    own = [name for name in columns if row is not None and name in row.colnames]
    lines = []
    if own:
        lines = [
            f"query = {row_query(curves.source, own)}",
            "(row,) = archive.query(query)",
            "for column in row.colnames:",
            "    detections[column] = np.full(len(detections), np.ma.filled(row[column], np.nan))",
        ]
    lines += [
        f"curve = times.long_term(detections, name, band={literal(band)}, quantity={literal(curves.quantity)})",
        "table = curve.table()",
        "constancy = curve.constancy()",
        "print(table)",
        'print(f"chi2 = {constancy.chi2}, {constancy.freedom} degrees of freedom")',
        'print(f"probability that it varies: {constancy.probability}, index {constancy.index}")',
    ]
    works = ["csc"]
    if curve.measured.sum() > 1:
        lines += ["blocks = curve.blocks()", "print(blocks)"]
        works.append("bayesian-blocks")
    return Code.of("\n".join(lines), _TIMES, *([_NUMPY] if own else []), works=works)


def _of_files(curves: LightCurveState, keys: list[ObservationKey]) -> Code:
    """The catalogue's own curves within the chosen observations."""
    lines = [
        'light_curves = {key: lightcurve.read(files[key]["lc"]) for key in observations}',
        "tables = {key: one.table() for key, one in light_curves.items()}",
        "for key, one in light_curves.items():",
        "    print(key, one.variability)",
    ]
    files = files_code(keys, ("lc",), "files", bands="bw" if curves.band == "b" else curves.band)
    reader = "from cscwidgets.science import lightcurve"
    return files + Code.of("\n".join(lines), reader, works=("gregory-loredo",))


def _of_events(curves: LightCurveState, keys: list[ObservationKey]) -> Code:
    """Bins, blocks and tests of the events within the chosen observations."""
    low, high = curves.energies
    lines = [
        "timings = {}",
        "events = {}",
        "for key in observations:",
        '    listed = times.read_events(files[key]["regevt"])',
        '    if "reg" in files[key]:',
        '        regions = region_file.read_regions(files[key]["reg"])',
        "        events[key] = times.SourceEvents.separated(listed, regions)",
        "    else:",
        "        events[key] = times.SourceEvents(listed)",
        f"    events[key] = events[key].within({low!r}, {high!r})  # keV",
        f"    timings[key] = times.timing(events[key], width={curves.width!r}, p0={curves.false_alarm!r})",
        "tables = {key: one.binned.table() for key, one in timings.items()}",
        "for key, one in timings.items():",
        '    print(key, one.events, "events", one.tests)',
        '    print("blocks:", one.blocks)',
    ]
    imports = (_TIMES, "from cscwidgets.science import region_file")
    return files_code(keys, ("regevt", "reg"), "files") + Code.of(
        "\n".join(lines), *imports, works=("gehrels", "bayesian-blocks")
    )


def _periods(curves: LightCurveState, periods: PeriodState) -> Code:
    """The search for periods, and what is folded."""
    search, period = periods.searched, periods.period
    between = periods.key == BETWEEN
    if not (between or (curves.of_events and periods.events is not None)):
        return Code()
    lines, imports = [], [_TIMES]
    if not between:
        lines.append(f"source = events[{literal(str(periods.key))}].source.clean()")
    if periods.periodogram is not None and search is not None:
        shortest, longest = repr(search.shortest), repr(search.longest)
        if between:
            lines.append(f"periodogram = curve.periodogram({shortest}, {longest})  # days")
        else:
            lines += [
                "span = source.good_time.stop - source.good_time.start",
                f"grid = times.Frequencies.between({shortest}, {longest}, max(span, {longest}))  # s",
                *_searched(search.method, shortest),
            ]
        lines.append('print(f"period {periodogram.period}")')
    if periods.folded is not None:
        fold = f"folded = times.fold_events(source.time, {period!r}, source.good_time, bins={periods.bins})"
        lines += [fold, "print(folded.table())"]
    if periods.phased is not None:
        lines += [f"phases = (curve.time - curve.time[0]) / {period!r} % 1", "print(phases)"]
    return Code.of("\n".join(lines), *imports) if len(lines) > 1 or between else Code()


def _searched(method: str, shortest: str) -> list[str]:
    if method != "lomb-scargle":
        test = "z_squared" if method == "z2" else "h_test"
        return [f"periodogram = times.{test}(source.time, grid, source.good_time)"]
    return [
        f"binned = times.bin_events(source.time, source.good_time, width={shortest} / {BINS_A_PERIOD})",
        "exposed = ~binned.unexposed",
        "error = (binned.upper - binned.lower)[exposed] / 2",
        "periodogram = times.lomb_scargle(binned.time[exposed], binned.rate[exposed], error, grid)",
    ]
