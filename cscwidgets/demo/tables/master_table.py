"""The master source table."""

from __future__ import annotations

import numpy as np
from astropy.coordinates import SkyCoord

from cscwidgets.arrays import Flags, Integers
from cscwidgets.science.photometry import Flux
from cscwidgets.science.variability import inter_observation_index

from ..sky.fields import FIELDS, SEED
from ..sky.population import SourceClass, population
from ..sky.source_spectra import BAND
from ..telescope.likelihood import TRUE
from .columns import HARDNESS_CHANGE, Columns, columns_of, hardness_columns_of, per_band, variable, widest
from .extent import Extent
from .flags import OVERLAP
from .measurements import PAIRS
from .model_fluxes import SHAPES, model_fluxes
from .positions import Positions
from .spectral_fits import spectral_fits
from .summary import Summary

__all__ = ["master_columns"]


# What the catalogue leaves empty for its large extended sources, made by hand outside the pipeline.
_NOT_OF_DIFFUSE = ("photflux_aper_", "flux_aper_", "photflux_aper90_", "flux_aper90_", "var_", "ks_", "kp_")
_KEPT_OF_DIFFUSE = ("photflux_aper_avg", "flux_aper_avg", "photflux_aper90_avg", "flux_aper90_avg")
_FLAGS_OF_POINTS = ("conf_flag", "pileup_flag", "var_flag", "streak_src_flag", "sat_src_flag", "var_inter_hard_flag")


def master_columns(summary: Summary, positions: Positions, names: list[str], extent: Extent) -> Columns:
    """Columns of ``master_source``."""
    masters, truth = summary.records.masters, population()
    field = truth.field[masters]
    galactic = SkyCoord(positions.ra, positions.dec, unit="deg").galactic
    columns: Columns = {
        "name": names,
        "ra": positions.ra,
        "dec": positions.dec,
        "err_ellipse_r0": positions.major,
        "err_ellipse_r1": positions.minor,
        "err_ellipse_ang": positions.angle,
        "gal_l": galactic.l.deg,
        "gal_b": galactic.b.deg,
        "nh_gal": 100 * np.array([target.nh for target in FIELDS])[field],
    }
    columns |= _detection_summary(summary, extent)
    columns |= _fluxes(summary, field)
    columns |= dict(hardness_columns_of(summary.master.hardness))
    columns |= _variability(summary)
    columns |= _exposure(summary)
    broad = summary.average.photometry
    columns |= spectral_fits(
        np.random.default_rng([SEED, 7]),
        truth,
        masters,
        broad.net.value[:, BAND["b"]],
        Flux(*(getattr(broad.flux, end)[:, BAND["b"]] for end in ("value", "lower", "upper"))),
    )
    _empty_what_diffuse_sources_lack(columns, truth.kind[masters] == SourceClass.DIFFUSE)
    return columns


def _regions_of_masters(summary: Summary) -> Integers:
    """Master source of each detected region matched to one alone, or -1."""
    records = summary.records
    result = np.full(len(records.source), -1)
    result[records.region] = summary.row_master
    return np.where(records.detected, result, -1)


def _detection_summary(summary: Summary, extent: Extent) -> Columns:
    records, masters = summary.records, summary.records.masters
    number = len(masters)
    owner = _regions_of_masters(summary)
    significance = widest(summary.stacked.photometry.significance, owner, number)
    likelihood = widest(records.likelihood, owner, number).max(axis=1)
    columns: Columns = {
        "likelihood": likelihood,
        "likelihood_class": np.where(likelihood >= TRUE, "TRUE", "MARGINAL"),
        "significance": np.nanmax(significance, axis=1),
        "extent_flag": np.nan_to_num(widest(extent.extended.any(axis=1).astype(float), owner, number)) > 0,
        "conf_flag": np.nan_to_num(widest((summary.confusion > 0).astype(float), owner, number)) > 0,
        "pileup_flag": _always(summary, summary.flags.piled),
        "streak_src_flag": _always(summary, summary.flags.streaked),
        "sat_src_flag": _always(summary, summary.flags.saturated),
        "phot_nsrcs": 1 + (np.nan_to_num(widest((summary.confusion & OVERLAP).astype(float), owner, number)) > 0),
    }
    by_hand = np.random.default_rng([SEED, 8]).random((4, number)) < [[0.004], [0.015], [0.006], [0.004]]
    diffuse = population().kind[masters] == SourceClass.DIFFUSE
    for name, flag in zip(("inc", "reg", "match", "pos"), by_hand, strict=True):
        columns[f"man_{name}_flag"] = flag & ~diffuse
    columns["man_add_flag"] = diffuse
    # The widest image of the sharpest detection stands for the source.
    best = np.full(number, -1)
    order = np.argsort(-records.region_theta, kind="stable")
    order = order[owner[order] >= 0]
    best[owner[order]] = order
    for quantity, values in (
        ("major_axis", extent.major),
        ("minor_axis", extent.minor),
        ("pos_angle", extent.angle),
    ):
        axis = Flux(values.value[best], values.lower[best], values.upper[best])
        columns |= dict(columns_of(quantity, axis))
    columns |= per_band("src_area", np.pi * extent.major.value[best] * extent.minor.value[best])
    return columns


