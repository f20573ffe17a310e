"""Spectra and their responses as others read them: by OGIP's rules from the bytes, and as Sherpa does."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from cscwidgets.science.response import Response
from cscwidgets.science.spectrum import Spectrum

from .fitsbytes import NoJudge, Unit, units_of

__all__ = ["judge_spectrum"]

_KEV = {"": 1.0, "keV": 1.0, "eV": 1e-3, "MeV": 1e3, "kev": 1.0}
_CM2 = {"": 1.0, "cm**2": 1.0, "cm^2": 1.0, "cm2": 1.0, "m**2": 1e4, "mm**2": 1e-2}


def judge_spectrum(folder: Path, read: Spectrum) -> None:
    """Compare a spectrum, its background and its response with what OGIP's memos say that the bytes are."""
    path = next(folder.glob("*pha3*"))
    tables = [unit for unit in units_of(path) if unit.is_table and unit.name == "SPECTRUM"]
    for background, ours in ((False, read.source), (True, read.background)):
        own = [unit for unit in tables if (unit.text("HDUCLAS2").upper() == "BKG") == background]
        if ours is None:
            assert not own or any("background" in note for note in read.notes), "the background was left out"
        elif len(own) == 1 and (background is False or read.background_path == read.path):
            _same_counts(own[0], ours, read.channel if not background else None)
    if read.response is not None:
        for check in (_same_area, _same_matrix, _same_channels):
            _unless_unjudged(check, folder, read.response)
    _as_sherpa(path, read)


def _unless_unjudged(check: Any, *args: Any) -> None:
    try:
        check(*args)
    except (NoJudge, KeyError, IndexError):
        return


def _same(name: str, ours: Any, theirs: Any, rtol: float = 1e-6) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=0, err_msg=f"another {name}")


def _same_counts(table: Unit, ours: Any, channel: Any) -> None:
    exposure = table.number("EXPOSURE")
    names = table.names
    _same("exposure", ours.exposure, exposure)
    counts = table.column("COUNTS") if "COUNTS" in names else table.column("RATE") * exposure
    _same("count", ours.counts, counts)
    assert table.unit("COUNTS" if "COUNTS" in names else "RATE") in _COUNTED, "counts in another unit"
    for key, value in (("BACKSCAL", ours.backscal), ("AREASCAL", ours.areascal)):
        _same(key, value, table.column(key) if key in names else table.number(key, 1.0))
    if channel is not None:
        _same("channel", channel, table.column("CHANNEL"))


_COUNTED = {"", "count", "counts", "ct", "count/s", "counts/s", "ct/s"}


def _only(path: str, *names: str) -> Unit:
    """The table that has a column."""
    found = [unit for unit in units_of(Path(path)) if unit.is_table and set(names) <= set(unit.names)]
    if len(found) != 1:
        raise NoJudge(f"{len(found)} tables")
    return found[0]


def _in(table: Unit, name: str, units: dict[str, float]) -> np.ndarray:
    unit = table.unit(name)
    assert unit in units, f"{name} is in {unit!r}"
    return np.asarray(table.column(name)) * units[unit]


def _same_area(_: Path, ours: Response) -> None:
    if ours.arf:
        _same("area", ours.area, _in(_only(ours.arf, "SPECRESP"), "SPECRESP", _CM2))


def _same_matrix(_: Path, ours: Response) -> None:
    """The redistribution of each energy over all channels, run by run as CAL/GEN/92-002 has it."""
    table = _only(ours.rmf, "MATRIX", "F_CHAN")
    for name, mine in (("ENERG_LO", ours.low), ("ENERG_HI", ours.high)):
        _same(name, mine, np.maximum(_in(table, name, _KEV), 1e-10))
    first, length, values = (
        [np.atleast_1d(row) for row in table.column(name)] for name in ("F_CHAN", "N_CHAN", "MATRIX")
    )
    bounds = _only(ours.rmf, "E_MIN", "CHANNEL")
    start = table.of_column("TLMIN", "F_CHAN")
    if start is None:
        start = bounds.column("CHANNEL")[0]
    channels = len(ours.channel_low)
    theirs = np.zeros((len(ours.low), channels))
    for row, groups in enumerate(np.asarray(table.column("N_GRP"), int).tolist()):
        at = 0
        for run in range(groups):
            many = int(length[row][run])
            begin = int(first[row][run] - start)
            theirs[row, begin : begin + many] += values[row][at : at + many]
            at += many
    _same("matrix", _dense(ours, channels), theirs)


def _dense(ours: Response, channels: int) -> np.ndarray:
    dense = np.zeros((len(ours.low), channels))
    run = at = 0
    for row, groups in enumerate(ours.groups.tolist()):
        for _ in range(groups):
            begin, many = int(ours.first[run]) - ours.first_channel, int(ours.length[run])
            dense[row, begin : begin + many] += ours.matrix[at : at + many]
            run, at = run + 1, at + many
    return dense


def _same_channels(_: Path, ours: Response) -> None:
    bounds = _only(ours.rmf, "E_MIN", "CHANNEL")
    for name, mine in (("E_MIN", ours.channel_low), ("E_MAX", ours.channel_high)):
        _same(name, mine, _in(bounds, name, _KEV))


def _as_sherpa(path: Path, read: Spectrum) -> None:
    """Counts and responses as Sherpa has them, as far as it reads the files at all."""
    from sherpa.astro import io

    logging.getLogger("sherpa").setLevel(logging.CRITICAL)
    response = read.response
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pha = _by_sherpa(io.read_pha, str(path))
        arf = _by_sherpa(io.read_arf, response.arf) if response is not None and response.arf else None
        rmf = _by_sherpa(io.read_rmf, response.rmf) if response is not None else None
    if pha is not None and not pha.subtracted and _is_one(path):
        _same("count than Sherpa's", read.source.counts, pha.counts)
        _same("channel than Sherpa's", read.channel, pha.channel)
        _same("exposure than Sherpa's", read.source.exposure, pha.exposure)
    if arf is not None and _is_plain(response.arf, "SPECRESP", _CM2):
        _same("area than Sherpa's", response.area, arf.specresp)
    if rmf is not None and _is_plain(response.rmf, "ENERG_LO", _KEV) and len(rmf.energ_lo) == len(response.low):
        photons = np.linspace(1, 2, len(response.low))
        _same("fold than Sherpa's", photons @ _dense(response, len(response.channel_low)), rmf.apply_rmf(photons), 1e-5)


def _is_one(path: Path) -> bool:
    """Whether Sherpa, which takes the first of several tables, can take no other than ours."""
    try:
        tables = [unit for unit in units_of(path) if unit.is_table and "COUNTS" in unit.names]
        return tables[0].text("HDUCLAS2").upper() != "BKG" and tables[0].name == "SPECTRUM"
    except (NoJudge, IndexError):
        return False


def _is_plain(path: str, name: str, units: dict[str, float]) -> bool:
    """Whether a column is in the unit that Sherpa takes all to be in."""
    try:
        table = _only(path, name)
        return units.get(table.unit(name)) == 1.0
    except (NoJudge, KeyError):
        return False


def _by_sherpa(reader: Any, path: str) -> Any:
    try:
        return reader(path)
    except Exception:  # noqa: BLE001 - what Sherpa does not read is nothing to compare with
        return None