def _always(summary: Summary, flags: Flags) -> Flags:
    """Whether a flag is set in every ACIS observation of a source that has any."""
    acis = (summary.records.aperture.area_time[:, BAND["b"]] > 0) & (summary.row_master >= 0)
    owner = summary.row_master[acis]
    number = len(summary.records.masters)
    rows = np.bincount(owner, minlength=number)
    return np.asarray((rows > 0) & (np.bincount(owner, flags[acis], minlength=number) == rows))


def _fluxes(summary: Summary, field: Integers) -> Columns:
    columns: Columns = {}
    for aperture, best, average in (
        ("aper", summary.master.photometry, summary.average.photometry),
        ("aper90", summary.master90, summary.average90),
    ):
        for quantity, values in (
            (f"photflux_{aperture}", best.photons),
            (f"flux_{aperture}", best.flux),
            (f"photflux_{aperture}_avg", average.photons),
            (f"flux_{aperture}_avg", average.flux),
            *((f"flux_{shape}_{aperture}", model_fluxes(shape, best.photons, field)) for shape in SHAPES),
        ):
            columns |= dict(columns_of(quantity, values))
    return columns


def _variability(summary: Summary) -> Columns:
    number = len(summary.records.masters)
    timed, owner = summary.timing, summary.row_master
    probability, spread = summary.inter
    inter = inter_observation_index(probability).astype(float)
    inter[inter < 0] = np.nan
    intra = widest(timed.index, owner, number)
    columns: Columns = {}
    for quantity, values in (
        ("ks_intra_prob", widest(timed.ks, owner, number)),
        ("kp_intra_prob", widest(timed.kuiper, owner, number)),
        ("var_intra_prob", widest(timed.probability, owner, number)),
        ("var_intra_index", intra),
        ("var_inter_prob", probability),
        ("var_inter_index", inter),
        ("var_inter_sigma", spread),
    ):
        columns |= per_band(quantity, values)
    columns["var_flag"] = variable(intra) | variable(inter)
    changing, change = summary.inter_hardness
    for column, pair in enumerate(PAIRS):
        columns[f"var_inter_hard_prob_{pair}"] = changing[:, column]
        columns[f"var_inter_hard_sigma_{pair}"] = change[:, column]
    columns["var_inter_hard_flag"] = np.nan_to_num(changing).max(axis=1) > HARDNESS_CHANGE
    edge = summary.flags.edge & (np.nan_to_num(timed.probability).max(axis=1) > 0.9)
    columns["dither_warning_flag"] = np.nan_to_num(widest(edge.astype(float), owner, number)) > 0
    return columns


def _exposure(summary: Summary) -> Columns:
    """Numbers of observations and their live times, by detector and grating."""
    number = len(summary.records.masters)
    used = np.flatnonzero(summary.row_master >= 0)
    owner = summary.row_master[used]
    observations = [summary.records.exposure_of(int(row)).observation for row in used]
    live = summary.records.aperture.livetime[used]
    columns: Columns = {}
    for detector in ("ACIS", "HRC"):
        for suffix, grating in (("", None), ("_hetg", "HETG"), ("_letg", "LETG")):
            counted = np.array([o.instrument == detector and grating in (None, o.grating) for o in observations])
            rows = np.bincount(owner, counted, minlength=number)
            time = np.bincount(owner, counted * live, minlength=number)
            columns[f"{detector.lower()}{suffix}_num"] = rows.astype(np.int64)
            columns[f"{detector.lower()}{suffix}_time"] = np.where(rows > 0, time, np.nan)
    return columns


def _empty_what_diffuse_sources_lack(columns: Columns, diffuse: Flags) -> None:
    for name, values in columns.items():
        lacking = name.startswith(_NOT_OF_DIFFUSE) and not name.startswith(_KEPT_OF_DIFFUSE)
        if name in _FLAGS_OF_POINTS or (lacking and not name.endswith("flag")):
            columns[name] = np.where(diffuse, np.nan, values)
